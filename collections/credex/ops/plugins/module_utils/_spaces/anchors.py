# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The types of SearchSpace's anchors: what a denomination secures, and what nothing secures. Pure."""

from __future__ import annotations

import typing as t

from .._neo4j.names import quoted

UNSECURED = "UNSECURED"
# As the statements have them; those of credex-core's denominations
_WRITTEN = "UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED"


def types(denominations: t.Iterable[str]) -> list[str]:
    return [UNSECURED, *(f"{name}_SECURED" for name in sorted(denominations))]


def with_types(statement: str, names: t.Iterable[str]) -> str:
    """The statement with these types of anchors. A name is quoted, so that it cannot be anything but a name."""
    return statement.replace(_WRITTEN, "|".join(map(quoted, names)))

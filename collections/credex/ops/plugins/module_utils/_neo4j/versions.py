# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Where servers differ: one table of features, and the one place that recognizes a refusal of edition or version.

Sources: Neo4j Operations Manual 5 and current (procedures, "added in"), and answers of real Community servers
5.26.12 and 2026.09.0. Calendar versions (2025.01 and later) sort after 5.26 by themselves.
"""

from __future__ import annotations

import re
from typing import NamedTuple

ENTERPRISE = "enterprise"
COMMUNITY = "community"


class Feature(NamedTuple):
    """What a server must be to have something."""

    since: tuple[int, ...]
    editions: tuple[str, ...]
    in_aura: bool


FEATURES = {
    # SHOW SERVERS. Aura hides the servers behind its address
    "servers": Feature(since=(5,), editions=(ENTERPRISE,), in_aura=False),
    # dbms.cluster.statusCheck, added in 5.24
    "status_check": Feature(since=(5, 24), editions=(ENTERPRISE,), in_aura=False),
    # dbms.recreateDatabase, added in 2025.04; dbms.cluster.recreateDatabase is older, and is still there
    "recreate_database": Feature(since=(2025, 4), editions=(ENTERPRISE,), in_aura=False),
    # dbms.licenseAgreementDetails is undocumented; cypher-shell 5.14 and later calls it on every connect
    "license_agreement": Feature(since=(5,), editions=(ENTERPRISE,), in_aura=False),
    # Paths, memory and processors of a host that is somebody's own
    "host": Feature(since=(5,), editions=(ENTERPRISE, COMMUNITY), in_aura=False),
}

# How a server says "not in this edition, not in this version". 5.26 gives the code alone (its GQL status is 50N42 for
# nearly everything) and answers SHOW SERVERS and SHOW ALIASES on Community with NotSystemDatabaseError although the
# statement ran on system; calendar versions give 51N27 as well.
_UNSUPPORTED_CODES = frozenset(
    (
        "Neo.ClientError.Statement.UnsupportedAdministrationCommand",
        "Neo.ClientError.Statement.NotSystemDatabaseError",
        "Neo.ClientError.Procedure.ProcedureNotFound",
    )
)
_UNSUPPORTED_GQL = frozenset(("51N27",))


def version_tuple(version: str) -> tuple[int, ...]:
    """`5.26.12` and `2025.10.1-aura` as numbers; what follows the numbers is not compared."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def supports(feature: str, version: str, edition: str, aura: bool = False) -> bool:
    """Whether a server of this version and edition has the feature."""
    wanted = FEATURES[feature]
    return edition in wanted.editions and version_tuple(version) >= wanted.since and (wanted.in_aura or not aura)


def is_unsupported(code: str | None, gql_status: str | None) -> bool:
    """Whether an error means that the server's edition or version lacks what was asked."""
    return code in _UNSUPPORTED_CODES or gql_status in _UNSUPPORTED_GQL

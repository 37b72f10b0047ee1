# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Names where Cypher takes no parameter."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name in back-ticks, which cannot end before its end."""
    return "`" + name.replace("`", "``") + "`"

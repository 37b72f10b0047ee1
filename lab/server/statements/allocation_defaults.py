# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new database gets when nothing is said: dbms.showTopologyGraphConfig and dbms.setDefaultAllocationNumbers.

Names and columns are the manual's, those of Cypher 5: Cypher 25 has property shards beside them. The limits and their
text are from the manual's page about the GQL status 52N11; the code is that of other refusals of a topology.
"""

from __future__ import annotations

from typing import Any

from lab.server import errors
from lab.server.statements.databases import default_counts
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer

_COLUMNS = (
    "allocator",
    "defaultPrimariesCount",
    "defaultSecondariesCount",
    "defaultDatabase",
    "autoEnableFreeServers",
)


@statement("CALL dbms.showTopologyGraphConfig [( )] <tail:tail>", kind="s", is_admin=True, is_enterprise=True)
def show_topology_graph_config(call: Call) -> Answer:
    counts = default_counts(call)
    row = {
        "allocator": "EQUAL_NUMBERS",
        "defaultPrimariesCount": counts["primaries"],
        "defaultSecondariesCount": counts["secondaries"],
        "defaultDatabase": call.instance.default_database,
        "autoEnableFreeServers": False,
    }
    return call.table(_COLUMNS, _COLUMNS, [row])


@statement(
    "CALL dbms.setDefaultAllocationNumbers ( <primaries:value> , <secondaries:value> )",
    kind="s",
    writes=True,
    is_admin=True,
    is_enterprise=True,
)
def set_default_allocation_numbers(call: Call) -> Answer:
    counts = {mode: _checked(mode, call.slots[mode], *limits) for mode, limits in _LIMITS.items()}
    cluster = call.instance.cluster
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: cluster.set_default_counts(counts))


_LIMITS = {"primaries": (1, 11), "secondaries": (0, 20)}


def _checked(mode: str, count: Any, least: int, most: int) -> int:
    if not isinstance(count, int) or not least <= count <= most:
        raise errors.topology(
            "An unexpected error has occurred.",
            f"Number of {mode} '{count}' may not exceed {most} and needs to be at least {least}.",
        )
    return count

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What is left of a database after servers were lost, and the one statement that brings it back. No I/O.

The cases are those of the table in Neo4j's manual ("Disaster recovery"). A server is lost when the cluster lists it and
does not reach it; whether its machine can be started again, only people know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import databases, members, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.members import DROPPED, ENABLED, FREE, Cluster, Row
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import ENTERPRISE, supports

WHOLE = "whole"  # nothing of it is lost, and it takes writes
MINORITY = "minority"  # it takes writes; what is lost moves when the lost servers are deallocated
MAJORITY = "majority"  # it takes no writes, and is recreated from the copies that are left
ALL = "all"  # no copy is left, and it is recreated from a backup
STOPPED = "stopped"  # somebody stopped it, so that nothing can be told of it, and nothing moved
DOWN = "down"  # enough of it is there, and it takes no writes: it starts, or something else is wrong
RECREATED = (MAJORITY, ALL)
QUARANTINED = "quarantined"


def is_lost(server: Row) -> bool:
    """A member that the others do not reach. One that is free has nothing, one that was dropped is none any more."""
    return server["health"] != "Available" and server["state"] not in (FREE, DROPPED)


def lost_servers(cluster: Cluster) -> list[Row]:
    return [server for server in cluster.servers if is_lost(server)]


def names(cluster: Cluster) -> list[str]:
    """The databases of users."""
    return sorted({copy["name"] for copy in cluster.databases if copy["type"] == "standard"})


def state(cluster: Cluster, name: str) -> Row:
    """What is left of this database: its case, its survivors, where its lost copies are."""
    copies, lost = cluster.copies(name), {server["server_id"]: server["name"] for server in lost_servers(cluster)}
    left = [copy for copy in copies if copy["server_id"] not in lost]
    primaries, secondaries = members.topology(copies)
    return {
        "name": name,
        "case": _case(copies, left, primaries),
        "primaries": primaries,
        "secondaries": secondaries,
        "survivors": [_survivor(cluster, copy) for copy in left if copy["current_status"] != QUARANTINED],
        "quarantined": [copy["address"] for copy in left if copy["current_status"] == QUARANTINED],
        "lost_on": sorted(lost[copy["server_id"]] for copy in copies if copy["server_id"] in lost),
    }


def _case(copies: Sequence[Row], left: Sequence[Row], primaries: int) -> str:
    sound = [copy for copy in left if copy["current_status"] != QUARANTINED]
    if any(copy["requested_status"] != databases.ONLINE for copy in copies):
        return STOPPED
    if not sound:
        return ALL
    # The role of a copy that starts may not be told yet: it counts
    if len([copy for copy in sound if copy["role"] != "secondary"]) < primaries // 2 + 1:
        return MAJORITY
    if not any(copy["writer"] and copy["current_status"] == databases.ONLINE for copy in sound):
        return DOWN
    return MINORITY if len(left) < len(copies) else WHOLE


def _survivor(cluster: Cluster, copy: Row) -> Row:
    server = next(row for row in cluster.servers if row["server_id"] == copy["server_id"])
    return {
        "server": server["name"],
        "server_id": server["server_id"],
        "address": copy["address"],
        "role": copy["role"],
        "status": copy["current_status"],
        "last_committed_txn": copy["last_committed_txn"],
    }


# The statement


def step(cluster: Cluster, found: Row, seed_uri: str | None) -> Step:
    """From the copies that are left, all of which are named: what else comes back later must not decide."""
    options: Row = {"seedURI": seed_uri}
    if found["case"] == MAJORITY:
        options = {"seedingServers": [survivor["server_id"] for survivor in found["survivors"]]}
    return Step(_statement(cluster), {"database": found["name"], "options": options})


def _statement(cluster: Cluster) -> str:
    """By the oldest server that answers: the older name is there in all versions that have either."""
    versions = [row["version"] for row in cluster.servers if not is_lost(row) and row["version"]]
    is_new = bool(versions) and all(supports("recreate_database", version, ENTERPRISE) for version in versions)
    return statements.RECREATE_DATABASE if is_new else statements.RECREATE_DATABASE_IN_CLUSTER


def refuse(cluster: Cluster, found: Row, seed_uri: str | None, is_predicted: bool = False) -> None:
    """What Neo4j would refuse, or do otherwise than is meant. In a prediction the cordons are taken for granted."""
    reasons = [
        *_seed_reasons(found, seed_uri),
        *([] if is_predicted else _cordon_reasons(cluster)),
        *_room(cluster, found),
    ]
    if reasons:
        raise InvalidOptionError(f"database {found['name']} cannot be recreated: {'; '.join(reasons)}")


def _seed_reasons(found: Row, seed_uri: str | None) -> list[str]:
    if found["case"] == ALL and not seed_uri:
        return ["no copy of it is left, so that it needs the address of a backup"]
    if found["case"] == MAJORITY and seed_uri:
        return ["copies of it are left, which are newer than a backup: leave the address of the backup out"]
    return []


def _cordon_reasons(cluster: Cluster) -> list[str]:
    open_to_all = [server["name"] for server in lost_servers(cluster) if server["state"] == ENABLED]
    return (
        [f"{', '.join(open_to_all)} is lost and not cordoned, so that it might be placed there"] if open_to_all else []
    )


def _room(cluster: Cluster, found: Row) -> list[str]:
    wanted = {**found, "status": databases.ONLINE}
    try:
        databases.refuse_topology(None, wanted, cluster.servers)
    except InvalidOptionError as error:
        return [f"{error.args[0]}. Add one (scale_out.yml), or recreate it by hand with a smaller topology"]
    return []


def loss(found: Row) -> str:
    """What a recreation gives up, in plain words."""
    if found["case"] == ALL:
        return "what was written after that backup is lost for ever"
    left = ", ".join(
        f"{each['server']} ({each['role']}, last transaction {_told(each['last_committed_txn'])})"
        for each in found["survivors"]
    )
    return (
        f"from what is left of it, the newest of {left}. What only {' and '.join(found['lost_on'])} had committed "
        "after that is lost for ever"
    )


def _told(number: Any) -> str:
    return "unknown" if number is None else str(number)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What load balancers ask over HTTP: may this server take writes, may it take reads, how does it see its cluster.

Paths, codes and fields are the manual's (Monitor cluster endpoints). Of the field that tells health the manual has two
names, `healthy` and `isHealthy`; here it is `healthy`, as in its combined example.
"""

from __future__ import annotations

from typing import Any

from lab.server.instance import Instance
from lab.server.snapshot import Allocation, Database, Snapshot


def answer(instance: Instance, path: str) -> Any:
    """True or False, a status, or None for a path or a database that is not here."""
    snapshot = instance.cluster.snapshot()
    if path == "/dbms/cluster/status":
        return _combined(instance, snapshot)
    empty, db, name, cluster, question = (path.split("/") + [""] * 5)[:5]
    database = snapshot.database(name.lower())
    place = database.on(instance.name) if database else None
    if (empty, db, cluster) != ("", "db", "cluster") or path.count("/") != 4 or database is None or place is None:
        return None
    is_writer = database.writer == instance.name
    answers = {
        "available": place.is_online,
        "writable": place.is_online and is_writer,
        "read-only": place.is_online and not is_writer,
        "status": _status(snapshot, database, place),
    }
    return answers.get(question)


def _combined(instance: Instance, snapshot: Snapshot) -> list[dict[str, Any]]:
    places = [(database, database.on(instance.name)) for database in snapshot.databases]
    return [
        {
            "databaseName": database.name,
            "databaseUuid": database.database_id,
            "databaseStatus": _status(snapshot, database, place),
        }
        for database, place in places
        if place is not None
    ]


def _status(snapshot: Snapshot, database: Database, place: Allocation) -> dict[str, Any]:
    """One server's view. The time since the last word of the leader and the throughput are not measured."""
    leader = snapshot.server(database.writer) if database.writer else None
    is_core = place.mode == "primary"
    return {
        "lastAppliedRaftIndex": database.last_transaction + place.lag,
        "votingMembers": [voter.server.server_id for voter in database.online("primary")],
        "memberId": place.server.server_id,
        "leader": leader.server_id if leader else None,
        **({"millisSinceLastLeaderMessage": 0, "raftCommandsPerSecond": 0.0} if is_core else {}),
        "core": is_core,
        "participatingInRaftGroup": is_core and place.is_online and leader is not None,
        "healthy": place.is_online,
    }

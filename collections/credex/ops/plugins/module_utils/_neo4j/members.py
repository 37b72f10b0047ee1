# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A server of a cluster as it is, as it is to be, and the statements between the two. No I/O.

Servers and databases are dicts, as M(credex.ops.neo4j_cluster_info) returns them; of a database there is one for each
copy. What a server may become, and what Neo4j refuses, is from its Operations Manual, "Managing servers in a cluster".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j import databases, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step

Row = dict[str, Any]

SYSTEM = "system"
FREE, ENABLED, CORDONED = "Free", "Enabled", "Cordoned"
DEALLOCATING, DEALLOCATED, DROPPED = "Deallocating", "Deallocated", "Dropped"
# Ours to Neo4j's
_OPTIONS = {
    "mode_constraint": "modeConstraint",
    "allowed_databases": "allowedDatabases",
    "denied_databases": "deniedDatabases",
    "tags": "tags",
}
_NAMES = ("allowed_databases", "denied_databases")
_COME_BACK = (
    "As a server of its own it can come back: drop it (state: dropped), stop it, run neo4j-admin server unbind on its "
    "host, and start it. Then it is a new, free one"
)


class Plan(NamedTuple):
    """What is sent at once, what is sent when the server is empty, and the server afterwards; null when it is gone."""

    first: list[Step]
    last: list[Step]
    after: Row | None

    @property
    def steps(self) -> list[Step]:
        return self.first + self.last

    @property
    def deallocates(self) -> bool:
        return any(step.statement == statements.DEALLOCATE_SERVER for step in self.first)


class Cluster(NamedTuple):
    """One reading: every server, and every copy of every database."""

    servers: list[Row]
    databases: list[Row]

    def find(self, wanted: str) -> Row | None:
        """The server of this name, id or Bolt address; one that was dropped only where no other one is meant."""
        named = [row for row in self.servers if wanted in (row["name"], row["server_id"])]
        found = named or [row for row in self.servers if (row["address"] or "").lower() == _bolt_address(wanted)]
        found = [row for row in found if row["state"] != DROPPED] or found
        if len(found) > 1:
            ids = ", ".join(f"{row['name']} ({row['state']})" for row in found)
            raise InvalidOptionError(f"{wanted} is the address of more than one server, name one of them: {ids}")
        return found[0] if found else None

    def hosted(self, server: Row) -> list[str]:
        """What it has or shall have, but for system, and for composite databases, which are everywhere."""
        everywhere = {SYSTEM, *(copy["name"] for copy in self.databases if copy["type"] == "composite")}
        return sorted({*server["hosting"], *server["requested_hosting"]} - everywhere)

    def copies(self, database: str) -> list[Row]:
        return [copy for copy in self.databases if copy["name"] == database]


def _bolt_address(uri: str) -> str:
    """host:port"""
    bare = uri.rpartition("://")[2].rstrip("/").lower()
    return bare if re.search(r":\d+$", bare) else f"{bare}:7687"


# What is refused before anything is sent


def refuse_options(params: Row) -> None:
    given = [option for option in _OPTIONS if params[option] is not None]
    if given and params["state"] not in ("enabled", "cordoned"):
        raise InvalidOptionError(f"{', '.join(given)}: of a server that is to be {params['state']} nothing is set")
    if params["tags"] and len(set(params["tags"])) < len(params["tags"]):
        raise InvalidOptionError(f"tags has an entry twice: {', '.join(params['tags'])}")
    if params["state"] == "dropped" and not params["wait"]:
        raise InvalidOptionError(
            "a server is dropped when it is empty, which takes time, so wait cannot be false with state: dropped"
        )
    if params["wait_timeout"] < 0:
        raise InvalidOptionError(f"wait_timeout is {params['wait_timeout']:g}: give a number of seconds, 0 or more")


def not_there(cluster: Cluster, params: Row) -> InvalidOptionError:
    known = ", ".join(f"{row['name']} ({row['address']}, {row['state']})" for row in cluster.servers)
    return InvalidOptionError(
        f"there is no server {params['server']} in this cluster, so that it cannot be {params['state']}. It comes by "
        "itself, and is free then, when it is started with the members' addresses in "
        f"dbms.cluster.discovery.v2.endpoints (calendar versions: dbms.cluster.endpoints). These are there: {known}"
    )


def refuse_deallocation(cluster: Cluster, server: Row) -> None:
    """Neo4j would refuse each of these in words of its own, one at a time, and after a cordon."""
    reasons = [_obstacle(cluster, server, database) for database in cluster.hosted(server)]
    if not [row for row in cluster.servers if row is not server and row["state"] in (ENABLED, CORDONED)]:
        reasons.insert(0, "it is the only server of its cluster")
    found = [reason for reason in reasons if reason]
    if found:
        raise InvalidOptionError(f"{server['name']} ({server['address']}) cannot leave: {'; '.join(found)}")


def _obstacle(cluster: Cluster, server: Row, database: str) -> str:
    """Why this database cannot leave this server, and what to do; empty when it can."""
    copies = cluster.copies(database)
    elsewhere = [copy for copy in copies if copy["server_id"] != server["server_id"]]
    primaries, secondaries = topology(copies)
    if any(copy["requested_status"] != "online" for copy in copies):
        return f"database {database} is stopped, and only what runs is moved: start or drop it first"
    if primaries == 1 and not any(copy["role"] == "primary" for copy in elsewhere):
        return (
            f"database {database} has its only primary there, which Neo4j does not move: give it more first (ALTER "
            f"DATABASE {database} SET TOPOLOGY 3 PRIMARIES), or drop it"
        )
    if not _room(cluster, server, database, elsewhere):
        return (
            f"database {database} has {primaries} primaries and {secondaries} secondaries, and no other enabled server "
            "may take the copy that it has there: add a server first, or alter the database to a smaller topology"
        )
    return ""


def topology(copies: Sequence[Row]) -> tuple[int, int]:
    """Primaries and secondaries, as asked for."""
    return tuple(  # type: ignore[return-value]
        max([copy[f"requested_{mode}"] or 0 for copy in copies], default=0) for mode in ("primaries", "secondaries")
    )


def _room(cluster: Cluster, server: Row, database: str, elsewhere: Sequence[Row]) -> bool:
    """Whether an enabled server without a copy may have the one that is on this server."""
    modes = {copy["role"] for copy in cluster.copies(database) if copy["server_id"] == server["server_id"]}
    taken = {server["server_id"], *(copy["server_id"] for copy in elsewhere)}
    free = [row for row in cluster.servers if row["state"] == ENABLED and row["server_id"] not in taken]
    return any(_permits(row, database, modes) for row in free)


def _permits(server: Row, database: str, modes: set[str]) -> bool:
    """The role of a copy on a server that is down is not known; then any will do."""
    if modes & {"primary", "secondary"} and server["mode_constraint"].lower() not in ("none", *modes):
        return False
    return databases.permits(server, database)


# What is to be


def plan(cluster: Cluster, server: Row, params: Row) -> Plan:
    """From the state that it has to the one that it shall have, if there is a way."""
    return _PLANS[params["state"]](cluster, server, params)


def _enabled(_cluster: Cluster, server: Row, params: Row) -> Plan:
    _refuse_way(server, "enabled")
    after = {**_with_options(server, params), "state": ENABLED}
    name = {"server": server["name"]}
    if server["state"] == FREE:
        # What is not given comes from initial.server.* in its neo4j.conf
        given = _as_map({option: after[option] for option in _OPTIONS if params[option] is not None})
        step = Step(statements.ENABLE_SERVER_WITH, {**name, "options": given})
        return Plan([step if given else Step(statements.ENABLE_SERVER, name)], [], after)
    lifted = [Step(statements.ENABLE_SERVER, name)] if server["state"] == CORDONED else []
    return Plan(lifted + _altered(server, after), [], after)


def _cordoned(_cluster: Cluster, server: Row, params: Row) -> Plan:
    _refuse_way(server, "cordoned")
    if server["state"] == FREE:
        raise InvalidOptionError(f"{server['name']} is Free, and hosts nothing until it is enabled: enable it first")
    after = {**_with_options(server, params), "state": CORDONED}
    cordon = [Step(statements.CORDON_SERVER, {"server": server["name"]})] if server["state"] == ENABLED else []
    return Plan(cordon + _altered(server, after), [], after)


def _refuse_way(server: Row, wanted: str) -> None:
    if server["state"] in (DEALLOCATING, DEALLOCATED, DROPPED):
        raise InvalidOptionError(
            f"{server['name']} is {server['state']}, and from there no way leads back to {wanted}. {_COME_BACK}"
        )


def _deallocated(cluster: Cluster, server: Row, _params: Row) -> Plan:
    if server["state"] == DROPPED:
        raise InvalidOptionError(f"{server['name']} is Dropped, and no member any more. {_COME_BACK}")
    if server["state"] == FREE:
        raise InvalidOptionError(
            f"{server['name']} is Free: it is no member yet, and hosts nothing. To be rid of it, stop it"
        )
    after = {**server, "state": DEALLOCATED, "hosting": [SYSTEM], "requested_hosting": [SYSTEM]}
    if server["state"] in (DEALLOCATING, DEALLOCATED):
        return Plan([], [], after)
    refuse_deallocation(cluster, server)
    return Plan([Step(statements.DEALLOCATE_SERVER, {"server": server["name"]})], [], after)


def _dropped(cluster: Cluster, server: Row, params: Row) -> Plan:
    if server["state"] == DROPPED:
        return Plan([], [], None)
    emptied = _deallocated(cluster, server, params)
    return Plan(emptied.first, [Step(statements.DROP_SERVER, {"server": server["name"]})], None)


_PLANS: dict[str, Callable[[Cluster, Row, Row], Plan]] = {
    "enabled": _enabled,
    "cordoned": _cordoned,
    "deallocated": _deallocated,
    "dropped": _dropped,
}


def _with_options(server: Row, params: Row) -> Row:
    """The server with what was given; what was not stays. Neo4j has names of databases in lower case."""
    given = {option: params[option] for option in _OPTIONS if params[option] is not None}
    if "mode_constraint" in given:
        given["mode_constraint"] = given["mode_constraint"].upper()
    given |= {option: sorted({name.lower() for name in given[option]}) for option in _NAMES if option in given}
    after = {**server, **given}
    if after["allowed_databases"] and after["denied_databases"]:
        raise InvalidOptionError(
            f"{server['name']} would have allowed_databases ({', '.join(after['allowed_databases'])}) and "
            f"denied_databases ({', '.join(after['denied_databases'])}), of which Neo4j takes one: give the other as []"
        )
    return after


def _altered(before: Row, after: Row) -> list[Step]:
    """One statement, with all options: those that it does not name would be unset."""
    if all(_settled(before, option) == _settled(after, option) for option in _OPTIONS):
        return []
    given = _as_map({option: after[option] for option in _OPTIONS})
    return [Step(statements.ALTER_SERVER, {"server": before["name"], "options": given})]


def _settled(server: Row, option: str) -> Any:
    """In a list the order tells nothing."""
    value = server[option]
    return value if option == "mode_constraint" else sorted(value or [])


def _as_map(options: Row) -> Row:
    """As Neo4j's map. Of the two lists of databases it takes one alone, even if the other is empty."""
    both = [option for option in _NAMES if option in options]
    empty = [option for option in both if not options[option]]
    left_out = empty if len(both) > len(empty) else empty[1:]
    return {theirs: options[ours] for ours, theirs in _OPTIONS.items() if ours in options and ours not in left_out}


# What is still to come, and what is told


def unfinished(cluster: Cluster, server: Row, state: str) -> list[str]:
    """What a server that was given this state has still to do."""
    if state == "cordoned" or server["state"] == DROPPED:
        return []
    return _still_there(cluster, server) if state in ("deallocated", "dropped") else _not_there_yet(cluster, server)


def _still_there(cluster: Cluster, server: Row) -> list[str]:
    found = [f"database {name} is still on it{_arrivals(cluster, server, name)}" for name in cluster.hosted(server)]
    if server["state"] != DEALLOCATED:
        found = found or [f"it is {server['state']}, not {DEALLOCATED}"]
    return found


def _arrivals(cluster: Cluster, server: Row, database: str) -> str:
    """How the copies that are to take its place come along."""
    coming = [
        f"{copy['address']} is {copy['current_status']}"
        for copy in cluster.copies(database)
        if copy["server_id"] != server["server_id"] and copy["current_status"] != "online"
    ]
    return f" ({', '.join(coming)})" if coming else ""


def _not_there_yet(cluster: Cluster, server: Row) -> list[str]:
    found = [] if server["state"] == ENABLED else [f"it is {server['state']}, not {ENABLED}"]
    found += [] if server["health"] == "Available" else [f"it is {server['health']}"]
    hosts, shall = set(server["hosting"]), set(server["requested_hosting"])
    for name in cluster.hosted(server):
        if name in shall - hosts:
            found.append(f"database {name} is not on it yet")
        elif name in hosts - shall:
            found.append(f"database {name} is still on it")
    return found


def moves(rows: Sequence[Row]) -> list[Row]:
    """The rows of a dry run."""
    columns = {
        "database": "database",
        "mode": "mode",
        "from_server": "fromServerName",
        "from_server_id": "fromServerId",
        "to_server": "toServerName",
        "to_server_id": "toServerId",
    }
    return [{ours: row[theirs] for ours, theirs in columns.items()} for row in rows]


def diff(before: Row | None, after: Row | None, moved: Sequence[Row]) -> dict[str, Any]:
    goes = [f"{move['database']} ({move['mode']}): {move['from_server']} -> {move['to_server']}" for move in moved]
    return {"before": _shown(before), "after": {**_shown(after), **({"moves": goes} if goes else {})}}


def _shown(server: Row | None) -> Row:
    return {key: server[key] for key in ("name", "state", *_OPTIONS)} if server else {}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A database as it is, as it is to be, and the statements between the two. No I/O.

What is declared is a dict: `name`, `status` (online or offline), `primaries` and `secondaries` as requested, which are
null where the cluster's default numbers decide. The rules are the manual's (Managing databases in a cluster, Naming
rules for databases); its pages about the GQL statuses 51N52 and 51N53 tell that the counts have limits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step

Row = dict[str, Any]
Declared = dict[str, Any]

ONLINE, OFFLINE, ABSENT = "online", "offline", "absent"
ENABLED, FREE = "Enabled", "Free"
MOST_PRIMARIES, MOST_SECONDARIES = 11, 20

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED = ("system", "_")
_OF_DATABASE = ("name", "type", "default", "requested_status", "requested_primaries", "requested_secondaries")
_OF_ALLOCATION = (
    "server_id",
    "address",
    "role",
    "writer",
    "current_status",
    "status_message",
    "replication_lag",
    "last_committed_txn",
)
_DROP = {"dump": statements.DROP_DATABASE_WITH_DUMP, "destroy": statements.DROP_DATABASE_WITH_DATA}


# What SHOW DATABASES tells


def databases(rows: Sequence[Row]) -> list[Row]:
    """One entry a database, by name, of rows that are one an allocation, as `reading` names them."""
    names = sorted({row["name"] for row in rows})
    return [_database([row for row in rows if row["name"] == name]) for name in names]


def _database(rows: Sequence[Row]) -> Row:
    found = {field: rows[0][field] for field in _OF_DATABASE}
    found["writer"] = next((row["address"] for row in rows if row["writer"]), None)
    # Of a server that is down there is a row without an address
    rows = sorted(rows, key=lambda row: row["address"] or "")
    found["allocations"] = [{field: row[field] for field in _OF_ALLOCATION} for row in rows]
    return {**found, "waits_for": waits_for(found, found["requested_status"])}


def waits_for(database: Row, status: str) -> list[str]:
    """What is missing until every allocation is as requested, each a sentence's worth."""
    name, places = database["name"], database["allocations"]
    reasons = [_other_status(name, place, status) for place in places if place["current_status"] != status]
    if reasons or status != ONLINE:
        return reasons
    counts = [_other_count(database, role) for role in _REQUESTED]
    writer = f"nobody writes {name} yet" if database["writer"] is None else ""
    return [reason for reason in (*counts, writer) if reason]


def _other_status(name: str, place: Row, status: str) -> str:
    why = f" ({place['status_message']})" if place["status_message"] else ""
    where = place["address"] or f"a server that does not answer, id {place['server_id']}"
    return f"{name} on {where} is {place['current_status']}, wanted {status}{why}"


def _other_count(database: Row, role: str) -> str:
    """Community and the database system do not say how many there should be."""
    wanted = database[_REQUESTED[role]]
    found = len([place for place in database["allocations"] if place["role"] == role])
    return "" if wanted in (None, found) else f"{database['name']} has {found} of {wanted} {_PLURAL[role]}"


_REQUESTED = {"primary": "requested_primaries", "secondary": "requested_secondaries"}
_PLURAL = {"primary": "primaries", "secondary": "secondaries"}


def declared(database: Row | None) -> Declared | None:
    """What is declared of a database that is there. On Community it is its one allocation."""
    if database is None:
        return None
    counts = {
        _PLURAL[role]: len([place for place in database["allocations"] if place["role"] == role])
        if database[requested] is None
        else database[requested]
        for role, requested in _REQUESTED.items()
    }
    return {"name": database["name"], "status": database["requested_status"], **counts}


# What is to be


def valid_name(name: str) -> str:
    """As Neo4j writes it, in lower case."""
    lower = name.lower()
    if lower.startswith(_RESERVED):
        raise InvalidOptionError(
            f"{name!r} is no name for a database: Neo4j keeps system, and what begins with system or _, for itself"
        )
    if not _NAME.fullmatch(lower):
        raise InvalidOptionError(
            f"{name!r} is no name for a database: it has 3 to 63 letters without accents, digits, dots and dashes, "
            "begins with a letter (from Neo4j 2025.01 on, or a digit), and ends with a letter or a digit"
        )
    return lower


def check_counts(primaries: int | None, secondaries: int | None) -> None:
    """Neo4j's own limits."""
    for count, least, most, what in (
        (primaries, 1, MOST_PRIMARIES, "primaries"),
        (secondaries, 0, MOST_SECONDARIES, "secondaries"),
    ):
        if count is not None and not least <= count <= most:
            raise InvalidOptionError(f"{what} is {count}: Neo4j takes {least} to {most}")


def even_warning(primaries: int | None) -> str | None:
    """More than half of the primaries must agree, so that an even number of them bears no more losses."""
    if primaries is None or primaries % 2:
        return None
    return f"{bears(primaries)}: an even number costs a server, and makes a lost majority more likely"


def bears(primaries: int) -> str:
    """How many of them may be lost, and that one fewer would do, in words."""
    fewer = "" if primaries % 2 else f", as {primaries - 1} do"
    return f"{primaries} primaries bear the loss of {max((primaries - 1) // 2, 0)}{fewer}"


def wanted(current: Declared | None, name: str, params: Row) -> Declared | None:
    """What is declared afterwards: what is not given stays as it is."""
    if params["state"] == ABSENT:
        return None
    before = current or {"name": name, "primaries": None, "secondaries": None}
    given = {field: params[field] for field in ("primaries", "secondaries") if params[field] is not None}
    if current is None and given:
        given.setdefault("secondaries", 0)
    return {**before, **given, "status": params["state"]}


def plan(
    current: Declared | None, after: Declared | None, data: str | None = None, seed: str | None = None
) -> list[Step]:
    """The statements, in an order in which a run that ends between two of them is simply run again."""
    if after is None:
        return [Step(_DROP[data or ""], {"database": current["name"]})] if current else []
    name = {"database": after["name"]}
    counts = {field: after[field] for field in ("primaries", "secondaries")}
    steps = []
    if current is None:
        steps.append(_creation(name, counts, seed))
    # One that is stopped cannot be copied to another server
    status = current["status"] if current else ONLINE
    if status != after["status"] == ONLINE:
        steps.append(Step(statements.START_DATABASE, name))
    if current and has_other_topology(current, after):
        steps.append(Step(statements.SET_TOPOLOGY, {**name, **counts}))
    if status != after["status"] == OFFLINE:
        steps.append(Step(statements.STOP_DATABASE, name))
    return steps


def _creation(name: Row, counts: Row, seed: str | None) -> Step:
    if counts["primaries"] is None:
        return Step(statements.NEW_DATABASE, name)
    if seed is None:
        return Step(statements.NEW_DATABASE_WITH_TOPOLOGY, {**name, **counts})
    options = {"existingData": "use", "existingDataSeedServer": seed}
    return Step(statements.NEW_DATABASE_FROM_SEED, {**name, **counts, "options": options})


def has_other_topology(current: Declared, after: Declared) -> bool:
    return any(current[field] != after[field] for field in ("primaries", "secondaries"))


# What is refused before anything is changed


def refuse_kind(database: Row | None) -> None:
    """Composite databases, replicas and shards are made and changed in ways of their own."""
    if database and database["type"] != "standard":
        raise InvalidOptionError(
            f"{database['name']} is a database of the type {database['type']}, and this module manages standard ones"
        )


def refuse_drop(database: Row) -> None:
    if database["default"]:
        raise InvalidOptionError(
            f"{database['name']} is the default database of this cluster, which sessions use that name none: make "
            "another one the default first (CALL dbms.setDefaultDatabase)"
        )


def refuse_topology(
    current: Declared | None, after: Declared, servers: Sequence[Row], states: Sequence[str] = (ENABLED,)
) -> None:
    """Where Neo4j would refuse it, or begin what cannot be finished. Servers count in these states."""
    if current:
        if not has_other_topology(current, after):
            return
        _refuse_change(current, after)
    if after["primaries"] is not None:
        _refuse_too_few(after, [row for row in servers if _may_host(row, after["name"], states)])


def _refuse_change(current: Declared, after: Declared) -> None:
    name = after["name"]
    if after["status"] == OFFLINE:
        raise InvalidOptionError(
            f"{name} shall be offline and have another topology: only an online database is copied to other servers. "
            "Change it with state=online first"
        )
    if after["primaries"] == 1 < current["primaries"]:
        raise InvalidOptionError(
            f"{name} has {current['primaries']} primaries, and Neo4j does not reduce them to a single one. Back it up, "
            "drop it, and create it from the backup with one primary"
        )


def _may_host(row: Row, name: str, states: Sequence[str]) -> bool:
    """A server that is cordoned keeps what it has, and gets nothing new."""
    keeps = row["state"] == "Cordoned" and name in (row["hosting"] or ())
    if row["health"] != "Available" or not (keeps or row["state"] in states):
        return False
    return permits(row, name)


def permits(server: Row, name: str) -> bool:
    """By its lists of databases, which have wildcards from 2025.12 on."""
    allowed, denied = server["allowed_databases"] or [], server["denied_databases"] or []
    is_allowed = not allowed or any(fnmatchcase(name, each) for each in allowed)
    return is_allowed and not any(fnmatchcase(name, each) for each in denied)


def _refuse_too_few(after: Declared, able: Sequence[Row]) -> None:
    """Servers for one mode alone first; those without a constraint take what is left."""
    primaries, secondaries = after["primaries"], after["secondaries"]
    modes = [row["mode_constraint"] or "NONE" for row in able]
    only_primary, only_secondary, free = (modes.count(mode) for mode in ("PRIMARY", "SECONDARY", "NONE"))
    if max(primaries - only_primary, 0) + max(secondaries - only_secondary, 0) <= free:
        return
    raise InvalidOptionError(
        f"{after['name']} shall have {primaries} primaries and {secondaries} secondaries, and the cluster has "
        f"{len(able)} servers for it ({only_primary} for primaries only, {only_secondary} for secondaries only). A "
        "server counts when it is Enabled and Available and its options permit the database: see SHOW SERVERS"
    )


def diff(current: Declared | None, after: Declared | None) -> dict[str, Any]:
    return {"before": current or {}, "after": after or {}}

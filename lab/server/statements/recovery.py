# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A database that has lost its majority, made anew from what is left of it or from a backup.

All of it rests on Neo4j's manual (Recreate a database). A backup is only an address here: nothing is read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.server import allocator, errors
from lab.server.cluster import new_database_id
from lab.server.snapshot import SYSTEM, Allocation, Database
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer
from lab.server.versions import before

_OPTIONS = ("seedingServers", "seedURI")
_ARGUMENTS = "( <database:value> , <options:value> )"
_OPERATION = "Could not recreate database '%s'."


@statement(f"CALL dbms.cluster.recreateDatabase {_ARGUMENTS}", kind="s", writes=True, is_enterprise=True)
def recreate_in_cluster(call: Call) -> Answer:
    return _recreate(call)


@statement(f"CALL dbms.recreateDatabase {_ARGUMENTS}", kind="s", writes=True, is_enterprise=True)
def recreate(call: Call) -> Answer:
    """Came with 2025.04, in place of the other one."""
    if before(call.instance.version, 2025, 4):
        raise errors.procedure_not_found("dbms.recreateDatabase")
    return _recreate(call)


def _recreate(call: Call) -> Answer:
    """Its stores are lost at once, and what it is made from comes online in its own time."""
    call.access.require("CREATE DATABASE")
    call.access.require("DROP DATABASE")
    database = _database(call)
    seeds = _seeds(call, database, _options(call.slots["options"]))
    try:
        placement = allocator.recreated(call.snapshot, database)
    except allocator.ImpossibleError as impossible:
        raise errors.topology(_OPERATION % database.name, str(impossible)) from impossible
    last = max((database.last_transaction + seed.lag for seed in seeds), default=database.last_transaction)
    cluster = call.instance.cluster
    return Answer(
        (),
        counters=SYSTEM_UPDATE,
        effect=lambda: cluster.recreate_database(database.name, new_database_id(), placement, last),
    )


def _database(call: Call) -> Database:
    name = str(call.slots["database"]).lower()
    database = call.snapshot.database(name)
    if database is None or name == SYSTEM:
        raise errors.topology(_OPERATION % name, "It is no database of users.")
    return database


def _options(given: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(given) - set(_OPTIONS))
    if unknown:
        raise errors.unknown_statement(f"dbms.recreateDatabase with {', '.join(unknown)}")
    if not given or (given.get("seedingServers") and "seedURI" in given):
        raise errors.argument_error("Either seedingServers or seedURI says from what it is recreated.")
    return given


def _seeds(call: Call, database: Database, options: Mapping[str, Any]) -> list[Allocation]:
    """The copies from which it is made; none where only the backup is named."""
    if "seedingServers" not in options:
        return []
    named = options["seedingServers"]
    if not named:
        _check_cordons(database)
    able = [place for place in database.allocations if place.is_online and place.server.state == "Enabled"]
    seeds = [place for place in able if not named or place.server.server_id in named]
    if len(seeds) < len(named) or not (seeds or "seedURI" in options):
        raise errors.topology(_OPERATION % database.name, "Not every seeding server is enabled, available and has it.")
    return seeds


def _check_cordons(database: Database) -> None:
    lost = [p.server.name for p in database.allocations if not p.server.is_alive and p.server.state == "Enabled"]
    if lost:
        raise errors.topology(_OPERATION % database.name, f"Server '{lost[0]}' is unavailable and not cordoned.")

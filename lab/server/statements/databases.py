# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW, CREATE, ALTER, DROP, START and STOP DATABASE."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.server import allocator, dumps, errors, texts
from lab.server.cluster import new_database_id
from lab.server.packstream import Structure
from lab.server.snapshot import SYSTEM, Allocation, Database
from lab.server.statements.registry import Call, statement
from lab.server.statements.waiting import WAIT, changed
from lab.server.tables import Answer
from lab.server.versions import before

_COLUMNS = (
    "name",
    "type",
    "aliases",
    "access",
    "databaseID",
    "serverID",
    "address",
    "role",
    "writer",
    "requestedStatus",
    "currentStatus",
    "statusMessage",
    "default",
    "home",
    "currentPrimariesCount",
    "currentSecondariesCount",
    "requestedPrimariesCount",
    "requestedSecondariesCount",
    "creationTime",
    "lastStartTime",
    "lastStopTime",
    "store",
    "lastCommittedTxn",
    "replicationLag",
    "constituents",
)
_DEFAULT = (
    "name",
    "type",
    "aliases",
    "access",
    "address",
    "role",
    "writer",
    "requestedStatus",
    "currentStatus",
    "statusMessage",
    "default",
    "home",
    "constituents",
)


# Null on Community
_ENTERPRISE_COLUMNS = ("requestedPrimariesCount", "requestedSecondariesCount", "lastStopTime", "lastCommittedTxn")


@statement("SHOW DATABASES <tail:tail>", kind="s")
def show_databases(call: Call) -> Answer:
    return _show(call, list(call.snapshot.databases))


@statement("SHOW DATABASE|DATABASES <name:name> <tail:tail>", kind="s")
def show_database(call: Call) -> Answer:
    return _show(call, [database for database in call.snapshot.databases if database.name == call.slots["name"]])


def _show(call: Call, databases: list[Database]) -> Answer:
    """The databases that the user may see."""
    seen = [database for database in databases if call.access.sees(database.name)]
    home = call.instance.home_database(call.user)
    rows = [_row(database, place, home) for database in seen for place in database.allocations]
    if call.instance.edition != "enterprise":
        rows = [row | dict.fromkeys(_ENTERPRISE_COLUMNS) for row in rows]
    newer = () if before(call.instance.version, 2025) else ("defaultLanguage",)
    return call.table((*_COLUMNS, *newer, "options"), _DEFAULT, rows)


def _row(database: Database, place: Allocation, home: str) -> dict[str, Any]:
    """One allocation. What only the server itself could tell is null when it is not online there."""
    return {
        "name": database.name,
        "type": "system" if database.name == SYSTEM else "standard",
        "aliases": [],
        "access": "read-write",
        "databaseID": database.database_id if place.is_online else None,
        "serverID": place.server.server_id,
        "address": place.server.bolt,
        "role": place.mode if place.server.is_alive else "unknown",
        "writer": place.server.name == database.writer,
        "requestedStatus": database.requested_status,
        "currentStatus": place.status,
        "statusMessage": place.message,
        "default": database.is_default,
        "home": database.name == home,
        "currentPrimariesCount": len(database.online("primary")),
        "currentSecondariesCount": len(database.online("secondary")),
        "requestedPrimariesCount": database.primaries,
        "requestedSecondariesCount": database.secondaries,
        "creationTime": _bolt_time(database.created_at),
        "lastStartTime": _bolt_time(database.created_at),
        "lastStopTime": None,
        "store": "record-aligned-1.1" if database.name == SYSTEM else "block-block-1.1",
        "lastCommittedTxn": database.last_transaction + place.lag if place.is_online else None,
        "replicationLag": place.lag if place.is_online else None,
        "constituents": [],
        "defaultLanguage": "CYPHER 5",
        "options": {},
    }


def _bolt_time(moment: float) -> Structure:
    """A DateTime of Bolt 5: seconds and nanoseconds in UTC, offset in seconds."""
    whole = datetime.fromtimestamp(moment, UTC)
    return Structure(0x49, (int(moment), whole.microsecond * 1000, 0))


_COUNTS = ("primaries", "secondaries")
_TOPOLOGY = "TOPOLOGY <primaries:value> PRIMARY|PRIMARIES [<secondaries:value> SECONDARY|SECONDARIES]"


@statement(
    f"CREATE DATABASE <name:name> [IF NOT EXISTS] [{_TOPOLOGY}] [OPTIONS <options:value>] {WAIT}",
    kind="s",
    writes=True,
    is_enterprise=True,
)
def create_database(call: Call) -> Answer:
    call.access.require("CREATE DATABASE")
    name = call.slots["name"].lower()
    if call.snapshot.database(name):
        if "IF NOT EXISTS" in call.given:
            return Answer(())
        raise errors.Neo4jError(
            "Neo.ClientError.Database.ExistingDatabaseFound",
            f"Failed to create the specified database '{name}': Database already exists.",
        )
    placement = _placement(call, name)
    primaries, secondaries = ([server for server in placement if placement[server] == mode] for mode in allocator.MODES)
    cluster, since = call.instance.cluster, time.time()
    seed = _seed(call, name) if call.slots.get("options") else None

    def create() -> None:
        cluster.add_database(name, new_database_id(), primaries, secondaries, since=since)
        if seed:
            dumps.put(cluster, name, seed)

    return changed(call, name, create)


def _seed(call: Call, name: str) -> Path:
    """What was loaded on the server that the options name. Of options, the emulator knows these two."""
    options = call.slots["options"]
    if options.keys() != {"existingData", "existingDataSeedServer"} or options["existingData"] != "use":
        raise errors.unknown_statement(call.text)
    ids = {server.server_id: server.name for server in call.snapshot.servers}
    server = ids.get(options["existingDataSeedServer"])
    loaded = dumps.loaded(call.instance.cluster.state / "servers" / (server or ""), name)
    if server is None or not loaded.exists():
        raise errors.topology(texts.CREATE_DATABASE % name, f"No data of {name} on the server that shall have them.")
    return loaded


def default_counts(call: Call) -> dict[str, int]:
    """What a procedure set, else what the first start of the cluster read."""
    initial = {mode: int(call.instance.config.get(f"initial.dbms.default_{mode}_count") or 0) for mode in _COUNTS}
    return initial | call.instance.cluster.default_counts()


def _placement(call: Call, name: str) -> allocator.Placement:
    counts = list(default_counts(call).values())
    if "primaries" in call.slots:
        counts = [call.slots.get(mode, 0) for mode in _COUNTS]
    try:
        return allocator.placed(call.snapshot, name, *counts)
    except allocator.ImpossibleError as impossible:
        raise errors.topology(texts.CREATE_DATABASE % name, str(impossible)) from impossible


@statement(f"ALTER DATABASE <name:name> [IF EXISTS] SET {_TOPOLOGY} {WAIT}", kind="s", writes=True, is_enterprise=True)
def alter_topology(call: Call) -> Answer:
    """Without secondaries there shall be none."""
    call.access.require("ALTER DATABASE")
    database = _existing(call, "alter")
    if database is None:
        return Answer(())
    cluster, counts = call.instance.cluster, (call.slots["primaries"], call.slots.get("secondaries", 0))
    try:
        placement = allocator.changed_topology(call.snapshot, database, *counts)
    except allocator.ImpossibleError as impossible:
        raise errors.topology(texts.ALTER_DATABASE % database.name, str(impossible)) from impossible
    moves = allocator.difference(database.name, database.placement, placement)

    def alter() -> None:
        cluster.set_topology(database.name, *counts)
        cluster.move(moves)

    return changed(call, database.name, alter)


@statement(
    f"DROP DATABASE <name:name> [IF EXISTS] [DUMP|DESTROY DATA] {WAIT}", kind="s", writes=True, is_enterprise=True
)
def drop_database(call: Call) -> Answer:
    call.access.require("DROP DATABASE")
    database = _existing(call, "delete")
    if database is None:
        return Answer(())
    return changed(call, database.name, lambda: call.instance.cluster.drop_database(database.name))


@statement(f"START DATABASE <name:name> {WAIT}", kind="s", writes=True, is_enterprise=True)
def start_database(call: Call) -> Answer:
    return _request(call, "start", "online")


@statement(f"STOP DATABASE <name:name> {WAIT}", kind="s", writes=True, is_enterprise=True)
def stop_database(call: Call) -> Answer:
    return _request(call, "stop", "offline")


def _request(call: Call, verb: str, status: str) -> Answer:
    call.access.require(verb.upper(), database=call.slots["name"].lower())
    database = _existing(call, verb)
    if database is None:
        return Answer(())
    return changed(call, database.name, lambda: call.instance.cluster.request_status(database.name, status))


def _existing(call: Call, verb: str) -> Database | None:
    """The named database; None where IF EXISTS allows that there is none."""
    name = call.slots["name"].lower()
    database = call.snapshot.database(name)
    if database is None and "IF EXISTS" not in call.given:
        raise errors.Neo4jError(
            "Neo.ClientError.Database.DatabaseNotFound",
            f"Failed to {verb} the specified database '{name}': Database does not exist.",
        )
    if name == SYSTEM:
        raise errors.Neo4jError(
            "Neo.ClientError.Statement.UnsupportedAdministrationCommand",
            f"Not allowed to {verb} system database.",
        )
    return database

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW, CREATE, DROP, START and STOP DATABASE."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lab.server import errors
from lab.server.cluster import SYSTEM, Allocation, Database, new_database_id
from lab.server.packstream import Structure
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
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


@statement("SHOW DATABASES <tail:tail>", kind="s")
def show_databases(call: Call) -> Answer:
    return _show(call, list(call.snapshot.databases))


@statement("SHOW DATABASE|DATABASES <name:name> <tail:tail>", kind="s")
def show_database(call: Call) -> Answer:
    return _show(call, [database for database in call.snapshot.databases if database.name == call.slots["name"]])


def _show(call: Call, databases: list[Database]) -> Answer:
    rows = [_row(database, place) for database in databases for place in database.allocations]
    newer = () if before(call.instance.version, 2025) else ("defaultLanguage",)
    return call.table((*_COLUMNS, *newer, "options"), _DEFAULT, rows)


def _row(database: Database, place: Allocation) -> dict[str, Any]:
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
        "home": database.is_default,
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


@statement(
    "CREATE DATABASE <name:name> [IF NOT EXISTS] [TOPOLOGY <primaries:value> PRIMARY|PRIMARIES"
    " [<secondaries:value> SECONDARY|SECONDARIES]] [WAIT [<seconds:value> SEC|SECOND|SECONDS]] [NOWAIT]",
    kind="s",
    writes=True,
)
def create_database(call: Call) -> Answer:
    name = call.slots["name"].lower()
    if call.snapshot.database(name):
        if "IF NOT EXISTS" in call.given:
            return Answer(())
        raise errors.Neo4jError(
            "Neo.ClientError.Database.ExistingDatabaseFound",
            f"Failed to create the specified database '{name}': Database already exists.",
        )
    primaries, secondaries = call.slots.get("primaries", 1), call.slots.get("secondaries", 0)
    free = [server.name for server in call.snapshot.servers if server.state == "Enabled"]
    if not 0 < primaries + secondaries <= len(free):
        raise errors.argument_error(
            f"Failed to create the specified database '{name}': the cluster does not have enough available servers."
        )
    answer = _waited(call, [server.bolt for server in call.snapshot.servers][: primaries + secondaries])
    answer.effect = lambda: call.instance.cluster.add_database(
        name, new_database_id(), free[:primaries], free[primaries : primaries + secondaries]
    )
    return answer


@statement(
    "DROP DATABASE <name:name> [IF EXISTS] [DUMP|DESTROY DATA] [WAIT [<seconds:value> SEC|SECOND|SECONDS]] [NOWAIT]",
    kind="s",
    writes=True,
)
def drop_database(call: Call) -> Answer:
    database = _existing(call, "drop")
    if database is None:
        return Answer(())
    answer = _waited(call, [place.server.bolt for place in database.allocations])
    answer.effect = lambda: call.instance.cluster.drop_database(database.name)
    return answer


@statement("START DATABASE <name:name> [WAIT [<seconds:value> SEC|SECOND|SECONDS]] [NOWAIT]", kind="s", writes=True)
def start_database(call: Call) -> Answer:
    return _request(call, "start", "online")


@statement("STOP DATABASE <name:name> [WAIT [<seconds:value> SEC|SECOND|SECONDS]] [NOWAIT]", kind="s", writes=True)
def stop_database(call: Call) -> Answer:
    return _request(call, "stop", "offline")


def _request(call: Call, verb: str, status: str) -> Answer:
    database = _existing(call, verb)
    if database is None:
        return Answer(())
    answer = _waited(call, [place.server.bolt for place in database.allocations])
    answer.effect = lambda: call.instance.cluster.request_status(database.name, status)
    return answer


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


def _waited(call: Call, addresses: list[str]) -> Answer:
    """With WAIT, a row for every server that was waited for."""
    if "WAIT" not in call.given:
        return Answer((), counters=SYSTEM_UPDATE)
    rows = [[address, "CaughtUp", "caught up", True] for address in addresses]
    return Answer(("address", "state", "message", "success"), rows, counters=SYSTEM_UPDATE)

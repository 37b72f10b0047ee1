# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW SERVERS and the cluster's own check of its replication."""

from __future__ import annotations

from typing import Any

from lab.server import errors
from lab.server.snapshot import Allocation, Database
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_SERVER_COLUMNS = (
    "serverId",
    "name",
    "address",
    "httpAddress",
    "httpsAddress",
    "state",
    "health",
    "hosting",
    "requestedHosting",
    "tags",
    "allowedDatabases",
    "deniedDatabases",
    "modeConstraint",
    "version",
)


@statement("SHOW SERVER|SERVERS <tail:tail>", kind="s", is_enterprise=True)
def show_servers(call: Call) -> Answer:
    call.access.require("SHOW SERVERS")
    rows = [
        {
            "serverId": server.server_id,
            "name": server.name,
            "address": server.bolt,
            "httpAddress": server.http,
            "httpsAddress": None,
            "state": server.state,
            "health": "Available" if server.is_alive else "Unavailable",
            "hosting": call.snapshot.hosting(server.name),
            "requestedHosting": call.snapshot.requested_hosting(server.name),
            "tags": list(server.options.tags),
            "allowedDatabases": list(server.options.allowed),
            "deniedDatabases": list(server.options.denied),
            "modeConstraint": server.options.mode_constraint,
            "version": server.version,
        }
        for server in call.snapshot.servers
    ]
    return call.table(_SERVER_COLUMNS, ("name", "address", "state", "health", "hosting"), rows)


_STATUS_COLUMNS = (
    "database",
    "serverId",
    "serverName",
    "address",
    "replicationSuccessful",
    "memberStatus",
    "recognisedLeader",
    "recognisedLeaderTerm",
    "requester",
    "error",
)


@statement(
    "CALL dbms.cluster.statusCheck ( <databases:value> [, <timeout:value>] ) <tail:tail>",
    kind="s",
    is_admin=True,
    is_enterprise=True,
)
def status_check(call: Call) -> Answer:
    """A row for every primary of a clustered database that is allocated here; not for databases with one primary."""
    wanted = call.slots["databases"]
    here = [database for database in call.snapshot.databases if database.on(call.instance.name)]
    unknown = set(wanted) - {database.name for database in here}
    if unknown:
        raise errors.database_not_found(min(unknown))
    asked = [database for database in here if database.primaries > 1 and (not wanted or database.name in wanted)]
    rows = [
        _member(call, database, place)
        for database in asked
        for place in database.allocations
        if place.mode == "primary"
    ]
    return call.table(_STATUS_COLUMNS, _STATUS_COLUMNS, rows)


def _member(call: Call, database: Database, place: Allocation) -> dict[str, Any]:
    ids = {server.name: server.server_id for server in call.snapshot.servers}
    error = None if place.is_online else f"Database '{database.name}' is {place.status} on this member"
    if database.writer is None:
        error = error or "No leader"
    return {
        "database": database.name,
        "serverId": place.server.server_id,
        "serverName": place.server.name,
        "address": place.server.bolt,
        "replicationSuccessful": database.writer is not None,
        "memberStatus": _member_status(place),
        "recognisedLeader": ids.get(database.writer or "") if place.is_online else None,
        "recognisedLeaderTerm": database.term if place.is_online and database.writer else None,
        "requester": place.server.name == call.instance.name,
        "error": error,
    }


def _member_status(place: Allocation) -> str:
    if not place.is_online:
        return "UNAVAILABLE"
    return "REPLICATING" if place.lag else "APPLYING"

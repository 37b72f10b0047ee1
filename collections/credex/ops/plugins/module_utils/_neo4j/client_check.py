# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a client sees of one connection. Facts; the judgement is in client_judge.py.

One login first: where it is refused, nothing more is asked, because the third wrong password locks the user out.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import fleet, reading, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.client import Client, Given, Served, client, directly
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Server, Target, load_driver
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    SHUT_OUT,
    Neo4jOpsError,
    StatementRefusedError,
)

Row = dict[str, Any]

PROBE_NAME = "credex.ops connection check"
_MET = ("reachable", "cause", "message", "latency_ms", "roles", "routing", "routing_message")
_ROLES_OF_A_TABLE = {"writers": "WRITE", "readers": "READ", "routers": "ROUTE"}


def look_at_all(asked: Sequence[Given], write: bool) -> list[Row]:
    """What a client would see of each. A login that was refused is not tried a second time at the same address."""
    refused: dict[tuple[str, str | None, str | None], Row] = {}
    found = []
    for one in asked:
        login = (one.target.address, one.target.username, one.target.password)
        seen = look(one, write, refused.get(login))
        if seen["cause"] in SHUT_OUT:
            refused[login] = seen
        found.append(seen)
    return found


def look(asked: Given, write: bool, refused: Row | None = None) -> Row:
    """All that a client would see there. With `write` a probe is written; without it the writer is only asked."""
    target = asked.target
    met = refused or reading.read([directly(target)], lambda server: _introduced(server, asked))[0]
    found = {
        **{field: met.get(field) for field in _MET},
        "name": asked.name,
        "uri": asked.uri,
        "routed": target.routed,
        "tls": target.tls,
        "addresses": resolve(target),
        "username": target.username,
        "members": [],
        "database": None,
        "sessions": [],
    }
    if not met["reachable"]:
        return found
    if target.routed:
        found["members"] = _members(asked, met["routing"])
    return {**found, **_in_sessions(asked, write)}


def resolve(target: Target) -> list[str]:
    """The IP addresses to which the host of the address leads, none when nobody knows it."""
    try:
        answers = socket.getaddrinfo(target.host.strip("[]"), target.port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(answer[4][0]) for answer in answers})


def _introduced(server: Server, asked: Given) -> Row:
    """Who we are there, and where the server sends us on."""
    [me] = server.rows(statements.CURRENT_USER)
    told: Row = {"roles": me["roles"], "routing": dict.fromkeys(_ROLES_OF_A_TABLE), "routing_message": None}
    try:
        told["routing"] = _routing(server, asked)
    except StatementRefusedError as error:
        told["routing_message"] = error.message
    return told


def _routing(server: Server, asked: Given) -> dict[str, list[str]]:
    context = {"address": asked.target.address}  # as a driver says where it came in
    [row] = server.rows(statements.ROUTING_TABLE, context=context, database=asked.database)
    table = {entry["role"]: entry["addresses"] for entry in row["servers"]}
    return {ours: sorted(table.get(theirs, [])) for ours, theirs in _ROLES_OF_A_TABLE.items()}


def _members(asked: Given, routing: dict[str, list[str] | None]) -> list[Row]:
    """Every address that the table names, asked as the driver would, with the application's own login."""
    addresses = sorted({address for named in routing.values() for address in named or []})
    answers = reading.read(
        [directly(asked.target, address) for address in addresses], lambda server: _answers(server, asked, routing)
    )
    fields = ("reachable", "cause", "message", "latency_ms")
    return [{"address": answer["uri"], **{field: answer[field] for field in fields}} for answer in answers]


def _answers(server: Server, asked: Given, routing: dict[str, list[str] | None]) -> Row:
    """A server that has the database reads there; one that only routes is asked for a route."""
    if server.target.uri in [*(routing["readers"] or []), *(routing["writers"] or [])]:
        server.run(statements.ANYTHING, {}, asked.database)
    else:
        _routing(server, asked)
    return {}


def _in_sessions(asked: Given, write: bool) -> Row:
    """Read, go to the writer, and read behind it: two sessions and a bookmark, by the driver's own routing."""
    load_driver()  # before the clock starts
    done: list[Row] = []
    names: list[str | None] = []

    def work(asked: Given, say: fleet.Say) -> None:
        with client(asked) as application:
            after = None
            for step, action in _steps(application, write):
                say(f"the session that is to {step}")
                served = action(after)
                done.append({"step": step, "server": served.server, "ms": served.milliseconds, "message": None})
                names.append(served.database)
                after = served.bookmarks

    [answer] = fleet.ask([asked], work)
    if answer.error:
        done.append({"step": _next(done), "server": None, "ms": None, "message": answer.error.message})
    return {"sessions": done, "database": names[0] if names else None}


STEPS = ("read", "write", "read after it")


def _next(done: list[Row]) -> str:
    return STEPS[len(done)]


def _steps(application: Client, write: bool) -> list[tuple[str, Callable[[Any], Served]]]:
    at = secrets.token_hex(8)

    def go_to_the_writer(after: Any) -> Served:
        if not write:
            return application.write(statements.ANYTHING, after)
        return application.write(statements.PROBE, after, name=PROBE_NAME, at=at)

    def read_behind_it(after: Any) -> Served:
        if not write:
            return application.read(statements.ANYTHING, after)
        served = application.read(statements.READ_PROBE, after, name=PROBE_NAME)
        if served.rows != [{"at": at}]:
            raise Neo4jOpsError(f"{served.server} does not show what was written before: {served.rows}")
        return served

    return list(zip(STEPS, (lambda after: application.read(statements.ANYTHING), go_to_the_writer, read_behind_it)))

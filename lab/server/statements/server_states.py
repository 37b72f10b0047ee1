# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on its way into the cluster and out of it: ENABLE, ALTER and DROP SERVER, and the cordon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.server import allocator, errors, texts
from lab.server.snapshot import Options, Server, Snapshot
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer


@statement("ENABLE SERVER <server:value> [OPTIONS <options:value>]", kind="s", writes=True, is_enterprise=True)
def enable_server(call: Call) -> Answer:
    """A free server, or one that is cordoned; one that is enabled is left as it is."""
    call.access.require("SERVER MANAGEMENT")
    operation = texts.ENABLE_SERVER % call.slots["server"]
    server = found(call, call.slots["server"], operation)
    if server.state == "Enabled":
        return Answer(())
    _check_state(server, operation, "Free", "Cordoned")
    options = _options(call.slots["options"]) if "options" in call.slots else server.options
    cluster = call.instance.cluster

    def enable() -> None:
        cluster.set_server_options(server.name, options)
        cluster.set_server_state(server.name, "Enabled")

    return Answer((), counters=SYSTEM_UPDATE, effect=enable)


@statement("ALTER SERVER <server:value> SET OPTIONS <options:value>", kind="s", writes=True, is_enterprise=True)
def alter_server(call: Call) -> Answer:
    """The options as a whole: what is not named is unset. Databases that no longer fit move away."""
    call.access.require("SERVER MANAGEMENT")
    operation = texts.ALTER_SERVER % call.slots["server"]
    server = found(call, call.slots["server"], operation)
    _check_state(server, operation, "Enabled", "Cordoned")
    options = _options(call.slots["options"])
    try:
        moves = allocator.fitting(_with(call.snapshot, replace(server, options=options)))
    except allocator.ImpossibleError as impossible:
        raise errors.topology(operation, str(impossible)) from impossible
    cluster = call.instance.cluster

    def alter() -> None:
        cluster.set_server_options(server.name, options)
        cluster.move(moves)

    return Answer((), counters=SYSTEM_UPDATE, effect=alter)


@statement("CALL dbms.cluster.cordonServer ( <server:value> )", kind="s", writes=True, is_enterprise=True)
def cordon_server(call: Call) -> Answer:
    """It gets no new databases, and keeps those that it has."""
    return _change_state(call, "Cordoned", texts.CORDON_SERVER, "Enabled")


@statement("CALL dbms.cluster.uncordonServer ( <server:value> )", kind="s", writes=True, is_enterprise=True)
def uncordon_server(call: Call) -> Answer:
    return _change_state(call, "Enabled", texts.ENABLE_SERVER, "Cordoned")


def _change_state(call: Call, state: str, text: str, *before: str) -> Answer:
    call.access.require("SERVER MANAGEMENT")
    operation = text % call.slots["server"]
    server = found(call, call.slots["server"], operation)
    if server.state == state:
        return Answer(())
    _check_state(server, operation, *before)
    cluster = call.instance.cluster
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: cluster.set_server_state(server.name, state))


@statement("DROP SERVER <server:value>", kind="s", writes=True, is_enterprise=True)
def drop_server(call: Call) -> Answer:
    """It stays in sight until its process ends."""
    call.access.require("SERVER MANAGEMENT")
    operation = texts.DROP_SERVER % call.slots["server"]
    server = found(call, call.slots["server"], operation)
    _check_state(server, operation, "Deallocated")
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: call.instance.cluster.drop_server(server.name))


def found(call: Call, name_or_id: str, operation: str) -> Server:
    server = call.snapshot.server(name_or_id)
    if server is None:
        raise errors.topology(operation, f"There is no server '{name_or_id}'.")
    return server


def _check_state(server: Server, operation: str, *states: str) -> None:
    if server.state not in states:
        wanted = " or ".join(states)
        raise errors.topology(operation, f"Its state is {server.state}, and not {wanted}.")


def _with(snapshot: Snapshot, changed: Server) -> Snapshot:
    servers = tuple(changed if server.name == changed.name else server for server in snapshot.servers)
    return replace(snapshot, servers=servers)


_NAMES = {
    "modeConstraint": "mode_constraint",
    "allowedDatabases": "allowed",
    "deniedDatabases": "denied",
    "tags": "tags",
}


def _options(given: Mapping[str, Any]) -> Options:
    """The map behind OPTIONS; what is wrong in it is refused."""
    unknown = sorted(set(given) - set(_NAMES))
    if unknown:
        raise errors.argument_error(f"Unrecognised option '{unknown[0]}', expected one of {', '.join(_NAMES)}.")
    options = Options.of({_NAMES[name]: _value(value) for name, value in given.items()})
    if options.allowed and options.denied:
        raise errors.argument_error(texts.ALLOWED_AND_DENIED, "42N85")
    if options.mode_constraint not in ("NONE", "PRIMARY", "SECONDARY"):
        raise errors.argument_error(f"'{options.mode_constraint}' is not a mode constraint.")
    if len(set(options.tags)) != len(options.tags):
        raise errors.argument_error("Server tags may not contain duplicates.")
    return options


def _value(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value

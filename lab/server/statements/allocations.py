# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases from one server to another: DEALLOCATE and REALLOCATE DATABASES, and what they would do (DRYRUN)."""

from __future__ import annotations

from lab.server import allocator, errors, texts
from lab.server.allocator import Move
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.statements.server_states import found
from lab.server.tables import Answer

_COLUMNS = ("database", "fromServerName", "fromServerId", "toServerName", "toServerId", "mode")
_DEALLOCATE = "DEALLOCATE DATABASE|DATABASES FROM SERVER|SERVERS <servers:values>"
_REALLOCATE = "REALLOCATE DATABASE|DATABASES"
_LEAVING = ("Deallocating", "Deallocated")


@statement(f"DRYRUN {_DEALLOCATE}", kind="s", is_enterprise=True)
def dryrun_deallocate(call: Call) -> Answer:
    _, moves = _deallocation(call)
    return _told(call, moves)


@statement(_DEALLOCATE, kind="s", writes=True, is_enterprise=True)
def deallocate(call: Call) -> Answer:
    """All of these servers, or none of them. There is no way back."""
    names, moves = _deallocation(call)
    cluster = call.instance.cluster

    def carry_out() -> None:
        for name in names:
            cluster.set_server_state(name, "Deallocating")
        cluster.move(moves)

    return Answer((), counters=SYSTEM_UPDATE if names else None, effect=carry_out)


def _deallocation(call: Call) -> tuple[set[str], list[Move]]:
    """The servers that begin to leave, and the moves that this takes."""
    call.access.require("SERVER MANAGEMENT")
    operation = texts.DEALLOCATE_SERVERS % ",".join(f"'{name}'" for name in call.slots["servers"])
    servers = [found(call, name, operation) for name in call.slots["servers"]]
    for server in servers:
        if server.state not in ("Enabled", "Cordoned", *_LEAVING):
            raise errors.topology(operation, f"The state of '{server.name}' is {server.state}.")
    names = {server.name for server in servers if server.state not in _LEAVING}
    try:
        return names, allocator.without_servers(call.snapshot, names)
    except allocator.ImpossibleError as impossible:
        raise errors.topology(operation, str(impossible)) from impossible


@statement(f"DRYRUN {_REALLOCATE}", kind="s", is_enterprise=True)
def dryrun_reallocate(call: Call) -> Answer:
    return _told(call, _reallocation(call))


@statement(_REALLOCATE, kind="s", writes=True, is_enterprise=True)
def reallocate(call: Call) -> Answer:
    moves = _reallocation(call)
    counters = SYSTEM_UPDATE if moves else None
    return Answer((), counters=counters, effect=lambda: call.instance.cluster.move(moves))


def _reallocation(call: Call) -> list[Move]:
    call.access.require("SERVER MANAGEMENT")
    try:
        return allocator.balanced(call.snapshot)
    except allocator.ImpossibleError as impossible:
        raise errors.topology(texts.REALLOCATE, str(impossible)) from impossible


def _told(call: Call, moves: list[Move]) -> Answer:
    ids = {server.name: server.server_id for server in call.snapshot.servers}
    rows = [
        [move.database, move.source, ids.get(move.source or ""), move.target, ids.get(move.target or ""), move.mode]
        for move in moves
    ]
    return Answer(_COLUMNS, rows)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which server hosts which database: decisions over one reading of the cluster, carried out by `Cluster.move`.

The rules are the manual's (server states, constraints, topologies, what cannot be deallocated). Among the servers that
the rules leave, the real allocator chooses by its own lights; here it is the one that hosts least, then by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass

from lab.server import texts
from lab.server.snapshot import SYSTEM, Database, Server, Snapshot

MODES = PRIMARY, SECONDARY = "primary", "secondary"
# server -> mode, of one database
Placement = dict[str, str]


@dataclass(frozen=True)
class Move:
    """From one server to another; without a source it is new, without a target it goes away."""

    database: str
    mode: str
    source: str | None = None
    target: str | None = None


class ImpossibleError(Exception):
    """The cluster cannot do it, and why."""


def placed(snapshot: Snapshot, database: str, primaries: int, secondaries: int) -> Placement:
    """Where a new database goes."""
    _check_counts(primaries, secondaries)
    return _filled(snapshot, database, {}, {PRIMARY: primaries, SECONDARY: secondaries})


def changed_topology(snapshot: Snapshot, database: Database, primaries: int, secondaries: int) -> Placement:
    """Where a database is with other numbers of primaries and secondaries: it moves as little as possible."""
    _check_counts(primaries, secondaries)
    if primaries == 1 and database.primaries > 1:
        raise ImpossibleError(
            f"Database '{database.name}' has {database.primaries} primaries, and it is not possible to automatically "
            "transition to a topology with a single primary."
        )
    kept: Placement = {}
    for mode, count in ((PRIMARY, primaries), (SECONDARY, secondaries)):
        by_worth = sorted(database.placement, key=lambda name: _worth(snapshot, database, name, mode))
        usable = [name for name in by_worth if name not in kept and _permits(snapshot, name, database.name, mode)]
        kept |= dict.fromkeys(usable[:count], mode)
    return _filled(snapshot, database.name, kept, {PRIMARY: primaries, SECONDARY: secondaries})


def recreated(snapshot: Snapshot, database: Database) -> Placement:
    """Where a database is made anew: where it still is, and on others in place of those that are lost."""
    able = {server.name for server in snapshot.servers if server.is_alive and server.state == "Enabled"}
    counts = {PRIMARY: database.primaries, SECONDARY: database.secondaries}
    kept: Placement = {}
    for mode, count in counts.items():
        there = [name for name in database.placement if name in able - kept.keys()]
        usable = [name for name in there if _permits(snapshot, name, database.name, mode)]
        kept |= dict.fromkeys(usable[:count], mode)
    return _filled(snapshot, database.name, kept, counts, leaving={server.name for server in snapshot.servers} - able)


def _check_counts(primaries: int, secondaries: int) -> None:
    if primaries < 1 or secondaries < 0:
        raise ImpossibleError(f"There cannot be {primaries} primaries and {secondaries} secondaries.")


def _worth(snapshot: Snapshot, database: Database, name: str, mode: str) -> tuple[bool, bool, bool, bool, str]:
    """Who keeps a database comes first: a server that is not cordoned, that lives, that has it in this mode, writes."""
    server, has_mode = _server(snapshot, name), database.placement[name] == mode
    return (server.state != "Enabled", not server.is_alive, not has_mode, name != database.writer, name)


def without_servers(snapshot: Snapshot, leaving: Set[str]) -> list[Move]:
    """What takes all databases from these servers."""
    moves: list[Move] = []
    for database in _movable(snapshot):
        if not leaving & database.placement.keys():
            continue
        _check_may_leave(snapshot, database, leaving)
        moves += _around(snapshot, database, leaving, moves)
    return moves


def _check_may_leave(snapshot: Snapshot, database: Database, leaving: Set[str]) -> None:
    hosts = [_server(snapshot, name) for name, mode in database.placement.items() if mode == PRIMARY]
    if database.requested_status != "online":
        raise ImpossibleError(f"Database '{database.name}' is offline.")
    if database.primaries == 1 and any(host.name in leaving for host in hosts):
        raise ImpossibleError(f"Database '{database.name}' has an allocation of one primary.")
    if len([host for host in hosts if host.state == "Cordoned"]) > database.primaries // 2:
        raise ImpossibleError(f"A quorum of the servers that host database '{database.name}' is cordoned.")


def _around(snapshot: Snapshot, database: Database, leaving: Set[str], decided: list[Move]) -> list[Move]:
    """What is on the leaving servers, each to a server that may have it."""
    kept = {name: mode for name, mode in database.placement.items() if name not in leaving}
    counts = {PRIMARY: database.primaries, SECONDARY: database.secondaries}
    filled = _filled(snapshot, database.name, kept, counts, leaving, decided)
    return difference(database.name, database.placement, filled)


def fitting(snapshot: Snapshot) -> list[Move]:
    """What moves every database away from where the options of a server no longer permit it."""
    moves: list[Move] = []
    for database in _movable(snapshot):
        unfit = {name for name, mode in database.placement.items() if not _permits(snapshot, name, database.name, mode)}
        if unfit:
            _check_may_leave(snapshot, database, unfit)
            moves += _around(snapshot, database, unfit, moves)
    return moves


def balanced(snapshot: Snapshot) -> list[Move]:
    """What evens out how much the servers host, one step after another, until no step helps."""
    cordoned = [server.name for server in snapshot.servers if server.state == "Cordoned"]
    if cordoned:
        raise ImpossibleError(f"Server '{cordoned[0]}' is cordoned.")
    moves: list[Move] = []
    while step := _best_step(snapshot, moves):
        moves.append(step)
    return moves


def _best_step(snapshot: Snapshot, moves: list[Move]) -> Move | None:
    """From the server that hosts most to the one that hosts least and may have it."""
    loads = _loads(snapshot, moves)
    moved = {(move.database, move.source) for move in moves}
    for source in sorted(loads, key=lambda name: (-loads[name], name)):
        for database in _movable(snapshot):
            mode = database.placement.get(source)
            if mode is None or database.primaries == 1 or (database.name, source) in moved:
                continue
            taken = database.placement.keys() | {move.target for move in moves if move.database == database.name}
            for target in _candidates(snapshot, database.name, mode, taken, moves):
                if loads[source] - loads[target] > 1:
                    return Move(database.name, mode, source, target)
    return None


def difference(database: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Move]:
    """The moves from one placement to another."""
    moves = [Move(database, mode, target=name) for name, mode in new.items() if old.get(name, mode) != mode]
    for mode in MODES:
        left = [name for name in old if old[name] == mode and name not in new]
        come = [name for name in new if new[name] == mode and name not in old]
        pairs = min(len(left), len(come))
        moves += [Move(database, mode, source, target) for source, target in zip(left, come, strict=False)]
        moves += [Move(database, mode, source=name) for name in left[pairs:]]
        moves += [Move(database, mode, target=name) for name in come[pairs:]]
    return moves


def _movable(snapshot: Snapshot) -> list[Database]:
    return [database for database in snapshot.databases if database.name != SYSTEM]


def _server(snapshot: Snapshot, name: str) -> Server:
    server = snapshot.server(name)
    assert server is not None
    return server


def _permits(snapshot: Snapshot, server: str, database: str, mode: str) -> bool:
    return _server(snapshot, server).options.permit(database, mode)


def _filled(
    snapshot: Snapshot,
    database: str,
    kept: Placement,
    counts: Mapping[str, int],
    leaving: Collection[str] = (),
    decided: Collection[Move] = (),
) -> Placement:
    """A placement with as many of each mode as there shall be."""
    result = dict(kept)
    for mode, count in counts.items():
        missing = count - list(result.values()).count(mode)
        found = _candidates(snapshot, database, mode, {*result, *leaving}, decided)
        if missing > len(found):
            desired = sum(counts.values())
            raise ImpossibleError(texts.TOO_FEW_SERVERS % (desired, desired - missing + len(found)))
        result |= dict.fromkeys(found[: max(missing, 0)], mode)
    return result


def _candidates(
    snapshot: Snapshot, database: str, mode: str, taken: Collection[str | None], decided: Collection[Move]
) -> list[str]:
    """Servers that may have a database, the one that hosts least first."""
    loads = _loads(snapshot, decided)
    able = [
        server.name
        for server in snapshot.servers
        if server.state == "Enabled" and server.name not in taken and server.options.permit(database, mode)
    ]
    return sorted(able, key=lambda name: (loads[name], name))


def _loads(snapshot: Snapshot, decided: Collection[Move]) -> dict[str, int]:
    """How many databases each server has, with what is decided already."""
    loads = {server.name: len(snapshot.requested_hosting(server.name)) for server in snapshot.servers}
    for move in decided:
        for name, change in ((move.source, -1), (move.target, 1)):
            if name:
                loads[name] += change
    return loads

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which process is the server, and when did it start. Pure: text and numbers of /proc in, answers out.

Linux notes the start of a process in clock ticks since boot, rounded down (proc(5), field 22), so the true start lies
in [ticks, ticks + 1). A file's ctime comes from a coarse clock that never runs ahead. Taking the END of the tick as the
start therefore makes both answers right: what was written before the start has a smaller ctime; what was written after
it has a smaller one only within the first tick or two (20 ms), when a JVM has not yet opened any file of the server.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NS_PER_SECOND = 1_000_000_000
# In an argument such as --home-dir=/srv/neo4j or /srv/neo4j/conf/*:/srv/neo4j/lib/*
ARGUMENT_SEPARATORS = re.compile(r"[=:,;]")


@dataclass(frozen=True)
class Process:
    """One line of /proc/<pid>/stat, as far as it is needed."""

    pid: int
    name: str
    state: str
    parent: int
    start_ticks: int

    @property
    def alive(self) -> bool:
        return self.state not in ("Z", "X", "x")


def parse_stat(text: str) -> Process:
    """The name stands in parentheses and may itself hold spaces and parentheses: cut at the last one."""
    head, tail = text.rsplit(")", 1)
    pid, name = head.split("(", 1)
    fields = tail.split()
    return Process(pid=int(pid), name=name, state=fields[0], parent=int(fields[1]), start_ticks=int(fields[19]))


def started_ns(start_ticks: int, ticks_per_second: int, boot_offset_ns: int) -> int:
    """Nanoseconds since the epoch of the end of the tick in which the process began.

    boot_offset_ns is CLOCK_REALTIME minus CLOCK_BOOTTIME as of now: a step of the wall clock since the start moves the
    answer.
    """
    return (start_ticks + 1) * NS_PER_SECOND // ticks_per_second + boot_offset_ns


def utc(ns: int) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    moment = EPOCH + timedelta(microseconds=ns // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nanoseconds(text: str) -> int:
    """Of a moment in ISO 8601 with its zone, since the epoch. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def family(main_pid: int, processes: Iterable[Process]) -> list[Process]:
    """The process main_pid and all that descend from it, the living ones."""
    known = {p.pid: p for p in processes if p.alive}
    children: dict[int, list[int]] = {}
    for process in known.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: list[Process] = []
    waiting = [main_pid] if main_pid in known else []
    while waiting:
        pid = waiting.pop(0)
        found.append(known[pid])
        waiting.extend(children.get(pid, []))
    return found


def server_process(main_pid: int, processes: Iterable[Process]) -> Process | None:
    """The server among the processes of a unit.

    The unit's main process is Neo4j's boot loader, a JVM too; the server is the JVM that it starts. So the youngest
    java of the family is the server; without any java the main process speaks for itself.
    """
    members = family(main_pid, processes)
    if not members:
        return None
    machines = [p for p in members if p.name == "java"]
    # max() keeps the first of equals; parents come first, and within one tick the child is meant
    return max(reversed(machines), key=lambda p: p.start_ticks) if machines else members[0]


def mentions(text: str, folder: str) -> bool:
    """Whether an argument names this folder or a path in it; /srv/neo4j-2 is not in /srv/neo4j."""
    return any(part == folder or part.startswith(folder + os.sep) for part in ARGUMENT_SEPARATORS.split(text))


def belongs_to(homes: Iterable[str], arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> bool:
    """Whether arguments, NEO4J_HOME or the working folder of a process name one of these spellings of a home."""
    return any(
        environment.get("NEO4J_HOME") == home
        or folder == home
        or any(mentions(argument, home) for argument in arguments)
        for home in homes
    )

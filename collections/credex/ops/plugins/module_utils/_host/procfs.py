# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading /proc of this host."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from ansible_collections.credex.ops.plugins.module_utils._host.process import (
    Process,
    belongs_to,
    parse_stat,
    started_ns,
)

PROC = "/proc"


class HostReadError(Exception):
    """Something on this host could not be read; the message says what, why and what to do."""


def read_process(pid: int) -> Process | None:
    """None when there is no such process (any more)."""
    try:
        with open(os.path.join(PROC, str(pid), "stat"), encoding="utf-8", errors="replace") as file:
            return parse_stat(file.read())
    except (FileNotFoundError, ProcessLookupError):
        if _is_hidden(pid):
            raise HostReadError(
                f"process {pid} exists, but {PROC} hides it from this user (mount option hidepid): "
                "run the task with become"
            ) from None
        return None


def read_processes() -> Iterator[Process]:
    for entry in os.listdir(PROC):
        if entry.isdigit():
            process = read_process(int(entry))
            if process:
                yield process


def started_at_ns(process: Process) -> int:
    return started_ns(process.start_ticks, os.sysconf("SC_CLK_TCK"), boot_offset_ns())


def boot_offset_ns() -> int:
    """CLOCK_REALTIME minus CLOCK_BOOTTIME, from the tightest of a few readings: one may be interrupted half-way."""
    readings = []
    for _attempt in range(5):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        now = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        readings.append((after - before, now - (before + after) // 2))
    return min(readings)[1]


def works_for(process: Process, home: str) -> bool:
    """Whether this process is the server of that home, and not one that got its number later."""
    folder = os.path.join(PROC, str(process.pid))
    homes = {os.path.normpath(home), os.path.realpath(home)}
    arguments = _strings(os.path.join(folder, "cmdline"))
    if belongs_to(homes, arguments, {}, ""):
        return True
    try:
        environment = dict(item.partition("=")[::2] for item in _strings(os.path.join(folder, "environ")))
        return belongs_to(homes, [], environment, os.readlink(os.path.join(folder, "cwd")))
    except PermissionError:
        raise HostReadError(
            f"cannot tell whether process {process.pid} ({process.name}) is the server of {home}: its environment "
            "belongs to another user: run the task with become"
        ) from None
    except (FileNotFoundError, ProcessLookupError):
        return False


def _is_hidden(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return not os.path.isdir(os.path.join(PROC, str(pid)))
    except (ProcessLookupError, OverflowError):
        return False
    return False


def _strings(path: str) -> list[str]:
    """A file of strings that each end with a zero byte; empty for a process that has just gone."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [item for item in file.read().split("\0") if item]
    except (FileNotFoundError, ProcessLookupError):
        return []

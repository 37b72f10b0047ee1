# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which process is this run, and is the process of another run still alive (Linux: /proc)."""

from __future__ import annotations

import os
import socket
from typing import Any


def controller() -> dict[str, Any] | None:
    """The ansible-playbook process above this one, as {host, pid, start}; None where /proc cannot tell.

    A module runs below a worker, and the worker is a fork of the playbook's process with the same command line.
    """
    pid = os.getppid()
    while pid > 1 and not _is_ansible(_command(pid)):
        pid = _parent(pid)
    if pid <= 1:
        return None
    command = _command(pid)
    while _command(_parent(pid)) == command:
        pid = _parent(pid)
    return {"host": socket.gethostname(), "pid": pid, "start": _start(pid)}


def is_alive(process: dict[str, Any] | None) -> bool | None:
    """Whether that process still runs; None when it cannot be known from here (another machine, nothing recorded)."""
    if not process or process.get("host") != socket.gethostname() or not os.path.isdir("/proc/self"):
        return None
    start = _start(int(process["pid"]))
    return start is not None and start == process.get("start")


def _is_ansible(command: list[str]) -> bool:
    return any(os.path.basename(word).startswith(("ansible-playbook", "ansible-console")) for word in command[:3])


def _command(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().split("\0")
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name (which may hold blanks): state, parent, ... (proc(5))."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _start(pid: int) -> int | None:
    """Start of the process in clock ticks since boot, which tells it from a later one with the same pid."""
    fields = _stat(pid)
    if not fields or fields[0] == "Z":
        return None
    return int(fields[19])

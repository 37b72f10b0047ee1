# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that were started here: known by their id and their start time, so that a reused id is never touched."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


class ProcessError(Exception):
    """A process did not do what it was told to."""


@dataclass(frozen=True)
class Process:
    pid: int
    # Clock ticks after boot, from /proc/<pid>/stat
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The living process of this id."""
        started = _start_time(pid)
        return None if started is None else cls(pid, started)

    @property
    def is_alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        if self.is_alive:
            os.kill(self.pid, number)

    def ask_to_end(self) -> None:
        self.send(signal.SIGTERM)

    def end(self, timeout: float) -> None:
        """Ask it to end, wait, and kill it when it does not."""
        self.ask_to_end()
        if not self.has_ended_within(timeout):
            self.send(signal.SIGKILL)
            if not self.has_ended_within(5):
                raise ProcessError(f"process {self.pid} does not end, not even by SIGKILL")

    def has_ended_within(self, timeout: float) -> bool:
        """Wait for its end, up to so many seconds."""
        deadline = time.monotonic() + timeout
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def _start_time(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold blanks. After it: state (field 3) ... start time (field 22)
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])

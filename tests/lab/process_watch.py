# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments and environments of all processes below this one, while something runs.

Two ways, since neither sees all. Each Python process notes what it was started with and what it starts
(recorder/sitecustomize.py): none is missed. /proc, read every few milliseconds, also shows what other programs start,
unless it is over between two looks; what has left its parent for a session of its own is no longer below this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL_SECONDS = 0.005
RECORDER = Path(__file__).with_name("recorder")


class ProcessWatch:
    """A thread that looks at /proc, and the file into which the recorder writes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "recorded.jsonl"
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._known: set[tuple[int, str]] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="process watch")

    @property
    def environment(self) -> dict[str, str]:
        """What the watched processes need, so that they note for themselves."""
        return {"PYTHONPATH": str(RECORDER), "CREDEX_RECORDER_FILE": str(self._file)}

    def __enter__(self) -> Self:
        self._file.touch()
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()

    def sampled(self) -> dict[str, set[str]]:
        """argv, environment -> what /proc showed."""
        return dict(self._seen)

    def recorded(self) -> dict[str, set[str]]:
        """argv, environment, syslog, `drawn N` -> what the processes noted."""
        found: dict[str, set[str]] = defaultdict(set)
        for kind, text in map(json.loads, self._file.read_text().splitlines()):
            found[kind].add(text)
        return dict(found)

    def _watch(self) -> None:
        while not self._end.wait(INTERVAL_SECONDS):
            for pid in _descendants(os.getpid()):
                with contextlib.suppress(OSError):  # it is over
                    self._look(pid)

    def _look(self, pid: int) -> None:
        """A process that has become another program is looked at again."""
        argv = _read(pid, "cmdline")
        if (pid, argv) not in self._known:
            self._seen["environment"].add(_read(pid, "environ"))
            self._seen["argv"].add(argv)
            self._known.add((pid, argv))


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="surrogateescape")


def _descendants(pid: int) -> Iterator[int]:
    """A thread's children are its own, in /proc."""
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, file.read_text().split()):
                yield child
                yield from _descendants(child)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kills an operation before, during and after each task that changes something, and runs it again.

The tasks are those of a run that was watched (callbacks/kill_points.py). Between two of them nothing changes, so
"before" one is "after" the one before it, and only the first has a "before" of its own. SIGKILL hits the playbook
alone. Killed "during" a task, its worker lives on, and its module acts when the next run has already begun.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab.server.processes import Process
from tests.lab.operations.lab_driver import PATIENCE_SECONDS, ROOT, Lab

# The killed run's lease is short, so that the next one need not wait long; what is alive keeps its own for long
KILLED: dict[str, object] = {"ops_lock_lease": 3}
AGAIN: dict[str, object] = {"ops_lock_lease": 120}


def _nothing(_: Lab) -> None:
    pass


@dataclass(frozen=True)
class Operation:
    """A playbook to be killed."""

    playbook: str
    # Asserts what must be so after the second run, whatever the point of the kill
    succeeded: Callable[[Lab], None]
    variables: dict[str, object] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    # Done before the run that is killed. It would end with this code, and is killed from this task on
    prepare: Callable[[Lab], None] = _nothing
    code: int = 0
    since: str = ""
    # Whether servers that are down together are what it is about
    is_outage: bool = False


@dataclass(frozen=True)
class Case:
    """A moment of a task: before, during or after the n-th time that one of this name is run, on whatever host."""

    moment: str
    name: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.name.replace('credex.ops.', '')}, number {self.nth}"


class Killer:
    """One operation on one lab, which is put back to its first state before each run that is watched or killed."""

    def __init__(self, lab: Lab, operation: Operation) -> None:
        self.lab = lab
        self.operation = operation
        self.folder = lab.state / "killing"
        self.journals = lab.state / "journals"

    def cases(self) -> list[Case]:
        """Every moment of every task that changes something, of a run that nobody kills."""
        self._reset()
        assert self._first({}) == self.operation.code, self._read("first")
        points = [json.loads(line) for line in self._read("points.jsonl").splitlines()]
        names = [point["name"] for point in points]
        begin = names.index(self.operation.since) if self.operation.since else 0
        moments = [Case("before", **points[begin])]
        for point in points[begin:]:
            moments += [Case("during", **point), Case("after", **point)]
        return moments

    def kill_and_run_again(self, case: Case) -> None:
        """Both runs, in which no two servers are ever down together by themselves, and what must be so afterwards."""
        self._reset()
        with contextlib.nullcontext() if self.operation.is_outage else self.lab.watched():
            code = self._first({"KILL_POINTS_AT": json.dumps(vars(case))})
            assert code == -signal.SIGKILL, f"it did not come so far: {code} {self._read('first')}"
            killed = {journal.stem for journal in self.journals.glob("*.jsonl")}
            self.lab.command("heal")
            code = self._again()
            self._wait_for_the_orphan()
        assert code == 0, self._read("again")
        assert self.lab.lock() is None, "the lock is still held"
        assert "running" not in map(self._verdict, killed), "the killed run has no report"
        self.operation.succeeded(self.lab)

    def _reset(self) -> None:
        self.lab.reset()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.operation.prepare(self.lab)

    def _first(self, at: dict[str, str]) -> int:
        watched = {
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callbacks")),
            "ANSIBLE_CALLBACKS_ENABLED": "kill_points",
            "KILL_POINTS_FOLDER": str(self.folder),
        }
        with self._running("first", KILLED, {**watched, **at}) as process:
            return process.wait(PATIENCE_SECONDS)

    def _again(self) -> int:
        """The orphan may act once this run has opened its journal: it asks and waits, while the orphan acts."""
        before = set(self.journals.glob("*"))
        with self._running("again", AGAIN, {}) as process:
            _wait(lambda: set(self.journals.glob("*")) > before or process.poll() is not None, "a journal")
            (self.folder / "go").touch()
            return process.wait(PATIENCE_SECONDS)

    @contextlib.contextmanager
    def _running(self, name: str, lease: dict[str, object], more: dict[str, str]) -> Iterator[subprocess.Popen]:
        variables = {**self.operation.variables, **lease}
        line = self.lab.line(self.operation.arguments, "inventories/lab", variables, self.operation.playbook)
        with (self.folder / name).open("w") as output:
            process = subprocess.Popen(line, cwd=ROOT, env={**self.lab.env, **more}, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def _wait_for_the_orphan(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            worker = int(self._read("orphan"))
            _wait(lambda: Process.of(worker) is None, f"the end of the worker {worker}")

    def _verdict(self, run_id: str) -> str:
        """What the report of a killed run says; its first version, at the opening, says that it is running."""
        [report] = self.lab.reports.rglob(f"{run_id}/report.json")
        return json.loads(report.read_text())["verdict"]


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)

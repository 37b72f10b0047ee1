# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import collections
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: kill_points
type: aggregate
short_description: Records the tasks of a run that change something, or kills the run at one of them
description:
  - For tests/lab/operations/killing.py, which sets two environment variables. KILL_POINTS_FOLDER is where the tasks are
    recorded (points.jsonl). KILL_POINTS_AT is a point as it was recorded, and a moment, C(before), C(during) or
    C(after).
  - Only the playbook's own process is killed. When it is killed C(during) a task, the worker lives on, holds the module
    back until the file C(go) is there, and then runs it to its end.
"""

# Actions that change nothing, whatever their arguments; so does what ends in _info
_READING = (
    *("assert", "debug", "fail", "include_role", "include_tasks", "meta", "set_fact", "set_stats"),
    *("neo4j_gate", "validate_argument_spec", "wait_for_connection"),
)
_PATIENCE_SECONDS = 1500


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_points"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(os.environ["KILL_POINTS_FOLDER"])
        self.at: dict[str, Any] = json.loads(os.environ.get("KILL_POINTS_AT", "{}"))
        # Name of a task -> how often it was begun and not skipped; how often it was done
        self.begun: collections.Counter[str] = collections.Counter()
        self.done: collections.Counter[str] = collections.Counter()

    # Called in the playbook's own process, just before the worker is forked

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.begun[task.get_name()] += 1
        if self._is_here("before", task, self.begun):
            _kill()
        if self._is_here("during", task, self.begun):
            _kill_when_a_module_is_sent(self.folder)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self.begun[result.task.get_name()] -= 1

    def v2_runner_on_ok(self, result: Any) -> None:
        self._on_end(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._on_end(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._on_end(result)

    def _on_end(self, result: Any) -> None:
        task, name = result.task, result.task.get_name()
        self.done[name] += 1
        if _changes_something(task):
            with (self.folder / "points.jsonl").open("a", encoding="utf-8") as record:
                print(json.dumps({"name": name, "nth": self.done[name]}), file=record)
        if self._is_here("after", task, self.done):
            _kill()

    def _is_here(self, moment: str, task: Any, count: collections.Counter[str]) -> bool:
        name = task.get_name()
        return (self.at.get("moment"), self.at.get("name"), self.at.get("nth")) == (moment, name, count[name])


def _changes_something(task: Any) -> bool:
    """Or may: modules that this project does not know by name are believed to."""
    action = task.action.rpartition(".")[2]
    return action not in _READING and not action.endswith("_info") and not task.check_mode


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_when_a_module_is_sent(folder: Path) -> None:
    """The worker that is forked next kills its parent when it has a module to send, by way of whatever connection."""
    playbook, send = os.getpid(), LocalConnection.exec_command

    def send_later(self: Any, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> Any:
        if in_data and not (folder / "orphan").exists():
            (folder / "orphan").write_text(str(os.getpid()))
            os.kill(playbook, signal.SIGKILL)
            _wait_for(folder / "go")
        return send(self, cmd, in_data=in_data, sudoable=sudoable)

    LocalConnection.exec_command = send_later  # type: ignore[method-assign]


def _wait_for(file: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            os._exit(1)  # the test was given up: nothing of it may act any more
        time.sleep(0.02)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import enum
import fcntl
import json
import re
import shlex
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: host
short_description: Reach a server of the lab
description:
  - Runs tasks on the controller, as the connection P(ansible.builtin.local#connection) does, because the lab's servers
    are processes of this machine.
  - Beside that it plays the faults C(ssh-lost), C(task-fails) and C(full-disk) that C(python -m lab fault) has set for
    the server.
    A lost host is unreachable for Ansible, exactly as over C(ssh).
author: The credex.ops authors
version_added: 0.1.0
extends_documentation_fragment:
  - connection_pipelining
options:
  state:
    description: Path of the lab's state folder, C(.lab/<name>) in the repository's root.
    type: path
    required: true
    vars:
      - name: ansible_lab_state
  server:
    description: Name of the lab's server that the host is.
    type: str
    required: true
    vars:
      - name: ansible_lab_server
"""

# A module's arguments, and then its name, as they stand in what is sent to a host
_MODULE = re.compile(
    rb'"ANSIBLE_MODULE_ARGS": \{(.*?)"_ansible_check_mode".*?"_ansible_module_name": "([^"]+)"', re.DOTALL
)
_FAILED = b'{"failed": true, "msg": "Failed by order of the lab"}\n'
# Its sitecustomize.py makes a Python process meet a full disk
_FULL_DISK = Path(__file__).parents[2] / "full_disk"


class Connection(LocalConnection):
    """The local connection, with a line that can be cut."""

    transport = "credex.lab.host"
    has_pipelining = True

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        task = _task(in_data)
        lost, failing = self._fault("ssh-lost"), self._fault("task-fails")
        reached = lost.reached(task)
        if reached is Reached.PAST or (reached is Reached.NOW and not lost.options["after"]):
            self._lose()
        if failing.strikes(task):
            return 1, _FAILED, b""
        if self._fault("full-disk").strikes(task):
            cmd = f"PYTHONPATH={shlex.quote(str(_FULL_DISK))} {cmd}"
        result = super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        if reached is Reached.NOW:
            self._lose()
        return result

    def put_file(self, in_path: str, out_path: str) -> None:
        self._lose_if_down()
        super().put_file(in_path, out_path)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        self._lose_if_down()
        super().fetch_file(in_path, out_path)

    def _lose_if_down(self) -> None:
        if self._fault("ssh-lost").reached(None) is Reached.PAST:
            self._lose()

    def _fault(self, kind: str) -> Fault:
        return Fault(Path(self.get_option("state"), "faults", self.get_option("server"), f"{kind}.json"))

    def _lose(self) -> None:
        raise AnsibleConnectionFailure(f"The line to {self.get_option('server')} is lost, by order of the lab")


class Reached(enum.Enum):
    """Where a fault is on its way to the task for which it waits."""

    NOT_YET = enum.auto()
    NOW = enum.auto()
    PAST = enum.auto()


class Fault:
    """A fault's file: its options (`at`, `after`, `nth`, `once`), and how many matching tasks it has `seen`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.options: dict[str, Any] = {}

    def reached(self, task: str | None) -> Reached:
        """Count this task, if it is one that the fault waits for; None is a helper command of Ansible's own.

        A fault without C(at) waits for nothing; one that strikes once is over afterwards.
        """
        try:
            with self.file.open("r+", encoding="utf-8") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                self.options = json.load(stream)
                reached = self._count(task)
                stream.seek(0)
                stream.truncate()
                json.dump(self.options, stream)
        except FileNotFoundError:
            return Reached.NOT_YET
        return reached

    def _count(self, task: str | None) -> Reached:
        options = self.options
        if options["at"] is None:
            return Reached.PAST
        if options["seen"] >= options["nth"]:
            return Reached.NOT_YET if options["once"] else Reached.PAST
        options["seen"] += self.matches(task)
        return Reached.NOW if options["seen"] == options["nth"] else Reached.NOT_YET

    def strikes(self, task: str | None) -> bool:
        """Whether this task, and not the line, is what the fault is about now."""
        return self.reached(task) is not Reached.NOT_YET and self.matches(task)

    def matches(self, task: str | None) -> bool:
        return task is not None and re.search(self.options["at"] or "", task) is not None


def _task(in_data: bytes | None) -> str | None:
    """C(module arguments) of what is sent to be run; None for a helper command of Ansible's own, as mkdir."""
    found = _MODULE.search(in_data or b"")
    return None if found is None else f"{found[2].decode()} {found[1].decode(errors='replace')}"

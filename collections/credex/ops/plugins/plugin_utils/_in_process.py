# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A module that is to run on the controller itself runs in the worker that would start it.

A start costs 0.3 to 0.6 s of a processor, for a Python that compiles Ansible's libraries anew and loads the driver or
boto3, and an operation has dozens of them. Ansible still prepares arguments and module and reads what was printed; only
"this Python, run that" is answered here, and only where it is said to this very Python, on this machine, as this user,
with no environment of its own. Otherwise all is as ever.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import shlex
import sys
import traceback
from typing import Any

from ansible.module_utils.testing import patch_module_args
from ansible.plugins.action.normal import ActionModule as NormalAction

OURS = "credex.ops."
MODULES = "ansible_collections.credex.ops.plugins.modules"

# Loaded once, in the playbook's own process, of which every worker is a copy
for library in ("boto3", "neo4j"):
    with contextlib.suppress(ImportError):
        importlib.import_module(library)


class ActionModule(NormalAction):
    def _configure_module(self, module_name: str, module_args: dict[str, Any], task_vars: Any) -> Any:
        self._called = module_name, module_args
        return super()._configure_module(module_name, module_args, task_vars)

    def _low_level_execute_command(self, cmd: str, *args: Any, **more: Any) -> Any:
        is_a_module = bool(more.get("in_data"))
        if is_a_module and self._is_here(cmd):
            return run(*self._called)
        return super()._low_level_execute_command(cmd, *args, **more)

    def _is_here(self, command: str) -> bool:
        connection, (name, _arguments) = self._connection, self._called
        is_local = connection.transport == "local" and connection.become is None
        # A task may have called it by its short name, which only Ansible can resolve
        return is_local and name.startswith(OURS) and shlex.split(command) == [sys.executable]


def run(module: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a process with this module would have ended with and printed."""
    code, errors = 0, ""
    with contextlib.redirect_stdout(io.StringIO()) as output, patch_module_args(arguments):
        try:
            importlib.import_module(f"{MODULES}.{module.removeprefix(OURS)}").main()
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:
            code, errors = 1, traceback.format_exc()
    printed = output.getvalue()
    return {
        "rc": code,
        "stdout": printed,
        "stdout_lines": printed.splitlines(),
        "stderr": errors,
        "stderr_lines": errors.splitlines(),
    }

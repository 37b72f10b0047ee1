# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A module that asks over Bolt is mostly delegated to a host that reaches it, the query host.

Ansible takes the loss of that host for the loss of the server for which it asked: unreachable, beyond any rescue, so
that nothing is undone, reported or unlocked. Here it is a failure of the task, which says whose loss it is.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action.normal import ActionModule as NormalAction


class ActionModule(NormalAction):
    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return super().run(tmp, task_vars)
        except AnsibleConnectionFailure as error:
            if not self._task.delegate_to:
                raise
            raise AnsibleActionFail(f"The query host {self._task.delegate_to} is lost: {error}") from error

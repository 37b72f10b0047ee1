# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""M(credex.ops.ops_journal) within the controller's own process.

A journal lies on the controller, wherever the task that writes to it runs, and every server's turn writes to it. As a
module each line would cost the start of a Python (0.3 s of CPU); here it costs next to nothing.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.credex.ops.plugins.module_utils._report.document import CheckError
from ansible_collections.credex.ops.plugins.module_utils._report.journal import JournalError
from ansible_collections.credex.ops.plugins.modules.ops_journal import ARGUMENT_SPEC, RULES, STEPS


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        params = self.validate_argument_spec(ARGUMENT_SPEC, **RULES)[1]
        try:
            written = STEPS[params["state"]](params, bool(self._task.check_mode))
        except (JournalError, CheckError) as error:
            raise AnsibleActionFail(str(error)) from error
        return {**result, "changed": True, **written}

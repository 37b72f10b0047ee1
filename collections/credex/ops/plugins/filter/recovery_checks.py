# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recovery_checks
short_description: Tell what P(credex.ops.recovery_plan#filter) found, for a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One check for the servers, one for each database, and in the plan one for each step. A step that waits for its word
    says with which command line the run goes on. What is still open is a warning; that nothing can be done, a failure.
options:
  _input:
    description: What P(credex.ops.recovery_plan#filter) returns.
    type: dict
    required: true
  phase:
    description: Of which phase of the run the checks are.
    type: str
    choices: [plan, verify]
    required: true
  command:
    description: The command line of the run, without its words.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Tell
  ansible.builtin.set_fact:
    checks: "{{ recovery | credex.ops.recovery_checks('plan', 'ansible-playbook recover_cluster.yml -i inventory') }}"
"""

RETURN = r"""
_value:
  description: Checks with C(id), C(title), C(phase), C(status), C(required) and C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import recovery


def recovery_checks(found: dict[str, t.Any], phase: str, command: str = "") -> list[dict[str, t.Any]]:
    return recovery.checks(found, phase, command)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"recovery_checks": recovery_checks}

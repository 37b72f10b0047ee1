# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: patching_plan
short_description: Plan which hosts of a fleet are patched and rebooted
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Says of each host whether it has work, and which. Work are packages to be upgraded or finished, a reboot, and a
    Neo4j that does not run. Nothing else counts, so that a run that was killed is continued by the next one.
options:
  _input:
    description: >-
      For each host C(host), C(updates) (from M(credex.ops.os_update_info)), and C(service) (from
      M(credex.ops.neo4j_service_info)).
    type: list
    elements: dict
    required: true
  reboot:
    description: >-
      When to reboot. V(if_needed) where the host waits for it, V(always) also where packages changed since it booted.
    type: str
    choices: [if_needed, never, always]
    default: if_needed
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.patching_plan('if_needed') }}"
"""

RETURN = r"""
_value:
  description: For each host C(host), C(due) (bool), and C(check), the same for a report with the work as C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import patching


def patching_plan(observed: list[dict[str, t.Any]], reboot: str = "if_needed") -> list[dict[str, t.Any]]:
    return [patching.plan_server(server, reboot) for server in observed]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"patching_plan": patching_plan}

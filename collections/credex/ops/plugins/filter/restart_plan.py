# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: restart_plan
short_description: Plan the restart of the servers of a fleet that need one
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Says of each server whether it is due, and why. Due is one that does not run, one that has not read a file as it
    lies there now, and with O(started_before) one whose process is older than that. Nothing else counts, so that a run
    that was killed is continued by the next one.
options:
  _input:
    description: >-
      For each server C(host), C(service) (from M(credex.ops.neo4j_service_info), asked with O(started_before)), and
      C(objection), what speaks against its configuration, or an empty text.
    type: list
    elements: dict
    required: true
  started_before:
    description: The moment, as it was given to the module, or an empty text.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.restart_plan('2026-11-25T08:00:00Z') }}"
"""

RETURN = r"""
_value:
  description: >-
    For each server C(host), C(due) (bool), C(refused) (why a due one must not be taken down, or an empty text), and
    C(check), the same for a report, with the reason as its C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import restart


def restart_plan(observed: list[dict[str, t.Any]], started_before: str = "") -> list[dict[str, t.Any]]:
    return [restart.plan_server(server, started_before) for server in observed]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"restart_plan": restart_plan}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: configuration_plan
short_description: Plan what servers need so that they run with their settings
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares what each server's file says, and what each server says is in force, with what is wanted. A setting that is
    dynamic is changed while an Enterprise server runs; any other that is not in force is a reason for a restart.
options:
  _input:
    description: >-
      For each server C(host), C(path) of its file, C(service) (from M(credex.ops.neo4j_service_info)), C(problems),
      C(settings) and C(before) (from P(credex.ops.server_configuration#filter)), C(file) (from
      M(credex.ops.neo4j_conf) in check mode), C(objection), what that module refused, or an empty text, and C(beside),
      what the entry point C(start_files) of the role neo4j_server saw of plugins and certificates.
    type: list
    elements: dict
    required: true
  answers:
    description: What M(credex.ops.neo4j_setting_info) returned as C(servers), in the same order.
    type: list
    elements: dict
    required: true
  restart:
    description: V(needed), or V(always), so that no server is left running with a file that it has not read.
    type: str
    choices: [needed, always]
    default: needed
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.configuration_plan(answers.servers) }}"
"""

RETURN = r"""
_value:
  description: >-
    For each server C(host), C(due) (bool), C(place) (bool), C(plugins) (bool), C(certificates) (scopes), C(live) (a
    list of C(name), C(value) and the value C(before)), C(restart), C(start) and C(stays_up) (bool, neither of them),
    C(undo_fingerprint) (of the content to go back to, V(null) if there is none), C(undo_beside) (the same of plugins
    and certificates), C(refused) (a list of sentences), and C(check), the same for a report, without secrets.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import configuration

Items = t.Sequence[t.Mapping[str, t.Any]]


def configuration_plan(observed: Items, answers: Items, restart: str = "needed") -> list[dict[str, t.Any]]:
    if restart not in ("needed", "always"):
        raise AnsibleFilterError(f"configure_neo4j_restart is {restart!r}: write needed or always.")
    if len(observed) != len(answers):
        raise AnsibleFilterError(f"{len(observed)} servers were observed, and {len(answers)} asked.")
    return [
        configuration.plan_server(dict(server), dict(answer), restart == "always")
        for server, answer in zip(observed, answers)
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"configuration_plan": configuration_plan}

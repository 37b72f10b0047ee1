# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: configuration_verdicts
short_description: Judge whether servers run with their settings
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One check for a report for each server, from what it shows, not from what its file says. It compares values as Neo4j
    writes them, C(1024m) and C(1.00GiB), C(:7687) and C(localhost:7687).
options:
  _input:
    description: What M(credex.ops.neo4j_setting_info) returned as C(servers).
    type: list
    elements: dict
    required: true
  observed:
    description: In the same order, for each server C(host) and C(settings), the wanted ones.
    type: list
    elements: dict
    required: true
  unlisted:
    description: Settings that a server may keep to itself, as it does internal ones.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ answers.servers | credex.ops.configuration_verdicts(observed) }}"
"""

RETURN = r"""
_value:
  description: The checks, with C(id), C(title), C(server), C(phase), C(status), C(detail) and C(evidence).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import configuration

Items = t.Sequence[t.Mapping[str, t.Any]]


def configuration_verdicts(answers: Items, observed: Items, unlisted: t.Sequence[str] = ()) -> list[dict[str, t.Any]]:
    if len(observed) != len(answers):
        raise AnsibleFilterError(f"{len(observed)} servers were observed, and {len(answers)} asked.")
    return [
        configuration.verdict(server["host"], server["settings"], dict(answer), unlisted)
        for server, answer in zip(observed, answers)
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"configuration_verdicts": configuration_verdicts}

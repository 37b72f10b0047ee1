# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_plan
short_description: Plan what servers need to become another version, or say why they may not
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares what is installed and what runs with the wanted version, and holds what a newer version does otherwise
    against each server's own settings.
  - A server that is older than 5.26 is refused, and so is an older version than the one that ran last.
options:
  _input:
    description: >-
      For each server C(host), C(home), C(service) (from M(credex.ops.neo4j_service_info)), C(installed) (names of what
      is installed) and C(name) (of what would be), C(mark) (what an upgrade left that did not end), C(before) and
      C(content) (its neo4j.conf as it is and as it would be), C(fingerprint) of that file, C(plugins) (its jars), and
      C(problems), what speaks against it on the host.
    type: list
    elements: dict
    required: true
  answers:
    description: What M(credex.ops.neo4j_cluster_info) returned as C(servers), in the same order.
    type: list
    elements: dict
    required: true
  version:
    description: The wanted version.
    type: str
    required: true
  edition:
    description: Its edition.
    type: str
    choices: [enterprise, community]
    required: true
  table:
    description: The known settings, C(files/settings.yml) of the role P(credex.ops.neo4j_server#role).
    type: dict
    required: true
  backup:
    description: What somebody says of the backup.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.upgrade_plan(cluster.servers, '5.26.31', 'enterprise', known) }}"
"""

RETURN = r"""
_value:
  description: >-
    For each server C(host), C(due) (bool), C(kind) (C(none), C(patch), C(minor) or C(series)), C(origin) (what to go
    back to), C(folders) (where its data is), C(refused) and C(to_know) (lists of sentences), C(way_back) (what a person
    does with a server that is not put back), and C(check), the same for a report, without secrets.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import upgrade

Items = t.Sequence[t.Mapping[str, t.Any]]


def upgrade_plan(
    observed: Items, answers: Items, version: str, edition: str, table: t.Mapping[str, t.Any], backup: str = ""
) -> list[dict[str, t.Any]]:
    if len(observed) != len(answers):
        raise AnsibleFilterError(f"{len(observed)} servers were observed, and {len(answers)} asked.")
    wanted = {"version": str(version), "edition": str(edition)}
    return [
        upgrade.plan_server(dict(server), dict(answer), wanted, table, str(backup))
        for server, answer in zip(observed, answers)
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"upgrade_plan": upgrade_plan}

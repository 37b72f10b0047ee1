# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: membership_plan
short_description: Tell what becomes of a leaving server's databases, for a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The moves of Neo4j's dry run as the changes of a check, which the report's page shows as a table.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_member#module:moves).
    type: list
    elements: dict
    required: true
  host:
    description: The inventory's name of the server.
    type: str
    required: true
  state:
    description: Its state, as P(credex.ops.membership_observed#filter) says.
    type: str
    required: true
  runs:
    description: Whether its service runs.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: Hold the plan
  ansible.builtin.set_fact:
    plan: "{{ dry_run.moves | credex.ops.membership_plan('db-4', 'Enabled', true) }}"
"""

RETURN = r"""
_value:
  description: A check with C(id), C(title), C(server), C(phase), C(status), C(detail) and C(evidence).
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import leaving


def membership_plan(moves: list[dict[str, t.Any]], host: str, state: str, runs: bool) -> dict[str, t.Any]:
    return leaving.planned(host, state, moves, runs)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"membership_plan": membership_plan}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recovery_plan
short_description: Tell what a cluster has lost, and the steps that bring it back
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What Neo4j's manual does after a disaster, over one reading of a cluster - cordon lost servers, recreate databases
    that have lost the majority of their primaries, take lost servers out of the cluster.
  - A step that cannot be taken back is ready only when its own word was given; a server leaves after its databases.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all members of one cluster, asked over C(bolt://).
    type: list
    elements: dict
    required: true
  words:
    description: The words that were given, each that of one step (V(recreate ledgerspace), V(drop db-2)).
    type: list
    elements: str
    default: []
  seeds:
    description: Database to the address of a backup, for databases of which no copy is left.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    recovery: "{{ reading.servers | credex.ops.recovery_plan(['recreate ledgerspace']) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(problems), why nothing can be done; C(via), the C(bolt://) address of who writes C(system); C(servers),
    those that are lost; C(databases), each with its C(case); C(steps), each with C(kind) (V(cordon), V(recreate),
    V(drop)), C(target), C(word), C(detail), C(blocked) and C(state) (V(ready), V(waiting), V(blocked)); C(system), its
    last transactions by server; C(unused), words that no step has.
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import recovery


def recovery_plan(
    reading: list[dict[str, t.Any]], words: t.Sequence[str] = (), seeds: t.Mapping[str, str] | None = None
) -> dict[str, t.Any]:
    return recovery.plan(reading, words, seeds)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"recovery_plan": recovery_plan}

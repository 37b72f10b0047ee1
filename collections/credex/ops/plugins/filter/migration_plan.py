# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: migration_plan
short_description: What is to be done until a cluster has the databases of single servers, and what speaks against it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The plan of C(playbooks/migrate_to_cluster.yml). Changes nothing, and asks nobody.
options:
  _input:
    description: The sources, each with C(server), C(database) and C(as).
    type: list
    elements: dict
    required: true
  target:
    description: The cluster.
    type: str
    required: true
  members:
    description: Every server, as P(credex.ops.rolling_members#filter) returns them.
    type: list
    elements: dict
    required: true
  servers:
    description: What M(credex.ops.neo4j_cluster_info) returned.
    type: list
    elements: dict
    required: true
  found:
    description: Host to the names of databases of which C(data) lie there, C(dumps), and C(begun) ones.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ sources | credex.ops.migration_plan('credex', members, reading.servers, found) }}"
  vars:
    sources: [{server: db-1, database: neo4j, as: ledgerspace}]
    found: {}
"""

RETURN = r"""
_value:
  description: C(problems), in words, and C(entries), one for each source.
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import migration

Rows = t.Sequence[dict[str, t.Any]]


def migration_plan(sources: Rows, target: str, members: Rows, servers: Rows, found: t.Mapping[str, t.Any]) -> t.Any:
    views = {view["uri"]: view for view in servers}
    return migration.plan(sources, migration.Fleet(target, members, views, found))


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"migration_plan": migration_plan}

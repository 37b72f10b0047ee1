# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_plan
short_description: Tell what is to be done until the clusters are formed, and what speaks against it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Finds in which clusters servers are free, which databases they shall have, and everything that speaks against a
    change - hosts that are missing, do not answer, advertise one address, or do not see each other; servers that
    somebody takes out of a cluster; topologies that Neo4j would refuse.
options:
  _input:
    description: What M(credex.ops.neo4j_cluster_info) says of each host, in the order of O(hosts).
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
  clusters:
    description: Cluster to the numbers of its C(primaries) and C(secondaries), as in C(neo4j_clusters).
    type: dict
    required: true
  spaces:
    description: Space to its C(cluster) and C(database), as in C(neo4j_spaces).
    type: dict
    required: true
  options:
    description: Host to the options with which its server is enabled, as M(credex.ops.neo4j_cluster_member) takes them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ reading.servers | credex.ops.cluster_plan(members, neo4j_clusters, neo4j_spaces) }}"
"""

RETURN = r"""
_value:
  description: >-
    For each cluster C(name), C(uri) (of the cluster), C(edition), C(primaries), C(secondaries), C(databases),
    C(servers) that are to be enabled or have options (C(host), C(server), C(options)), and C(problems) and
    C(warnings), both sentences.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import forming

Vars = t.Mapping[str, t.Any]


def cluster_plan(
    answers: list[dict[str, t.Any]],
    hosts: list[Vars],
    clusters: Vars,
    spaces: Vars,
    options: Vars | None = None,
) -> list[dict[str, t.Any]]:
    return forming.plan(answers, hosts, clusters, spaces, options or {})


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"cluster_plan": cluster_plan}

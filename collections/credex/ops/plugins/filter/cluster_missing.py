# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_missing
short_description: Tell what the clusters still miss until they are formed
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - In the eyes of every member, every host must be Enabled and Available and host what it should, and every space's
    database must have the topology of its cluster, with each copy online.
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
"""

EXAMPLES = r"""
- name: All is there
  ansible.builtin.assert:
    that: reading.servers | credex.ops.cluster_missing(members, neo4j_clusters, neo4j_spaces) | length == 0
"""

RETURN = r"""
_value:
  description: What is missing, as sentences. Empty when the clusters are formed.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import forming

Vars = t.Mapping[str, t.Any]


def cluster_missing(answers: list[dict[str, t.Any]], hosts: list[Vars], clusters: Vars, spaces: Vars) -> list[str]:
    return forming.missing(answers, hosts, clusters, spaces)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"cluster_missing": cluster_missing}

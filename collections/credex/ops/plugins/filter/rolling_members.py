# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_members
short_description: List the Neo4j servers that an inventory knows, with address and cluster
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The gate asks every member of a cluster, never only the servers of a limited run. So this reads the whole group.
options:
  _input:
    description: Names of hosts, usually C(groups['neo4j']).
    type: list
    elements: str
    required: true
  hostvars:
    description: >-
      The magic variable C(hostvars). Read are C(neo4j_cluster_name) (a server without one is a cluster of its own)
      and C(neo4j_bolt_uri), or C(ansible_host) with port 7687.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: List the members
  ansible.builtin.set_fact:
    members: "{{ groups['neo4j'] | credex.ops.rolling_members(hostvars) }}"
"""

RETURN = r"""
_value:
  description: For each host C(host), C(uri), C(cluster).
  type: list
  elements: dict
"""

import typing as t


def rolling_members(hosts: list[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[dict[str, str]]:
    return [_member(host, hostvars[host]) for host in hosts]


def _member(host: str, variables: t.Mapping[str, t.Any]) -> dict[str, str]:
    uri = variables.get("neo4j_bolt_uri") or f"bolt://{variables.get('ansible_host') or host}:7687"
    return {"host": host, "uri": str(uri), "cluster": str(variables.get("neo4j_cluster_name") or host)}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_members": rolling_members}

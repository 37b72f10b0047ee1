# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_settings
short_description: Settings by which the servers of a cluster find each other
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Returns settings of C(neo4j.conf) for one host, the same for each host of its cluster, by version. With 5.26 they
    begin discovery in its second version, which calendar versions have alone.
  - A host that is alone in its cluster gets none.
  - >-
    C(dbms.cluster.minimum_initial_system_primaries_count) is the number of primaries, or more than half of the cluster
    if that is more, so that two halves that do not see each other cannot both become a cluster. The numbers
    C(initial.dbms.default_primaries_count) and C(initial.dbms.default_secondaries_count) are those of the cluster.
options:
  _input:
    description: Names of hosts, usually C(groups['neo4j']).
    type: list
    elements: str
    required: true
  hostvars:
    description: >-
      The magic variable C(hostvars). Read are C(neo4j_cluster_name), and as address C(neo4j_server_advertised_address),
      C(ansible_host), or the host's name.
    type: dict
    required: true
  host:
    description: The host whose settings they are.
    type: str
    required: true
  clusters:
    description: Cluster to the numbers of its C(primaries) and C(secondaries), as in C(neo4j_clusters).
    type: dict
    required: true
  version:
    description: The version of Neo4j.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See how the servers will find each other
  ansible.builtin.debug:
    msg: "{{ groups['neo4j'] | credex.ops.cluster_settings(hostvars, inventory_hostname, neo4j_clusters, '5.26.30') }}"
"""

RETURN = r"""
_value:
  description: Setting to value, for O(credex.ops.server_configuration#filter:defaults). Empty for a cluster of one.
  type: dict
  sample:
    dbms.cluster.discovery.version: V2_ONLY
    dbms.cluster.discovery.v2.endpoints: ["10.0.1.11:6000", "10.0.1.12:6000", "10.0.1.13:6000"]
    dbms.cluster.minimum_initial_system_primaries_count: 3
    initial.dbms.default_primaries_count: 3
    initial.dbms.default_secondaries_count: 0
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster_settings as by_version

Vars = t.Mapping[str, t.Any]


def cluster_settings(hosts: list[str], hostvars: Vars, host: str, clusters: Vars, version: str) -> dict[str, t.Any]:
    name = _cluster(host, hostvars)
    peers = [each for each in hosts if _cluster(each, hostvars) == name]
    return by_version.discovery(clusters.get(name) or {}, [_address(each, hostvars) for each in peers], version)


def _cluster(host: str, hostvars: Vars) -> str:
    return str(hostvars[host].get("neo4j_cluster_name") or host)


def _address(host: str, hostvars: Vars) -> str:
    variables = hostvars[host]
    return str(variables.get("neo4j_server_advertised_address") or variables.get("ansible_host") or host)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"cluster_settings": cluster_settings}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ops_inventory_findings
short_description: Is this the whole fleet, and the right one
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares what the inventory found with what the environment says it has. Returns checks, of which every one that
    failed is a reason not to begin.
  - It passes only if hosts were found, every cluster of O(clusters) has exactly its number of servers, no server is a
    stranger, no two are the same machine, and all are in the environment's account and region.
options:
  _input:
    description: Names of all hosts of the fleet, such as C(groups['neo4j']), never those of a limited play.
    type: list
    elements: str
    required: true
  hostvars:
    description:
      - The C(hostvars) of the play. Read are C(neo4j_cluster_name), C(instance_id), C(ansible_host), C(owner_id) and
        C(placement.region), as P(amazon.aws.aws_ec2#inventory) or its C(compose) set them.
    type: dict
    required: true
  clusters:
    description: How many servers each cluster has, C({name:{primaries, secondaries}}).
    type: dict
    required: true
  account_id:
    description: AWS account of the environment. Compared with C(owner_id) where hosts have it.
    type: str
    default: ""
  region:
    description: AWS region of the environment. Compared with C(placement.region) where hosts have it.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Refuse a fleet that is not whole
  ansible.builtin.assert:
    that: findings | selectattr('status', 'eq', 'failed') | length == 0
    fail_msg: "{{ findings | selectattr('status', 'eq', 'failed') | map(attribute='detail') | join(' ') }}"
  vars:
    findings: "{{ groups['neo4j'] | credex.ops.ops_inventory_findings(hostvars, neo4j_clusters) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them.
  type: list
  elements: dict
"""

import typing as t
from collections.abc import Mapping

from ansible_collections.credex.ops.plugins.module_utils._guard import inventory


def ops_inventory_findings(
    names: list[str],
    hostvars: Mapping[str, t.Any],
    clusters: Mapping[str, t.Any],
    account_id: str = "",
    region: str = "",
) -> list[dict[str, t.Any]]:
    hosts = [_host(name, hostvars[name]) for name in names]
    return inventory.findings(hosts, clusters, str(account_id), str(region))


def _host(name: str, variables: Mapping[str, t.Any]) -> dict[str, t.Any]:
    placement = variables.get("placement")
    return {
        "name": str(name),
        "cluster": variables.get("neo4j_cluster_name"),
        "instance_id": variables.get("instance_id"),
        "address": variables.get("ansible_host"),
        "account_id": variables.get("owner_id"),
        "region": placement.get("region") if isinstance(placement, Mapping) else None,
    }


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"ops_inventory_findings": ops_inventory_findings}

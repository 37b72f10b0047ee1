# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site_plan_checks
short_description: Say what speaks against installing these hosts as clusters
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Two hosts that advertise one address, more hosts to be started at once than Ansible works on, and, as a warning, an
    even number of primaries; with a contract also whether it allows these machines.

options:
  _input:
    description: The hosts, each with C(host), C(address) (the one that it advertises), C(manager) (how its service is
      managed) and C(instance_id).
    type: list
    elements: dict
    required: true
  clusters:
    description: C(neo4j_clusters), with the number of C(primaries) of each.
    type: dict
    required: true
  forks:
    description: On how many hosts Ansible works at once.
    type: int
    required: true
  contract:
    description: C(neo4j_license_contract), see P(credex.ops.license_contract#filter). Empty where there is none.
    type: dict
    default: {}
  environment:
    description: The environment whose limit of machines applies.
    type: str
    default: ""
  instances:
    description: C(instances) of M(amazon.aws.ec2_instance_info).
    type: list
    elements: dict
    default: []
  types:
    description: C(instance_types) of M(amazon.aws.ec2_instance_type_info).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ hosts | credex.ops.site_plan_checks(neo4j_clusters, ansible_forks) }}"
"""

RETURN = r"""
_value:
  description: The checks, for the role P(credex.ops.ops_report#role).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import contract as on_paper
from ansible_collections.credex.ops.plugins.module_utils._neo4j import site

Item = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]


def site_plan_checks(
    hosts: t.Sequence[Vars],
    clusters: Vars,
    forks: int,
    contract: Vars | None = None,
    environment: str = "",
    instances: t.Sequence[Vars] = (),
    types: t.Sequence[Vars] = (),
) -> list[Item]:
    checks = site.plan_checks(hosts, clusters, forks)
    if not contract:
        return checks
    try:
        limits = on_paper.read(contract, environment)
    except on_paper.ContractError as error:
        raise AnsibleFilterError(str(error)) from error
    return checks + site.contract_checks(hosts, limits, environment, instances, types)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"site_plan_checks": site_plan_checks}

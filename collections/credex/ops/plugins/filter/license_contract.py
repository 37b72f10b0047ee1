# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_contract
short_description: Read what the license contract allows in an environment
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The contract is on paper, and the inventory copies it as C(neo4j_license_contract). This reads the copy, and fails
    for what is missing or malformed, naming the value.
options:
  _input:
    description: >-
      C(neo4j_license_contract), with C(holder), C(expires) (a date), C(count_cpu_as) (V(cores) or V(vcpus)),
      C(machines) (environment to number), C(max_cpu) and C(max_memory) (of each machine; memory with the contract's own
      unit, such as V(256 GB)), and C(warn_days).
    type: dict
    required: true
  environment:
    description: The environment whose limit of machines applies.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Read the contract
  ansible.builtin.set_fact:
    contract: "{{ neo4j_license_contract | credex.ops.license_contract('production') }}"
"""

RETURN = r"""
_value:
  description: The same keys, of which C(machines) is the environment's limit and C(expires) a text.
  type: dict
  sample: {holder: Great Sun Financial Inc., expires: "2027-05-31", warn_days: 30, count_cpu_as: cores, machines: 3,
    max_cpu: 24, max_memory: 256 GB}
"""

import dataclasses
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import contract


def license_contract(written: t.Mapping[str, t.Any], environment: str) -> dict[str, t.Any]:
    try:
        found = contract.read(written, environment)
    except contract.ContractError as error:
        raise AnsibleFilterError(str(error)) from error
    return {**dataclasses.asdict(found), "expires": found.expires.isoformat()}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_contract": license_contract}

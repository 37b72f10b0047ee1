# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_left
short_description: Tell what is left of servers that were taken out of service, and where
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What people delete by hand, once it is not needed any more - data, machines and volumes, secrets and names, as far
    as the inventory names them. No value of a secret is looked at.
options:
  _input:
    description: The hosts, as the inventory calls them.
    type: list
    elements: str
    required: true
  hostvars:
    description: C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Tell
  ansible.builtin.set_fact:
    checks: "{{ ['db-1', 'db-2'] | credex.ops.decommission_left(hostvars) }}"
"""

RETURN = r"""
_value:
  description: Checks with C(id), C(title), C(server), C(phase), C(status) and C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import decommission


def decommission_left(hosts: list[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    return decommission.left(hosts, hostvars)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"decommission_left": decommission_left}

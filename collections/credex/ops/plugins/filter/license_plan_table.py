# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_plan_table
short_description: Show the plan of a license renewal as aligned lines
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One line for each server and file, in the order of the work, with present and new fingerprint and end, the work,
    and the canary.
options:
  _input:
    description: What P(credex.ops.license_plan#filter) returned.
    type: list
    elements: dict
    required: true
  order:
    description: The hosts in the order of the work.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ plan | credex.ops.license_plan_table(order) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal


def license_plan_table(servers: list[dict[str, t.Any]], order: list[str]) -> list[str]:
    return renewal.table(servers, order)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_plan_table": license_plan_table}

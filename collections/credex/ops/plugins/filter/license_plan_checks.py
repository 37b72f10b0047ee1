# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_plan_checks
short_description: Turn the plan of a license renewal into checks for a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One check for each server and file. It fails where the new file is refused.
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
- name: Record the plan
  credex.ops.ops_journal:
    path: "{{ journal }}"
    checks: "{{ plan | credex.ops.license_plan_checks(order) }}"
"""

RETURN = r"""
_value:
  description: >-
    Checks, each with C(id), C(title), C(server), C(phase), C(status), C(detail), C(evidence) (present and wanted
    license).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal


def license_plan_checks(servers: list[dict[str, t.Any]], order: list[str]) -> list[dict[str, t.Any]]:
    return renewal.plan_checks(servers, order)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_plan_checks": license_plan_checks}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: space_repair_checks
short_description: Tell a repair of SearchSpace as a check of a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What was written, or in check mode would be.
options:
  _input:
    description: What M(credex.ops.neo4j_space_repair) returned.
    type: dict
    required: true
  check_mode:
    description: Whether it ran in check mode.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell it
  ansible.builtin.set_fact:
    checks: "{{ repair | credex.ops.space_repair_checks(ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._spaces import checks


def space_repair_checks(result: t.Mapping[str, t.Any], check_mode: bool = False) -> list[dict[str, t.Any]]:
    return [checks.repair(result, check_mode)]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"space_repair_checks": space_repair_checks}

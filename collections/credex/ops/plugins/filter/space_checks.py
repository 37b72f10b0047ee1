# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: space_checks
short_description: Tell a comparison of the two spaces as checks of a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One check for each kind of difference that was found, with samples as evidence, and one for each area without any.
    Warnings are not required to pass.
options:
  _input:
    description: What M(credex.ops.neo4j_space_diff) returned.
    type: dict
    required: true
  allowed:
    description: Kind to the number of differences up to which the check passes. Kinds that are not there allow none.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ spaces | credex.ops.space_checks({'anchor_due_date': 100}) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._spaces import checks
from ansible_collections.credex.ops.plugins.module_utils._spaces.kinds import KINDS


def space_checks(result: t.Mapping[str, t.Any], allowed: t.Mapping[str, int] | None = None) -> list[dict[str, t.Any]]:
    unknown = sorted(set(allowed or {}) - set(KINDS))
    if unknown:
        raise AnsibleFilterError(f"space_checks: there is no kind {', '.join(unknown)}, but: {', '.join(KINDS)}.")
    return checks.comparison(result, allowed or {})


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"space_checks": space_checks}

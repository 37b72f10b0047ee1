# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: balance_checks
short_description: Judge what was read of the balances of both spaces
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Every multiplier is the active Daynode's rate; everything flagged is scaled to it; everything with amounts is
    flagged; amounts are finite; both spaces hold the same of what is owed; the amounts of a loop agree.
  - Compared with an earlier run, face values add up to the same, and amounts in CXX to the same times the factor of the
    nights between. Where they do not, it is said how often the factor must have been applied.
options:
  _input:
    description: What M(credex.ops.neo4j_balance_info) returned.
    type: dict
    required: true
  last_report:
    description: The last report of this verification, as M(credex.ops.ops_report_info) returns it, or null.
    type: dict
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ balances | credex.ops.balance_checks(last.report) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them. That with the id C(balance.snapshot) has
    the sums as evidence, for the next run.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._balance import verdict


def balance_checks(
    reading: t.Mapping[str, t.Any], last_report: t.Mapping[str, t.Any] | None = None
) -> list[dict[str, t.Any]]:
    return verdict.checks(reading, verdict.last_snapshot(last_report))


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"balance_checks": balance_checks}

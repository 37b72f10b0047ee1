# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_document
short_description: Judge checks, as a report does
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Makes the document that M(credex.ops.ops_report) publishes as C(report.json), without writing anything.
  - A run in which a required check was skipped or got no answer, an expected server stayed silent, or no check was
    recorded at all is V(incomplete), which is not green.
options:
  _input:
    description: Checks, as O(credex.ops.ops_journal#module:checks) takes them.
    type: list
    elements: dict
    required: true
  run:
    description: The header of the run, as O(credex.ops.ops_journal#module:run) takes it.
    type: dict
    default: {}
  failure:
    description: Why the run failed, if it did.
    type: str
    default: ""
  nothing_to_do:
    description: Whether everything was found as wanted.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Is this a green result
  ansible.builtin.assert:
    that: document.green
    fail_msg: "{{ document.findings | join('; ') }}"
  vars:
    document: "{{ my_checks | credex.ops.report_document(run={'operation': 'verify', 'servers': ['neo4j-1']}) }}"
"""

RETURN = r"""
_value:
  description:
    - C(verdict), C(green), C(summary), C(findings) and C(counts), as RV(credex.ops.ops_report#module:verdict) and its
      neighbours, and C(run), C(servers) and C(checks).
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._report import document, times


def report_document(
    checks: list[dict[str, t.Any]],
    run: dict[str, t.Any] | None = None,
    failure: str = "",
    nothing_to_do: bool = False,
) -> dict[str, t.Any]:
    now = times.to_text(times.now())
    finished = {"at": now, "failure": failure, "nothing_to_do": nothing_to_do}
    try:
        whole = [document.normalized(check, now) for check in checks]
    except document.CheckError as error:
        raise AnsibleFilterError(f"report_document: {error}") from error
    return document.build({"started": now, **(run or {})}, whole, finished)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"report_document": report_document}

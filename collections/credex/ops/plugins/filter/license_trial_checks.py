# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_trial_checks
short_description: Judge what a server said while a license file was tried on it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - For the cases 5 (an expired file) and 6 (a fresh one) of a license validation. Checks are as
    O(credex.ops.ops_journal#module:checks) wants them.
options:
  _input:
    description: The server's entry of RV(credex.ops.neo4j_license_info#module:servers), read after the restart.
    type: dict
    required: true
  expect:
    description: >-
      V(refused), the product refuses the file, the log warns, the server answers; V(licensed), the product answers with
      the file; V(as_before), the previous file is back.
    type: str
    choices: [refused, licensed, as_before]
    required: true
  case:
    description: Number of the case.
    type: int
    required: true
  host:
    description: Inventory name of the server.
    type: str
    required: true
  wanted:
    description: The tried file, as P(credex.ops.license_wanted#filter) describes it.
    type: dict
    required: true
  before:
    description: The server's entry from before the trial, for V(as_before). Without it any valid license will do.
    type: dict
  log:
    description: Lines of the server's log, for V(refused).
    type: list
    elements: str
    default: []
  since:
    description: When the server was taken down (ISO 8601, UTC). Older lines of the log do not count.
    type: str
    default: ""
  agreement:
    description: The wanted agreement, for V(licensed).
    type: str
    default: commercial
"""

EXAMPLES = r"""
- name: Judge the answer to the expired file
  ansible.builtin.set_fact:
    checks: "{{ told.servers[0] | credex.ops.license_trial_checks('refused', 5, host, wanted[0], log=lines) }}"
"""

RETURN = r"""
_value:
  description: The checks.
  type: list
  elements: dict
"""

import datetime
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal
from ansible_collections.credex.ops.plugins.module_utils._validation import trial

Item = dict[str, t.Any]


def license_trial_checks(
    answer: Item,
    expect: str,
    case: int,
    host: str,
    wanted: Item,
    before: Item | None = None,
    log: t.Sequence[str] = (),
    since: str = "",
    agreement: str = "commercial",
) -> list[Item]:
    product = wanted["product"]
    if expect == "refused":
        return trial.refused(host, product, answer, trial.warnings(log, since))
    if expect == "as_before":
        return trial.as_before(case, host, product, before, answer)
    now = datetime.datetime.now(datetime.timezone.utc)
    return trial.licensed(host, renewal.verdicts(host, answer, [wanted], agreement, now))


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_trial_checks": license_trial_checks}

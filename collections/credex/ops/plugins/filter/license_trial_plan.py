# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_trial_plan
short_description: Plan a trial of a license file so that it also takes back what a killed one left
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A trial that was killed between placing its file and putting the present one back leaves the tried file in place.
    The next trial knows it by its fingerprint, and goes back to the latest kept file that is none of those to be tried.
options:
  _input:
    description: What P(credex.ops.license_plan#filter) returned.
    type: list
    elements: dict
    required: true
  observed:
    description: What it was given, in the same order.
    type: list
    elements: dict
    required: true
  tried:
    description: Fingerprints of all files that are to be tried.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Plan the trial
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.license_plan(wanted, 'commercial', answers)
              | credex.ops.license_trial_plan(observed, tried) }}"
"""

RETURN = r"""
_value:
  description: The plan; C(left) says for each server whether a killed trial left its file there.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._validation import trial

Item = dict[str, t.Any]


def license_trial_plan(plan: t.Sequence[Item], observed: t.Sequence[Item], tried: t.Sequence[str]) -> list[Item]:
    return [trial.put_back(server, seen, tried) for server, seen in zip(plan, observed)]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_trial_plan": license_trial_plan}

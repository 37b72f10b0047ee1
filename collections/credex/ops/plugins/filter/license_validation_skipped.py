# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_validation_skipped
short_description: Say which trials a license validation leaves out, and why
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Cases 5 and 6 restart servers, so they are only tried where somebody says so, and never in production.
options:
  _input:
    description: Numbers of the cases that are tried.
    type: list
    elements: int
    required: true
  disruptive:
    description: Whether somebody allowed to restart servers.
    type: bool
    required: true
  check_mode:
    description: Whether the run only looks.
    type: bool
    required: true
  environment:
    description: The environment.
    type: str
    required: true
  required:
    description: Numbers of the cases without which the validation is not green.
    type: list
    elements: int
    required: true
"""

EXAMPLES = r"""
- name: Say what is not tried
  ansible.builtin.debug:
    msg: "{{ [] | credex.ops.license_validation_skipped(false, false, 'production', [1, 2, 3, 4]) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) wants them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._validation import not_tried


def license_validation_skipped(
    tried: t.Sequence[int], disruptive: bool, check_mode: bool, environment: str, required: t.Sequence[int]
) -> list[dict[str, t.Any]]:
    return not_tried.trials(tried, disruptive, check_mode, environment, required)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_validation_skipped": license_validation_skipped}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_validation_unreached
short_description: Say which cases a license validation did not come to
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A run that ended early has a report all the same, and it names every case.
options:
  _input:
    description: Numbers of the cases of which something was recorded.
    type: list
    elements: int
    required: true
  required:
    description: Numbers of the cases without which the validation is not green.
    type: list
    elements: int
    required: true
  failure:
    description: Why the run failed.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Say what was not reached
  ansible.builtin.debug:
    msg: "{{ [1, 2, 3] | credex.ops.license_validation_unreached([1, 2, 3, 4], 'the gate was shut') }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) wants them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._validation import not_tried


def license_validation_unreached(
    reached: t.Sequence[int], required: t.Sequence[int], failure: str = ""
) -> list[dict[str, t.Any]]:
    return not_tried.unreached(reached, required, failure)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_validation_unreached": license_validation_unreached}

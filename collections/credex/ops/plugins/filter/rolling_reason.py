# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_reason
short_description: Say why a task failed, also where it was a loop
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The message of a loop says only that items failed. This one is what those items said.
options:
  _input:
    description: The result of the failed task, C(ansible_failed_result) in a rescue.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: It failed
  ansible.builtin.set_fact:
    neo4j_rolling_state: "undo failed: {{ ansible_failed_result | credex.ops.rolling_reason }}"
"""

RETURN = r"""
_value:
  description: The message, or those of the failed items with a semicolon between them.
  type: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import rolling


def rolling_reason(result: t.Mapping[str, t.Any]) -> str:
    return rolling.message(result)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_reason": rolling_reason}

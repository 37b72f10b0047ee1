# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_failure
short_description: Say in one sentence who failed in a rolling operation, where and why
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Used in the rescue of an operation's playbook. A server that was lost has no failed task and runs no rescue, so it
    is recognized by the missing fact C(neo4j_rolling_alive).
options:
  _input:
    description: The variables of the servers, for example C(fleet | map('extract', hostvars)).
    type: list
    elements: dict
    required: true
  controller:
    description: The variables of C(localhost), which fails when no server did.
    type: dict
    required: true
  in_turns:
    description: >-
      Whether servers are changed one after another. Otherwise nobody can say of a lost one that nothing was changed
      before.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Remember
  ansible.builtin.set_fact:
    failure: "{{ fleet | map('extract', hostvars) | credex.ops.rolling_failure(hostvars['localhost']) }}"
"""

RETURN = r"""
_value:
  description: The sentence.
  type: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import rolling


def rolling_failure(
    servers: t.Iterable[t.Mapping[str, t.Any]], controller: t.Mapping[str, t.Any], in_turns: bool = True
) -> str:
    return rolling.failure(controller, list(servers), in_turns)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_failure": rolling_failure}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_outcome
short_description: Tell how each server of a rolling operation ended
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Turns the facts that the role credex.ops.neo4j_rolling leaves on each server into checks for a report.
options:
  _input:
    description: The variables of the servers, for example C(fleet | map('extract', hostvars)).
    type: list
    elements: dict
    required: true
  order:
    description: The hosts in the order of the work. Servers that are not in it had nothing to do.
    type: list
    elements: str
    required: true
  failure:
    description: Why the run failed; empty when it did not.
    type: str
    default: ""
  check_mode:
    description: Whether the run only predicted.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell how each server ended
  ansible.builtin.debug:
    msg: "{{ fleet | map('extract', hostvars) | credex.ops.rolling_outcome(neo4j_rolling_order) }}"
"""

RETURN = r"""
_value:
  description: Checks, one for each server, in the order of the work.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import rolling


def rolling_outcome(
    servers: t.Iterable[t.Mapping[str, t.Any]], order: list[str], failure: str = "", check_mode: bool = False
) -> list[dict[str, t.Any]]:
    return rolling.outcome(list(servers), order, failure, check_mode)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_outcome": rolling_outcome}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_checks
short_description: Tell what is in a cluster that is taken out of service, for a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - One check for each database, with its number of nodes and its last transaction.
options:
  _input:
    description: What P(credex.ops.decommission_contents#filter) returns.
    type: list
    elements: dict
    required: true
  nodes:
    description: Database to its number of nodes; one that is not in it is told as unknown.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Tell
  ansible.builtin.set_fact:
    checks: "{{ contents | credex.ops.decommission_checks({'ledgerspace': 12}) }}"
"""

RETURN = r"""
_value:
  description: Checks with C(id), C(title), C(phase), C(status) and C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import decommission


def decommission_checks(
    contents: list[dict[str, t.Any]], nodes: t.Mapping[str, t.Any] | None = None
) -> list[dict[str, t.Any]]:
    return decommission.content_checks(contents, nodes or {})


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"decommission_checks": decommission_checks}

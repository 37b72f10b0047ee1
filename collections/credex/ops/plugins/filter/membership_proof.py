# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: membership_proof
short_description: Judge a cluster that a server has left, or joined
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Whether no member knows the server any more (or every one has it as enabled), every member serves what it should,
    and every database is on as many servers as asked for, as checks for a report.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of the members.
    type: list
    elements: dict
    required: true
  address:
    description: The Bolt address of the server that left or joined.
    type: str
    required: true
  max_lag:
    description: Transactions that an allocation may lag behind.
    type: int
    default: 1000
  ignore_databases:
    description: Databases that are not looked at.
    type: list
    elements: str
    default: []
  joined:
    description: Whether it has joined.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ reading.servers | credex.ops.membership_proof('10.0.1.14:7687') }}"
"""

RETURN = r"""
_value:
  description: Checks with C(id), C(title), C(phase), C(status) (V(passed), V(failed)) and C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster, leaving


def membership_proof(
    reading: list[dict[str, t.Any]],
    address: str,
    max_lag: int = 1000,
    ignore_databases: t.Sequence[str] = (),
    joined: bool = False,
) -> list[dict[str, t.Any]]:
    return leaving.proof(reading, address, cluster.Policy(max_lag, tuple(ignore_databases)), joined)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"membership_proof": membership_proof}

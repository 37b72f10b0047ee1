# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_serving
short_description: Judge whether every server serves all that it should
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What P(credex.ops.is_back#filter) says of each server, seen by the members of its own cluster, as checks for a
    report. For the end of a rolling operation that has no other question to ask.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of every cluster concerned.
    type: list
    elements: dict
    required: true
  members:
    description: All members of these clusters, each with C(host), C(uri), C(cluster), as
      P(credex.ops.rolling_members#filter) gives them.
    type: list
    elements: dict
    required: true
  max_lag:
    description: Transactions that an allocation may lag behind.
    type: int
    default: 1000
  ignore_databases:
    description: Databases that are not waited for.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ reading.servers | credex.ops.rolling_serving(members) }}"
"""

RETURN = r"""
_value:
  description: >-
    A check for each member, with C(id), C(title), C(server), C(phase), C(status) (V(passed), V(failed)) and C(detail).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster, rolling


def rolling_serving(
    servers: list[dict[str, t.Any]],
    members: list[dict[str, str]],
    max_lag: int = 1000,
    ignore_databases: t.Sequence[str] = (),
) -> list[dict[str, t.Any]]:
    return rolling.serving(servers, members, cluster.Policy(max_lag, tuple(ignore_databases)))


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_serving": rolling_serving}

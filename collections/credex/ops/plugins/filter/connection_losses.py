# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connection_losses
short_description: Judge, server by server, what an application would keep without it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - For each server of the clusters in which the spaces lie, whether the application goes on when it is lost. It does
    when the server may go down, as P(credex.ops.may_go_down#filter) judges, and no connection stays with it alone.
  - Nothing is stopped. It is a computation over one reading.
options:
  _input:
    description: RV(credex.ops.neo4j_connection_check#module:connections), named like the spaces.
    type: list
    elements: dict
    required: true
  spaces:
    description: "Space to C({cluster: ..., database: ...}), as in C(neo4j_spaces)."
    type: dict
    required: true
  servers:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all these clusters.
    type: list
    elements: dict
    required: true
  members:
    description: Their servers, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
  max_lag:
    description: Transactions that an allocation may lag behind.
    type: int
    default: 1000
  ignore_databases:
    description: Databases whose outage is accepted.
    type: list
    elements: str
    default: []
  allow_downtime:
    description: Accept the outage of databases that have one primary, and of single servers.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: What if one were lost
  ansible.builtin.set_fact:
    checks: "{{ connected.connections | credex.ops.connection_losses(neo4j_spaces, reading.servers, members) }}"
"""

RETURN = r"""
_value:
  description: A check for each server, as O(credex.ops.ops_journal#module:checks) takes them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import client_losses, cluster


def connection_losses(
    connections: list[dict[str, t.Any]],
    spaces: dict[str, dict[str, str]],
    servers: list[dict[str, t.Any]],
    members: list[dict[str, str]],
    max_lag: int = 1000,
    ignore_databases: t.Sequence[str] = (),
    allow_downtime: bool = False,
) -> list[dict[str, t.Any]]:
    policy = cluster.Policy(max_lag, tuple(ignore_databases), allow_downtime)
    return client_losses.losses(connections, spaces, servers, members, policy)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"connection_losses": connection_losses}

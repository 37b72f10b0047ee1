# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: is_back
short_description: Judge whether a Neo4j server has come back whole
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The gate after work on a server. Open when it answers, every member sees it Enabled and Available and hosting what
    it should, its own allocations are online and within the allowed lag, and its clock does not differ from the others.
    It judges no other server.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers), all members of one cluster.
    type: list
    elements: dict
    required: true
  uri:
    description: The server, by the same address with which it was asked.
    type: str
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
  max_clock_skew:
    description: Seconds that a server's clock may be ahead of the median of the cluster's clocks, or behind.
    type: float
    default: 30
"""

EXAMPLES = r"""
- name: Assert that the server is back
  ansible.builtin.assert:
    that: (reading.servers | credex.ops.is_back('bolt://10.0.1.11:7687')).open
"""

RETURN = r"""
_value:
  description: C(open) (bool), C(reasons) (list of str, empty when open).
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster


def is_back(
    servers: list[dict[str, t.Any]],
    uri: str,
    max_lag: int = 1000,
    ignore_databases: t.Sequence[str] = (),
    max_clock_skew: float = 30,
) -> dict[str, t.Any]:
    policy = cluster.Policy(max_lag, tuple(ignore_databases), max_clock_skew=max_clock_skew)
    return cluster.is_back(servers, uri, policy).as_dict()


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"is_back": is_back}

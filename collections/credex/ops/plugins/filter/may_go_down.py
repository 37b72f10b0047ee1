# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: may_go_down
short_description: Judge whether a Neo4j server may be taken down now
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The gate before work on a server. Open when every member answered, every allocation is as it should be, nothing
    lags, no clock differs from the others, and each database with a primary on the server keeps a majority of its
    primaries without it. Open as well when the server is down already, because nothing more is lost.
  - Pure judgement over what M(credex.ops.neo4j_cluster_info) read. M(credex.ops.neo4j_gate) reads and waits as well.
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
    description: Databases whose outage is accepted.
    type: list
    elements: str
    default: []
  allow_downtime:
    description: Accept the outage of databases that have one primary.
    type: bool
    default: false
  max_clock_skew:
    description: Seconds that a server's clock may be ahead of the median of the cluster's clocks, or behind.
    type: float
    default: 30
"""

EXAMPLES = r"""
- name: Show what speaks against taking the server down
  ansible.builtin.debug:
    msg: "{{ (reading.servers | credex.ops.may_go_down('bolt://10.0.1.11:7687')).reasons }}"
"""

RETURN = r"""
_value:
  description: C(open) (bool), C(reasons) (list of str, empty when open), C(down) (bool, the server is down already).
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster


def may_go_down(
    servers: list[dict[str, t.Any]],
    uri: str,
    max_lag: int = 1000,
    ignore_databases: t.Sequence[str] = (),
    allow_downtime: bool = False,
    max_clock_skew: float = 30,
) -> dict[str, t.Any]:
    policy = cluster.Policy(max_lag, tuple(ignore_databases), allow_downtime, max_clock_skew)
    return cluster.may_go_down(servers, uri, policy).as_dict()


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"may_go_down": may_go_down}

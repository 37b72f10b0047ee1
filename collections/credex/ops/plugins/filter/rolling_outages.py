# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_outages
short_description: Name the databases that a rolling operation would interrupt
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A database with one primary is interrupted when the server of that primary is taken down, and no waiting changes
    that. So an operation asks before it begins, and not at the gate of each server.
  - A server that does not answer interrupts nothing that is not interrupted already.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of every cluster concerned.
    type: list
    elements: dict
    required: true
  hosts:
    description: The servers that are to be taken down, each with C(host), C(uri), C(cluster), as
      P(credex.ops.rolling_members#filter) gives them.
    type: list
    elements: dict
    required: true
  ignore_databases:
    description: Databases whose outage is accepted.
    type: list
    elements: str
    default: []
  allow_downtime:
    description: Accept the outage of any database with one primary.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Nothing may be interrupted
  ansible.builtin.assert:
    that: reading.servers | credex.ops.rolling_outages(members) | length == 0
"""

RETURN = r"""
_value:
  description: A clause for each server that interrupts something.
  type: list
  elements: str
  sample: ["db-1 has the only primary of neo4j and system"]
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster


def rolling_outages(
    servers: list[dict[str, t.Any]],
    hosts: list[dict[str, str]],
    ignore_databases: t.Sequence[str] = (),
    allow_downtime: bool = False,
) -> list[str]:
    policy = cluster.Policy(ignore_databases=tuple(ignore_databases), allow_downtime=allow_downtime)
    found = {host["host"]: cluster.outages(servers, host["uri"], policy) for host in hosts}
    return [f"{host} has the only primary of {' and '.join(names)}" for host, names in found.items() if names]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_outages": rolling_outages}

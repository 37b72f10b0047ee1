# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_order
short_description: Put the servers of a rolling operation in order
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Cluster after cluster. Within one, servers that are down already come first, then secondaries, then primaries with
    the fewest writers; the writer of C(system) is last. The first is the canary. Two runs over the same reading
    agree.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of every cluster concerned.
    type: list
    elements: dict
    required: true
  hosts:
    description: The servers to put in order, each with C(host), C(uri), C(cluster), as
      P(credex.ops.rolling_members#filter) gives them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the order
  ansible.builtin.debug:
    msg: "{{ reading.servers | credex.ops.rolling_order(members) }}"
"""

RETURN = r"""
_value:
  description: The names of the hosts.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster


def rolling_order(servers: list[dict[str, t.Any]], hosts: list[dict[str, str]]) -> list[str]:
    return cluster.rolling_order(servers, hosts)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_order": rolling_order}

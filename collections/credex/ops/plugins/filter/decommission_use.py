# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_use
short_description: Tell who still uses a cluster
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Databases whose last transaction moved on between two readings, and clients that are connected, but for this
    collection's own.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all members of one cluster.
    type: list
    elements: dict
    required: true
  later:
    description: The same, read some seconds later.
    type: list
    elements: dict
    required: true
  connections:
    description: The results of a loop that asked each server C(dbms.listConnections) - C(item) with its C(uri), and
      C(rows).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: See who uses it
  ansible.builtin.debug:
    msg: "{{ reading.servers | credex.ops.decommission_use(later.servers) }}"
"""

RETURN = r"""
_value:
  description: Each use as a phrase; empty when nobody was seen.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import decommission


def decommission_use(
    reading: list[dict[str, t.Any]], later: list[dict[str, t.Any]], connections: t.Sequence[dict[str, t.Any]] = ()
) -> list[str]:
    return decommission.use(reading, later, connections)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"decommission_use": decommission_use}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_contents
short_description: Tell which databases of users a cluster has
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - For an operation that takes the cluster out of service, and says before what is in it.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all members of one cluster.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See what is in it
  ansible.builtin.debug:
    msg: "{{ reading.servers | credex.ops.decommission_contents | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description: >-
    One entry a database, by name - C(name), C(last_committed_txn), and C(uri), the address of a server that has it
    online, or null.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import decommission


def decommission_contents(reading: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    return decommission.contents(reading)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"decommission_contents": decommission_contents}

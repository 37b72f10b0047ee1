# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: membership_joining
short_description: See how far a server has joined its cluster, and what speaks against it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - For an operation that has a new server take part, and may have been ended before. What Neo4j would refuse, and what
    would make another server of it than the one that is meant, is told before anything is changed.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all hosts of the cluster, the new one among them.
    type: list
    elements: dict
    required: true
  members:
    description: These hosts in the same order, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
  newcomer:
    description: >-
      The new one, with C(host), C(runs) (its service), C(has_data) (of a server that was started) and C(has_volume)
      (one that holds something, and is still to be mounted).
    type: dict
    required: true
  counts:
    description: The cluster's C(primaries) and C(secondaries), as in C(neo4j_clusters).
    type: dict
    required: true
  databases:
    description: The databases of its spaces.
    type: list
    elements: str
    required: true
  options:
    description: The options with which it is enabled, as M(credex.ops.neo4j_cluster_member) takes them.
    type: dict
    default: {}
  leaves:
    description: A host that is to leave afterwards. What would keep it is told now.
    type: str
    default: ""
  gives_up:
    description: The id of a member whose data are lost, and whose place it takes.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: See how far it is
  ansible.builtin.set_fact:
    joining: >-
      {{ reading.servers | credex.ops.membership_joining(members, {'host': 'db-4', 'runs': false, 'has_data': false},
         {'primaries': 3, 'secondaries': 1}, ['ledgerspace']) }}
"""

RETURN = r"""
_value:
  description: >-
    C(address), C(state) and C(via) as P(credex.ops.membership_observed#filter) returns them; C(server), its id;
    C(lost), C(server_id) and C(state) of members whose place it takes; C(install), whether it is to be installed and
    started; C(needed), whether there is anything to do; C(obstacles), sentences; C(checks), the plan for a report.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import joining

Entry = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]


def membership_joining(
    reading: list[Entry],
    members: list[Vars],
    newcomer: Vars,
    counts: Vars,
    databases: list[str],
    options: Vars | None = None,
    leaves: str = "",
    gives_up: str = "",
) -> Entry:
    try:
        return joining.plan(reading, members, newcomer, counts, databases, options, leaves, gives_up)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"membership_joining": membership_joining}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: space_addresses
short_description: Tell where each space can be asked
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A space is a database that lies in a cluster. Both spaces may lie in one cluster (production), or each in one of its
    own (development).
  - All members of the cluster are returned, because any of them may be the database's writer today.
options:
  _input:
    description: "Space to C({cluster: ..., database: ...}), as in C(neo4j_spaces). Both spaces must be there."
    type: dict
    required: true
  members:
    description: All servers, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See where the spaces lie
  ansible.builtin.set_fact:
    addresses: "{{ neo4j_spaces | credex.ops.space_addresses(groups['neo4j'] | credex.ops.rolling_members(hostvars)) }}"
"""

RETURN = r"""
_value:
  description: Space to its addresses and database.
  type: dict
  sample:
    ledger: {uris: ["bolt://10.0.1.11:7687"], database: ledgerspace}
    search: {uris: ["bolt://10.0.1.11:7687"], database: searchspace}
"""

import typing as t

from ansible.errors import AnsibleFilterError

SPACES = ("ledger", "search")
Row = t.Mapping[str, t.Any]


def space_addresses(spaces: t.Mapping[str, Row], members: t.Sequence[Row]) -> dict[str, dict[str, t.Any]]:
    return {space: _addresses(space, spaces, members) for space in SPACES}


def _addresses(space: str, spaces: t.Mapping[str, Row], members: t.Sequence[Row]) -> dict[str, t.Any]:
    if space not in spaces:
        raise AnsibleFilterError(
            f"neo4j_spaces has {sorted(spaces)}, and no {space!r}. Write there in which cluster and database it lies."
        )
    cluster = spaces[space]["cluster"]
    uris = [member["uri"] for member in members if member["cluster"] == cluster]
    if not uris:
        raise AnsibleFilterError(
            f"Space {space!r} lies in cluster {cluster!r}, of which no server was found. "
            "Is neo4j_spaces right, and the inventory whole?"
        )
    return {"uris": uris, "database": spaces[space]["database"]}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"space_addresses": space_addresses}

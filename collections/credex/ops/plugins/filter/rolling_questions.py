# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rolling_questions
short_description: Tell the gate whom to ask whether the application is at work
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What is at work in one space may be cut by the restart of a server of another, so a question about a space is asked
    in the cluster and database where the space lies, whichever server is to go down.
  - A question that names a C(database) instead is asked in the cluster of the server that is to go down.
options:
  _input:
    description: The environment's C(neo4j_gate_queries), each with C(name), C(query), and C(space) or C(database).
    type: list
    elements: dict
    required: true
  spaces:
    description: "Space to C({cluster: ..., database: ...}), as in C(neo4j_spaces)."
    type: dict
    required: true
  members:
    description: All servers, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See whom to ask
  ansible.builtin.set_fact:
    questions: "{{ queries | credex.ops.rolling_questions(spaces, members) }}"
  vars:
    queries:
      - name: the nightly balance run
        space: ledger
        query: "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS busy"
    spaces:
      ledger: {cluster: LedgerSpace, database: neo4j}
    members:
      - {host: db-1, uri: "bolt://10.0.1.11:7687", cluster: LedgerSpace}
"""

RETURN = r"""
_value:
  description: For O(credex.ops.neo4j_gate#module:queries).
  type: list
  elements: dict
  sample: [{name: the nightly balance run, database: neo4j, uris: ["bolt://10.0.1.11:7687"], query: ...}]
"""

import typing as t

from ansible.errors import AnsibleFilterError

Question = t.Mapping[str, t.Any]


def rolling_questions(
    queries: t.Sequence[Question], spaces: t.Mapping[str, Question], members: t.Sequence[Question]
) -> list[dict[str, t.Any]]:
    return [_in_its_space(q, spaces, members) if "space" in q else {"uris": [], **q} for q in queries]


def _in_its_space(query: Question, spaces: t.Mapping[str, Question], members: t.Sequence[Question]) -> dict[str, t.Any]:
    name, space = query["name"], query["space"]
    if space not in spaces:
        raise AnsibleFilterError(
            f"The gate query {name!r} asks space {space!r}, and neo4j_spaces has {sorted(spaces)}. Name one of these."
        )
    cluster = spaces[space]["cluster"]
    uris = [member["uri"] for member in members if member["cluster"] == cluster]
    if not uris:
        raise AnsibleFilterError(
            f"The gate query {name!r} asks space {space!r} in cluster {cluster!r}, of which no server was found. "
            "Is neo4j_spaces right, and the inventory whole?"
        )
    return {"name": name, "query": query["query"], "database": spaces[space]["database"], "uris": uris}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"rolling_questions": rolling_questions}

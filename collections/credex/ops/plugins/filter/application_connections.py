# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: application_connections
short_description: Put secrets that were read in the places from which their sources were taken
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What an application is given is kept as sources, which M(credex.ops.ops_secret_info) reads all at once, in the order
    C(uri), C(username), C(password), C(database) of each. This makes connections of the answer.
  - B(The value holds passwords.)
options:
  _input:
    description: C(space), and the sources C(uri), C(username), C(password) and perhaps C(database), as in
      C(neo4j_application).
    type: list
    elements: dict
    required: true
  secrets:
    description: RV(credex.ops.ops_secret_info#module:secrets) of all these sources.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep what the application is given
  ansible.builtin.set_fact:
    given: "{{ neo4j_application | credex.ops.application_connections(read.secrets) }}"
  no_log: true
"""

RETURN = r"""
_value:
  description: Connections, as O(credex.ops.neo4j_connection_check#module:connections) takes them.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

PARTS = ("uri", "username", "password", "database")
Row = t.Mapping[str, t.Any]


def application_connections(given: t.Sequence[Row], secrets: t.Sequence[Row]) -> list[dict[str, str]]:
    wanted = [(entry["space"], part) for entry in given for part in PARTS if entry.get(part)]
    if len(wanted) != len(secrets):
        raise AnsibleFilterError(
            f"application_connections: {len(wanted)} sources and {len(secrets)} secrets do not belong together."
        )
    values = {place: secret["value"] for place, secret in zip(wanted, secrets)}
    return [{"name": entry["space"], **_parts(entry["space"], values)} for entry in given]


def _parts(space: str, values: t.Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {part: values[space, part].strip() for part in PARTS if (space, part) in values}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"application_connections": application_connections}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connection_checks
short_description: Judge the connections of an application
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What M(credex.ops.neo4j_connection_check) saw, as checks for a report - the scheme of the address, the login, the
    routing table and every server in it, the database, the writer, bookmarks.
  - What would be better and works all the same is not required to pass - no TLS, an address that leads to one server,
    a user who is an administrator.
options:
  _input:
    description: What M(credex.ops.neo4j_connection_check) returned.
    type: dict
    required: true
  databases:
    description: Name of a connection to the database to which it should lead.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ connected | credex.ops.connection_checks({'ledger': 'ledgerspace', 'search': 'searchspace'}) }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them, grouped by the connections' names.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import client_judge


def connection_checks(result: t.Mapping[str, t.Any], databases: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    return client_judge.connections(result["connections"], databases, result["wrote"])


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"connection_checks": connection_checks}

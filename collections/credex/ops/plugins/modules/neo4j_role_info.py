#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_role_info
short_description: The roles of Neo4j, with their privileges and members
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Returns all roles of a cluster, or one of them. Privileges are commands, as
    O(credex.ops.neo4j_role#module:privileges) takes them.
  - Enterprise Edition only. Community has no roles, and the module fails there.
  - Privileges in Neo4j - C(SHOW ROLE), C(SHOW USER), C(SHOW PRIVILEGE).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  name:
    description: This role only. Case counts.
    type: str
seealso:
  - module: credex.ops.neo4j_role
  - module: credex.ops.neo4j_user_info
"""

EXAMPLES = r"""
- name: What may the application do
  credex.ops.neo4j_role_info:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: credex_core
  delegate_to: localhost
  register: access
"""

RETURN = r"""
roles:
  description: The roles, by name. Empty when there is none of O(name).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The role.
      type: str
      sample: credex_core
    built_in:
      description: Whether Neo4j brings it.
      type: bool
      sample: false
    members:
      description: The users that have it, sorted.
      type: list
      elements: str
      sample: [credex_core]
    privileges:
      description: Its privileges as commands, but for immutable ones.
      type: list
      elements: str
      sample: ["GRANT ACCESS ON DATABASE `ledgerspace` TO `credex_core`"]
    immutable_privileges:
      description: Those that nobody can change while authentication is on.
      type: list
      elements: str
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why there is no answer, as in M(credex.ops.neo4j_component_info); V(other) when the server refused.
  returned: failure
  type: str
code:
  description: Neo4j's code of the error, if it gave one.
  returned: failure
  type: str
gql_status:
  description: The GQL status of the error, if the server gave one.
  returned: failure
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, roles
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = connection.address_argument_spec(name={"type": "str"})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        found = read(connection.query_target(module.params), module.params["name"])
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, roles=found)


def read(asked: Target, name: str | None) -> list[dict[str, Any]]:
    members = roles.members(asked)
    return [describe(asked, role, members[role]) for role in members if name in (None, role)]


def describe(asked: Target, role: str, members: list[str]) -> dict[str, Any]:
    held = roles.held(asked, role)
    return {
        "name": role,
        "built_in": role in roles.BUILT_IN,
        "members": members,
        "privileges": held.privileges,
        "immutable_privileges": held.immutable,
    }


if __name__ == "__main__":
    main()

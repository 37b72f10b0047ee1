#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_user_info
short_description: The users of Neo4j, with their roles
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Returns all users of a server or cluster, or one of them. Never anything of a password.
  - Privileges in Neo4j - C(SHOW USER).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  name:
    description: This user only. Case counts.
    type: str
seealso:
  - module: credex.ops.neo4j_user
  - module: credex.ops.neo4j_role_info
"""

EXAMPLES = r"""
- name: Who may log in
  credex.ops.neo4j_user_info:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: access
"""

RETURN = r"""
users:
  description: The users, by name. Empty when there is none of O(name).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The user.
      type: str
      sample: credex_core
    roles:
      description: The roles, sorted, without C(PUBLIC), which everybody has. Null on Community.
      type: list
      elements: str
      sample: [credex_core]
    password_change_required:
      description: Whether the password must be changed before anything else. Null for who has none in Neo4j.
      type: bool
      sample: false
    suspended:
      description: Whether the user is kept from logging in. Null on Community.
      type: bool
      sample: false
    home_database:
      description: The database that a session uses when none is named. Null for the default one, and on Community.
      type: str
      sample: ledgerspace
    auth:
      description: Under which names identity providers know the user, by C(provider), each with the C(id) there. Beside
        the password, which is not among them.
      type: list
      elements: dict
      sample: [{provider: oidc-okta, id: 00u1a2b3c4}]
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, connection, statements, users
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = connection.address_argument_spec(name={"type": "str"})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        found = users.users(administration.rows(connection.query_target(module.params), statements.ALL_USERS))
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, users=[user for user in found if module.params["name"] in (None, user["name"])])


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_user
short_description: Have a user of Neo4j, or have none
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Creates, changes or drops one user of a server or cluster, with password, identity providers, roles, status and
    home database. What is not given stays as it is. Values are bound as parameters, so that any name and any password
    will do.
  - Whether the user has O(user_password) already is found out with one login as that user (O(update_password)). When
    it is another one, this is a failed login, and Neo4j locks a user after the third in a row
    (C(dbms.security.auth_max_failed_attempts)) for C(dbms.security.auth_lock_time), 5 seconds by default. The module
    fails while the user is locked. It never tries twice.
  - A suspended user cannot log in, so that nobody can see which password it is. It is set, and when the server answers
    that it is the same, this is no change. In check mode it is told as a change.
  - To change the password of O(username) itself, give that user as O(name) with the new password as O(user_password)
    and the old one as O(password). The new one is tried first and, if it is in force, used for all the rest, so that
    the same task can be run again. This needs no privilege, and also works when the old one has to be changed before
    anything else, as the first password of a server has.
  - Refuses to lock out O(username), which can be neither dropped nor suspended, nor relieved of a role, nor made to
    change its password.
  - Roles, status, home database and identity providers are of Enterprise Edition. On Community the module fails when
    one is given, before anything is changed, but for the own password.
  - Privileges in Neo4j - C(SHOW USER), and for what there is to change C(CREATE USER), C(SET PASSWORD) (also whether
    it must be changed), C(SET AUTH), C(SET USER STATUS), C(SET USER HOME DATABASE), C(ASSIGN ROLE), C(REMOVE ROLE),
    C(DROP USER). Who has C(SET PASSWORD), C(SET AUTH) or C(ASSIGN ROLE) could make itself an administrator.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: The login that finds out the password takes place in check mode too.
  diff_mode:
    support: full
    details: Of a password it shows whether it becomes the given one.
  idempotent:
    support: full
options:
  name:
    description: The user. Case counts.
    type: str
    required: true
  state:
    description: Whether the user is there.
    type: str
    choices: [present, absent]
    default: present
  user_password:
    description:
      - The password of O(name). A new user needs one, or O(auth).
      - At least 8 characters, unless C(dbms.security.auth_minimum_password_length) says otherwise.
    type: str
  update_password:
    description:
      - V(always) sets O(user_password) when the user has another one.
      - V(on_create) sets it for a new user alone, and never logs in as another user to see.
    type: str
    choices: [always, on_create]
    default: always
  password_change_required:
    description:
      - Whether the user must change the password before doing anything else. A new one must, unless this is V(false).
      - V(true) goes together with O(update_password=on_create). Otherwise the next run sets the password back.
    type: bool
  auth:
    description:
      - Under which names identity providers know the user, all of them, beside the password. Empty for none. Enterprise
        only.
      - A user with O(auth) needs no O(user_password), and then has none. A password that is there stays.
      - That Neo4j asks the provider, and believes what it says of users, are settings
        (C(dbms.security.authentication_providers), C(dbms.security.require_local_user)).
    type: list
    elements: dict
    suboptions:
      provider:
        description: The provider, as the settings of Neo4j name it, such as V(ldap) or V(oidc-okta). Case counts.
        type: str
        required: true
      id:
        description: What identifies the user there, such as the C(sub) claim of OpenID Connect or the C(dn) of LDAP.
        type: str
        required: true
  suspended:
    description: Whether the user is kept from logging in. Sessions that are open lose all roles. Enterprise only.
    type: bool
  home_database:
    description: The database that a session uses when none is named. Empty for the default one. Enterprise only.
    type: str
  roles:
    description:
      - The roles of the user, all of them, beside C(PUBLIC), which everybody has. They must exist. Enterprise only.
    type: list
    elements: str
  append:
    description: Whether O(roles) are given to the user in addition to those that are there.
    type: bool
    default: false
seealso:
  - module: credex.ops.neo4j_user_info
  - module: credex.ops.neo4j_role
"""

EXAMPLES = r"""
- name: Replace the first password of a server
  credex.ops.neo4j_user:
    uri: bolt://10.0.1.11
    username: neo4j
    password: neo4j
    name: neo4j
    user_password: "{{ neo4j_password }}"
  delegate_to: localhost

- name: Have a user for the application
  credex.ops.neo4j_user:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: credex_core
    user_password: "{{ credex_core_password }}"
    password_change_required: false
    home_database: ledgerspace
    roles: [credex_core]
  delegate_to: localhost

- name: Have a user who logs in with the company's identity provider alone
  credex.ops.neo4j_user:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: ann
    auth:
      - {provider: oidc-okta, id: 00u1a2b3c4}
    roles: [reader]
  delegate_to: localhost

- name: Keep somebody out
  credex.ops.neo4j_user:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: joe
    update_password: on_create
    user_password: "{{ joe_password }}"
    suspended: true
  delegate_to: localhost

- name: Have no user of this name
  credex.ops.neo4j_user:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: jane
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
user:
  description: The user afterwards, in check mode as it would be, with the fields that M(credex.ops.neo4j_user_info)
    returns. Null when there is none, and in check mode when nothing can be read before the password is changed.
  returned: success
  type: dict
  sample:
    name: credex_core
    roles: [credex_core]
    password_change_required: false
    suspended: false
    home_database: ledgerspace
    auth: []
executed_statements:
  description: The statements that changed something, or in check mode would, with their C($parameters) unfilled.
  returned: success
  type: list
  elements: str
  sample: ["ALTER USER $user SET PASSWORD $password"]
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why it could not be done, as in M(credex.ops.neo4j_component_info); V(other) when the server refused.
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

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, connection, statements, users
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, Neo4jOpsError, UnreachableError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step, User

OPTIONS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "user_password": {"type": "str", "no_log": True},
    "update_password": {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False},
    "password_change_required": {"type": "bool", "no_log": False},
    "auth": {
        "type": "list",
        "elements": "dict",
        "options": {"provider": {"type": "str", "required": True}, "id": {"type": "str", "required": True}},
    },
    "suspended": {"type": "bool"},
    "home_database": {"type": "str"},
    "roles": {"type": "list", "elements": "str"},
    "append": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(
        connection.address_argument_spec(**OPTIONS), supports_check_mode=True, **connection.LOGIN_RULES
    )
    try:
        result = run(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**result)


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    users.refuse_lockout(params)
    users.refuse_auth(params["auth"])
    asked, own = set_own_password(connection.query_target(params), params, check_mode)
    try:
        found = users.users(administration.rows(asked, statements.ALL_USERS))
    except UnreachableError as error:
        if check_mode and own and error.cause is Cause.CREDENTIALS_EXPIRED:
            return told(None, None, own)  # before the password is changed nothing else can be read
        raise
    current = next((user for user in found if user["name"] == params["name"]), None)
    on_community = users.is_community(found)
    if on_community:
        users.refuse_on_community(params, asked.uri)
    after, steps = change(asked, params, current, on_community)
    executed = steps if check_mode else administration.carry_out(asked, steps)
    return told(current, after, [*own, *executed])


def set_own_password(asked: Target, params: dict[str, Any], check_mode: bool) -> tuple[Target, list[Step]]:
    """How to log in from here on, and the statement that changes the password of who logs in, if one is needed."""
    new = params["user_password"]
    if not sets_password(params) or params["name"] != asked.username or new == asked.password:
        return asked, []
    renewed = replace(asked, password=new)
    if administration.has_password(asked, params["name"], new):
        return renewed, []
    steps = [Step(statements.SET_OWN_PASSWORD, {"old": asked.password, "new": new})]
    if check_mode:
        return asked, steps
    return renewed, administration.carry_out(asked, steps)


def sets_password(params: dict[str, Any]) -> bool:
    return params["state"] == "present" and params["update_password"] == "always" and bool(params["user_password"])


def change(
    asked: Target, params: dict[str, Any], current: User | None, on_community: bool
) -> tuple[User | None, list[Step]]:
    """The user afterwards, and the statements until then."""
    if params["state"] == "absent":
        return None, [Step(statements.DROP_USER, {"user": params["name"]})] if current else []
    after = users.wanted(current, params, on_community)
    if current:
        users.refuse_own_loss(current, after, params)
    return after, users.plan(current, after, params["user_password"], has_another(asked, params, current))


def has_another(asked: Target, params: dict[str, Any], current: User | None) -> bool:
    """Whether the password is to be set for somebody who is there. Nobody can see that of who is suspended."""
    if current is None or not sets_password(params) or params["name"] == asked.username:
        return False
    return current["suspended"] or not administration.has_password(asked, params["name"], params["user_password"])


def told(current: User | None, after: User | None, executed: Sequence[Step]) -> dict[str, Any]:
    return {
        "changed": bool(executed),
        "user": after,
        "executed_statements": [step.statement for step in executed],
        "diff": users.diff(current, after, executed),
    }


if __name__ == "__main__":
    main()

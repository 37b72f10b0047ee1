#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_role
short_description: Have a role of Neo4j with exactly these privileges, or have none
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Creates or drops one role of a cluster, and grants and revokes until it has the privileges of a list. Who has the
    role is said for each user, with M(credex.ops.neo4j_user).
  - Privileges are commands, one for each, as C(SHOW ROLE ... PRIVILEGES AS COMMANDS) and
    M(credex.ops.neo4j_role_info) show them. They are compared with those that the role has, which Neo4j writes in its
    own way. So the module lets these differ - blanks, back-ticks around a name, the case of names of databases,
    C(DATABASES), C(GRAPHS), C(NODES) and C(RELATIONSHIPS), several databases in one command, and C(TRAVERSE),
    C(READ {...}) or C(MATCH {...}) without C(NODE) or C(RELATIONSHIP), which are both.
  - What else Neo4j writes in another way than O(privileges) is noticed when it has been granted. Then the module fails,
    having revoked nothing, and names the commands as Neo4j has them, to be put into the list instead.
  - All is granted before anything is revoked. A run that ends between is simply run again.
  - Immutable privileges are left alone, whatever the list says.
  - Enterprise Edition only. Community has no roles, and the module fails there before it changes anything.
  - Privileges in Neo4j - C(SHOW ROLE), C(SHOW PRIVILEGE), and for what there is to change C(CREATE ROLE),
    C(DROP ROLE), C(ASSIGN PRIVILEGE), C(REMOVE PRIVILEGE). Who has C(ASSIGN PRIVILEGE) could make itself an
    administrator.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: That Neo4j writes a privilege in another way is not known before it is granted.
  diff_mode:
    support: full
    details: It shows the privileges before and after, as commands.
  idempotent:
    support: full
options:
  name:
    description: The role. Case counts.
    type: str
    required: true
  state:
    description:
      - Whether the role is there.
      - V(absent) is refused for the roles that Neo4j brings (C(PUBLIC), C(reader), C(editor), C(publisher),
        C(architect), C(admin)), and for one that O(username) has.
    type: str
    choices: [present, absent]
    default: present
  privileges:
    description:
      - What the role may and may not do, each as a command V(GRANT ... TO role) or V(DENY ... TO role), with keywords
        in capitals. What is not in the list is revoked, unless O(append). An empty list leaves no privilege.
      - Without it privileges are not looked at.
      - From the role C(admin) nothing is ever revoked.
    type: list
    elements: str
  append:
    description: Whether O(privileges) are granted in addition to those that are there, of which none is revoked.
    type: bool
    default: false
  copy_of:
    description:
      - Another role, whose privileges a new one begins with. Of one that is there it changes nothing.
      - With O(privileges) and without O(append), the role ends with what is listed there all the same.
    type: str
seealso:
  - module: credex.ops.neo4j_role_info
  - module: credex.ops.neo4j_user
"""

EXAMPLES = r"""
- name: Have a role for the application
  credex.ops.neo4j_role:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: credex_core
    privileges:
      - GRANT ACCESS ON DATABASE `ledgerspace` TO `credex_core`
      - GRANT ACCESS ON DATABASE `searchspace` TO `credex_core`
      - GRANT MATCH {*} ON GRAPH `ledgerspace` NODE * TO `credex_core`
      - GRANT MATCH {*} ON GRAPH `ledgerspace` RELATIONSHIP * TO `credex_core`
      - GRANT WRITE ON GRAPH `ledgerspace` TO `credex_core`
  delegate_to: localhost

- name: Have one that begins as the built-in reader, and may not load files
  credex.ops.neo4j_role:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: analyst
    copy_of: reader
    append: true
    privileges:
      - DENY LOAD ON ALL DATA TO `analyst`
  delegate_to: localhost

- name: Have no role of this name
  credex.ops.neo4j_role:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: intern
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
role:
  description: The role afterwards, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  contains:
    name:
      description: The role.
      type: str
      sample: credex_core
    privileges:
      description: Its privileges as commands, but for immutable ones.
      type: list
      elements: str
      sample: ["GRANT ACCESS ON DATABASE `ledgerspace` TO `credex_core`"]
unlisted:
  description: What the role had beyond O(privileges). Revoked, unless O(append).
  returned: success
  type: list
  elements: str
executed_statements:
  description: The statements that ran, or in check mode would run. Names of roles are in C($parameters), unfilled,
    except in what grants and revokes.
  returned: success
  type: list
  elements: str
  sample: ["CREATE ROLE $role", "GRANT ACCESS ON DATABASE `ledgerspace` TO `credex_core`"]
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
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import (
    administration,
    connection,
    privileges,
    roles,
    statements,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step

OPTIONS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "privileges": {"type": "list", "elements": "str"},
    "append": {"type": "bool", "default": False},
    "copy_of": {"type": "str"},
}


def main() -> None:
    module = AnsibleModule(
        connection.address_argument_spec(**OPTIONS), supports_check_mode=True, **connection.LOGIN_RULES
    )
    try:
        run = absent if module.params["state"] == "absent" else present
        result = run(connection.query_target(module.params), module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**result)


def absent(asked: Target, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    name = params["name"]
    before = current(asked, name)
    if before is None:
        return told(name, None, None, [])
    roles.refuse_end(asked, name)
    steps = [Step(statements.DROP_ROLE, {"role": name})]
    if not check_mode:
        administration.carry_out(asked, steps)
    return told(name, before, None, steps)


def present(asked: Target, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    name = params["name"]
    wanted = privileges.wanted(params["privileges"] or [], name)
    before = current(asked, name)
    begin = of_original(asked, params) if before is None else before
    plan = privileges.plan(begin, wanted, append=params["append"] or params["privileges"] is None)
    roles.refuse_loss(name, plan.revoke)
    made = [creation(params)] if before is None else []
    granted, revoked = commands(plan.grant), commands(plan.revoke)
    if not check_mode:
        administration.carry_out(asked, made + granted)
        if granted:
            refuse_other_spelling(asked, name, {*begin, *plan.after}, wanted)
        administration.carry_out(asked, revoked)
    found = told(name, before, plan.after, [*made, *granted, *revoked])
    return {**found, "unlisted": [] if params["privileges"] is None else plan.unlisted}


def current(asked: Target, name: str) -> list[str] | None:
    """The privileges of a role; null when there is no such role."""
    return roles.held(asked, name).privileges if name in roles.names(asked) else None


def commands(texts: Sequence[str]) -> list[Step]:
    return [Step(text, {}) for text in texts]


def of_original(asked: Target, params: dict[str, Any]) -> list[str]:
    """What a copy begins with."""
    original = params["copy_of"]
    if not original:
        return []
    return [privileges.copied(each, original, params["name"]) for each in roles.held(asked, original).privileges]


def creation(params: dict[str, Any]) -> Step:
    if params["copy_of"]:
        return Step(statements.CREATE_COPY_OF_ROLE, {"role": params["name"], "original": params["copy_of"]})
    return Step(statements.CREATE_ROLE, {"role": params["name"]})


def refuse_other_spelling(asked: Target, name: str, expected: set[str], wanted: dict[str, list[str]]) -> None:
    """What was granted and is not shown, is shown in another way, so that the next run would grant it again."""
    now = roles.held(asked, name).privileges
    missing = privileges.missing(now, wanted)
    if missing:
        shown = [command for command in now if command not in expected]
        raise InvalidOptionError(
            f"{'; '.join(missing)} was granted, but Neo4j shows it in another way, so that each run would grant it "
            f"again. Nothing was revoked. Write it as Neo4j does: {'; '.join(shown)}",
            asked.uri,
        )


def told(name: str, before: Sequence[str] | None, after: Sequence[str] | None, steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "changed": bool(steps),
        "role": None if after is None else {"name": name, "privileges": list(after)},
        "unlisted": [],
        "executed_statements": [step.statement for step in steps],
        "diff": {"before": as_text(name, before), "after": as_text(name, after)},
    }


def as_text(name: str, held: Sequence[str] | None) -> str:
    return "" if held is None else "\n".join([f"role {privileges.quoted(name)}", *held, ""])


if __name__ == "__main__":
    main()

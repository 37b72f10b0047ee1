# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles, and who has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lab.server import errors, texts
from lab.server.roles import PUBLIC
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer


@statement("SHOW [ALL] [POPULATED] ROLE|ROLES <tail:tail>", kind="s", is_enterprise=True)
def show_roles(call: Call) -> Answer:
    call.access.require("SHOW ROLE")
    rows = [{"role": role, "immutable": False} for role in _shown(call)]
    return call.table(("role", "immutable"), ("role",), rows)


@statement("SHOW [ALL] [POPULATED] ROLE|ROLES WITH USER|USERS <tail:tail>", kind="s", is_enterprise=True)
def show_roles_with_users(call: Call) -> Answer:
    """A row for each user of a role; a role that nobody has takes one row."""
    call.access.require("SHOW ROLE", "SHOW USER")
    rows: list[dict[str, Any]] = [
        {"role": role, "member": member, "immutable": False}
        for role in _shown(call)
        for member in (_members(call, role) or (None,))
    ]
    return call.table(("role", "immutable", "member"), ("role", "member"), rows)


def _shown(call: Call) -> list[str]:
    names = call.instance.roles.names()
    return [name for name in names if _members(call, name)] if "POPULATED" in call.given else names


def _members(call: Call, role: str) -> list[str]:
    return [user.name for user in call.instance.users.all() if role in user.roles]


@statement(
    "CREATE ROLE <name:name> [IF NOT EXISTS] [AS COPY OF <like:name>]", kind="s", writes=True, is_enterprise=True
)
def create_role(call: Call) -> Answer:
    call.access.require("CREATE ROLE")
    roles, name, like = call.instance.roles, call.slots["name"], call.slots.get("like")
    action = f"create the specified role '{name}'"
    if name == PUBLIC:
        raise errors.reserved_role(action, name)
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) is None:
        raise errors.argument_error(texts.ROLE_NAME % name)
    if name in roles.names():
        if "IF NOT EXISTS" in call.given:
            return Answer(())
        raise errors.exists_already("Role", action)
    if like is not None and like not in roles.names():
        raise errors.argument_error(f"{texts.COPY_OF % like}: Role does not exist.")
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: roles.create(name, like))


@statement("DROP ROLE <name:name> [IF EXISTS]", kind="s", writes=True, is_enterprise=True)
def drop_role(call: Call) -> Answer:
    call.access.require("DROP ROLE")
    roles, name = call.instance.roles, call.slots["name"]
    action = f"delete the specified role '{name}'"
    if name == PUBLIC:
        raise errors.reserved_role(action, name)
    if name not in roles.names():
        if "IF EXISTS" in call.given:
            return Answer(())
        raise errors.no_such("Role", action)
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: roles.drop(name))


@statement("GRANT ROLE|ROLES <roles:names> TO <users:names>", kind="s", writes=True, is_enterprise=True)
def grant_role(call: Call) -> Answer:
    call.access.require("ASSIGN ROLE")
    known, users = call.instance.roles.names(), call.instance.users
    for user in call.slots["users"]:
        for role in call.slots["roles"]:
            action = f"grant role '{role}' to user '{user}'"
            if role not in known:
                raise errors.no_such("Role", action)
            if users.find(user) is None:
                raise errors.no_such("User", action)
    return _with_roles(call, lambda had, named: had | named)


@statement("REVOKE ROLE|ROLES <roles:names> FROM <users:names>", kind="s", writes=True, is_enterprise=True)
def revoke_role(call: Call) -> Answer:
    """A role or a user that is not there, or not together, is not an error (in Cypher 5)."""
    call.access.require("REMOVE ROLE")
    if PUBLIC in call.slots["roles"]:
        user = call.slots["users"][0]
        raise errors.reserved_role(f"revoke role '{PUBLIC}' from user '{user}'", PUBLIC)
    return _with_roles(call, lambda had, named: had - named)


def _with_roles(call: Call, change: Callable[[set[str], set[str]], set[str]]) -> Answer:
    """Each named user with other roles than before; what changes nothing counts no update."""
    users, named = call.instance.users, set(call.slots["roles"]) - {PUBLIC}
    found = [user for user in users.all() if user.name in call.slots["users"]]
    changed = {user.name: change(set(user.own_roles), named) for user in found}
    changed = {user.name: changed[user.name] for user in found if changed[user.name] != set(user.own_roles)}

    def assign() -> None:
        for name, roles in changed.items():
            users.set_roles(name, roles)

    return Answer((), counters=SYSTEM_UPDATE if changed else None, effect=assign)

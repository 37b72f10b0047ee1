# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GRANT, DENY and REVOKE of the privileges that `lab.server.privileges` knows, and SHOW PRIVILEGES."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.server import errors
from lab.server.privileges import EVERY, HOME, KINDS
from lab.server.roles import DENY, GRANT, Assigned
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer
from lab.server.users import User

_COLUMNS = ("access", "action", "resource", "graph", "segment", "role", "immutable")
_SHOWN = {GRANT: "GRANTED", DENY: "DENIED"}
_AS_COMMANDS = "[AS [REVOKE] COMMAND|COMMANDS]"


@statement("GRANT <privileges:privilege> TO <roles:names>", kind="s", writes=True, is_enterprise=True)
def grant(call: Call) -> Answer:
    return _assign(call, GRANT)


@statement("DENY <privileges:privilege> TO <roles:names>", kind="s", writes=True, is_enterprise=True)
def deny(call: Call) -> Answer:
    return _assign(call, DENY)


def _assign(call: Call, access: str) -> Answer:
    call.access.require("ASSIGN PRIVILEGE")
    roles, privileges = call.slots["roles"], call.slots["privileges"]
    what = f"{access.lower()} {KINDS[privileges[0].kind].action} privilege to role"
    known = call.instance.roles.names()
    for role in roles:
        if role not in known:
            raise errors.no_such("Role", f"{what} '{role}'")
    for target in {each.target for each in privileges} - {"", EVERY, HOME}:
        if call.snapshot.database(target) is None:
            raise errors.Neo4jError(
                "Neo.ClientError.Database.DatabaseNotFound",
                f"Failed to {what} '{roles[0]}': Database '{target}' does not exist.",
            )
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: call.instance.roles.assign(access, roles, privileges))


@statement("REVOKE GRANT <privileges:privilege> FROM <roles:names>", kind="s", writes=True, is_enterprise=True)
def revoke_grant(call: Call) -> Answer:
    return _revoke(call, GRANT)


@statement("REVOKE DENY <privileges:privilege> FROM <roles:names>", kind="s", writes=True, is_enterprise=True)
def revoke_deny(call: Call) -> Answer:
    return _revoke(call, DENY)


@statement("REVOKE <privileges:privilege> FROM <roles:names>", kind="s", writes=True, is_enterprise=True)
def revoke(call: Call) -> Answer:
    return _revoke(call, GRANT, DENY)


def _revoke(call: Call, *accesses: str) -> Answer:
    """What is not there is revoked without an error (in Cypher 5)."""
    call.access.require("REMOVE PRIVILEGE")
    roles, privileges = call.slots["roles"], call.slots["privileges"]

    def remove() -> None:
        for access in accesses:
            call.instance.roles.revoke(access, roles, privileges)

    return Answer((), counters=SYSTEM_UPDATE, effect=remove)


# Showing


@statement(f"SHOW [ALL] PRIVILEGE|PRIVILEGES {_AS_COMMANDS} <tail:tail>", kind="s", is_enterprise=True)
def show_privileges(call: Call) -> Answer:
    call.access.require("SHOW PRIVILEGE")
    return _show(call, [(each, None) for each in call.instance.roles.assigned()])


@statement(
    f"SHOW ROLE|ROLES <roles:names> PRIVILEGE|PRIVILEGES {_AS_COMMANDS} <tail:tail>", kind="s", is_enterprise=True
)
def show_role_privileges(call: Call) -> Answer:
    call.access.require("SHOW PRIVILEGE")
    return _show(call, [(each, None) for each in call.instance.roles.assigned(call.slots["roles"])])


@statement(f"SHOW USER|USERS PRIVILEGE|PRIVILEGES {_AS_COMMANDS} <tail:tail>", kind="s", is_enterprise=True)
def show_own_privileges(call: Call) -> Answer:
    return _show_users(call, [call.user])


@statement(
    f"SHOW USER|USERS <users:names> PRIVILEGE|PRIVILEGES {_AS_COMMANDS} <tail:tail>", kind="s", is_enterprise=True
)
def show_user_privileges(call: Call) -> Answer:
    """One's own take no privilege."""
    if call.slots["users"] != [call.user.name]:
        call.access.require("SHOW PRIVILEGE", "SHOW USER")
    return _show_users(call, [user for user in call.instance.users.all() if user.name in call.slots["users"]])


def _show_users(call: Call, users: Iterable[User]) -> Answer:
    roles = call.instance.roles
    return _show(call, [(each, user.name) for user in users for each in roles.assigned(user.roles)], of_users=True)


def _show(call: Call, found: list[tuple[Assigned, str | None]], of_users: bool = False) -> Answer:
    if "AS COMMAND|COMMANDS" in call.given:
        commands = {_command(each, "REVOKE" in call.given, of_users) for each, _ in found}
        rows = [{"command": command, "immutable": False} for command in sorted(commands)]
        return call.table(("command", "immutable"), ("command",), rows)
    columns = (*_COLUMNS, "user") if of_users else _COLUMNS
    rows = [row for each, user in found for row in _rows(each, user)]
    return call.table(columns, columns, sorted(rows, key=_order))


def _rows(each: Assigned, user: str | None) -> list[dict[str, Any]]:
    more = {"access": _SHOWN[each.access], "role": each.role, "immutable": False, "user": user}
    return [row | more for row in each.privilege.rows]


def _order(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["user"] or "", row["role"], row["segment"], row["action"], row["graph"], row["access"])


def _command(each: Assigned, as_revoke: bool, of_user: bool) -> str:
    """Of a user, the role is left open."""
    role = "$role" if of_user else f"`{each.role}`"
    command = f"{each.access} {each.privilege.command}"
    return f"REVOKE {command} FROM {role}" if as_revoke else f"{command} TO {role}"

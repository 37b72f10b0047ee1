# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users. Roles and privileges are not emulated: whoever can log in may do everything."""

from __future__ import annotations

from typing import Any

from lab.server import errors
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer
from lab.server.users import User
from lab.server.versions import before

_COLUMNS = ("user", "roles", "passwordChangeRequired", "suspended", "home")


@statement("SHOW USERS <tail:tail>", kind="s")
def show_users(call: Call) -> Answer:
    newer = () if before(call.instance.version, 2025) else ("tags",)
    return call.table((*_COLUMNS, *newer), _COLUMNS, [_row(user) for user in call.instance.users.all()])


@statement("SHOW CURRENT USER <tail:tail>", kind="s")
def show_current_user(call: Call) -> Answer:
    return call.table(_COLUMNS, _COLUMNS, [_row(call.user)])


def _row(user: User) -> dict[str, Any]:
    return {
        "user": user.name,
        "roles": user.roles,
        "passwordChangeRequired": user.change_required,
        "suspended": False,
        "home": None,
        "tags": [],
    }


@statement(
    "CREATE USER <name:name> [IF NOT EXISTS] SET [PLAINTEXT] PASSWORD <password:value>"
    " [CHANGE REQUIRED] [CHANGE NOT REQUIRED]",
    kind="s",
    writes=True,
    obfuscated=True,
)
def create_user(call: Call) -> Answer:
    users, name, password = call.instance.users, call.slots["name"], call.slots["password"]
    if users.find(name):
        if "IF NOT EXISTS" in call.given:
            return Answer(())
        raise errors.argument_error(f"Failed to create the specified user '{name}': User already exists.")
    _check_length(call, password)
    change = "CHANGE NOT REQUIRED" not in call.given
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: users.create(name, password, change, ["PUBLIC"]))


@statement("DROP USER <name:name> [IF EXISTS]", kind="s", writes=True)
def drop_user(call: Call) -> Answer:
    users, name = call.instance.users, call.slots["name"]
    if users.find(name) is None:
        if "IF EXISTS" in call.given:
            return Answer(())
        raise errors.argument_error(f"Failed to delete the specified user '{name}': User does not exist.")
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: users.drop(name))


@statement(
    "ALTER CURRENT USER SET PASSWORD FROM <old:value> TO <new:value>",
    kind="s",
    writes=True,
    obfuscated=True,
    changes_own_password=True,
)
def alter_current_user(call: Call) -> Answer:
    users, name = call.instance.users, call.user.name
    old, new = call.slots["old"], call.slots["new"]
    if not users.has_password(name, old):
        raise errors.argument_error(
            f"User '{name}' failed to alter their own password: Invalid principal or credentials.", "42NFF"
        )
    if old == new:
        raise errors.bad_password(
            f"User '{name}' failed to alter their own password: Old password and new password cannot be the same."
        )
    _check_length(call, new)
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: users.set_password(name, new, change_required=False))


def _check_length(call: Call, password: str) -> None:
    minimum = int(call.instance.config.get("dbms.security.auth_minimum_password_length") or 0)
    if len(password) < minimum:
        raise errors.bad_password(f"A password must be at least {minimum} characters.")

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users."""

from __future__ import annotations

from typing import Any

from lab.server import errors, texts
from lab.server.statements.registry import SYSTEM_UPDATE, Call, statement
from lab.server.tables import Answer
from lab.server.users import User
from lab.server.versions import before

_COLUMNS = ("user", "roles", "passwordChangeRequired", "suspended", "home")
_AUTH_COLUMNS = ("provider", "auth")
# Null on Community
_ENTERPRISE_COLUMNS = ("roles", "suspended", "home")
_NATIVE = "SET [PLAINTEXT] PASSWORD <password:value> [CHANGE REQUIRED] [CHANGE NOT REQUIRED]"
_CHANGE = "[SET PASSWORD CHANGE REQUIRED] [SET PASSWORD CHANGE NOT REQUIRED]"
_STATUS = "[SET STATUS ACTIVE] [SET STATUS SUSPENDED]"
_HOME = "[SET HOME DATABASE <home:name>]"
_AUTH = "SET AUTH [PROVIDER] <provider:value> {SET ID <id:value>}"
_NATIVE_PROVIDER = "native"


@statement("SHOW USER|USERS [WITH AUTH] <tail:tail>", kind="s")
def show_users(call: Call) -> Answer:
    call.access.require("SHOW USER")
    newer = () if before(call.instance.version, 2025) else ("tags",)
    found = call.instance.users.all()
    if "WITH AUTH" not in call.given:
        return call.table((*_COLUMNS, *newer), _COLUMNS, [_row(call, user) for user in found])
    rows = [{**_row(call, user), "provider": name, "auth": auth} for user in found for name, auth in _auth_rows(user)]
    return call.table((*_COLUMNS, *_AUTH_COLUMNS, *newer), (*_COLUMNS, *_AUTH_COLUMNS), rows)


def _auth_rows(user: User) -> list[tuple[str | None, dict[str, Any] | None]]:
    """A row for each way to log in; who has none has one row all the same."""
    native = {"password": "***", "changeRequired": user.change_required}
    found: dict[str | None, dict[str, Any] | None] = {name: {"id": identity} for name, identity in user.auth.items()}
    if user.has_password:
        found[_NATIVE_PROVIDER] = native
    return sorted(found.items(), key=lambda each: str(each[0])) or [(None, None)]


@statement("SHOW CURRENT USER <tail:tail>", kind="s")
def show_current_user(call: Call) -> Answer:
    return call.table(_COLUMNS, _COLUMNS, [_row(call, call.user)])


def _row(call: Call, user: User) -> dict[str, Any]:
    row = {
        "user": user.name,
        "roles": user.roles,
        "passwordChangeRequired": user.change_required if user.has_password else None,
        "suspended": user.is_suspended,
        "home": user.home,
        "tags": [],
    }
    return row if call.instance.edition == "enterprise" else row | dict.fromkeys(_ENTERPRISE_COLUMNS)


@statement(
    f"CREATE USER <name:name> [IF NOT EXISTS] {_NATIVE} {_CHANGE} {_STATUS} {_HOME}",
    kind="s",
    writes=True,
    obfuscated=True,
)
def create_user(call: Call) -> Answer:
    call.access.require("CREATE USER")
    users, name, password = call.instance.users, call.slots["name"], call.slots["password"]
    action = f"create the specified user '{name}'"
    _check_edition(call, action)
    if users.find(name):
        if "IF NOT EXISTS" in call.given:
            return Answer(())
        raise errors.exists_already("User", action)
    _check_length(call, password)

    def create() -> None:
        users.create(name, password, _must_change(call) is not False)
        _set_status_and_home(call, name)

    return Answer((), counters=SYSTEM_UPDATE, effect=create)


@statement(f"CREATE USER <name:name> {_AUTH}", kind="s", writes=True)
def create_user_of_provider(call: Call) -> Answer:
    call.access.require("CREATE USER")
    users, name = call.instance.users, call.slots["name"]
    action = f"create the specified user '{name}'"
    _check_provider(call, action)
    if users.find(name):
        raise errors.exists_already("User", action)

    def create() -> None:
        users.create(name, None, False)
        users.set_auth(name, {call.slots["provider"]: call.slots["id"]})

    return Answer((), counters=SYSTEM_UPDATE, effect=create)


@statement(f"ALTER USER <name:name> {_AUTH}", kind="s", writes=True)
def set_auth(call: Call) -> Answer:
    call.access.require("SET AUTH")
    action = f"alter the specified user '{call.slots['name']}'"
    _check_provider(call, action)
    user = _existing(call, action)
    auth = {**user.auth, call.slots["provider"]: call.slots["id"]}
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: call.instance.users.set_auth(user.name, auth))


@statement("ALTER USER <name:name> REMOVE AUTH [PROVIDER|PROVIDERS] <provider:value>", kind="s", writes=True)
def remove_auth(call: Call) -> Answer:
    call.access.require("SET AUTH")
    action = f"alter the specified user '{call.slots['name']}'"
    _refuse_on_community(call, action, "REMOVE AUTH")
    user = _existing(call, action)
    auth = {provider: identity for provider, identity in user.auth.items() if provider != call.slots["provider"]}
    if not auth and not user.has_password:
        raise errors.argument_error(texts.NO_AUTH_LEFT)
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: call.instance.users.set_auth(user.name, auth))


def _existing(call: Call, action: str) -> User:
    user = call.instance.users.find(call.slots["name"])
    if user is None:
        raise errors.no_such("User", action, "42002")
    return user


def _refuse_on_community(call: Call, action: str, clause: str) -> None:
    """Others than the password are Enterprise's."""
    if call.instance.edition != "enterprise":
        raise errors.clause_not_in_community(action, f"`{clause}`")


def _check_provider(call: Call, action: str) -> None:
    """Each id is one user's."""
    provider, identity = call.slots["provider"], call.slots["id"]
    _refuse_on_community(call, action, f"SET AUTH '{provider}'")
    other = call.instance.users.who_is(provider, identity)
    if other not in (None, call.slots["name"]):
        raise errors.argument_error(f"Failed to {action}: {texts.AUTH_IS_TAKEN}")


@statement(
    f"ALTER USER <name:name> [IF EXISTS] [REMOVE HOME DATABASE] [{_NATIVE}] {_CHANGE} {_STATUS} {_HOME}",
    kind="s",
    writes=True,
    obfuscated=True,
)
def alter_user(call: Call) -> Answer:
    users, name, password = call.instance.users, call.slots["name"], call.slots.get("password")
    action = f"alter the specified user '{name}'"
    call.access.require(*_altered(call))
    if _clauses(call, "SET STATUS") and name == call.user.name:
        raise errors.argument_error(f"Failed to {action}: {texts.OWN_STATUS}.", "42N98", "42N98")
    _check_edition(call, action)
    if users.find(name) is None:
        if "IF EXISTS" in call.given:
            return Answer(())
        raise errors.no_such("User", action, "42002")
    if password is not None:
        _check_length(call, password)
        if users.has_password(name, password):
            raise errors.bad_password(f"Failed to {action}: Old password and new password cannot be the same.")

    def alter() -> None:
        if password is not None:
            users.set_password(name, password)
        must_change = _must_change(call)
        if must_change is not None:
            users.set_change_required(name, must_change)
        _set_status_and_home(call, name)

    return Answer((), counters=SYSTEM_UPDATE, effect=alter)


def _altered(call: Call) -> list[str]:
    """The privileges for what is to be altered."""
    needed = {
        "SET PASSWORD": _clauses(call, "SET PASSWORD"),
        "SET USER STATUS": _clauses(call, "SET STATUS"),
        "SET USER HOME DATABASE": _clauses(call, "SET HOME", "REMOVE HOME"),
    }
    if not any(needed.values()):
        raise errors.Neo4jError(
            "Neo.ClientError.Statement.SyntaxError", "`ALTER USER` requires at least one clause.", "42N94"
        )
    return [privilege for privilege, is_needed in needed.items() if is_needed]


def _must_change(call: Call) -> bool | None:
    """Whether the password has to be changed; None when nothing is said of it."""
    said = [given for given in call.given if given.endswith(("CHANGE REQUIRED", "NOT REQUIRED"))]
    return "NOT REQUIRED" not in said[0] if said else None


def _clauses(call: Call, *beginnings: str) -> bool:
    return any(given.startswith(beginnings) for given in call.given)


def _check_edition(call: Call, action: str) -> None:
    """Status and home are Enterprise's."""
    if call.instance.edition == "enterprise":
        return
    for clause, beginnings in (("SET STATUS", ("SET STATUS",)), ("HOME DATABASE", ("SET HOME", "REMOVE HOME"))):
        if _clauses(call, *beginnings):
            raise errors.clause_not_in_community(action, f"'{clause}'")


def _set_status_and_home(call: Call, name: str) -> None:
    users = call.instance.users
    if _clauses(call, "SET STATUS"):
        users.set_suspended(name, "SET STATUS SUSPENDED" in call.given)
    if _clauses(call, "SET HOME", "REMOVE HOME"):
        home = call.slots.get("home")
        users.set_home(name, None if home is None else home.lower())


@statement("RENAME USER <name:name> [IF EXISTS] TO <new:name>", kind="s", writes=True)
def rename_user(call: Call) -> Answer:
    call.access.require("RENAME USER")
    users, name, new = call.instance.users, call.slots["name"], call.slots["new"]
    action = f"rename the specified user '{name}' to '{new}'"
    if users.find(name) is None:
        if "IF EXISTS" in call.given:
            return Answer(())
        raise errors.argument_error(f"Failed to {action}: The user '{name}' does not exist.", gql_status_5="42N09")
    if users.find(new):
        raise errors.argument_error(f"Failed to {action}: User '{new}' already exists.", gql_status_5="42N12")
    return Answer((), counters=SYSTEM_UPDATE, effect=lambda: users.rename(name, new))


@statement("DROP USER <name:name> [IF EXISTS]", kind="s", writes=True)
def drop_user(call: Call) -> Answer:
    call.access.require("DROP USER")
    users, name = call.instance.users, call.slots["name"]
    action = f"delete the specified user '{name}'"
    if name == call.user.name:
        raise errors.argument_error(f"Failed to {action}: Deleting yourself is not allowed.", "42N99", "42N99")
    if users.find(name) is None:
        if "IF EXISTS" in call.given:
            return Answer(())
        raise errors.no_such("User", action)
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

    def alter() -> None:
        users.set_password(name, new)
        users.set_change_required(name, False)

    return Answer((), counters=SYSTEM_UPDATE, effect=alter)


def _check_length(call: Call, password: str) -> None:
    minimum = int(call.instance.config.get("dbms.security.auth_minimum_password_length") or 0)
    if len(password) < minimum:
        raise errors.bad_password(f"A password must be at least {minimum} characters.")

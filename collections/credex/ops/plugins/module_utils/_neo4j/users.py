# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A user as it is, as it is to be, and the statements between the two. No I/O.

A user is a dict: `name`, `roles` (sorted, without PUBLIC, which everybody has), `password_change_required`, `suspended`
and `home_database`. Roles, status and home are Enterprise's; on Community they are null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, NotSupportedError

User = dict[str, Any]

PUBLIC = "PUBLIC"
_COLUMNS = {
    "name": "user",
    "roles": "roles",
    "password_change_required": "passwordChangeRequired",
    "suspended": "suspended",
    "home_database": "home",
}
_OF_ENTERPRISE = ("roles", "suspended", "home_database")
_NEW = {"roles": [], "password_change_required": True, "suspended": False, "home_database": None}


class Step(NamedTuple):
    """A statement on `system`, and the values that are bound to it, which may be secrets."""

    statement: str
    parameters: dict[str, Any]


def users(rows: Sequence[dict[str, Any]]) -> list[User]:
    """The rows of SHOW USERS, by name."""
    found = [{ours: row[theirs] for ours, theirs in _COLUMNS.items()} for row in rows]
    for user in found:
        if user["roles"] is not None:
            user["roles"] = sorted(set(user["roles"]) - {PUBLIC})
    return sorted(found, key=lambda user: user["name"])


def is_community(found: Sequence[User]) -> bool:
    """Whether this server knows nothing of a status."""
    return bool(found) and all(user["suspended"] is None for user in found)


# What is refused before anything is changed


def refuse_lockout(params: dict[str, Any]) -> None:
    """The user that the module logs in with must be able to log in again."""
    if params["name"] != params["username"]:
        return
    for is_asked, what in (
        (params["state"] == "absent", "dropped"),
        (params["suspended"], "suspended"),
        (params["password_change_required"], "made to change their password"),
    ):
        if is_asked:
            raise _locked_out(params["name"], what)


def refuse_own_loss(current: User, after: User, params: dict[str, Any]) -> None:
    """Nor must that user lose a role: the one that administrates may be among them."""
    lost = set(current["roles"] or ()) - set(after["roles"] or ())
    if params["name"] == params["username"] and lost:
        raise _locked_out(params["name"], f"relieved of {', '.join(sorted(lost))}")


def _locked_out(name: str, what: str) -> InvalidOptionError:
    return InvalidOptionError(f"{name} is who this module logs in as, and would be {what}: log in as another user")


def refuse_on_community(params: dict[str, Any], uri: str) -> None:
    given = [option for option in _OF_ENTERPRISE if params[option] is not None]
    if params["state"] == "present" and given:
        raise NotSupportedError(
            f"{', '.join(given)} cannot be set, because this is Neo4j Community: it has no roles, and users have "
            "neither a status nor a home",
            uri,
        )


# What is to be


def wanted(current: User | None, params: dict[str, Any], on_community: bool) -> User:
    """The user afterwards: what is not given stays as it is."""
    nothing = dict.fromkeys(_OF_ENTERPRISE) if on_community else {}
    before = current or {"name": params["name"], **_NEW, **nothing}
    given = {option: params[option] for option in _NEW if params[option] is not None}
    if "roles" in given:
        kept = before["roles"] if params["append"] else ()
        given["roles"] = sorted({*given["roles"], *kept} - {PUBLIC})
    if "home_database" in given:
        given["home_database"] = given["home_database"].lower() or None  # Neo4j has names of databases in lower case
    return {**before, **given}


def plan(current: User | None, after: User, password: str | None, sets_password: bool) -> list[Step]:
    """The statements, in an order in which a run that ends between two of them is simply run again."""
    name = after["name"]
    found: list[Step] = []
    if current is None:
        if not password:
            raise InvalidOptionError(f"there is no user {name} yet, and a new one needs a user_password")
        create = statements.CREATE_USER_TO_CHANGE if after["password_change_required"] else statements.CREATE_USER
        found.append(Step(create, {"user": name, "password": password}))
        # Null stays null
        current = {
            **after,
            "roles": after["roles"] and [],
            "suspended": after["suspended"] and False,
            "home_database": None,
        }
    elif sets_password:
        found.append(Step(statements.SET_PASSWORD, {"user": name, "password": password}))
    return found + _settings(current, after) + _roles(current, after)


def _settings(current: User, after: User) -> list[Step]:
    user, home = {"user": after["name"]}, after["home_database"]
    found = {
        "password_change_required": Step(
            statements.REQUIRE_CHANGE if after["password_change_required"] else statements.REQUIRE_NO_CHANGE, user
        ),
        "suspended": Step(statements.SUSPEND_USER if after["suspended"] else statements.ACTIVATE_USER, user),
        "home_database": Step(statements.SET_HOME, {**user, "database": home})
        if home
        else Step(statements.REMOVE_HOME, user),
    }
    return [step for field, step in found.items() if current[field] != after[field]]


def _roles(current: User, after: User) -> list[Step]:
    """Granted before others are revoked."""
    had, has = set(current["roles"] or ()), set(after["roles"] or ())
    granted = [Step(statements.GRANT_ROLE, {"role": role, "user": after["name"]}) for role in sorted(has - had)]
    return granted + [Step(statements.REVOKE_ROLE, {"role": role, "user": after["name"]}) for role in sorted(had - has)]


_WITH_PASSWORD = (
    statements.CREATE_USER,
    statements.CREATE_USER_TO_CHANGE,
    statements.SET_PASSWORD,
    statements.SET_OWN_PASSWORD,
)


def diff(current: User | None, after: User | None, executed: Sequence[Step]) -> dict[str, Any]:
    """Never the password itself, but whether it becomes the given one."""
    sets_password = any(step.statement in _WITH_PASSWORD for step in executed)
    before = {"password": "another one"} if sets_password and current else {}
    return {
        "before": {**(current or {}), **before},
        "after": {**(after or {}), **({"password": "the given one"} if sets_password else {})},
    }

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A user as it is, as it is to be, and the statements between the two. No I/O.

A user is a dict: `name`, `roles` (sorted, without PUBLIC, which everybody has), `password_change_required` (null for
who has no password), `suspended`, `home_database`, and `auth`, the providers beside the password, each with the user's
`id` there. Roles, status and home are Enterprise's; on Community they are null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, NotSupportedError

User = dict[str, Any]
Auth = dict[str, str]

PUBLIC = "PUBLIC"
# The provider that is the password
NATIVE = "native"
_COLUMNS = {
    "name": "user",
    "roles": "roles",
    "password_change_required": "passwordChangeRequired",
    "suspended": "suspended",
    "home_database": "home",
}
_OF_ENTERPRISE = ("roles", "suspended", "home_database")
_NEW = {"roles": [], "password_change_required": True, "suspended": False, "home_database": None, "auth": []}
# As in the names of settings: ldap, oidc-okta
_PROVIDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Step(NamedTuple):
    """A statement on `system`, and the values that are bound to it, which may be secrets."""

    statement: str
    parameters: dict[str, Any]


def users(rows: Sequence[dict[str, Any]]) -> list[User]:
    """The rows of SHOW USERS WITH AUTH, which are one a way to log in, by name."""
    names = sorted({row["user"] for row in rows})
    return [_user([row for row in rows if row["user"] == name]) for name in names]


def _user(rows: Sequence[dict[str, Any]]) -> User:
    found = {ours: rows[0][theirs] for ours, theirs in _COLUMNS.items()}
    if found["roles"] is not None:
        found["roles"] = sorted(set(found["roles"]) - {PUBLIC})
    others = [row for row in rows if row["provider"] not in (None, NATIVE)]
    return {**found, "auth": by_provider([{"provider": row["provider"], "id": row["auth"]["id"]} for row in others])}


def by_provider(auth: Sequence[Auth]) -> list[Auth]:
    return sorted(auth, key=lambda each: each["provider"])


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
    given += ["auth"] if params["auth"] else []
    if params["state"] == "present" and given:
        raise NotSupportedError(
            f"{', '.join(given)} cannot be set, because this is Neo4j Community: it has no roles, and users have "
            "neither a status nor a home, and nothing but a password to log in with",
            uri,
        )


def refuse_auth(auth: Sequence[Auth] | None) -> None:
    """Providers are part of a statement, so that only what is one gets there."""
    providers = [each["provider"] for each in auth or ()]
    for provider in providers:
        if provider == NATIVE:
            raise InvalidOptionError("auth names the provider native, which is the password: give user_password for it")
        if not _PROVIDER.fullmatch(provider):
            raise InvalidOptionError(
                f"auth names the provider {provider!r}: one is named as in the settings of Neo4j, ldap or oidc-<name>, "
                "with letters, digits, dots, dashes and underscores"
            )
        if providers.count(provider) > 1:
            raise InvalidOptionError(f"auth names the provider {provider} twice, and a user has one id with each")


# What is to be


def wanted(current: User | None, params: dict[str, Any], on_community: bool) -> User:
    """The user afterwards: what is not given stays as it is."""
    nothing = dict.fromkeys(_OF_ENTERPRISE) if on_community else {}
    before = current or {"name": params["name"], **_NEW, **nothing}
    given = {option: params[option] for option in _NEW if params[option] is not None}
    given["password_change_required"] = _change_required(current, params)
    if "auth" in given:
        given["auth"] = by_provider(given["auth"])
    if "roles" in given:
        kept = before["roles"] if params["append"] else ()
        given["roles"] = sorted({*given["roles"], *kept} - {PUBLIC})
    if "home_database" in given:
        given["home_database"] = given["home_database"].lower() or None  # Neo4j has names of databases in lower case
    return {**before, **given}


def _change_required(current: User | None, params: dict[str, Any]) -> bool | None:
    """Null for who has no password and gets none; who gets the first one must change it, unless this is said."""
    before = current["password_change_required"] if current else None
    gets_one = params["user_password"] and (current is None or params["update_password"] != "on_create")
    if before is None and not gets_one:
        if params["password_change_required"] is not None:
            raise InvalidOptionError(
                f"password_change_required is given, and {params['name']} has no password: give a user_password"
            )
        return None
    asked = params["password_change_required"]
    return asked if asked is not None else before is not False


def plan(current: User | None, after: User, password: str | None, sets_password: bool) -> list[Step]:
    """The statements, in an order in which a run that ends between two of them is simply run again."""
    found: list[Step] = []
    if after["password_change_required"] is None and not after["auth"]:
        who = f"{after['name']} would have" if current else f"there is no user {after['name']} yet, and a new one needs"
        raise InvalidOptionError(f"{who} {'no' if current else 'a'} way to log in: give a user_password, or auth")
    if current is None:
        found.append(_create(after, password))
        current = _created(after)
    elif sets_password:
        found.append(Step(statements.SET_PASSWORD, {"user": after["name"], "password": password}))
    return found + _auth(current, after) + _settings(current, after) + _roles(current, after)


def _create(after: User, password: str | None) -> Step:
    if after["password_change_required"] is None:
        return _with_provider(statements.CREATE_USER_OF_PROVIDER, after["name"], after["auth"][0])
    create = statements.CREATE_USER_TO_CHANGE if after["password_change_required"] else statements.CREATE_USER
    return Step(create, {"user": after["name"], "password": password})


def _created(after: User) -> User:
    """The user after that one statement. Null stays null."""
    return {
        **after,
        "roles": after["roles"] and [],
        "suspended": after["suspended"] and False,
        "home_database": None,
        "auth": after["auth"][:1] if after["password_change_required"] is None else [],
    }


def _auth(current: User, after: User) -> list[Step]:
    """Set before others are removed: nobody is without a way to log in."""
    had, has = ({each["provider"]: each["id"] for each in user["auth"]} for user in (current, after))
    name = after["name"]
    found = [_with_provider(statements.SET_AUTH, name, each) for each in after["auth"] if each not in current["auth"]]
    return found + [Step(statements.REMOVE_AUTH, {"user": name, "provider": gone}) for gone in had if gone not in has]


def _with_provider(statement: str, name: str, auth: Auth) -> Step:
    return Step(statement.replace("'provider'", f"'{auth['provider']}'"), {"user": name, "id": auth["id"]})


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

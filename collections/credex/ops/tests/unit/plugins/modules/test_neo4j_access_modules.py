# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_user, neo4j_role and their pairs on emulated Enterprise servers."""

from __future__ import annotations

from contextlib import suppress

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, roles
from ansible_collections.credex.ops.plugins.modules import neo4j_role, neo4j_role_info, neo4j_user, neo4j_user_info
from neo4j.exceptions import AuthError

FIRST, SECOND = "'; DROP USER neo4j //", '-$HOME `id` "sürely" \\'
ACCESS = "GRANT ACCESS ON DATABASE `ledgerspace` TO `app`"
NODES = "GRANT MATCH {*} ON GRAPH `ledgerspace` NODE * TO `app`"
RELATIONSHIPS = "GRANT MATCH {*} ON GRAPH `ledgerspace` RELATIONSHIP * TO `app`"


@pytest.fixture
def ask(enterprise, run_module, login):
    """A module on the writer of system."""
    with enterprise.running():
        yield lambda module, **params: run_module(module, **{"uri": enterprise.uris[0], **login, **params})


@pytest.fixture
def user(ask):
    """ann, as these parameters have her; the same in check mode first, and again afterwards."""

    def user(**params):
        params = {"name": "ann", **params}
        would = ask(neo4j_user, check_mode=True, **params)
        did = ask(neo4j_user, **params)
        assert not did.get("failed"), did
        for part in ("changed", "executed_statements", "diff", "user"):
            assert would[part] == did[part]
        again = ask(neo4j_user, **params)
        assert (again["changed"], again["executed_statements"]) == (False, []), again
        assert again["user"] == did["user"]
        assert "USER neo4j //" not in str(did) and "$HOME `id`" not in str(did)
        return did

    return user


@pytest.fixture
def role(ask):
    """The role app, likewise."""

    def role(**params):
        params = {"name": "app", **params}
        would = ask(neo4j_role, check_mode=True, **params)
        did = ask(neo4j_role, **params)
        assert not did.get("failed"), did
        for part in ("changed", "executed_statements", "diff", "role", "unlisted"):
            assert would[part] == did[part]
        assert ask(neo4j_role, **params)["changed"] is False
        return did

    return role


def names(ask):
    return [user["name"] for user in ask(neo4j_user_info)["users"]]


def logs_in(enterprise, name, password):
    with neo4j.GraphDatabase.driver(enterprise.uris[1], auth=(name, password)) as driver, suppress(AuthError):
        return driver.execute_query("SHOW CURRENT USER", database_="system").records[0]["user"] == name
    return False


def test_a_user_from_the_first_day_to_the_last(user, ask, enterprise):
    made = user(user_password=FIRST, password_change_required=False, roles=["reader"], home_database="LedgerSpace")
    assert made["user"] == {
        "name": "ann",
        "roles": ["reader"],
        "password_change_required": False,
        "suspended": False,
        "home_database": "ledgerspace",
        "auth": [],
    }
    assert ask(neo4j_user_info, name="ann")["users"] == [made["user"]]
    assert logs_in(enterprise, "ann", FIRST)
    assert user(user_password=SECOND)["executed_statements"] == ["ALTER USER $user SET PASSWORD $password"]
    assert logs_in(enterprise, "ann", SECOND) and not logs_in(enterprise, "ann", FIRST)
    assert user(roles=["editor"], append=True)["user"]["roles"] == ["editor", "reader"]
    assert user(roles=["editor"])["user"]["roles"] == ["editor"]
    assert user(home_database="")["user"]["home_database"] is None
    assert user(suspended=True)["changed"] and not logs_in(enterprise, "ann", SECOND)
    assert user(suspended=False)["changed"] and logs_in(enterprise, "ann", SECOND)
    assert user(state="absent")["diff"]["after"] == {}
    assert names(ask) == ["neo4j"]


def test_a_password_is_set_on_creation_alone(user, ask, enterprise):
    user(user_password=FIRST, update_password="on_create", password_change_required=False)
    assert not user(user_password=SECOND, update_password="on_create")["changed"]
    assert logs_in(enterprise, "ann", FIRST)


def test_who_must_change_the_password_has_it(user):
    user(user_password=FIRST)
    assert user(user_password=FIRST, password_change_required=True)["user"]["password_change_required"]


def test_the_password_of_who_is_suspended_is_not_tried_and_not_set_twice(ask, enterprise, monkeypatch):
    ask(neo4j_user, name="ann", user_password=FIRST, password_change_required=False, suspended=True)
    monkeypatch.setattr(administration, "has_password", lambda *_: pytest.fail("it was tried"))
    assert ask(neo4j_user, name="ann", user_password=FIRST)["changed"] is False
    assert ask(neo4j_user, name="ann", user_password=FIRST, check_mode=True)["changed"] is True, "nobody knows"
    assert ask(neo4j_user, name="ann", user_password=SECOND, suspended=False)["changed"] is True
    assert logs_in(enterprise, "ann", SECOND)


def test_one_s_own_password(user, ask, enterprise):
    user(user_password=FIRST, password_change_required=False, roles=["admin"])
    own = {"username": "ann", "password": FIRST}
    assert user(**own, user_password=FIRST)["changed"] is False
    changed = user(**own, user_password=SECOND, home_database="ledgerspace")
    assert changed["executed_statements"] == [
        "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
        "ALTER USER $user SET HOME DATABASE $database",
    ]
    assert logs_in(enterprise, "ann", SECOND)
    assert ask(neo4j_user, name="ann", **own, user_password=FIRST, update_password="on_create")["cause"] == (
        "authentication"
    )


def test_the_first_password_which_must_be_changed(user, ask, enterprise):
    ask(neo4j_user, name="ann", user_password=FIRST, roles=["admin"])
    own = {"name": "ann", "username": "ann", "password": FIRST, "user_password": SECOND}
    assert ask(neo4j_user, **{**own, "user_password": FIRST})["cause"] == "credentials_expired"
    would = ask(neo4j_user, check_mode=True, **own)
    assert (would["changed"], would["user"]) == (True, None)
    assert ask(neo4j_user, **own)["user"]["password_change_required"] is False
    assert ask(neo4j_user, **own)["changed"] is False and logs_in(enterprise, "ann", SECOND)


def test_one_wrong_login_for_a_run_and_the_lock_is_named(ask):
    ask(neo4j_user, name="ann", user_password=FIRST, password_change_required=False)
    for _run in range(3):
        assert ask(neo4j_user, name="ann", user_password=SECOND, check_mode=True)["changed"] is True
    locked = ask(neo4j_user, name="ann", user_password=FIRST)
    assert (locked["failed"], locked["cause"]) == (True, "rate_limit")
    assert "Whether ann has this password already could not be seen" in locked["msg"]


@pytest.mark.parametrize(
    "params",
    [{"state": "absent"}, {"suspended": True}, {"roles": []}, {"password_change_required": True}],
    ids=lambda params: next(iter(params)),
)
def test_nobody_locks_out_themselves(ask, params):
    before = ask(neo4j_user_info)["users"]
    result = ask(neo4j_user, name="neo4j", **params)
    assert result["failed"] and "neo4j is who this module logs in as" in result["msg"]
    assert ask(neo4j_user_info)["users"] == before


def test_a_hostile_name_is_a_name(user, ask):
    name = "ann` SET PASSWORD 'x'; //"
    user(name=name, user_password=FIRST)
    assert names(ask) == sorted([name, "neo4j"])
    user(name=name, state="absent")
    assert names(ask) == ["neo4j"]


# Roles


def test_a_role_from_the_first_day_to_the_last(role, ask):
    made = role(
        privileges=["GRANT ACCESS ON DATABASE LedgerSpace TO app", "GRANT MATCH {*} ON GRAPH ledgerspace TO app"]
    )
    assert made["role"] == {"name": "app", "privileges": [ACCESS, NODES, RELATIONSHIPS]}
    assert made["executed_statements"][0] == "CREATE ROLE $role" and len(made["executed_statements"]) == 3
    assert not role(privileges=[ACCESS, NODES, RELATIONSHIPS])["changed"]
    assert not role()["changed"], "privileges are not looked at"
    added = role(privileges=["DENY WRITE ON GRAPH * TO app"], append=True)
    assert added["unlisted"] == [ACCESS, NODES, RELATIONSHIPS]
    exact = role(privileges=[ACCESS])
    assert exact["executed_statements"] == [
        "REVOKE DENY WRITE ON GRAPH * FROM `app`",
        "REVOKE GRANT MATCH {*} ON GRAPH `ledgerspace` NODE * FROM `app`",
        "REVOKE GRANT MATCH {*} ON GRAPH `ledgerspace` RELATIONSHIP * FROM `app`",
    ]
    assert exact["diff"]["after"] == f"role `app`\n{ACCESS}\n"
    ask(neo4j_user, name="ann", user_password=FIRST, roles=["app"])
    found = {"name": "app", "built_in": False, "members": ["ann"], "privileges": [ACCESS], "immutable_privileges": []}
    assert ask(neo4j_role_info, name="app")["roles"] == [found]
    assert role(privileges=[])["role"]["privileges"] == []
    assert role(state="absent")["executed_statements"] == ["DROP ROLE $role IF EXISTS"]
    assert [each["name"] for each in ask(neo4j_role_info)["roles"]] == sorted(roles.BUILT_IN)


def test_a_copy(role, ask):
    [reader] = ask(neo4j_role_info, name="reader")["roles"]
    copied = role(copy_of="reader")
    assert copied["executed_statements"] == ["CREATE ROLE $role AS COPY OF $original"]
    assert copied["role"]["privileges"] == [each.replace("`reader`", "`app`") for each in reader["privileges"]]
    assert role(copy_of="reader", privileges=[ACCESS])["role"]["privileges"] == [ACCESS]


def test_a_spelling_that_is_not_known_is_named_and_nothing_is_revoked(role, ask):
    role(privileges=[ACCESS])
    odd = "GRANT SET PASSWORDS ON DBMS TO app"
    result = ask(neo4j_role, name="app", privileges=[odd])
    assert result["failed"] and odd in result["msg"]
    assert "Write it as Neo4j does: GRANT SET PASSWORD ON DBMS TO `app`. " in f"{result['msg']} "
    assert ask(neo4j_role_info, name="app")["roles"][0]["privileges"] == [ACCESS, "GRANT SET PASSWORD ON DBMS TO `app`"]


@pytest.mark.parametrize("name", [*roles.BUILT_IN, "own"])
def test_a_role_that_must_stay(ask, name):
    ask(neo4j_role, name="own")
    ask(neo4j_user, name="neo4j", roles=["own"], append=True)
    before = ask(neo4j_role_info)["roles"]
    assert ask(neo4j_role, name=name, state="absent")["failed"]
    assert ask(neo4j_role_info)["roles"] == before


def test_nothing_is_taken_from_admin(ask):
    result = ask(neo4j_role, name="admin", privileges=["GRANT ACCESS ON DATABASE * TO admin"])
    assert result["failed"] and "GRANT ALL DBMS PRIVILEGES ON DBMS" in result["msg"]
    assert ask(neo4j_role, name="PUBLIC", privileges=["GRANT ACCESS ON HOME DATABASE TO PUBLIC"])["changed"]


def test_immutable_privileges_are_left_alone(monkeypatch):
    shown = [{"command": ACCESS, "immutable": False}, {"command": f"{ACCESS} (as immutable)", "immutable": True}]
    monkeypatch.setattr(administration, "rows", lambda *_, **__: shown)
    assert roles.held(None, "app") == roles.Held([ACCESS], [f"{ACCESS} (as immutable)"])


def test_a_command_that_is_refused_is_never_sent(ask):
    result = ask(neo4j_role, name="app", privileges=[ACCESS, "GRANT ROLE admin TO app"])
    assert result["failed"] and "is not one privilege command" in result["msg"]
    assert "app" not in [each["name"] for each in ask(neo4j_role_info)["roles"]]

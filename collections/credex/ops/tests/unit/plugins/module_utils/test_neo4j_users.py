# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user as it is and as it is to be, and the statements between the two."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements, users
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, NotSupportedError

NOT_GIVEN = {
    "name": "ann",
    "username": "neo4j",
    "state": "present",
    "user_password": None,
    "update_password": "always",
    "password_change_required": None,
    "suspended": None,
    "home_database": None,
    "roles": None,
    "append": False,
    "auth": None,
}
OKTA, LDAP = {"provider": "oidc-okta", "id": "7"}, {"provider": "ldap", "id": "cn=ann"}
ANN = {
    "name": "ann",
    "roles": ["editor", "reader"],
    "password_change_required": False,
    "suspended": False,
    "home_database": "ledgerspace",
    "auth": [],
}
BY_OKTA = {**ANN, "password_change_required": None, "auth": [OKTA]}
ON_COMMUNITY = {**ANN, "roles": None, "suspended": None, "home_database": None}


def sent(current, password=None, sets_password=False, on_community=False, **given):
    after = users.wanted(current, {**NOT_GIVEN, "user_password": password, **given}, on_community)
    return users.plan(current, after, password, sets_password)


def told(current, **given):
    return [step.statement for step in sent(current, **given)]


def test_rows_become_users_by_name():
    row = {"roles": ["reader", "PUBLIC", "editor"], "passwordChangeRequired": False, "suspended": True, "home": None}
    row |= {"provider": "native", "auth": {"password": "***", "changeRequired": False}}
    found = users.users([{"user": "b", **row}, {"user": "a", **row, "roles": None, "suspended": None}])
    assert [user["name"] for user in found] == ["a", "b"]
    assert [user["roles"] for user in found] == [None, ["editor", "reader"]]
    assert not users.is_community(found) and users.is_community(found[:1])
    assert not users.is_community([]), "nothing is known"


def test_rows_of_one_user_are_their_ways_to_log_in():
    row = {"user": "a", "roles": None, "passwordChangeRequired": None, "suspended": None, "home": None}
    ways = [{"provider": name, "auth": {"id": "7"}} for name in ("oidc-okta", "ldap")]
    [found] = users.users([{**row, **way} for way in ways])
    assert found["auth"] == [{"provider": "ldap", "id": "7"}, OKTA]
    assert users.users([{**row, "provider": None, "auth": None}])[0]["auth"] == []


def test_what_is_not_given_stays():
    assert told(ANN) == [] and told(BY_OKTA) == []
    assert users.wanted(ANN, NOT_GIVEN, False) == ANN
    assert told(ON_COMMUNITY, on_community=True) == []


@pytest.mark.parametrize(
    ("given", "statement"),
    [
        ({"password_change_required": True}, statements.REQUIRE_CHANGE),
        ({"suspended": True}, statements.SUSPEND_USER),
        ({"home_database": "SearchSpace"}, statements.SET_HOME),
        ({"home_database": ""}, statements.REMOVE_HOME),
        ({"roles": ["editor"]}, statements.REVOKE_ROLE),
        ({"roles": ["reader", "editor", "night"]}, statements.GRANT_ROLE),
        ({"roles": ["night"], "append": True}, statements.GRANT_ROLE),
    ],
)
def test_each_change_is_a_statement_and_then_there_is_none(given, statement):
    [step] = sent(ANN, **given)
    assert (step.statement, step.parameters["user"]) == (statement, "ann")
    after = users.wanted(ANN, {**NOT_GIVEN, **given}, False)
    assert told(after, **given) == []
    assert statement != statements.SET_HOME or step.parameters["database"] == "searchspace"


@pytest.mark.parametrize(
    "given",
    [
        {"password_change_required": False},
        {"suspended": False},
        {"home_database": "LedgerSpace"},
        {"roles": ["reader", "PUBLIC", "editor", "reader"]},
        {"roles": ["reader"], "append": True},
    ],
)
def test_what_is_so_already_is_no_change(given):
    assert told(ANN, **given) == []


def test_roles_are_given_before_others_are_taken():
    assert told(ANN, roles=["night"]) == [statements.GRANT_ROLE, statements.REVOKE_ROLE, statements.REVOKE_ROLE]
    assert told({**ANN, "suspended": True}, suspended=False) == [statements.ACTIVATE_USER]


def test_a_new_user_is_made_and_then_given_the_rest():
    given = {"roles": ["reader"], "suspended": True, "home_database": "ledgerspace"}
    rest = [statements.SUSPEND_USER, statements.SET_HOME, statements.GRANT_ROLE]
    assert told(None, password="x", **given) == [statements.CREATE_USER_TO_CHANGE, *rest]
    assert told(None, password="x", password_change_required=False) == [statements.CREATE_USER]
    assert told(None, password="x", on_community=True) == [statements.CREATE_USER_TO_CHANGE]


def test_a_user_needs_a_way_to_log_in():
    with pytest.raises(InvalidOptionError, match="no user ann yet, and a new one needs a way to log in"):
        told(None)
    with pytest.raises(InvalidOptionError, match="ann would have no way to log in"):
        told(BY_OKTA, auth=[])
    with pytest.raises(InvalidOptionError, match="ann has no password: give a user_password"):
        told(BY_OKTA, password_change_required=True)
    assert told(ANN, auth=[]) == [] and told(BY_OKTA, user_password="x", update_password="on_create") == []


def test_providers_are_set_before_others_are_removed():
    steps = sent(BY_OKTA, auth=[{**OKTA, "id": "8"}, LDAP])
    assert [(step.statement, step.parameters) for step in steps] == [
        ("ALTER USER $user SET AUTH 'ldap' {SET ID $id}", {"user": "ann", "id": "cn=ann"}),
        ("ALTER USER $user SET AUTH 'oidc-okta' {SET ID $id}", {"user": "ann", "id": "8"}),
    ]
    steps = sent(BY_OKTA, auth=[LDAP])
    assert [step.parameters for step in steps] == [
        {"user": "ann", "id": "cn=ann"},
        {"user": "ann", "provider": "oidc-okta"},
    ]
    assert sent({**ANN, "auth": [LDAP, OKTA]}, auth=[OKTA, LDAP]) == []


def test_a_new_user_of_a_provider_has_no_password():
    steps = sent(None, auth=[OKTA, LDAP], roles=["reader"])
    assert [step.statement for step in steps] == [
        "CREATE USER $user SET AUTH 'ldap' {SET ID $id}",
        "ALTER USER $user SET AUTH 'oidc-okta' {SET ID $id}",
        statements.GRANT_ROLE,
    ]
    both = [step.statement for step in sent(None, password="x", auth=[OKTA])]
    assert both == [statements.CREATE_USER_TO_CHANGE, "ALTER USER $user SET AUTH 'oidc-okta' {SET ID $id}"]
    first = told(BY_OKTA, password="x", sets_password=True)
    assert first == [statements.SET_PASSWORD, statements.REQUIRE_CHANGE], "whatever Neo4j takes for granted"


@pytest.mark.parametrize(
    ("auth", "why"),
    [
        ([{"provider": "native", "id": "x"}], "which is the password"),
        ([{"provider": "a'} SET PASSWORD 'b", "id": "x"}], "one is named as in the settings of Neo4j"),
        ([{"provider": "", "id": "x"}], "one is named as in the settings"),
        ([OKTA, {**OKTA, "id": "8"}], "oidc-okta twice"),
    ],
)
def test_what_is_no_provider_gets_into_no_statement(auth, why):
    with pytest.raises(InvalidOptionError, match=why):
        users.refuse_auth(auth)
    users.refuse_auth(None)
    users.refuse_auth([OKTA, LDAP])


def test_a_password_is_a_value_and_never_part_of_a_statement_or_a_diff():
    steps = sent(ANN, password="very ' secret", sets_password=True)
    assert [(step.statement, step.parameters["password"]) for step in steps] == [
        (statements.SET_PASSWORD, "very ' secret")
    ]
    shown = users.diff(ANN, ANN, steps)
    assert shown["before"] == {**ANN, "password": "another one"}
    assert shown["after"] == {**ANN, "password": "the given one"}
    assert users.diff(ANN, ANN, []) == {"before": ANN, "after": ANN}


@pytest.mark.parametrize("given", [{"state": "absent"}, {"suspended": True}, {"password_change_required": True}])
def test_nobody_locks_out_themselves(given):
    with pytest.raises(InvalidOptionError, match="ann is who this module logs in as, and would be"):
        users.refuse_lockout({**NOT_GIVEN, **given, "username": "ann"})
    users.refuse_lockout({**NOT_GIVEN, **given})
    users.refuse_lockout({**NOT_GIVEN, **given, "username": None})


def test_nor_takes_a_role_from_themselves():
    own = {**NOT_GIVEN, "username": "ann"}
    with pytest.raises(InvalidOptionError, match="relieved of reader: log in as another user"):
        users.refuse_own_loss(ANN, {**ANN, "roles": ["editor", "night"]}, own)
    users.refuse_own_loss(ANN, {**ANN, "roles": ["editor", "night", "reader"]}, own)
    users.refuse_own_loss(ANN, {**ANN, "roles": []}, NOT_GIVEN)
    users.refuse_own_loss(ON_COMMUNITY, ON_COMMUNITY, own)


@pytest.mark.parametrize("given", [{"roles": []}, {"suspended": False}, {"home_database": ""}, {"auth": [OKTA]}])
def test_community_is_refused_what_it_does_not_have(given):
    with pytest.raises(NotSupportedError, match=f"{next(iter(given))} cannot be set, because this is Neo4j Community"):
        users.refuse_on_community({**NOT_GIVEN, **given}, "bolt://one")
    users.refuse_on_community(NOT_GIVEN, "bolt://one")

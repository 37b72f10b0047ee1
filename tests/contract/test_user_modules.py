"""neo4j_user on real servers: passwords of any content, the first password of a server, one's own, and what Community
does not have. Roles are Enterprise's: tests/lab."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, connection, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step
from ansible_collections.credex.ops.plugins.modules import neo4j_role, neo4j_role_info, neo4j_user, neo4j_user_info
from neo4j.exceptions import Neo4jError

from lab.community.server import PASSWORD, USER, Community
from tests.contract.calls import Result, run_module
from tests.lab.secret_search import hits

FIRST, SECOND = "a-password-of-its-own", "and-another-one"
PASSWORDS = {
    "a dash": "-leading-dash",
    "quotes": "single ' double \" back-tick ` back-slash \\",
    "a shell": "$HOME `id` $(id) %s {{ x }} #;",
    "a statement": "x' CHANGE NOT REQUIRED; DROP USER neo4j //",
    "unicode": "sürély-пароль-密码-🔑",
    "blanks": "  leading\tand\ntrailing  ",
    "length": "0123456789" * 100,
}


@pytest.fixture(scope="module", params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def ask(server: Community, login: dict[str, Any]) -> Iterator[Any]:
    """A module; what it made is dropped."""
    yield lambda module, **params: run_module(module, **{"uri": server.uri, **login, **params})
    for user in run_module(neo4j_user_info, uri=server.uri, **login)["users"]:
        if user["name"] != USER:
            assert run_module(neo4j_user, uri=server.uri, name=user["name"], state="absent", **login)["changed"]


@pytest.fixture
def ann() -> str:
    """A user of the test's own: who has logged in wrongly before, counts by the name."""
    return f"ann_{secrets.token_hex(4)}"


def names(ask: Any) -> list[str]:
    return [user["name"] for user in ask(neo4j_user_info)["users"]]


def refusal(server: Community, user: str, password: str) -> str | None:
    """Why somebody cannot read the users, seen past the modules."""
    with neo4j.GraphDatabase.driver(server.uri, auth=(user, password)) as driver:
        try:
            driver.execute_query("SHOW USERS", database_="system")
        except Neo4jError as error:
            return (error.code or "").rpartition(".")[2]
    return None


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS.keys())
def test_any_password_is_set_once(server: Community, ask: Any, password: str, ann: str) -> None:
    wanted = {"name": ann, "user_password": password, "password_change_required": False}
    made = ask(neo4j_user, **wanted)
    assert made["changed"], made
    assert refusal(server, ann, password) is None
    assert hits({"the password": password}, {"the result": json.dumps(made).encode()}) == []
    assert ask(neo4j_user, **wanted)["changed"] is False
    ask(neo4j_user, **{**wanted, "user_password": FIRST})
    assert refusal(server, ann, FIRST) is None
    assert ask(neo4j_user, _ansible_check_mode=True, **wanted)["changed"] is True
    changed = ask(neo4j_user, **wanted)
    assert changed["executed_statements"] == [statements.SET_PASSWORD], changed
    assert refusal(server, ann, password) is None and names(ask) == [ann, USER]


def test_whether_it_must_be_changed_is_a_thing_of_its_own(server: Community, ask: Any, ann: str) -> None:
    """A new password leaves it as it is."""
    assert ask(neo4j_user, name=ann, user_password=FIRST)["user"]["password_change_required"] is True
    assert ask(neo4j_user, name=ann, user_password=FIRST)["changed"] is False, "it was seen in spite of that"
    assert ask(neo4j_user, name=ann, user_password=SECOND)["executed_statements"] == [statements.SET_PASSWORD]
    assert refusal(server, ann, SECOND) == "CredentialsExpired"
    done = ask(neo4j_user, name=ann, password_change_required=False)
    assert done["executed_statements"] == [statements.REQUIRE_NO_CHANGE]
    assert refusal(server, ann, SECOND) is None


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_the_first_password(server: Community, ask: Any, scheme: str, ann: str) -> None:
    """Everybody is an administrator on Community, so another user stands in for the first one."""
    ask(neo4j_user, name=ann, user_password=FIRST)
    own = {"uri": f"{scheme}://{server.address}", "name": ann, "username": ann, "password": FIRST}
    expired = ask(neo4j_user, **own, user_password=FIRST)
    assert expired["cause"] == "credentials_expired", expired
    would = ask(neo4j_user, _ansible_check_mode=True, **own, user_password=SECOND)
    assert (would.get("changed"), would["executed_statements"]) == (True, [statements.SET_OWN_PASSWORD]), would
    assert refusal(server, ann, FIRST) == "CredentialsExpired"
    did = ask(neo4j_user, **own, user_password=SECOND)
    assert did.get("executed_statements") == [statements.SET_OWN_PASSWORD], did
    assert did["user"]["password_change_required"] is False
    assert ask(neo4j_user, **own, user_password=SECOND)["changed"] is False
    assert refusal(server, ann, SECOND) is None


def test_the_same_password_again_is_no_change(server: Community, ask: Any, ann: str) -> None:
    """What is done for a suspended user, who cannot log in."""
    ask(neo4j_user, name=ann, user_password=FIRST, password_change_required=False)
    target = connection.parse_address(server.uri)
    step = Step(statements.SET_PASSWORD, {"user": ann, "password": FIRST})
    assert administration.carry_out(replace(target, username=USER, password=PASSWORD, timeout=60.0), [step]) == []


def test_one_wrong_login_for_a_run_and_the_lock_is_named(server: Community, ask: Any, ann: str) -> None:
    ask(neo4j_user, name=ann, user_password=FIRST, password_change_required=False)
    for _run in range(3):
        assert ask(neo4j_user, _ansible_check_mode=True, name=ann, user_password=SECOND)["changed"] is True
    locked = ask(neo4j_user, name=ann, user_password=FIRST)
    assert (locked.get("failed"), locked["cause"]) == (True, "rate_limit"), locked
    assert ask(neo4j_user, name=ann, password_change_required=True)["changed"] is True


@pytest.mark.parametrize(
    "given",
    [{"roles": []}, {"suspended": False}, {"home_database": "neo4j"}, {"auth": [{"provider": "ldap", "id": "x"}]}],
    ids=str,
)
def test_what_community_does_not_have_is_refused_before_anything_is_changed(ask: Any, given: Result, ann: str) -> None:
    result = ask(neo4j_user, name=ann, user_password=FIRST, **given)
    assert result.get("failed"), result
    assert f"{next(iter(given))} cannot be set, because this is Neo4j Community" in result["msg"]
    assert names(ask) == [USER]


@pytest.mark.parametrize("module", [neo4j_role, neo4j_role_info], ids=["role", "role_info"])
def test_community_has_no_roles_and_says_so(ask: Any, module: Any) -> None:
    result = ask(module, name="app")
    assert result.get("failed"), result
    assert "this server has no roles and privileges, which only Neo4j Enterprise has" in result["msg"]


def test_community_shows_nothing_of_what_it_does_not_have(ask: Any) -> None:
    of_enterprise = dict.fromkeys(("roles", "suspended", "home_database"))
    assert ask(neo4j_user_info, name=USER)["users"] == [
        {"name": USER, "password_change_required": False, "auth": [], **of_enterprise}
    ]


@pytest.mark.parametrize("name", ["ann` SET PASSWORD 'longer-than-8' //", "$password", "ann; DROP USER neo4j"])
def test_a_hostile_name_is_a_name_or_refused(ask: Any, name: str) -> None:
    result = ask(neo4j_user, name=name, user_password=FIRST)
    assert names(ask) == sorted([USER] if result.get("failed") else [USER, name])


def test_nobody_drops_themselves(ask: Any) -> None:
    result = ask(neo4j_user, name=USER, state="absent")
    assert result.get("failed"), result
    assert names(ask) == [USER]


def test_who_is_not_there_is_not_dropped(ask: Any) -> None:
    assert ask(neo4j_user, name="nobody", state="absent")["changed"] is False

"""neo4j_database and its pair on real servers, and on the emulator as Community: the database that is there is found as
it is, and what Community cannot do is refused before it is asked for. The rest is Enterprise's: tests/lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import NotSupportedError, StatementRefusedError
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_allocation_defaults,
    neo4j_database,
    neo4j_database_info,
)

from lab.community import parts
from tests.contract import emulated
from tests.contract.calls import Result, run_module
from tests.lab.forming_play import ALONE, changed, play

NEW = (
    statements.NEW_DATABASE,
    statements.NEW_DATABASE_WITH_TOPOLOGY,
    statements.SET_TOPOLOGY,
    statements.START_DATABASE,
    statements.STOP_DATABASE,
    statements.DROP_DATABASE_WITH_DUMP,
    statements.DROP_DATABASE_WITH_DATA,
)


@pytest.fixture(scope="module", params=["lts", "calendar", "emulated"])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """How to log in: real servers, and the lab's as the same edition."""
    if request.param == "emulated":
        with emulated.running(parts.LTS, tmp_path_factory.mktemp("community"), edition="community") as server:
            user, password = server.endpoint.user, server.endpoint.password
            yield {"uri": server.endpoint.uri, "username": user, "password": password, "timeout": 60.0}
    else:
        login = request.getfixturevalue("login")
        yield {"uri": request.getfixturevalue(request.param).uri, **login}


@pytest.fixture
def ask(at: dict[str, Any]) -> Any:
    return lambda module, **params: run_module(module, **{**at, **params})


def test_the_database_that_is_there_is_as_it_should_be(ask: Any) -> None:
    for given in ({}, {"primaries": 1}, {"primaries": 1, "secondaries": 0}):
        result = ask(neo4j_database, name="Neo4j", **given)
        assert (result.get("changed"), result["executed_statements"]) == (False, []), result
        assert result["database"]["waits_for"] == []


def test_databases_and_where_they_are(ask: Any) -> None:
    found = ask(neo4j_database_info)["databases"]
    assert [(each["name"], each["type"], each["default"]) for each in found] == [
        ("neo4j", "standard", True),
        ("system", "system", False),
    ]
    for each in found:
        [place] = each["allocations"]
        assert each["writer"] == place["address"]
        assert (place["role"], place["current_status"], place["replication_lag"]) == ("primary", "online", 0)
        assert (each["requested_primaries"], each["waits_for"]) == (None, [])
    assert ask(neo4j_database_info, name="NEO4J")["databases"] == found[:1]
    assert ask(neo4j_database_info, name="other")["databases"] == []


@pytest.mark.parametrize(
    "given",
    [
        {"name": "ledgerspace"},
        {"name": "ledgerspace", "primaries": 1},
        {"name": "neo4j", "primaries": 3},
        {"name": "neo4j", "state": "offline"},
    ],
    ids=str,
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_community_cannot_is_refused(ask: Any, given: Result, check_mode: bool) -> None:
    result = ask(neo4j_database, _ansible_check_mode=check_mode, **given)
    assert result.get("failed"), result
    assert "a database is to be changed, which only Neo4j Enterprise can" in result["msg"]
    assert [each["name"] for each in ask(neo4j_database_info)["databases"]] == ["neo4j", "system"]


def test_who_is_not_there_is_not_dropped(ask: Any) -> None:
    assert ask(neo4j_database, name="other", state="absent", data="destroy")["changed"] is False
    assert "default database" in ask(neo4j_database, name="neo4j", state="absent", data="destroy")["msg"]


def test_community_has_no_default_numbers(ask: Any) -> None:
    result = ask(neo4j_allocation_defaults, primaries=3)
    assert result.get("failed") and "which only Neo4j Enterprise can" in result["msg"], result


def test_a_single_server_is_a_formed_cluster(at: dict[str, Any], tmp_path: Path) -> None:
    """What the role neo4j_cluster makes of it: nothing is changed."""
    address = at["uri"].removeprefix("bolt://")
    assert changed(play(tmp_path, {"db-1": address}, at["password"], ("first",), ALONE)) == {"first": 0}


@pytest.mark.parametrize("statement", NEW)
def test_the_statements_are_understood_and_refused_as_enterprise_s(at: dict[str, Any], statement: str) -> None:
    """The parser of Community knows the whole language."""
    params = {**at, "ca_certificate": None}
    values = {"database": "other", "primaries": 3, "secondaries": 0}
    with pytest.raises(StatementRefusedError) as refused:
        connection.ask_server(
            connection.query_target(params), lambda server: server.run(statement, values, "system", write=True)
        )
    assert isinstance(refused.value, NotSupportedError), refused.value

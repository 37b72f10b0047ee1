"""An application's connections to real servers: single ones, as Community has no others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.filter.connection_checks import connection_checks
from ansible_collections.credex.ops.plugins.filter.connection_watch_checks import connection_watch_checks
from ansible_collections.credex.ops.plugins.modules import neo4j_connection_check, neo4j_connection_watch

from lab.community.server import Community
from tests.contract.calls import Result, run_module
from tests.contract.listeners import LOOPBACK, dead_port


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


def given(server: Community, scheme: str = "neo4j", database: str | None = "neo4j") -> list[dict[str, Any]]:
    return [{"name": "ledger", "uri": f"{scheme}://{server.address}:7687", "database": database}]


def statuses(result: Result) -> dict[str, str]:
    assert not result.get("failed"), result
    checks = connection_checks(result, {"ledger": "neo4j"})
    return {check["id"].partition(".")[2]: check["status"] for check in checks}


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
@pytest.mark.parametrize("database", ["neo4j", None])
def test_a_connection_to_a_single_server(
    server: Community, login: dict[str, Any], scheme: str, database: str | None
) -> None:
    result = run_module(neo4j_connection_check, connections=given(server, scheme, database), **login)
    found = statuses(result)
    assert found.pop("encryption") == "failed"
    assert found.pop("privileges") == "skipped"
    assert found.pop("members") == ("passed" if scheme == "neo4j" else "skipped")
    assert set(found.values()) == {"passed"}, result
    [one] = result["connections"]
    address = f"{server.address}:7687"
    assert one["routing"] == {"writers": [address], "readers": [address], "routers": [address]}
    assert (one["database"], one["roles"], result["changed"]) == ("neo4j", None, False)
    assert {session["server"] for session in one["sessions"]} == {address}


def test_a_write_is_seen_by_who_reads_behind_its_bookmark(server: Community, login: dict[str, Any]) -> None:
    result = run_module(neo4j_connection_check, connections=given(server), write=True, **login)
    assert result["changed"] and result["wrote"]
    assert {statuses(result)[name] for name in ("writer", "bookmarks")} == {"passed"}


def test_a_database_that_is_not_there(server: Community, login: dict[str, Any]) -> None:
    result = run_module(neo4j_connection_check, connections=given(server, database="nothing"), **login)
    found = statuses(result)
    assert found["login"] == "passed"
    assert {found[name] for name in ("routing", "members", "database", "writer", "bookmarks")} == {"failed"}
    [one] = result["connections"]
    assert "Unable to get a routing table for database 'nothing'" in one["routing_message"]
    assert "Unable to get a routing table for database 'nothing'" in one["sessions"][0]["message"]


def test_a_wrong_password_is_tried_once_for_all_connections(server: Community, login: dict[str, Any]) -> None:
    wrong = {**login, "password": "not-this-one"}
    twice = [*given(server), {**given(server)[0], "name": "search"}]
    for _ in range(2):  # four tries would lock the user out
        result = run_module(neo4j_connection_check, connections=twice, **wrong)
        assert [one["cause"] for one in result["connections"]] == ["authentication"] * 2
        assert "not-this-one" not in json.dumps(result)
        assert not run_module(neo4j_connection_check, connections=given(server), **login)["connections"][0]["cause"]


def test_nothing_listens_there(login: dict[str, Any]) -> None:
    asked = [{"name": "ledger", "uri": f"neo4j://{LOOPBACK}:{dead_port()}"}]
    result = run_module(neo4j_connection_check, connections=asked, **login)
    assert result["connections"][0]["cause"] == "refused"


@pytest.mark.parametrize("write", [False, True])
def test_work_goes_on(server: Community, login: dict[str, Any], write: bool) -> None:
    result = run_module(neo4j_connection_watch, connections=given(server), seconds=2, write=write, **login)
    checks = connection_watch_checks(result)
    assert [check["status"] for check in checks] == ["passed"] * 2, result
    assert result["changed"] == result["wrote"] == write

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_query_info and neo4j_query: what they return, and what check mode does."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_query, neo4j_query_info

PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"
PARAMETERS = {"name": "unit", "at": "2026-11-23T00:00:00Z"}


@pytest.fixture
def ask(enterprise, run_module, login):
    def ask(module, query, **params):
        return run_module(module, **{"uri": enterprise.uris[0], "query": query, **login, **params})

    with enterprise.running():
        yield ask


def test_reading(ask):
    result = ask(neo4j_query_info, "SHOW USERS YIELD user", database="system")
    assert (result["changed"], result["rows"], result["columns"]) == (False, [{"user": "neo4j"}], ["user"])
    assert result["query_type"] in ("r", "s")


def test_reading_refuses_to_write(ask):
    result = ask(neo4j_query_info, PROBE, parameters=PARAMETERS, database="ledgerspace")
    assert result["failed"]
    assert PROBE in result["msg"]
    assert result["server"].startswith("bolt://127.")


def test_writing(ask):
    result = ask(neo4j_query, PROBE, parameters=PARAMETERS, database="ledgerspace")
    assert result["changed"] is True
    assert result["rows"] == [{"name": "unit"}]
    assert result["executed_statements"] == [PROBE]
    assert result["counters"]["nodes_created"] == 1
    assert result["diff"]["after"] == f"{PROBE}\n"
    assert PARAMETERS["at"] not in str(result["diff"])


def test_check_mode_shows_the_same_and_runs_nothing(ask, enterprise):
    would = ask(neo4j_query, PROBE, parameters=PARAMETERS, database="ledgerspace", check_mode=True)
    assert (would["changed"], would["rows"], would["counters"]) == (True, [], {})
    did = ask(neo4j_query, PROBE, parameters=PARAMETERS, database="ledgerspace")
    assert did["counters"]["nodes_created"] == 1, "check mode has created it already"
    for shown in ("executed_statements", "diff", "columns"):
        assert would[shown] == did[shown]


def test_what_only_reads_is_no_change_in_check_mode_either(ask):
    assert ask(neo4j_query, "SHOW USERS", database="system", check_mode=True)["changed"] is False
    assert ask(neo4j_query, "SHOW USERS", database="system")["changed"] is False


def test_what_was_there_already_is_no_change(ask):
    create = "CREATE USER app IF NOT EXISTS SET PASSWORD $password CHANGE NOT REQUIRED"
    password = {"password": "another-secret"}
    assert ask(neo4j_query, create, parameters=password, database="system")["changed"] is True
    assert ask(neo4j_query, create, parameters=password, database="system")["changed"] is False


def test_an_error_of_the_server_keeps_its_code(ask):
    result = ask(neo4j_query, "CRAETE DATABASE x", database="system")
    assert result["failed"]
    assert result["code"] == "Neo.ClientError.Statement.SyntaxError"


@pytest.mark.parametrize("name", ["NEO4J_URI", "NEO4J_ADDRESS"])
def test_the_address_may_come_from_the_environment(run_module, monkeypatch, login, name):
    monkeypatch.setenv(name, "bolt://127.0.0.1:1")
    result = run_module(neo4j_query_info, query="RETURN 1", **login)
    assert (result["server"], result["cause"]) == ("bolt://127.0.0.1:1", "refused")

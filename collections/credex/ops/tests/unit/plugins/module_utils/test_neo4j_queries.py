# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only reads: plans and query types as Neo4j 5.26.12 gave them to EXPLAIN."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import queries
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Result
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError

ADMINISTRATION = [("AdministrationCommand@system", None)]


def call(procedure, *around):
    return [*around, ("ProduceResults@neo4j", "name"), ("ProcedureCall@neo4j", f"{procedure}() :: (name :: STRING)")]


def explained(query_type, operators=()):
    """As a chain of operators, the first one on top."""
    plan = None
    for name, details in reversed(operators):
        arguments = {} if details is None else {"Details": details}
        plan = {"operatorType": name, "args": arguments, "children": [plan] if plan else []}
    return Result([], [], query_type, {}, [], plan)


@pytest.mark.parametrize(
    ("query", "query_type", "operators"),
    [
        ("RETURN 1", "r", [("ProduceResults@neo4j", "`1`")]),
        ("SHOW INDEXES", "r", [("ProduceResults@neo4j", ""), ("ShowIndexes@neo4j", "allIndexes")]),
        ("SHOW DATABASES YIELD name WHERE name = 'TERMINATE'", "s", ADMINISTRATION),
        ("show users", "s", ADMINISTRATION),
        ("CYPHER 5 SHOW USERS", "s", ADMINISTRATION),
        ("// who\nSHOW /* all */ USERS", "s", ADMINISTRATION),
        ("CALL dbms.components()", "s", [("dbms.components@system", None)]),
        ("CALL dbms.components()", "s", call("dbms.components")),
        (
            "CALL dbms.listConfig() YIELD name WHERE name = 'x'",
            "s",
            call("dbms.listConfig", ("Filter@neo4j", "name = $x")),
        ),
    ],
)
def test_reading(query, query_type, operators):
    assert queries.reads(explained(query_type, operators), query)


@pytest.mark.parametrize(
    ("query", "query_type", "operators"),
    [
        ("CREATE (n)", "w", [("EmptyResult@neo4j", None), ("Create@neo4j", "(n)")]),
        ("CREATE (n) RETURN n", "rw", [("ProduceResults@neo4j", "n"), ("Create@neo4j", "(n)")]),
        ("CREATE INDEX foo FOR (n:X) ON (n.y)", "s", [("CreateIndex@neo4j", "RANGE INDEX foo FOR (:X) ON (y)")]),
        ("DROP USER x", "s", ADMINISTRATION),
        ("/* SHOW */ DROP USER x", "s", ADMINISTRATION),
        ("CYPHER planner=SHOW DROP USER x", "s", ADMINISTRATION),
        # Neo4j calls it reading, on a user database; on system it cannot be told from SHOW by its plan
        ("TERMINATE TRANSACTIONS 'a-1'", "r", [("ProduceResults@neo4j", ""), ("TerminateTransactions@neo4j", "")]),
        ("SHOW TRANSACTIONS YIELD transactionId AS t TERMINATE TRANSACTIONS t", "s", ADMINISTRATION),
        # Cypher reads escapes first: this one closes the text and goes on
        (r"SHOW USERS YIELD user WHERE user = '\u0027 TERMINATE", "s", ADMINISTRATION),
        ("CALL db.clearQueryCaches()", "s", [("db.clearQueryCaches@system", None)]),
        ("CALL db.clearQueryCaches()", "s", call("db.clearQueryCaches")),
        ("CALL dbms.killConnection('bolt-9')", "s", call("dbms.killConnection")),
        (
            "CALL dbms.components() .. CALL dbms.killConnection(..)",
            "s",
            call("dbms.components", *call("dbms.killConnection")),
        ),
        ("CALL dbms.components() .. CREATE INDEX", "s", call("dbms.components", ("CreateIndex@neo4j", ""))),
        ("", "s", []),
    ],
)
def test_not_reading(query, query_type, operators):
    assert not queries.reads(explained(query_type, operators), query)


class Server:
    """Answers EXPLAIN with one thing and the statement itself with another."""

    def __init__(self, explains):
        self.explains = explains
        self.sent = []

    def run(self, statement, parameters, database, write=False):
        self.sent.append((statement, write))
        return self.explains if statement.startswith("EXPLAIN") else explained("r")


@pytest.fixture
def ask(monkeypatch):
    """Let the questions ask this server."""

    def use(server):
        monkeypatch.setattr(queries, "ask_server", lambda asked, question: question(server))
        return server

    return use


ASKED = queries.Target("db1", "db1")


def test_what_reads_is_explained_and_then_run_without_the_right_to_write(ask):
    server = ask(Server(explained("r")))
    queries.read(ASKED, "RETURN 1", {}, None)
    assert server.sent == [("EXPLAIN RETURN 1", False), ("RETURN 1", False)]


def test_what_writes_is_explained_and_not_run(ask):
    server = ask(Server(explained("w")))
    with pytest.raises(queries.StatementRefusedError, match=r"query type for it is w\): CREATE \(n\)\."):
        queries.read(ASKED, "CREATE (n)", {}, None)
    assert server.sent == [("EXPLAIN CREATE (n)", False)]


def test_an_explain_of_the_users_own_is_sent_as_it_is(ask):
    server = ask(Server(explained("w")))
    queries.read(ASKED, "explain CREATE (n)", {}, None)
    assert server.sent == [("explain CREATE (n)", False)]


@pytest.mark.parametrize(
    ("cause", "unknown"), [(Cause.TIMEOUT, True), (Cause.UNAVAILABLE, True), (Cause.AUTHENTICATION, False)]
)
def test_a_lost_answer_is_not_a_lost_write(monkeypatch, cause, unknown):
    def ask_server(asked, question):
        raise UnreachableError("no answer", "db1", cause)

    monkeypatch.setattr(queries, "ask_server", ask_server)
    with pytest.raises(UnreachableError) as caught:
        queries.write(ASKED, "CREATE (n)", {}, None)
    assert ("Whether the statement took effect is unknown" in str(caught.value)) is unknown

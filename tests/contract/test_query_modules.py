"""Nothing gets past neo4j_query_info, and nothing happens in check mode: judged by a real server, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_query, neo4j_query_info

from lab.community.server import PASSWORD, USER, Community
from tests.contract.calls import Result, run_module

# Writes in every disguise that a user may think of, deliberately or not; the database, then the statement
WRITES = [
    ("neo4j", "CREATE (:Sneaked)"),
    ("neo4j", "MERGE (n:Sneaked {name: 'x'}) RETURN n.name"),
    ("neo4j", "MATCH (n) SET n.sneaked = true"),
    ("neo4j", "MATCH (n) REMOVE n.name"),
    ("neo4j", "MATCH (n) DETACH DELETE n"),
    ("neo4j", "FOREACH (x IN [1, 2] | CREATE (:Sneaked))"),
    ("neo4j", "CALL { CREATE (n:Sneaked) RETURN n } RETURN 1 AS one"),
    ("neo4j", "UNWIND [1, 2] AS x CALL { WITH x CREATE (:Sneaked) } IN TRANSACTIONS OF 1 ROW"),
    ("neo4j", "RETURN 1 AS x UNION CREATE (n:Sneaked) RETURN 1 AS x"),
    ("neo4j", "PROFILE CREATE (:Sneaked)"),
    ("neo4j", "CYPHER runtime=slotted CREATE (:Sneaked)"),
    ("neo4j", "CYPHER 5 CREATE (:Sneaked)"),
    ("neo4j", "/* EXPLAIN */ CREATE (:Sneaked)"),
    ("neo4j", "// SHOW USERS\nCREATE (:Sneaked)"),
    ("neo4j", "\\u0043REATE (:Sneaked)"),
    ("neo4j", "RETURN 1; CREATE (:Sneaked)"),
    ("neo4j", "CREATE INDEX sneaked FOR (n:Sneaked) ON (n.name)"),
    ("neo4j", "CREATE CONSTRAINT sneaked FOR (n:Sneaked) REQUIRE n.name IS UNIQUE"),
    ("neo4j", "CALL db.createLabel('Sneaked')"),
    ("neo4j", "CALL db.createProperty('sneaked') RETURN 1 AS x"),
    ("system", "CREATE USER sneaked SET PASSWORD 'sneaked-in' CHANGE NOT REQUIRED"),
    ("system", "DROP USER neo4j"),
    ("system", "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'"),
    ("system", "RENAME USER neo4j TO sneaked"),
    ("system", "TERMINATE TRANSACTIONS 'neo4j-transaction-1'"),
    ("system", "SHOW TRANSACTIONS YIELD transactionId AS id TERMINATE TRANSACTIONS id YIELD message RETURN message"),
]
READS = [
    ("neo4j", "RETURN 1 AS x"),
    ("neo4j", "MATCH (n) RETURN count(n) AS n"),
    ("neo4j", "RETURN 'CREATE (n)' AS text"),
    ("neo4j", "EXPLAIN CREATE (:Sneaked)"),
    ("neo4j", "SHOW INDEXES YIELD name"),
    ("neo4j", "CALL db.labels() YIELD label RETURN label"),
    ("system", "SHOW DATABASES"),
    ("system", "SHOW USERS YIELD user"),
    ("system", "CALL dbms.components()"),
    ("system", "SHOW TRANSACTIONS"),
]


@pytest.fixture(scope="module", params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def driver(server: Community) -> Iterator[neo4j.Driver]:
    """Looks at the server past the modules that are tested here."""
    with neo4j.GraphDatabase.driver(server.uri, auth=(USER, PASSWORD)) as found:
        yield found


def everything(driver: neo4j.Driver) -> list[Any]:
    """What a write could have changed: nodes, tokens, indexes, constraints, users."""
    asked = [
        ("neo4j", "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties ORDER BY elementId(n)"),
        ("neo4j", "CALL db.labels() YIELD label RETURN label ORDER BY label"),
        ("neo4j", "CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey ORDER BY propertyKey"),
        ("neo4j", "SHOW INDEXES YIELD name"),
        ("neo4j", "SHOW CONSTRAINTS YIELD name"),
        ("system", "SHOW USERS YIELD user, passwordChangeRequired"),
    ]
    return [driver.execute_query(query, database_=database).records for database, query in asked]


def ask(module: Any, server: Community, login: dict[str, Any], database: str, query: str, **more: Any) -> Result:
    return run_module(module, uri=server.uri, database=database, query=query, **more, **login)


@pytest.mark.parametrize(("database", "query"), WRITES)
def test_a_write_is_refused_and_does_not_happen(
    server: Community, driver: neo4j.Driver, login: dict[str, Any], database: str, query: str
) -> None:
    before = everything(driver)
    result = ask(neo4j_query_info, server, login, database, query)
    assert result.get("failed"), result
    assert everything(driver) == before


@pytest.mark.parametrize(("database", "query"), READS)
def test_a_read_is_answered_and_changes_nothing(
    server: Community, driver: neo4j.Driver, login: dict[str, Any], database: str, query: str
) -> None:
    before = everything(driver)
    result = ask(neo4j_query_info, server, login, database, query)
    assert not result.get("failed"), result
    assert isinstance(result["rows"], list)
    assert everything(driver) == before


@pytest.mark.parametrize(("database", "query"), WRITES[:3])
def test_check_mode_explains_and_does_not_write(
    server: Community, driver: neo4j.Driver, login: dict[str, Any], database: str, query: str
) -> None:
    before = everything(driver)
    result = ask(neo4j_query, server, login, database, query, _ansible_check_mode=True)
    assert result["changed"]
    assert result["executed_statements"] == [query]
    assert everything(driver) == before


def test_a_write_happens_once_and_is_counted(server: Community, login: dict[str, Any]) -> None:
    probe = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"
    parameters = {"name": "query modules", "at": "2026-11-23T00:00:00Z"}
    mine = "MATCH (p:CredexOpsProbe {name: $name})"
    first = ask(neo4j_query, server, login, "neo4j", probe, parameters=parameters)
    assert (first["changed"], first["rows"]) == (True, [{"name": "query modules"}])
    assert first["counters"] == {"nodes_created": 1, "properties_set": 2, "labels_added": 1}
    second = ask(neo4j_query, server, login, "neo4j", probe, parameters=parameters)
    assert second["counters"] == {"properties_set": 1}
    found = ask(neo4j_query_info, server, login, "neo4j", f"{mine} RETURN p.at AS at", parameters=parameters)
    assert found["rows"] == [{"at": parameters["at"]}]
    removed = ask(neo4j_query, server, login, "neo4j", f"{mine} DELETE p", parameters=parameters)
    assert removed["counters"] == {"nodes_deleted": 1}


def test_values_are_bound_and_cannot_become_cypher(server: Community, login: dict[str, Any]) -> None:
    hostile = "' }) DETACH DELETE n //"
    result = ask(neo4j_query_info, server, login, "neo4j", "RETURN $x AS x", parameters={"x": hostile})
    assert result["rows"] == [{"x": hostile}]

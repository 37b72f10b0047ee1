"""What a real dump and load keep, judged by neo4j_fingerprint_info: the proof of migrate_to_cluster.yml.

One server is dumped, and the dump loaded into others under another name, as into a cluster. Community has one database,
so each is a server of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.module_utils._fingerprint.fingerprint import differences
from ansible_collections.credex.ops.plugins.modules import neo4j_fingerprint_info

from lab.community import parts
from lab.community.server import PASSWORD, USER, Community
from tests.contract.calls import Result, run_module
from tests.contract.conftest import LOGIN, install, running

NAME = "ledgerspace"
GRAPH = [
    "CREATE CONSTRAINT account_id FOR (a:Account) REQUIRE a.accountID IS UNIQUE",
    "CREATE INDEX due FOR (c:Credex) ON (c.dueDate)",
    """
    UNWIND range(1, 500) AS n
    CREATE (a:Account {accountID: toString(n), name: 'Zoë ' + n, rate: n / 7.0, flags: [true, false], big: 2 ^ 53 + n,
                       place: point({longitude: 31.0, latitude: -17.8}), day: date('2026-01-01'),
                       since: datetime('2026-01-01T00:00:00.000000001Z'), at: localtime('01:02:03'),
                       every: duration('P1M2DT3S')})
    CREATE (c:Credex:Open {amount: n * 1.1, dueDate: date('2026-02-01')})
    CREATE (a)-[:OWES {createdAt: datetime('2026-01-01T00:00:00[Africa/Harare]')}]->(c)
    """,
    """
    MATCH (c:Credex), (a:Account {accountID: toString(toInteger(c.amount / 1.1 + 0.5) % 500 + 1)})
    CREATE (c)-[:OWES]->(a)
    """,
    "CREATE ()-[:`odd type` {`odd key`: ''}]->(:`odd label`)",
]


def fingerprint(server: Community, database: str = NAME) -> dict[str, Any]:
    found = run_module(neo4j_fingerprint_info, uri=server.uri, database=database, **LOGIN)
    assert not found.get("failed"), found
    told: dict[str, Any] = found["fingerprint"]
    return told


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The fingerprint of a server with a graph, and the folder of its dump."""
    server = install(parts.LTS, tmp_path_factory)
    dumps = tmp_path_factory.mktemp("dumps")
    with running(server):
        write(server, *GRAPH, database="neo4j")
        told = fingerprint(server, "neo4j")
        assert fingerprint(server, "neo4j") == told
        server.stop()
    done = server.run("neo4j-admin", "database", "dump", "neo4j", f"--to-path={dumps}")
    assert done.returncode == 0, done.stderr
    (dumps / "neo4j.dump").rename(dumps / f"{NAME}.dump")
    return told, dumps


def write(server: Community, *statements: str, database: str = NAME) -> None:
    with neo4j.GraphDatabase.driver(server.uri, auth=(USER, PASSWORD)) as driver:
        for statement in statements:
            driver.execute_query(statement, database_=database)


@pytest.fixture(scope="module", params=[parts.LTS, parts.CALENDAR], ids=["lts", "calendar"])
def copy(
    request: pytest.FixtureRequest, source: tuple[dict[str, Any], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Community]:
    server = install(request.param, tmp_path_factory)
    server.configure({"initial.dbms.default_database": NAME})
    done = server.run("neo4j-admin", "database", "load", NAME, f"--from-path={source[1]}")
    assert done.returncode == 0, done.stderr
    with running(server):
        yield server


def test_what_was_dumped_and_loaded_has_the_same_fingerprint(
    source: tuple[dict[str, Any], Path], copy: Community
) -> None:
    told, _ = source
    assert differences(told, fingerprint(copy)) == []
    assert told["counts"]["nodes"] == 1002 and told["counts"]["relationships"] == 1001
    assert any("UNIQUENESS on NODE Account (accountID)" in each for each in told["constraints"])


def test_each_change_is_named_and_taken_back_it_is_gone(source: tuple[dict[str, Any], Path], copy: Community) -> None:
    """One after the other on a server, since a start costs more than all of them."""
    told, _ = source
    for change, back, said in CHANGES:
        write(copy, change)
        assert differences(told, fingerprint(copy), ("source", "copy")) == said
        write(copy, back)
        assert differences(told, fingerprint(copy)) == []


ONE = "MATCH (:Account {accountID: '5'})-[o:OWES]->()"
CHANGES = [
    (
        "MATCH (a:Account {accountID: '17'}) SET a.rate = a.rate + 1e-12",
        "MATCH (a:Account {accountID: '17'}) SET a.rate = 17 / 7.0",
        ["nodes Account: as many (500), but other values of rate"],
    ),
    (
        "CREATE (:Account {accountID: 'new'})",
        "MATCH (a:Account {accountID: 'new'}) DELETE a",
        ["nodes Account: source has 500, copy has 501"],
    ),
    (
        f"{ONE} SET o.createdAt = datetime('2026-01-01T00:00:00+02:00')",
        f"{ONE} SET o.createdAt = datetime('2026-01-01T00:00:00[Africa/Harare]')",
        ["relationships OWES: as many (1000), but other values of createdAt"],
    ),
    (
        "DROP INDEX due",
        "CREATE INDEX due FOR (c:Credex) ON (c.dueDate)",
        ["index that only source has: due: RANGE on NODE Credex (dueDate)"],
    ),
]


def test_a_database_that_is_not_there_is_an_error(copy: Community) -> None:
    found: Result = run_module(neo4j_fingerprint_info, uri=copy.uri, database="nobody", **LOGIN)
    assert found["failed"] and "nobody" in found["msg"] and found["server"] == copy.uri

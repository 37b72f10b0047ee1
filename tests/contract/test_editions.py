"""How a real Community server refuses what only Enterprise has, that one function recognizes it everywhere, and that
the emulated server refuses it in the same words where it plays Community."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import is_unsupported

from lab.community.server import PASSWORD, USER, Community
from tests.contract import emulated
from tests.contract.endpoint import Endpoint, differences
from tests.contract.web import Reply, get

PROCEDURE = "Neo.ClientError.Procedure.ProcedureNotFound"
COMMAND = "Neo.ClientError.Statement.UnsupportedAdministrationCommand"
# 5.26 answers so although the statement ran on system
ODD = "Neo.ClientError.Statement.NotSystemDatabaseError"

# statement, code of the long-term version, code of the calendar version
ENTERPRISE_ONLY = [
    ("SHOW SERVERS", ODD, COMMAND),
    ("SHOW ALIASES FOR DATABASE", ODD, COMMAND),
    ("ENABLE SERVER 'x'", COMMAND, COMMAND),
    ("CREATE DATABASE other", COMMAND, COMMAND),
    ("STOP DATABASE neo4j", COMMAND, COMMAND),
    ("SHOW ROLES", COMMAND, COMMAND),
    ("SHOW PRIVILEGES", COMMAND, COMMAND),
    ("SHOW POPULATED ROLES WITH USERS", COMMAND, COMMAND),
    ("EXPLAIN SHOW ROLES", COMMAND, COMMAND),
    ("CREATE ROLE night IF NOT EXISTS AS COPY OF reader", COMMAND, COMMAND),
    ("DROP ROLE night IF EXISTS", COMMAND, COMMAND),
    ("GRANT ROLE reader TO neo4j", COMMAND, COMMAND),
    ("REVOKE ROLE reader FROM neo4j", COMMAND, COMMAND),
    ("GRANT ACCESS ON DATABASE * TO reader", COMMAND, COMMAND),
    ("DENY WRITE ON GRAPH neo4j TO reader", COMMAND, COMMAND),
    ("REVOKE GRANT SHOW SERVERS ON DBMS FROM reader", COMMAND, COMMAND),
    ("SHOW USER PRIVILEGES", COMMAND, COMMAND),
    ("SHOW ROLE reader PRIVILEGES AS REVOKE COMMANDS", COMMAND, COMMAND),
    ("EXPLAIN SHOW SERVERS YIELD name", ODD, COMMAND),
    ("ENABLE SERVER 'x' OPTIONS {modeConstraint: 'NONE'}", COMMAND, COMMAND),
    ("ALTER SERVER 'x' SET OPTIONS {modeConstraint: 'NONE'}", COMMAND, COMMAND),
    ("DROP SERVER 'x'", COMMAND, COMMAND),
    ("DEALLOCATE DATABASES FROM SERVERS 'x', 'y'", COMMAND, COMMAND),
    ("DRYRUN DEALLOCATE DATABASE FROM SERVER 'x'", COMMAND, COMMAND),
    ("REALLOCATE DATABASES", COMMAND, COMMAND),
    ("DRYRUN REALLOCATE DATABASES", COMMAND, COMMAND),
    ("ALTER DATABASE neo4j SET TOPOLOGY 1 PRIMARY", COMMAND, COMMAND),
    ("START DATABASE neo4j WAIT 5 SECONDS", COMMAND, COMMAND),
    ("DROP DATABASE other IF EXISTS", COMMAND, COMMAND),
    ("CALL dbms.licenseAgreementDetails()", PROCEDURE, PROCEDURE),
    ("CALL dbms.cluster.statusCheck([])", PROCEDURE, PROCEDURE),
    ("EXPLAIN CALL dbms.cluster.cordonServer('x')", PROCEDURE, PROCEDURE),
    ("CALL dbms.cluster.uncordonServer('x')", PROCEDURE, PROCEDURE),
    ("CALL dbms.cluster.recreateDatabase('neo4j', {seedingServers: []})", PROCEDURE, PROCEDURE),
    ("CALL dbms.recreateDatabase('neo4j', {seedingServers: []})", PROCEDURE, PROCEDURE),
    ("CALL dbms.setConfigValue('x', 'y')", PROCEDURE, PROCEDURE),
]
# What the emulator does not know, whatever it plays
NOT_EMULATED = ("SHOW ALIASES FOR DATABASE", "CALL dbms.setConfigValue('x', 'y')")
# Users are there, but not all that Enterprise knows of them
USERS = [
    "SHOW USERS",
    "SHOW CURRENT USER",
    "CREATE USER x SET PASSWORD 'longer-than-8' SET STATUS ACTIVE",
    "CREATE USER x SET PASSWORD 'longer-than-8' SET HOME DATABASE neo4j",
    "ALTER USER nobody SET STATUS SUSPENDED",
    "ALTER USER neo4j SET STATUS SUSPENDED",
    "ALTER USER nobody REMOVE HOME DATABASE",
    "ALTER USER nobody SET HOME DATABASE neo4j",
    "SHOW USERS WITH AUTH",
    "CREATE USER x SET AUTH 'ldap' {SET ID 'x'}",
    "ALTER USER neo4j SET AUTH PROVIDER 'ldap' {SET ID 'x'}",
    "ALTER USER nobody SET AUTH 'ldap' {SET ID 'x'}",
    "ALTER USER neo4j REMOVE AUTH 'ldap'",
    "ALTER USER nobody REMOVE AUTH 'ldap'",
    "SHOW DATABASES YIELD *",
    "SHOW PROCEDURES YIELD name WHERE name = 'dbms.cluster.statusCheck'",
]
# The paths of the cluster's endpoints, and others
PATHS = [
    "/db/neo4j/cluster/available",
    "/db/neo4j/cluster/status",
    "/db/nobody/cluster/writable",
    "/dbms/cluster/status",
    "/nonsense",
]
# Refusals for reasons of their own
OTHER = [
    ("RETRN 1", "neo4j"),
    ("RETURN $nothing AS x", "neo4j"),
    ("RETURN 1 AS x", "nobody"),
    ("RETURN 1 AS x", "system"),
    ("CREATE USER neo4j SET PASSWORD 'longer-than-8'", "system"),
]


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


def endpoint(server: Community) -> Endpoint:
    return Endpoint(server.uri, USER, PASSWORD)


@pytest.mark.parametrize(("statement", "lts_code", "calendar_code"), ENTERPRISE_ONLY)
def test_what_only_enterprise_has_is_recognized(
    server: Community, statement: str, lts_code: str, calendar_code: str
) -> None:
    refusal = endpoint(server).answer(statement, {}, "system").error
    assert refusal is not None
    assert refusal.code == (calendar_code if server.release.is_calendar else lts_code)
    assert is_unsupported(refusal.code, refusal.gql_status)


@pytest.mark.parametrize(("statement", "database"), OTHER)
def test_other_refusals_are_not_taken_for_it(server: Community, statement: str, database: str) -> None:
    refusal = endpoint(server).answer(statement, {}, database).error
    assert refusal is not None
    assert not is_unsupported(refusal.code, refusal.gql_status)


@pytest.fixture(params=["lts", "calendar"], scope="module")
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """The emulated server as Community, and the real one."""
    server: Community = request.getfixturevalue(request.param)
    with emulated.running(server.release, tmp_path_factory.mktemp("community"), "community") as ours:
        yield ours.endpoint, endpoint(server)


@pytest.mark.parametrize(
    "statement", [statement for statement, *_ in ENTERPRISE_ONLY if statement not in NOT_EMULATED] + USERS
)
def test_the_emulator_plays_community(both: tuple[Endpoint, Endpoint], statement: str) -> None:
    ours, theirs = (server.answer(statement, {}, "system") for server in both)
    assert differences(ours, theirs, counted=True) == []
    # A syntax error tells the place as well; these tell what was sent
    assert (ours.error and ours.error.message) == (theirs.error and theirs.error.message)


def test_what_is_null_on_community(both: tuple[Endpoint, Endpoint]) -> None:
    for statement in ("SHOW USERS", "SHOW DATABASES YIELD *"):
        ours, theirs = (server.rows(statement) for server in both)
        nulls = [{column for row in rows for column in row if row[column] is None} for rows in (ours, theirs)]
        assert nulls[0] == nulls[1], statement


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("credentials", ["none", "right", "wrong"])
def test_paths_that_take_a_password(both: tuple[Endpoint, Endpoint], path: str, credentials: str) -> None:
    def reply(server: Endpoint) -> Reply:
        password = {"none": None, "right": server.password, "wrong": "wrong"}[credentials]
        found = get(server.host, path, password)
        # A wrong one must not lock the user for the tests that follow
        get(server.host, "/db/neo4j/cluster/available", server.password)
        return found

    ours, theirs = (reply(server) for server in both)
    assert ours == theirs

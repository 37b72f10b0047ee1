"""How a real Community server refuses what only Enterprise has, and that one function recognizes it everywhere."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import is_unsupported

from tests.contract.community import PASSWORD, USER, Community
from tests.contract.endpoint import Endpoint

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
    ("GRANT ROLE reader TO neo4j", COMMAND, COMMAND),
    ("CALL dbms.licenseAgreementDetails()", PROCEDURE, PROCEDURE),
    ("CALL dbms.cluster.statusCheck([])", PROCEDURE, PROCEDURE),
    ("CALL dbms.setConfigValue('x', 'y')", PROCEDURE, PROCEDURE),
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

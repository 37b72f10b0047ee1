"""The emulated server answers as a real one does: codes, columns, types, counters.

The emulator plays Enterprise, the real server is Community, so the calls are those that both editions can do. What only
Enterprise has (clusters, licenses, roles, backups) rests on documentation; docs/proof.md says which is which.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.modules import neo4j_query_info

from lab.community.server import HTTP, PASSWORD, USER, Community
from tests.contract import emulated
from tests.contract.calls import run_module
from tests.contract.endpoint import Answer, Endpoint, differences

PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"
PROBED = {"name": "contract", "at": "2026-11-23T00:00:00Z"}
READ_PROBE = "MATCH (p:CredexOpsProbe {name: $name}) RETURN p.at AS at"
ADDRESSES = {"names": ["server.bolt.advertised_address", "server.memory.heap.max_size"]}


@dataclass(frozen=True)
class Call:
    name: str
    statement: str
    database: str = "system"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    # The exact number of rows means something
    counted: bool = True
    writes: bool = True
    login: tuple[str, str] | None = None


CALLS = [
    # Reading a server
    Call("components", "CALL dbms.components()"),
    Call("components, yielded", "CALL dbms.components() YIELD name, versions, edition"),
    Call("components and the time", statements.COMPONENTS_NOW),
    Call("databases", "SHOW DATABASES"),
    Call("databases, all columns", "SHOW DATABASES YIELD *"),
    Call("databases, one", "SHOW DATABASE neo4j YIELD name, currentStatus"),
    Call("databases, none", "SHOW DATABASES YIELD name WHERE name = 'nobody'"),
    Call("settings", "SHOW SETTINGS", counted=False),
    Call("settings, all columns", "SHOW SETTINGS YIELD *", counted=False),
    Call("settings, by name", "SHOW SETTINGS $names YIELD name, value", parameters=ADDRESSES),
    Call("settings, filtered", "SHOW SETTINGS YIELD name, value WHERE name IN $names", parameters=ADDRESSES),
    Call("settings, unknown", "SHOW SETTINGS $names YIELD name, value", parameters={"names": ["no.such.setting"]}),
    Call("users", "SHOW USERS"),
    Call("users, all columns", "SHOW USERS YIELD *"),
    Call("users and how they log in", "SHOW USERS WITH AUTH"),
    Call("users and how they log in, all columns", "SHOW USERS WITH AUTH YIELD *"),
    Call("current user", "SHOW CURRENT USER"),
    Call("procedures", "SHOW PROCEDURES", counted=False),
    Call("procedures, all columns", "SHOW PROCEDURES YIELD *", counted=False),
    Call("procedures, by name", "SHOW PROCEDURES YIELD name WHERE name IN $names",
         parameters={"names": ["dbms.components", "gds.license.state"]}),
    Call("operating system", "CALL dbms.queryJmx($query)", parameters={"query": "java.lang:type=OperatingSystem"}),
    Call("an unknown bean", "CALL dbms.queryJmx($query) YIELD name, attributes", parameters={"query": "no:type=Bean"}),
    Call("ping", "CALL db.ping()"),
    Call("routing table", "CALL dbms.routing.getRoutingTable($context, $database)",
         parameters={"context": {}, "database": "neo4j"}),
    Call("routing table of the home database", "CALL dbms.routing.getRoutingTable($context, $database) YIELD servers",
         "neo4j", {"context": {}, "database": None}),
    Call("routing table of nothing", "CALL dbms.routing.getRoutingTable($context, $database)",
         parameters={"context": {}, "database": "nothing"}),
    Call("who is connected", "CALL dbms.listConnections() YIELD username, userAgent, clientAddress"),
    Call("who is connected, all of it", "CALL dbms.listConnections()"),
    # Data
    Call("one", "RETURN 1", "neo4j"),
    Call("one, named", "RETURN 1 AS x", "neo4j"),
    Call("one, in read access mode", "RETURN 1 AS x", "neo4j", writes=False),
    Call("the probe", PROBE, "neo4j", PROBED),
    Call("the probe again", PROBE, "neo4j", PROBED),
    Call("the probe, read", READ_PROBE, "neo4j", {"name": "contract"}),
    Call("how many nodes there are", "MATCH (n) RETURN count(n) AS nodes", "neo4j"),
    Call("every node", "MATCH (n) RETURN [elementId(n), labels(n), properties(n)] AS row", "neo4j"),
    Call("every relationship",
         "MATCH (a)-[r]->(b) RETURN [elementId(a), elementId(b), type(r), properties(r)] AS row", "neo4j"),
    Call("indexes", "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties", "neo4j"),
    Call("constraints", "SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties", "neo4j"),
    Call("a probe that nobody wrote", READ_PROBE, "neo4j", {"name": "nobody"}),
    # What EXPLAIN says
    Call("explained read", "EXPLAIN RETURN 1 AS x", "neo4j"),
    Call("explained probe", f"EXPLAIN {PROBE}", "neo4j"),
    Call("explained probe with values", f"EXPLAIN {PROBE}", "neo4j", PROBED),
    Call("explained SHOW", "EXPLAIN SHOW DATABASES YIELD name"),
    Call("explained components", "EXPLAIN CALL dbms.components()"),
    Call("explained administration", "EXPLAIN CREATE USER somebody SET PASSWORD 'longer-than-8' CHANGE NOT REQUIRED"),
    Call("with a language", "CYPHER 5 RETURN 1 AS x", "neo4j"),
    # Refusals
    Call("syntax error", "RETRN 1", "neo4j"),
    Call("syntax error on system", "SHOW NOTHING"),
    Call("an unknown language", "CYPHER 7 RETURN 1 AS x", "neo4j"),
    Call("a column that is not there", "SHOW DATABASES YIELD nothing"),
    Call("unknown procedure", "CALL nope.nope()", "neo4j"),
    Call("unknown procedure on system", "CALL nope.nope()"),
    Call("unknown procedure, explained", "EXPLAIN CALL nope.nope()", "neo4j"),
    Call("a plugin that is not installed", "CALL gds.license.state() YIELD isLicensed, details", "neo4j"),
    Call("its function", "RETURN gds.version() AS x", "neo4j"),
    Call("unknown database", "RETURN 1 AS x", "nobody"),
    Call("missing parameter", PROBE, "neo4j", {"name": "contract"}),
    Call("data on system", "RETURN 1 AS x"),
    Call("data on system, explained", "EXPLAIN RETURN 1 AS x"),
    Call("the probe on system", PROBE, parameters=PROBED),
    Call("the probe in read access mode", PROBE, "neo4j", PROBED, writes=False),
    Call("administration in read access mode", "DROP USER somebody IF EXISTS", writes=False),
    # Users
    Call("a user", "CREATE USER contract SET PASSWORD $password CHANGE NOT REQUIRED",
         parameters={"password": PASSWORD}),
    Call("a user that exists", "CREATE USER contract SET PASSWORD 'longer-than-8'"),
    Call("a user that may exist", "CREATE USER contract IF NOT EXISTS SET PASSWORD 'longer-than-8'"),
    Call("a short password", "CREATE USER other SET PASSWORD 'short'"),
    Call("a password", "ALTER CURRENT USER SET PASSWORD FROM $old TO $new", login=("contract", PASSWORD),
         parameters={"old": PASSWORD, "new": "longer-than-8"}),
    Call("the same password", "ALTER CURRENT USER SET PASSWORD FROM $old TO $old", login=("contract", "longer-than-8"),
         parameters={"old": "longer-than-8"}),
    Call("a password from a wrong one", "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
         login=("contract", "longer-than-8"), parameters={"old": "not-this-one", "new": "another-one"}),
    Call("a wrong password", "RETURN 1 AS x", "neo4j", login=("contract", "wrong")),
    Call("a second wrong password", "RETURN 1 AS x", "neo4j", login=("contract", "wrong")),
    Call("a third wrong password", "RETURN 1 AS x", "neo4j", login=("contract", "wrong")),
    Call("the right password after that", "RETURN 1 AS x", "neo4j", login=("contract", "longer-than-8")),
    *(Call(f"an unknown user, try {number}", "RETURN 1 AS x", "neo4j", login=("nobody", "wrong"))
      for number in range(1, 6)),
    Call("a user who must change it", "CREATE USER expired SET PASSWORD 'longer-than-8' CHANGE REQUIRED"),
    Call("expired credentials", "RETURN 1 AS x", "neo4j", login=("expired", "longer-than-8")),
    Call("expired credentials on system", "SHOW DATABASES", login=("expired", "longer-than-8")),
    Call("changing them", "ALTER CURRENT USER SET PASSWORD FROM 'longer-than-8' TO 'another-one'",
         login=("expired", "longer-than-8")),
    Call("changed credentials", "RETURN 1 AS x", "neo4j", login=("expired", "another-one")),
    Call("a password of somebody else", "ALTER USER contract SET PASSWORD 'longer-than-9'"),
    Call("their same password", "ALTER USER contract SET PASSWORD 'longer-than-9'"),
    Call("their short password", "ALTER USER contract SET PASSWORD 'short'"),
    Call("their password, to be changed", "ALTER USER contract SET PLAINTEXT PASSWORD $password CHANGE REQUIRED",
         parameters={"password": "longer-than-10"}),
    Call("the password that they have", "RETURN 1 AS x", "neo4j", login=("contract", "longer-than-10")),
    Call("a change that need not be", "ALTER USER contract SET PASSWORD CHANGE NOT REQUIRED"),
    Call("the password that they keep", "RETURN 1 AS x", "neo4j", login=("contract", "longer-than-10")),
    Call("nothing to alter", "ALTER USER contract"),
    Call("a password of nobody", "ALTER USER nobody SET PASSWORD 'longer-than-8'"),
    Call("a password of nobody, if there", "ALTER USER nobody IF EXISTS SET PASSWORD 'longer-than-8'"),
    Call("one's own status", "ALTER USER neo4j SET STATUS SUSPENDED"),
    Call("explained status", "EXPLAIN ALTER USER contract SET STATUS SUSPENDED"),
    Call("another name", "RENAME USER contract TO renamed"),
    Call("another name of nobody", "RENAME USER contract TO renamed"),
    Call("another name of nobody, if there", "RENAME USER contract IF EXISTS TO renamed"),
    Call("a name that is taken", "RENAME USER renamed TO neo4j"),
    Call("the user with that name", "SHOW USERS YIELD user, passwordChangeRequired WHERE user = 'renamed'"),
    Call("one user", "SHOW USER"),
    Call("the end of oneself", "DROP USER neo4j"),
    Call("the end of a user", "DROP USER renamed"),
    Call("the end of another", "DROP USER expired"),
    Call("the end of nobody", "DROP USER contract"),
    Call("the end of nobody, if there", "DROP USER contract IF EXISTS"),
]  # fmt: skip


# Settings that a Community server does not declare; there is nothing to compare them with
ENTERPRISE_SETTINGS = (
    "dbms.cluster.",
    "dbms.security.cluster_status_auth_enabled",
    "initial.dbms.default_primaries_count",
    "initial.dbms.default_secondaries_count",
    "server.backup.",
    "server.cluster.",
    "server.directories.metrics",
    "server.metrics.",
    "server.routing.advertised_address",
)
# Procedures likewise
ENTERPRISE_PROCEDURES = (
    "dbms.cluster.",
    "dbms.licenseAgreementDetails",
    "dbms.recreateDatabase",
    "dbms.setConfigValue",
    "dbms.setDefaultAllocationNumbers",
    "dbms.showTopologyGraphConfig",
)
# Declared as soon as one of their kind is set, which neither server's neo4j.conf does here
SETTINGS_ON_DEMAND = ("dbms.ssl.policy.",)
# What EXPLAIN and the words of a statement must make neo4j_query_info think, on both
JUDGED = [
    ("system", "SHOW DATABASES YIELD name"),
    ("system", "SHOW USERS"),
    ("system", "CALL dbms.components()"),
    ("system", "CALL dbms.components() YIELD name"),
    ("system", "CALL dbms.queryJmx($query) YIELD name"),
    ("neo4j", "RETURN 1 AS x"),
    ("neo4j", PROBE),
    ("system", "CREATE USER sneaked SET PASSWORD 'longer-than-8'"),
    ("system", "DROP USER neo4j"),
]


@dataclass(frozen=True)
class Pair:
    """The two servers, and what they answered to every call of the table."""

    emulated: Endpoint
    real: Endpoint
    answers: dict[str, tuple[Answer, Answer]]


@pytest.fixture(scope="module")
def long_term(lts: Community, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    yield from pair(lts, tmp_path_factory)


@pytest.fixture(scope="module")
def calendar_version(calendar: Community, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    yield from pair(calendar, tmp_path_factory)


def pair(server: Community, folders: pytest.TempPathFactory) -> Iterator[Pair]:
    """Every call of the table once, in its order: some prepare the next ones."""
    real = Endpoint(server.uri, USER, PASSWORD)
    with emulated.running(server.release, folders.mktemp("emulated")) as server_of_the_lab:
        ours = server_of_the_lab.endpoint
        yield Pair(ours, real, {call.name: (ask(ours, call), ask(real, call)) for call in CALLS})


@pytest.fixture(params=["long_term", "calendar_version"])
def both(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.getfixturevalue(request.param)
    return found


def ask(endpoint: Endpoint, call: Call) -> Answer:
    return endpoint.answer(call.statement, call.parameters, call.database, call.writes, call.login)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_emulator_answers_as_the_real_server_does(both: Pair, call: Call) -> None:
    found = differences(*both.answers[call.name], call.counted)
    if found:
        pytest.fail(f"{call.statement} on {call.database}: " + "; ".join(found), pytrace=False)


def test_every_setting_of_the_emulator_is_a_real_one(both: Pair) -> None:
    shown, real = settings(both.emulated), settings(both.real)
    declared = {name for name in shown if not name.startswith((*ENTERPRISE_SETTINGS, *SETTINGS_ON_DEMAND))}
    assert len(declared) > 20
    assert declared - set(real) == set()
    facts = ("defaultValue", "isDynamic")
    assert {name: [shown[name][fact] for fact in facts] for name in declared} == {
        name: [real[name][fact] for fact in facts] for name in declared
    }


def test_settings_are_written_alike(both: Pair) -> None:
    """Sizes, addresses and paths have a form of their own in SHOW SETTINGS."""
    names = [
        "server.memory.heap.max_size",
        "server.memory.pagecache.size",
        "server.bolt.listen_address",
        "server.bolt.advertised_address",
        "server.http.advertised_address",
        "server.directories.licenses",
        "server.directories.plugins",
        "server.directories.import",
    ]
    shown, real = settings(both.emulated), settings(both.real)
    forms = {name: (form(str(shown[name]["value"]), shown), form(str(real[name]["value"]), real)) for name in names}
    assert {name: ours for name, (ours, _) in forms.items()} == {name: theirs for name, (_, theirs) in forms.items()}


def test_procedures_are_of_their_real_kind(both: Pair) -> None:
    statement = "SHOW PROCEDURES YIELD name, mode, worksOnSystem, admin"
    shown, real = table(both.emulated, statement), table(both.real, statement)
    known = {name: row for name, row in shown.items() if not name.startswith(ENTERPRISE_PROCEDURES)}
    assert known
    assert known == {name: real.get(name) for name in known}


@pytest.mark.parametrize(("database", "query"), JUDGED)
def test_both_make_a_module_judge_alike(both: Pair, database: str, query: str) -> None:
    """Whether a statement reads is judged by what EXPLAIN says: its type, and the operators of its plan."""
    options = {"database": database, "query": f"{query}", "parameters": {"query": "java.lang:type=OperatingSystem"}}
    results = [
        run_module(neo4j_query_info, uri=server.uri, username=server.user, password=server.password, **options)
        for server in (both.emulated, both.real)
    ]
    assert [result.get("failed", False) for result in results] == [query == PROBE or " USER " in query] * 2, results


def test_the_discovery_document_has_the_same_keys(both: Pair) -> None:
    ours, theirs = discovery(both.emulated), discovery(both.real)
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in theirs.items()}
    assert ours["neo4j_version"] == theirs["neo4j_version"]


def settings(server: Endpoint) -> dict[str, dict[str, Any]]:
    return table(server, "SHOW SETTINGS YIELD *")


def table(server: Endpoint, statement: str) -> dict[str, dict[str, Any]]:
    """Rows by their name."""
    return {row["name"]: row for row in server.rows(statement)}


def form(value: str, of_the_server: dict[str, dict[str, Any]]) -> str:
    """A value with what differs by nature taken out: the address and the home."""
    address = of_the_server["server.default_listen_address"]["value"]
    home = str(Path(of_the_server["server.directories.plugins"]["value"]).parent)
    return value.replace(address, "ADDRESS").replace(home, "HOME")


def discovery(server: Endpoint) -> dict[str, Any]:
    connection = http.client.HTTPConnection(server.host, HTTP, timeout=10)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    finally:
        connection.close()

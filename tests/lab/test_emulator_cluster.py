# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who lives, who writes, what is online: the cluster as its servers see it."""

from __future__ import annotations

import subprocess
import time

import pytest
from neo4j.exceptions import ClientError, DriverError, Neo4jError, ServiceUnavailable, TransientError

from lab.community import parts
from lab.server import lexer
from tests.contract import emulated as single
from tests.lab.emulated import ALL, ONE, PROBE, THREE, TWO

SERVER_COLUMNS = [
    *("serverId", "name", "address", "httpAddress", "httpsAddress", "state", "health", "hosting", "requestedHosting"),
    *("tags", "allowedDatabases", "deniedDatabases", "modeConstraint", "version"),
]
STATUS_COLUMNS = [
    *("database", "serverId", "serverName", "address", "replicationSuccessful", "memberStatus", "recognisedLeader"),
    *("recognisedLeaderTerm", "requester", "error"),
]
# The driver makes one of its own of the server's NotALeader where it knows no other server
REFUSED_WRITE = r"NotALeader|No write service"


def test_show_servers(servers):
    answer = servers.ask(ONE, "SHOW SERVERS YIELD *")
    assert answer.columns == SERVER_COLUMNS
    assert [row["name"] for row in answer.rows] == list(ALL)
    for row in answer.rows:
        assert row["address"] == f"{servers.address(row['name'])}:7687"
        assert (row["state"], row["health"], row["version"]) == ("Enabled", "Available", "5.26.30")
        assert row["hosting"] == row["requestedHosting"]
    default = servers.ask(ONE, "SHOW SERVERS")
    assert default.columns == ["name", "address", "state", "health", "hosting"]


def test_show_databases_has_a_row_for_each_allocation(servers):
    rows = servers.ask(ONE, "SHOW DATABASES YIELD *").rows
    places = sorted((row["name"], row["address"].partition(":")[0]) for row in rows)
    clustered = [(name, servers.address(server)) for name in ("ledgerspace", "searchspace", "system") for server in ALL]
    assert places == sorted([*clustered, ("neo4j", servers.address(TWO))])
    assert {row["currentStatus"] for row in rows} == {"online"}
    assert {row["role"] for row in rows} == {"primary"}
    for row in rows:
        primaries = 1 if row["name"] == "neo4j" else 3
        assert (row["currentPrimariesCount"], row["requestedPrimariesCount"]) == (primaries, primaries)
        assert (row["replicationLag"], row["type"]) == (0, "system" if row["name"] == "system" else "standard")
    assert sorted(row["name"] for row in rows if row["writer"]) == ["ledgerspace", "neo4j", "searchspace", "system"]


def test_gate_of_the_manual_finds_nothing_in_a_healthy_cluster(servers):
    text = (
        "SHOW DATABASES YIELD name, address, currentStatus, requestedStatus, statusMessage"
        " WHERE currentStatus <> requestedStatus RETURN name, address, currentStatus"
    )
    assert servers.ask(ONE, text).rows == []
    assert servers.ask(ONE, text).columns == ["name", "address", "currentStatus"]
    servers.fault("quarantine", THREE, database="searchspace")
    address = f"{servers.address(THREE)}:7687"
    assert servers.ask(ONE, text).rows == [{"name": "searchspace", "address": address, "currentStatus": "quarantined"}]


def test_status_check_leaves_out_single_primaries(servers):
    answer = servers.ask(ONE, "CALL dbms.cluster.statusCheck([])")
    assert answer.columns == STATUS_COLUMNS
    assert sorted({row["database"] for row in answer.rows}) == ["ledgerspace", "searchspace", "system"]
    assert len(answer.rows) == 9
    assert all(row["replicationSuccessful"] and row["memberStatus"] == "APPLYING" for row in answer.rows)
    some = servers.ask(ONE, "CALL dbms.cluster.statusCheck($databases, $timeout)", databases=["system"], timeout=500)
    assert [row["database"] for row in some.rows] == ["system"] * 3
    with pytest.raises(ClientError, match="nobody"):
        servers.ask(ONE, "CALL dbms.cluster.statusCheck(['nobody'])")


def test_a_killed_writer_is_followed_by_another(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    other = next(name for name in ALL if name != writer)
    [before] = {row["recognisedLeaderTerm"] for row in leading(servers, other)}
    servers.fault("kill", writer)
    health = {row["name"]: row["health"] for row in servers.ask(other, "SHOW SERVERS").rows}
    assert health == {name: "Unavailable" if name == writer else "Available" for name in ALL}
    assert set(servers.statuses(other, of=writer).values()) == {"unknown"}
    assert servers.writers(other)["ledgerspace"] not in (writer, None)
    rows = leading(servers, other)
    assert all(row["replicationSuccessful"] for row in rows)
    assert {row["serverName"]: row["memberStatus"] for row in rows} == {
        name: "UNAVAILABLE" if name == writer else "APPLYING" for name in ALL
    }
    assert {row["recognisedLeaderTerm"] for row in rows if row["serverName"] != writer} == {before + 1}
    servers.start_all()
    assert servers.writers(other)["ledgerspace"] != writer, "who comes back does not take over again"


def leading(servers, asked):
    return servers.ask(asked, "CALL dbms.cluster.statusCheck(['ledgerspace'])").rows


def test_a_server_that_starts_is_seen_once_it_listens(servers):
    servers.run(THREE, "stop")
    servers.fault("slow-start", THREE, seconds=30)
    starting = subprocess.Popen([servers.home(THREE).path / "bin/neo4j", "start"], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while servers.run(THREE, "status").returncode != 0:
            assert time.monotonic() < deadline, "its process does not come up"
        assert set(servers.statuses(ONE, of=THREE).values()) == {"unknown"}
        health = {row["name"]: row["health"] for row in servers.ask(ONE, "SHOW SERVERS").rows}
        assert health[THREE] == "Unavailable"
    finally:
        servers.run(THREE, "stop")
        starting.wait()


def test_a_stop_lets_an_open_transaction_end(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    log = servers.home(writer).logs / "neo4j.log"
    stops = log.read_text().count("Stopping...")
    with (
        servers.driver(writer) as driver,
        driver.session(database="ledgerspace") as session,
        driver.session(database="ledgerspace") as idle,
    ):
        idle.run("RETURN 1 AS x").consume()
        transaction = session.begin_transaction()
        transaction.run(PROBE, name="late", at="now").consume()
        stopping = subprocess.Popen([servers.home(writer).path / "bin/neo4j", "stop"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while log.read_text().count("Stopping...") == stops:
            assert time.monotonic() < deadline, "it does not begin to stop"
            time.sleep(0.01)
        transaction.commit()
        stopping.wait()
        with pytest.raises(ServiceUnavailable):
            idle.run("RETURN 1 AS x").consume()
    with servers.cluster() as cluster:
        assert cluster.has_probe("ledgerspace", "late")


def test_without_a_majority_nobody_writes(servers):
    servers.run(ONE, "stop")
    servers.run(TWO, "stop")
    # Its only primary is away, so it has no writer either
    assert servers.writers(THREE) == {}
    assert not any(row["replicationSuccessful"] for row in leading(servers, THREE))
    with pytest.raises((DriverError, Neo4jError), match=REFUSED_WRITE):
        servers.ask(THREE, PROBE, "ledgerspace", name="minority", at="now")
    servers.start_all()
    assert sorted(servers.writers(THREE)) == ["ledgerspace", "neo4j", "searchspace", "system"]


@pytest.mark.parametrize(
    ("text", "database"),
    [(PROBE, "ledgerspace"), ("CREATE DATABASE other", "system"), ("DROP USER x IF EXISTS", "system")],
)
def test_followers_refuse_writes(servers, text, database):
    writer = servers.writers(ONE)[database]
    follower = next(name for name in ALL if name != writer)
    with pytest.raises((DriverError, Neo4jError), match=REFUSED_WRITE):
        servers.ask(follower, text, database, name="follower", at="now")


def test_the_probe_counts_what_it_wrote(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    written = servers.ask(writer, PROBE, "ledgerspace", name="counted", at="now")
    assert (written.rows, written.kind) == ([{"name": "counted"}], "rw")
    assert written.counters.nodes_created == 1
    assert servers.ask(writer, PROBE, "ledgerspace", name="counted", at="later").counters.nodes_created == 0


def test_writes_are_logged_and_rolled_back_ones_are_not(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    with servers.cluster() as cluster:
        before = len(cluster.write_log())
    with servers.driver(writer) as driver, driver.session(database="ledgerspace") as session:
        with session.begin_transaction() as transaction:
            transaction.run(PROBE, name="rolled back", at="now").consume()
            transaction.rollback()
        session.run(f"EXPLAIN {PROBE}").consume()
        session.run(PROBE, name="kept", at="now").consume()
    with servers.cluster() as cluster:
        new = [(row["server"], row["database"], row["statement"]) for row in cluster.write_log()[before:]]
        assert new == [(writer, "ledgerspace", lexer.spelled(lexer.tokens(PROBE)))]
        assert [cluster.has_probe("ledgerspace", name) for name in ("kept", "rolled back")] == [True, False]


def test_passwords_are_in_no_log(servers):
    writer = servers.writers(ONE)["system"]
    servers.ask(writer, "CREATE USER secretive SET PASSWORD 'Known-To-Nobody' CHANGE NOT REQUIRED")
    servers.ask(writer, "DROP USER secretive")
    with pytest.raises(ClientError, match="emulator does not know"):
        servers.ask(writer, "ALTER USER secretive SET ENCRYPTED PASSWORD 'Known-To-Nobody'")
    found = subprocess.run(
        ["grep", "-rl", "Known-To-Nobody", str(servers.state.folder)], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
    assert any("ALTER USER secretive" in text for text in servers.unknown_statements(writer))
    with servers.cluster() as cluster:
        assert any("CREATE USER secretive SET PASSWORD '******'" in row["statement"] for row in cluster.write_log())


def test_databases_come_and_go(servers):
    writer = servers.writers(ONE)["system"]
    created = servers.ask(writer, "CREATE DATABASE drill IF NOT EXISTS TOPOLOGY 2 PRIMARIES WAIT")
    assert created.columns == ["address", "state", "message", "success"]
    assert [(row["state"], row["message"], row["success"]) for row in created.rows] == [
        *[("CaughtUp", "caught up", True)] * 2
    ]
    places = servers.ask(writer, "SHOW DATABASE drill YIELD address, currentStatus").rows
    assert {(row["address"], "online") for row in created.rows} == {tuple(row.values()) for row in places}
    assert servers.ask(writer, "CREATE DATABASE drill IF NOT EXISTS").counters.system_updates == 0
    with pytest.raises(ClientError) as exists:
        servers.ask(writer, "CREATE DATABASE drill")
    assert exists.value.code == "Neo.ClientError.Database.ExistingDatabaseFound"
    assert servers.ask(servers.writers(ONE)["drill"], PROBE, "drill", name="drill", at="now").counters.nodes_created
    stopped = servers.ask(writer, "STOP DATABASE drill WAIT 5 SECONDS")
    assert [row["success"] for row in stopped.rows] == [True, True]
    rows = servers.ask(writer, "SHOW DATABASE drill YIELD requestedStatus, currentStatus").rows
    assert rows == [{"requestedStatus": "offline", "currentStatus": "offline"}] * 2
    with pytest.raises(TransientError, match="unavailable"):
        servers.ask(ONE, "RETURN 1 AS x", "drill")
    servers.ask(writer, "START DATABASE drill WAIT 5")
    assert servers.ask(ONE, "RETURN 1 AS x", "drill").rows == [{"x": 1}]
    dropped = servers.ask(writer, "DROP DATABASE drill WAIT")
    assert {row["address"] for row in dropped.rows} == {row["address"] for row in created.rows}
    with pytest.raises(ClientError) as gone:
        servers.ask(writer, "DROP DATABASE drill")
    assert gone.value.code == "Neo.ClientError.Database.DatabaseNotFound"
    assert servers.ask(writer, "DROP DATABASE drill IF EXISTS").rows == []


def test_a_database_takes_its_time_to_start(servers):
    writer = servers.writers(ONE)["system"]
    servers.rebind(writer, online_seconds=60)
    servers.run(writer, "restart")
    writer = servers.writers(ONE)["system"]
    assert servers.ask(writer, "CREATE DATABASE late TOPOLOGY 3 PRIMARIES").rows == []
    statuses = [row["currentStatus"] for row in servers.ask(ONE, "SHOW DATABASE late").rows]
    assert "starting" in statuses
    waited = servers.ask(writer, "START DATABASE late WAIT 1 SECOND").rows
    assert [row["success"] for row in waited] == [False] * 3
    assert "Incomplete" in {row["state"] for row in waited}


def test_nobody_else_waits_for_who_waits(servers):
    """A statement with WAIT keeps its own connection, and no other one."""
    writer = servers.writers(ONE)["system"]
    servers.fault("kill", THREE if writer != THREE else TWO)
    with servers.driver(writer) as driver, driver.session(database="system") as session:
        waiting = session.run("CREATE DATABASE waiting TOPOLOGY 3 PRIMARIES WAIT 2 SECONDS")
        assert servers.ask(writer, "CALL db.ping()").rows == [{"success": True}]
        assert [record["success"] for record in waiting] == [False] * 3


def test_the_probe_of_a_dropped_database_is_gone(servers):
    writer = servers.writers(ONE)["system"]
    for _ in range(2):
        servers.ask(writer, "CREATE DATABASE again WAIT")
        written = servers.ask(servers.writers(ONE)["again"], PROBE, "again", name="x", at="now")
        assert written.counters.nodes_created == 1
        servers.ask(writer, "DROP DATABASE again WAIT")


def test_a_single_server_is_a_cluster_of_one(tmp_path):
    with single.running(parts.LTS, tmp_path) as server:
        one = server.endpoint
        assert one.rows("SHOW SERVERS YIELD state, hosting") == [{"state": "Enabled", "hosting": ["neo4j", "system"]}]
        (waited,) = one.rows("CREATE DATABASE drill WAIT")
        assert waited["success"] is True
        (row,) = one.rows("SHOW DATABASE drill YIELD role, writer, currentStatus")
        assert row == {"role": "primary", "writer": True, "currentStatus": "online"}
        assert one.answer(PROBE, {"name": "x", "at": "now"}, "drill").counters["nodes_created"] == 1
        refused = one.answer("CREATE DATABASE more TOPOLOGY 2 PRIMARIES", {}, "system").error
        assert refused is not None
        assert "only '1' possible servers found" in (refused.message or "")
        assert [row["success"] for row in one.rows("DROP DATABASE drill WAIT")] == [True]


def test_a_database_answers_only_where_it_is_allocated(servers):
    assert servers.ask(TWO, "RETURN 1 AS x", "neo4j").rows == [{"x": 1}]
    with pytest.raises(ClientError) as refused:
        servers.ask(ONE, "RETURN 1 AS x", "neo4j")
    assert refused.value.code == "Neo.ClientError.Database.DatabaseNotFound"

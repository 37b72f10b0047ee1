# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that come into a cluster and leave it, and databases that move between them.

All of it rests on Neo4j's manual (Managing servers, Managing databases in a cluster); which server the real allocator
would choose, it does not tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from neo4j.exceptions import ClientError

from tests.lab.emulated import ALL, ONE, PROBE, THREE, TWO, Emulated

FOUR = "neo4j-production-4"
ARGUMENT = "Neo.ClientError.Statement.ArgumentError"


class Wide(Emulated):
    """Production's cluster with a fourth server at hand."""

    def enable_the_fourth(self):
        self.install(FOUR, 14)
        self.start_all()
        self.admin("ENABLE SERVER $server", server=FOUR)

    def admin(self, text, **parameters):
        return self.ask(self.writers(THREE)["system"], text, **parameters)

    def server(self, name, asked=THREE):
        rows = self.ask(asked, "SHOW SERVERS YIELD * WHERE name = $name", name=name).rows
        return rows[0] if rows else None

    def states(self):
        return {row["name"]: row["state"] for row in self.ask(THREE, "SHOW SERVERS").rows}

    def places(self, database):
        """server -> role and status of a database."""
        rows = self.ask(
            THREE, "SHOW DATABASES YIELD name, address, role, currentStatus WHERE name = $name", name=database
        )
        by_address = {f"{self.address(name)}:7687": name for name in self.record.servers}
        return {by_address[row["address"]]: (row["role"], row["currentStatus"]) for row in rows.rows}

    def wait(self, condition):
        deadline = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < deadline, (self.states(), self.ask(THREE, "SHOW DATABASES").rows)
            time.sleep(0.05)

    def refused(self, text, **parameters):
        with pytest.raises(ClientError) as refused:
            self.admin(text, **parameters)
        assert refused.value.code == ARGUMENT
        return refused.value.message


@pytest.fixture
def wide(tmp_path) -> Iterator[Wide]:
    """Anew for each test: what a server has left, it does not come back to."""
    emulated = Wide(tmp_path)
    yield emulated
    emulated.end()


@pytest.fixture
def moving(wide) -> Wide:
    """Four servers, for tests that move the databases which were there before."""
    wide.enable_the_fourth()
    return wide


@pytest.fixture(scope="module")
def standing(tmp_path_factory) -> Iterator[Wide]:
    emulated = Wide(tmp_path_factory.mktemp("four"))
    emulated.enable_the_fourth()
    yield emulated
    emulated.end()


@pytest.fixture
def four(standing) -> Wide:
    """Four servers, for tests that leave these databases where they are."""
    standing.reset()
    return standing


def test_a_new_server_is_free_until_it_is_enabled(wide):
    wide.install(FOUR, 14)
    wide.start_all()
    new = wide.server(FOUR)
    assert (new["state"], new["health"], new["hosting"], new["requestedHosting"]) == (
        *("Free", "Available", ["system"], []),
    )
    assert new["serverId"] not in {wide.server(name)["serverId"] for name in ALL}
    assert "only '3' possible servers" in wide.refused("CREATE DATABASE big TOPOLOGY 4 PRIMARIES")
    options = {"modeConstraint": "SECONDARY", "tags": ["reports"], "deniedDatabases": ["secret"]}
    assert wide.admin("ENABLE SERVER $id OPTIONS $options", id=new["serverId"], options=options).counters.system_updates
    new = wide.server(FOUR)
    assert (new["state"], new["modeConstraint"], new["tags"]) == ("Enabled", "SECONDARY", ["reports"])
    assert (new["allowedDatabases"], new["deniedDatabases"]) == ([], ["secret"])
    assert wide.admin("ENABLE SERVER $id", id=new["serverId"]).counters.system_updates == 0, "it is enabled already"
    wide.admin("CREATE DATABASE big TOPOLOGY 3 PRIMARIES 1 SECONDARY WAIT")
    assert wide.places("big") == {**dict.fromkeys(ALL, ("primary", "online")), FOUR: ("secondary", "online")}
    assert "only '3' possible servers" in wide.refused("CREATE DATABASE other TOPOLOGY 4 PRIMARIES")


def test_a_server_that_comes_back_is_the_one_it_was(four):
    server_id = four.server(FOUR)["serverId"]
    four.restart(FOUR)
    assert (four.server(FOUR)["serverId"], four.states()[FOUR]) == (server_id, "Enabled")


def test_the_system_database_counts_every_server(four):
    """Four members: two of them are no majority."""
    four.fault("kill", ONE)
    assert "system" in four.writers(THREE)
    four.fault("kill", TWO)
    assert "system" not in four.writers(THREE)


def test_a_cordoned_server_gets_nothing_new(four):
    held = four.server(ONE)["hosting"]
    four.admin("CALL dbms.cluster.cordonServer($name)", name=ONE)
    assert (four.states()[ONE], four.server(ONE)["hosting"]) == ("Cordoned", held)
    four.admin("CREATE DATABASE new TOPOLOGY 3 PRIMARIES WAIT")
    assert sorted(four.places("new")) == [TWO, THREE, FOUR]
    assert "only '3' possible servers" in four.refused("CREATE DATABASE big TOPOLOGY 4 PRIMARIES")
    assert "cordoned" in four.refused("REALLOCATE DATABASES")
    four.admin("ENABLE SERVER $name", name=ONE)
    assert four.states()[ONE] == "Enabled"
    four.admin("CALL dbms.cluster.cordonServer($name)", name=ONE)
    four.admin("CALL dbms.cluster.uncordonServer($name)", name=ONE)
    assert four.states()[ONE] == "Enabled"


def test_a_dry_run_moves_nothing(four):
    before = {name: four.places(name) for name in ("ledgerspace", "searchspace", "system")}
    answer = four.ask(THREE, "DRYRUN DEALLOCATE DATABASES FROM SERVER $name", name=ONE)
    assert answer.columns == ["database", "fromServerName", "fromServerId", "toServerName", "toServerId", "mode"]
    ids = {name: four.server(name)["serverId"] for name in (ONE, FOUR)}
    assert answer.rows == [
        dict(zip(answer.columns, [database, ONE, ids[ONE], FOUR, ids[FOUR], "primary"], strict=True))
        for database in ("ledgerspace", "searchspace")
    ]
    assert {name: four.places(name) for name in before} == before
    assert four.states()[ONE] == "Enabled"


def test_a_server_is_emptied_and_dropped(moving):
    writer_before = moving.writers(THREE)["ledgerspace"]
    assert writer_before == ONE
    assert "Its state is Enabled" in moving.refused("DROP SERVER $name", name=ONE)
    moving.admin("DEALLOCATE DATABASES FROM SERVER $id", id=moving.server(ONE)["serverId"])
    leaving = moving.server(ONE)
    assert (leaving["state"], leaving["requestedHosting"]) == ("Deallocating", ["system"])
    moving.wait(lambda: moving.states()[ONE] == "Deallocated")
    assert moving.server(ONE)["hosting"] == ["system"]
    for database in ("ledgerspace", "searchspace"):
        assert moving.places(database) == dict.fromkeys([TWO, THREE, FOUR], ("primary", "online"))
    writer = moving.writers(THREE)["ledgerspace"]
    assert writer in (TWO, THREE, FOUR)
    assert moving.ask(writer, PROBE, "ledgerspace", name="after", at="now").rows == [{"name": "after"}]
    assert "Its state is Deallocated" in moving.refused("ENABLE SERVER $name", name=ONE)
    moving.admin("DROP SERVER $name", name=ONE)
    assert moving.states()[ONE] == "Dropped", "as long as its process runs"
    moving.run(ONE, "stop")
    assert ONE not in moving.states()
    assert ONE not in moving.places("system")
    moving.fault("kill", TWO)
    assert "system" in moving.writers(THREE), "three members are left, of which two live"


def test_who_starts_without_its_data_is_a_new_server_at_the_address_of_the_lost_one(wide):
    """Which keeps what it has, by its id, until it is dropped."""
    lost = wide.server(ONE)["serverId"]
    wide.restart(ONE)
    assert wide.server(ONE)["serverId"] == lost
    wide.run(ONE, "stop")
    wide.home(ONE).server_id.unlink()
    wide.run(ONE, "start")
    new, gone = wide.server(ONE), wide.server(lost)
    assert (new["state"], gone["state"], gone["health"]) == ("Free", "Enabled", "Unavailable")
    assert new["serverId"] not in ("", lost) and (new["address"], gone["serverId"]) == (gone["address"], lost)
    wide.admin("ENABLE SERVER $id", id=new["serverId"])
    wide.admin("DEALLOCATE DATABASES FROM SERVER $id", id=lost)
    wide.wait(lambda: wide.states()[lost] == "Deallocated")
    wide.admin("DROP SERVER $id", id=lost)
    assert wide.states() == dict.fromkeys(ALL, "Enabled")
    assert wide.places("ledgerspace") == dict.fromkeys(ALL, ("primary", "online"))


def test_who_still_asks_a_server_that_a_database_has_left_is_passed_on(moving):
    """A routing table lives for minutes. Over bolt:// nobody is passed on."""
    with moving.driver(TWO, scheme="neo4j") as driver, driver.session(database="ledgerspace") as session:
        before = session.run(PROBE, name="before", at="now").consume().server.address
        assert before[0] == moving.address(ONE)
        moving.admin("DEALLOCATE DATABASES FROM SERVER $name", name=ONE)
        moving.wait(lambda: moving.states()[ONE] == "Deallocated")
        assert session.run(PROBE, name="after", at="now").consume().server.address == before
    with pytest.raises(ClientError) as refused:
        moving.ask(ONE, PROBE, "ledgerspace", name="direct", at="now")
    assert refused.value.code == "Neo.ClientError.Database.DatabaseNotFound"


def test_nothing_is_lost_while_it_moves(moving):
    """The copy that leaves stays until the new one is online, here: until a server that does not come."""
    moving.fault("kill", FOUR)
    moving.admin("DEALLOCATE DATABASES FROM SERVER $name", name=ONE)
    assert moving.places("ledgerspace") == {
        **dict.fromkeys(ALL, ("primary", "online")),
        FOUR: ("unknown", "unknown"),
    }
    assert moving.states()[ONE] == "Deallocating"
    moving.start_all()
    moving.wait(lambda: moving.states()[ONE] == "Deallocated")


def test_a_new_copy_starts_for_as_long_as_a_server_needs(moving):
    moving.rebind(FOUR, online_seconds=60)
    moving.run(FOUR, "restart")
    moving.admin("CREATE DATABASE slow TOPOLOGY 4 PRIMARIES")
    assert moving.places("slow")[FOUR] == ("primary", "starting")
    rows = moving.admin("ALTER DATABASE slow SET TOPOLOGY 4 PRIMARIES WAIT 1 SECOND").rows
    assert {(row["state"], row["success"]) for row in rows} == {("CaughtUp", False), ("Incomplete", False)}
    (late,) = [row for row in rows if row["state"] == "Incomplete"]
    assert late["address"] == f"{moving.address(FOUR)}:7687"


@pytest.mark.parametrize(
    ("before", "text", "reason"),
    [
        ([], "DEALLOCATE DATABASES FROM SERVER 'neo4j-production-2'", "has an allocation of one primary"),
        (
            ["CREATE DATABASE resting TOPOLOGY 4 PRIMARIES WAIT", "STOP DATABASE resting WAIT"],
            "DEALLOCATE DATABASES FROM SERVER 'neo4j-production-1'",
            "Database 'resting' is offline",
        ),
        (
            [],
            "DEALLOCATE DATABASES FROM SERVERS 'neo4j-production-1', 'neo4j-production-3'",
            "Desired number of allocations is '3', but only '2' possible servers found",
        ),
        (
            [
                "CALL dbms.cluster.cordonServer('neo4j-production-2')",
                "CALL dbms.cluster.cordonServer('neo4j-production-3')",
            ],
            "DRYRUN DEALLOCATE DATABASES FROM SERVER 'neo4j-production-1'",
            "A quorum of the servers that host database 'ledgerspace' is cordoned",
        ),
        ([], "DEALLOCATE DATABASES FROM SERVER 'nobody'", "There is no server 'nobody'"),
        ([], "DROP SERVER 'nobody'", "Could not drop server 'nobody'."),
        ([], "ALTER SERVER 'nobody' SET OPTIONS {}", "Could not alter server 'nobody'."),
        ([], "ENABLE SERVER 'nobody'", "Could not enable server 'nobody'."),
        ([], "CALL dbms.cluster.cordonServer('nobody')", "Could not cordon server 'nobody'."),
        (
            [],
            "ALTER SERVER 'neo4j-production-1' SET OPTIONS {allowedDatabases: ['a'], deniedDatabases: ['b']}",
            "Can't specify both allowed and denied databases",
        ),
        ([], "ALTER SERVER 'neo4j-production-1' SET OPTIONS {tags: ['a', 'a']}", "duplicates"),
        ([], "ALTER SERVER 'neo4j-production-1' SET OPTIONS {modeConstraint: 'ANY'}", "'ANY' is not a mode"),
        ([], "ALTER SERVER 'neo4j-production-1' SET OPTIONS {mode: 'NONE'}", "Unrecognised option 'mode'"),
        ([], "ALTER DATABASE ledgerspace SET TOPOLOGY 1 PRIMARY", "a topology with a single primary"),
        ([], "ALTER DATABASE ledgerspace SET TOPOLOGY 3 PRIMARIES 2 SECONDARIES", "only '4' possible servers"),
        ([], "CREATE DATABASE none TOPOLOGY 0 PRIMARIES", "There cannot be 0 primaries"),
    ],
)
def test_what_the_cluster_cannot_do(four, before, text, reason):
    for statement in before:
        four.admin(statement)
    states, places = four.states(), four.places("ledgerspace")
    assert reason in four.refused(text)
    assert (four.states(), four.places("ledgerspace")) == (states, places), "and no changes are made"


def test_databases_leave_a_server_whose_options_do_not_permit_them(moving):
    moving.admin("ALTER SERVER $name SET OPTIONS {deniedDatabases: ['searchspace'], tags: ['x']}", name=ONE)
    moving.wait(lambda: ONE not in moving.places("searchspace"))
    assert sorted(moving.places("searchspace")) == [TWO, THREE, FOUR]
    assert ONE in moving.places("ledgerspace")
    moving.admin("ALTER SERVER $name SET OPTIONS {modeConstraint: 'SECONDARY'}", name=ONE)
    changed = moving.server(ONE)
    assert (changed["deniedDatabases"], changed["tags"], changed["modeConstraint"]) == ([], [], "SECONDARY")
    moving.wait(lambda: ONE not in moving.places("ledgerspace"))
    message = moving.refused("ALTER SERVER $name SET OPTIONS {modeConstraint: 'SECONDARY'}", name=FOUR)
    assert message.startswith(f"Could not alter server '{FOUR}'. Desired number of allocations is '3'")


def test_the_load_is_evened_out(moving):
    for number in range(3):
        moving.admin(f"CREATE DATABASE small{number} WAIT")
    moving.admin("ALTER SERVER $name SET OPTIONS {deniedDatabases: ['wide']}", name=FOUR)
    moving.admin("CREATE DATABASE wide TOPOLOGY 3 PRIMARIES WAIT")
    moving.admin("ALTER SERVER $name SET OPTIONS {}", name=FOUR)

    def loads():
        return {name: len(moving.server(name)["requestedHosting"]) for name in (*ALL, FOUR)}

    planned = moving.admin("DRYRUN REALLOCATE DATABASES").rows
    before = loads()
    assert planned, before
    moving.admin("REALLOCATE DATABASES")
    assert max(loads().values()) - min(loads().values()) < max(before.values()) - min(before.values())
    for move in planned:
        moving.wait(lambda move=move: move["fromServerName"] not in moving.places(move["database"]))
        assert move["toServerName"] in moving.places(move["database"])
    assert moving.admin("REALLOCATE DATABASES").counters.system_updates == 0, "it is balanced"


def test_a_topology_grows_and_shrinks(four):
    four.admin("CREATE DATABASE elastic TOPOLOGY 1 PRIMARY WAIT")
    (only,) = four.places("elastic")
    four.admin("ALTER DATABASE elastic SET TOPOLOGY 3 PRIMARIES 1 SECONDARY WAIT")
    places = four.places("elastic")
    assert sorted(role for role, _ in places.values()) == ["primary", "primary", "primary", "secondary"]
    assert places[only][0] == "primary"
    four.admin("ALTER DATABASE elastic SET TOPOLOGY 2 PRIMARIES WAIT")
    row, *_ = four.ask(THREE, "SHOW DATABASES YIELD * WHERE name = 'elastic'").rows
    assert (row["requestedPrimariesCount"], row["requestedSecondariesCount"]) == (2, 0)
    assert (row["currentPrimariesCount"], row["currentSecondariesCount"]) == (2, 0)
    assert len(four.places("elastic")) == 2
    writer = four.writers(THREE)["elastic"]
    assert four.ask(writer, PROBE, "elastic", name="elastic", at="now").rows


def test_cordoned_servers_give_up_a_database_first(four):
    four.admin("CREATE DATABASE elastic TOPOLOGY 4 PRIMARIES WAIT")
    for _ in range(2):
        writer = four.writers(THREE)["elastic"]
        four.admin("CALL dbms.cluster.cordonServer($name)", name=writer)
        four.admin(f"ALTER DATABASE elastic SET TOPOLOGY {len(four.places('elastic')) - 1} PRIMARIES WAIT")
        assert writer not in four.places("elastic")


def test_secondaries_read_and_never_write(four):
    four.admin("CREATE DATABASE copied TOPOLOGY 1 PRIMARY 2 SECONDARIES WAIT")
    places = four.places("copied")
    (primary,) = [name for name, (role, _) in places.items() if role == "primary"]
    assert four.writers(THREE)["copied"] == primary
    with four.driver(ONE, scheme="neo4j") as driver:
        read = driver.execute_query("RETURN 1 AS x", database_="copied", routing_="r")
        assert read.summary.server.address[0] in {four.address(name) for name in places if name != primary}
    four.fault("kill", primary)
    assert "copied" not in four.writers(next(name for name in (TWO, THREE) if name != primary)), (
        "no secondary takes over"
    )


def test_default_numbers_of_new_databases(servers):
    writer = servers.writers(ONE)["system"]
    [row] = servers.ask(writer, "CALL dbms.showTopologyGraphConfig()").rows
    assert (row["defaultPrimariesCount"], row["defaultSecondariesCount"], row["defaultDatabase"]) == (1, 0, "neo4j")
    servers.ask(writer, "CALL dbms.setDefaultAllocationNumbers(3, 0)")
    servers.ask(writer, "CREATE DATABASE fresh WAIT")
    for asked in ALL:
        [row] = servers.ask(asked, "CALL dbms.showTopologyGraphConfig() YIELD defaultPrimariesCount AS primaries").rows
        assert row == {"primaries": 3}
    rows = servers.ask(writer, "SHOW DATABASES YIELD name, requestedPrimariesCount WHERE name = 'fresh'").rows
    assert [row["requestedPrimariesCount"] for row in rows] == [3, 3, 3]


@pytest.mark.parametrize("numbers", ["0, 0", "12, 0", "3, -1", "3, 21", "'3', 0"])
def test_default_numbers_that_neo4j_does_not_take(servers, numbers):
    with pytest.raises(ClientError, match="may not exceed"):
        servers.ask(servers.writers(ONE)["system"], f"CALL dbms.setDefaultAllocationNumbers({numbers})")

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault, as a client, a peer or Ansible meets it."""

from __future__ import annotations

import dataclasses
import socket
import time
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, reading
from neo4j.exceptions import ServiceUnavailable

from lab import faults
from lab.state import LabError
from tests.lab.emulated import ONE, THREE, TWO


def took(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def test_latency(servers):
    servers.fault("latency", ONE, seconds=0.2)
    assert took(lambda: servers.ask(ONE, "CALL db.ping()")) >= 0.4, "login and query"
    assert took(lambda: urllib.request.urlopen(f"http://{servers.address(ONE)}:7474/").read()) >= 0.2
    servers.heal()
    assert took(lambda: servers.ask(ONE, "CALL db.ping()")) < 0.4


def test_hang(servers):
    with servers.driver(ONE) as driver, driver.session(database="system") as session:
        session.run("CALL db.ping()").consume()
        servers.fault("hang", ONE)
        with socket.create_connection((servers.address(ONE), 7687), timeout=1) as connection:
            connection.sendall(bytes.fromhex("6060b017 00000405 00000000 00000000 00000000"))
            with pytest.raises(TimeoutError):
                connection.recv(4)
        servers.heal()
        assert session.run("CALL db.ping()").single(strict=True)["success"] is True
    servers.fault("hang", ONE)
    assert [row["health"] for row in servers.ask(TWO, "SHOW SERVERS").rows] == ["Available"] * 3


def test_refuse(servers):
    with servers.driver(ONE) as driver:
        driver.verify_connectivity()
        servers.fault("refuse", ONE)
        with pytest.raises(ServiceUnavailable, match="Couldn't connect"), servers.driver(ONE) as other:
            other.verify_connectivity()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((servers.address(ONE), 7474), timeout=1)
    servers.heal()
    assert servers.ask(ONE, "CALL db.ping()").rows


def test_kill(servers):
    servers.fault("kill", THREE)
    assert servers.run(THREE, "status").returncode == 3
    assert servers.home(THREE).pid_file.exists(), "nobody tidied up"
    with pytest.raises(LabError, match="does not run"):
        servers.fault("kill", THREE)
    assert servers.run(THREE, "start").returncode == 0


def test_slow_start(servers):
    servers.run(THREE, "stop")
    servers.fault("slow-start", THREE, seconds=0.6)
    assert took(lambda: servers.run(THREE, "start")) >= 0.6


def test_never_available_strikes_at_the_next_start(servers):
    servers.fault("never-available", THREE)
    assert set(servers.statuses(ONE, of=THREE).values()) == {"online"}
    servers.run(THREE, "restart")
    time.sleep(0.3)
    expected = {"system": "online", "ledgerspace": "starting", "searchspace": "starting"}
    assert servers.statuses(ONE, of=THREE) == expected
    hosting = {row["name"]: row["hosting"] for row in servers.ask(ONE, "SHOW SERVERS").rows}
    assert hosting[THREE] == ["system"]
    servers.heal()
    assert set(servers.statuses(ONE, of=THREE).values()) == {"online"}


def test_a_rejected_license_is_rejected_at_the_next_start(servers):
    def licensed():
        return servers.ask(THREE, "RETURN gds.isLicensed() AS x", "ledgerspace").rows == [{"x": True}]

    servers.fault("rejected-license", THREE)
    assert licensed()
    servers.restart(THREE)
    assert not licensed()
    servers.heal()
    servers.restart(THREE)
    assert licensed()


def test_clock_skew(servers):
    servers.fault("clock-skew", THREE, seconds=-300.0)
    servers.fault("latency", TWO, seconds=0.3)  # which is no skew
    targets = [connection.parse_address(f"bolt://{servers.address(name)}") for name in (ONE, TWO, THREE)]
    login = {"username": "neo4j", "password": servers.password}
    entries = reading.read_cluster([dataclasses.replace(target, **login) for target in targets])
    assert [round(entry["clock_ahead_seconds"]) for entry in entries] == [0, 0, -300]


def test_lag(servers):
    servers.fault("lag", THREE, transactions=7)
    rows = servers.ask(ONE, "SHOW DATABASES YIELD name, address, replicationLag, lastCommittedTxn").rows
    of = {name: {r["name"]: r for r in rows if servers.address(name) in r["address"]} for name in (ONE, THREE)}
    assert of[THREE]["ledgerspace"]["replicationLag"] == -7
    behind = of[ONE]["ledgerspace"]["lastCommittedTxn"] - of[THREE]["ledgerspace"]["lastCommittedTxn"]
    assert behind == 7
    statuses = servers.ask(ONE, "CALL dbms.cluster.statusCheck(['ledgerspace'])").rows
    assert {row["serverName"]: row["memberStatus"] for row in statuses}[THREE] == "REPLICATING"


def test_lost_leader(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    servers.fault("lost-leader", writer, database="ledgerspace")
    assert servers.writers(ONE)["ledgerspace"] != writer
    for name in (ONE, TWO, THREE):
        servers.fault("lost-leader", name)
    assert servers.writers(ONE) == {}
    servers.heal()
    assert "ledgerspace" in servers.writers(ONE)


def test_faults_of_an_unknown_server(servers):
    with pytest.raises(LabError, match="has no server nobody, but: neo4j-production-1"):
        servers.fault("hang", "nobody")
    with pytest.raises(LabError, match="after which task"):
        servers.fault("ssh-lost", ONE, after=True)


def test_every_fault_is_tried():
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert [kind for kind in faults.FAULTS if f'"{kind}"' not in tests] == []


def test_quarantine(servers):
    servers.fault("quarantine", TWO, database="searchspace")
    assert servers.statuses(ONE, of=TWO)["searchspace"] == "quarantined"
    assert servers.statuses(ONE, of=TWO)["ledgerspace"] == "online"

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging an application's connections, and what the loss of each server would mean; nothing runs."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.application_connections import application_connections
from ansible_collections.credex.ops.plugins.filter.connection_checks import connection_checks
from ansible_collections.credex.ops.plugins.filter.connection_losses import connection_losses
from ansible_collections.credex.ops.plugins.filter.connection_watch_checks import connection_watch_checks
from ansible_collections.credex.ops.plugins.module_utils._neo4j.client import ADDRESS_SECONDS, given

URIS = ["bolt://10.0.0.1:7687", "bolt://10.0.0.2:7687", "bolt://10.0.0.3:7687"]
ADDRESSES = [uri.rpartition("/")[2] for uri in URIS]
MEMBERS = [{"host": f"n{number}", "uri": uri, "cluster": "credex"} for number, uri in enumerate(URIS, 1)]
SPACES = {"ledger": {"cluster": "credex", "database": "ledgerspace"}}
SESSION = {"server": ADDRESSES[0], "ms": 3.0, "message": None}


def connection(**other):
    return {
        "name": "ledger",
        "uri": "neo4j+s://neo4j.example",
        "username": "credex_core",
        "routed": True,
        "tls": "s",
        "addresses": ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        "reachable": True,
        "cause": None,
        "message": None,
        "latency_ms": 5.0,
        "roles": ["application", "PUBLIC"],
        "routing": {"writers": ADDRESSES[:1], "readers": ADDRESSES[1:], "routers": ADDRESSES},
        "routing_message": None,
        "members": [{"address": address, "reachable": True, "latency_ms": 2.0} for address in ADDRESSES],
        "database": "ledgerspace",
        "sessions": [{"step": step, **SESSION} for step in ("read", "write", "read after it")],
        **other,
    }


def statuses(*, wrote=False, **other):
    result = {"connections": [connection(**other)], "wrote": wrote}
    return {check["id"].partition(".")[2]: check for check in connection_checks(result, {"ledger": "ledgerspace"})}


def test_nothing_is_wrong_with_a_good_one():
    checks = statuses()
    assert len(checks) == 10 and {check["status"] for check in checks.values()} == {"passed"}
    assert {check["follow_up"] for check in checks.values()} == {""}
    assert {check["group"] for check in checks.values()} == {"ledger"}


@pytest.mark.parametrize(
    ("name", "status", "is_required", "said", "bent"),
    [
        ("encryption", "failed", False, "no TLS", {"tls": None}),
        ("encryption", "failed", False, "whatever certificate", {"tls": "ssc"}),
        ("scheme", "failed", True, "one of 3 servers", {"routed": False}),
        ("first_contact", "failed", False, "finds nobody", {"addresses": ["10.0.0.1"]}),
        ("first_contact", "failed", False, "nowhere", {"addresses": []}),
        ("routing", "failed", True, "writers: none", {"routing": {"writers": [], "readers": ["a:1"], "routers": []}}),
        ("routing", "failed", True, "readers: none", {"routing": {"writers": ["a:1"], "readers": [], "routers": []}}),
        ("members", "failed", True, "it names none", {"members": []}),
        ("members", "skipped", False, "does not follow", {"routed": False, "members": []}),
        ("database", "failed", True, "and the space is ledgerspace", {"database": "neo4j"}),
        ("database", "failed", True, "not tried", {"sessions": []}),
        ("writer", "failed", True, "not tried", {"sessions": [SESSION]}),
        ("writer", "failed", True, "no writer", {"sessions": [SESSION, {**SESSION, "message": "no writer"}]}),
        ("bookmarks", "failed", True, "not tried", {"sessions": [SESSION] * 2}),
        ("privileges", "failed", False, "admin", {"roles": ["PUBLIC", "admin"]}),
        ("privileges", "skipped", False, "no roles", {"roles": None}),
    ],
)
def test_each_thing_that_is_wrong_has_its_check(name, status, is_required, said, bent):
    check = statuses(**bent)[name]
    assert (check["status"], check.get("required", True)) == (status, is_required)
    assert said in check["detail"]
    assert status == "skipped" or check["follow_up"] or check["detail"] == "it names none"


def test_a_single_server_is_no_worse_for_being_asked_directly():
    alone = {"routing": dict.fromkeys(("writers", "readers", "routers"), ADDRESSES[:1]), "addresses": ["10.0.0.1"]}
    checks = statuses(routed=False, members=[], **alone)
    assert checks["scheme"]["status"] == checks["first_contact"]["status"] == "passed"


def test_who_is_not_let_in_is_asked_nothing_else():
    checks = statuses(reachable=False, cause="authentication", message="no.", latency_ms=None)
    assert sorted(checks) == ["encryption", "login"] and checks["login"]["status"] == "failed"
    assert "no. It was tried once" in checks["login"]["detail"]


def test_it_is_told_whether_anything_was_written():
    assert "nothing was written" in statuses()["writer"]["detail"]
    assert "a probe was written" in statuses(wrote=True)["writer"]["detail"]


# Losses


def rows(name, primaries=3, **other):
    return [
        {
            "name": name,
            "address": address,
            "role": "primary",
            "writer": address == ADDRESSES[0],
            "requested_status": "online",
            "current_status": "online",
            "status_message": "",
            "replication_lag": 0,
            "requested_primaries": primaries,
            **other,
        }
        for address in ADDRESSES[:primaries]
    ]


def reading(databases, count=3):
    view = {"reachable": True, "clock_ahead_seconds": 0.0, "servers": [], "databases": databases, "status_check": None}
    return [
        {**view, "uri": uri, "address": address} for uri, address in list(zip(URIS, ADDRESSES, strict=True))[:count]
    ]


def lost(connections=None, databases=None, count=3, **policy):
    entries = reading(rows("ledgerspace", count) if databases is None else databases, count)
    seen = connections or [connection()]
    return connection_losses(seen, SPACES, entries, MEMBERS[:count], **policy)


def test_a_cluster_of_three_goes_on_without_any_one():
    checks = lost()
    assert [(check["server"], check["status"]) for check in checks] == [(f"n{n}", "passed") for n in (1, 2, 3)]
    assert checks[0]["detail"] == "ledger: ledgerspace stays on 10.0.0.2:7687, 10.0.0.3:7687, a client can start"


def test_who_knows_one_address_cannot_start_without_it():
    checks = lost([connection(addresses=["10.0.0.1"])])
    assert ["cannot start" in check["detail"] for check in checks] == [True, False, False]


def test_who_asks_directly_is_cut_off():
    checks = lost([connection(routed=False, uri="bolt://10.0.0.2:7687", addresses=["10.0.0.2"])])
    assert [check["status"] for check in checks] == ["passed", "failed", "passed"]
    assert "ledger is cut off" in checks[1]["detail"] and checks[1]["follow_up"]


def test_a_database_with_one_primary_does_not_survive_it():
    databases = [*rows("ledgerspace"), *rows("neo4j", 1)]
    assert [check["status"] for check in lost(databases=databases)] == ["failed", "passed", "passed"]
    assert {check["status"] for check in lost(databases=databases, ignore_databases=["neo4j"])} == {"passed"}


def test_the_outage_of_a_single_server_may_be_accepted():
    direct = [connection(routed=False, uri="bolt://10.0.0.1:7687", addresses=["10.0.0.1"])]
    assert [check["status"] for check in lost(direct, count=1)] == ["failed"]
    [accepted] = lost(direct, count=1, allow_downtime=True)
    assert (accepted["status"], accepted["detail"]) == ("passed", "it is the only server, and its outage is accepted")


def test_servers_of_other_clusters_are_not_asked_about():
    members = [*MEMBERS, {"host": "other", "uri": "bolt://10.0.1.1:7687", "cluster": "other"}]
    checks = connection_losses([connection()], SPACES, reading(rows("ledgerspace")), members)
    assert [check["server"] for check in checks] == ["n1", "n2", "n3"]


# Watching


def log(**other):
    times = {"longest_gap_seconds": 0.2, "slowest_seconds": 0.1}
    return {"name": "ledger", "kind": "read", "done": 9, "failed": 0, "failures": [], **times, "servers": {}, **other}


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({}, "passed"),
        ({"done": 0}, "failed"),
        ({"failed": 1, "failures": [{"at": "", "message": "gone"}]}, "failed"),
    ],
)
def test_one_failure_is_one_too_many_and_nothing_proves_nothing(other, status):
    [check] = connection_watch_checks({"watched": [log(**other)], "wrote": False})
    assert check["status"] == status and "the longest gap was 0.2 s" in check["detail"]


# What is given


SOURCES = [{"space": "ledger", "uri": {"type": "env"}, "username": {"type": "env"}, "password": {"type": "env"}}]


def test_secrets_come_to_where_their_sources_stood():
    sources = [*SOURCES, {**SOURCES[0], "space": "search", "database": {"type": "env"}}]
    found = application_connections(sources, [{"value": value} for value in ("u\n", "n", "p", "U", "N", "P", "D")])
    assert found == [
        {"name": "ledger", "uri": "u", "username": "n", "password": "p"},
        {"name": "search", "uri": "U", "username": "N", "password": "P", "database": "D"},
    ]


def test_secrets_that_do_not_fit_are_refused():
    with pytest.raises(AnsibleFilterError, match="3 sources and 1 secrets"):
        application_connections(SOURCES, [{"value": "u"}])


def test_a_ca_is_for_who_verifies_and_an_address_has_less_time_than_all(tmp_path):
    authority = tmp_path / "ca.pem"
    authority.touch()
    login = {"username": "ops", "password": "ops-secret", "ca_certificate": str(authority), "timeout": 6.0}
    own = {"username": "app", "password": "app-secret", "database": ""}
    none = dict.fromkeys(("username", "password", "database"))
    asked = [{"name": "a", "uri": "neo4j+s://h", **own}, {"name": "b", "uri": "neo4j://h", **none}]
    verified, plain = given({**login, "connections": asked})
    assert (verified.target.ca_certificate, plain.target.ca_certificate) == (str(authority), None)
    assert (verified.target.username, verified.target.password) == ("app", "app-secret")
    assert (plain.target.username, plain.target.password) == ("ops", "ops-secret")
    assert verified.database is None and verified.target.address_timeout == 3.0 < ADDRESS_SECONDS

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate, the way back, and the order, over readings of a cluster of three that each test bends in one place."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.cluster import (
    Policy,
    is_back,
    is_down,
    may_go_down,
    outages,
    rolling_order,
)

URIS = ["bolt://10.0.0.1:7687", "bolt://10.0.0.2:7687", "bolt://10.0.0.3:7687"]
ADDRESSES = [uri.rpartition("/")[2] for uri in URIS]
LENIENT = Policy(ignore_databases=("neo4j",))


def allocation(name, address, writer=False, **other):
    wanted = 1 if name == "neo4j" else 3
    return {
        "name": name,
        "type": "standard",
        "address": address,
        "role": "primary",
        "writer": writer,
        "requested_status": "online",
        "current_status": "online",
        "status_message": "",
        "replication_lag": 0,
        "requested_primaries": wanted,
        **other,
    }


def server_row(address, **other):
    return {
        "name": f"server-{address}",
        "address": address,
        "state": "Enabled",
        "health": "Available",
        "hosting": ["system", "ledgerspace"],
        "requested_hosting": ["system", "ledgerspace"],
        **other,
    }


def check_row(database, address, **other):
    return {
        "database": database,
        "server_name": f"server-{address}",
        "address": address,
        "replication_successful": True,
        "member_status": "APPLYING",
        "error": None,
        **other,
    }


def healthy():
    """Three members: the first writes ledgerspace, the third system, the second has the only primary of neo4j."""
    databases = [allocation("system", a, writer=a == ADDRESSES[2]) for a in ADDRESSES]
    databases += [allocation("ledgerspace", a, writer=a == ADDRESSES[0]) for a in ADDRESSES]
    databases += [allocation("neo4j", ADDRESSES[1], writer=True)]
    return [
        {
            "uri": uri,
            "reachable": True,
            "cause": None,
            "message": None,
            "address": address,
            "clock_ahead_seconds": 0.0,
            "servers": [server_row(a) for a in ADDRESSES],
            "databases": [dict(row) for row in databases],
            "status_check": [check_row(name, a) for name in ("system", "ledgerspace") for a in ADDRESSES],
        }
        for uri, address in zip(URIS, ADDRESSES, strict=False)
    ]


def silence(members, number, cause="refused"):
    members[number] = {"uri": URIS[number], "reachable": False, "cause": cause, "message": f"it said {cause}"}
    return members


def rows(members, name, address):
    return [row for m in members for row in m["databases"] if row["name"] == name and row["address"] == address]


def test_a_healthy_cluster_lets_any_server_go():
    for uri in URIS:
        assert may_go_down(healthy(), uri, LENIENT).open


@pytest.mark.parametrize(("ahead", "direction"), [(300.0, "ahead of"), (-300.0, "behind")])
def test_a_clock_that_differs_shuts_the_gate_of_all_and_only_its_own_server_is_not_back(ahead, direction):
    members = healthy()
    for member in members:  # who asks is late itself, which is no matter
        member["clock_ahead_seconds"] = 1000.0
    members[1]["clock_ahead_seconds"] += ahead
    said = f"the clock of {ADDRESSES[1]} is 300 s {direction} the cluster's median, allowed 30"
    for uri in URIS:
        [reason] = may_go_down(members, uri, LENIENT).reasons
        assert reason.startswith(said)
    assert [is_back(members, uri).open for uri in URIS] == [True, False, True]
    assert may_go_down(members, URIS[0], Policy(ignore_databases=("neo4j",), max_clock_skew=300)).open


def test_the_single_primary_of_the_default_database_shuts_the_gate_of_its_server_alone():
    verdict = may_go_down(healthy(), URIS[1])
    assert not verdict.open
    assert "neo4j_gate_ignore_databases: [neo4j]" in verdict.reasons[0]
    assert may_go_down(healthy(), URIS[0]).open


def test_allow_downtime_lifts_the_single_primary_rule_and_no_other():
    members = healthy()
    assert may_go_down(members, URIS[1], Policy(allow_downtime=True)).open
    rows(members, "ledgerspace", ADDRESSES[0])[0]["current_status"] = "starting"
    assert not may_go_down(members, URIS[1], Policy(allow_downtime=True)).open


@pytest.mark.parametrize("status", ["starting", "store copying", "quarantined", "dirty", "unknown", "offline"])
def test_an_allocation_that_is_not_as_asked_for_shuts_the_gate_even_if_one_view_alone_says_so(status):
    members = healthy()
    rows(members[2:], "ledgerspace", ADDRESSES[1])[0]["current_status"] = status
    reasons = may_go_down(members, URIS[0], LENIENT).reasons
    assert reasons == (
        f"database ledgerspace on 10.0.0.2:7687 is {status}, wanted online",
        "database ledgerspace would keep 1 of 3 primaries without 10.0.0.1:7687; 2 are a majority",
    )


def test_a_database_stopped_on_purpose_shuts_nothing():
    members = healthy()
    for address in ADDRESSES:
        for row in rows(members, "ledgerspace", address):
            row.update(current_status="offline", requested_status="offline")
    assert may_go_down(members, URIS[0], LENIENT).open


@pytest.mark.parametrize(
    ("total", "elsewhere", "is_open"), [(3, 2, True), (3, 1, False), (5, 3, True), (5, 2, False), (2, 1, False)]
)
def test_a_majority_of_all_primaries_must_stay(total, elsewhere, is_open):
    others = [f"10.0.1.{n}:7687" for n in range(elsewhere)]
    databases = [allocation("ledgerspace", a, requested_primaries=total) for a in [ADDRESSES[0], *others]]
    member = dict(healthy()[0], databases=databases, servers=[], status_check=None)
    verdict = may_go_down([member], URIS[0])
    assert verdict.open is is_open
    assert is_open or f"{elsewhere} of {total} primaries" in verdict.reasons[0]


def test_a_secondary_is_not_part_of_any_majority():
    databases = [allocation("ledgerspace", ADDRESSES[0], role="secondary", requested_primaries=1)]
    databases += [allocation("ledgerspace", ADDRESSES[1], requested_primaries=1)]
    member = dict(healthy()[0], databases=databases, servers=[], status_check=None)
    assert may_go_down([member], URIS[0]).open


@pytest.mark.parametrize(("lag", "is_open"), [(0, True), (-1000, True), (-1001, False), (None, True)])
def test_lag_is_allowed_up_to_the_limit(lag, is_open):
    members = healthy()
    for row in rows(members, "ledgerspace", ADDRESSES[1]):
        row["replication_lag"] = lag
    assert may_go_down(members, URIS[0], LENIENT).open is is_open


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "Cordoned"}, "is Cordoned"),
        ({"state": "Deallocating"}, "is Deallocating"),
        ({"health": "Unavailable"}, "is Unavailable"),
        ({"requested_hosting": ["system"]}, "should host ['system']"),
    ],
)
def test_a_server_that_is_not_settled_shuts_the_gate(change, words):
    members = healthy()
    members[1]["servers"][2].update(change)
    assert words in " ".join(may_go_down(members, URIS[0], LENIENT).reasons)


@pytest.mark.parametrize("state", ["Free", "Deallocated", "Dropped"])
def test_a_retired_server_is_nobodys_business(state):
    members = healthy()
    for member in members:
        member["servers"].append(server_row("10.0.0.9:7687", state=state, health="Unavailable", hosting=[]))
    assert may_go_down(members, URIS[0], LENIENT).open


def test_a_failed_test_replication_shuts_the_gate_but_not_that_of_a_single_primary_database():
    members = healthy()
    members[0]["status_check"][3].update(replication_successful=False, member_status="UNAVAILABLE", error="no leader")
    reasons = may_go_down(members, URIS[0], LENIENT).reasons
    assert reasons == ("database ledgerspace did not replicate to server-10.0.0.1:7687 (UNAVAILABLE: no leader)",)
    members = healthy()
    members[0]["status_check"].append(check_row("neo4j", ADDRESSES[1], replication_successful=None))
    assert may_go_down(members, URIS[0], LENIENT).open


def test_every_member_must_answer():
    verdict = may_go_down(silence(healthy(), 1, "timeout"), URIS[0], LENIENT)
    assert verdict.reasons == ("bolt://10.0.0.2:7687 does not answer: timeout: it said timeout",)


def test_a_server_that_is_down_may_be_worked_on_whatever_the_rest_looks_like():
    members = silence(silence(healthy(), 0, "refused"), 1, "timeout")
    members[2]["servers"][0]["health"] = "Unavailable"
    verdict = may_go_down(members, URIS[0])
    assert verdict.open and verdict.down


@pytest.mark.parametrize("cause", ["authentication", "rate_limit", "tls", "timeout", "forbidden", "refused"])
def test_a_server_that_will_not_talk_to_us_is_not_down(cause):
    assert not is_down(silence(healthy(), 0, cause), URIS[0])
    assert not may_go_down(silence(healthy(), 0, cause), URIS[0], LENIENT).open


def test_without_the_server_s_own_address_the_gate_stays_shut():
    members = healthy()
    members[1]["address"] = None
    assert "what would go down?" in may_go_down(members, URIS[1], LENIENT).reasons[0]


def test_a_server_named_otherwise_than_it_presents_itself_is_down_only_when_its_peers_say_so():
    members = healthy()
    for member in members:
        member["servers"][0]["address"] = "db-1.example:7687"
    silence(members, 0, "refused")
    assert not is_down(members, URIS[0])
    for member in members[1:]:
        member["servers"][0]["health"] = "Unavailable"
    assert is_down(members, URIS[0])


def test_without_a_witness_only_a_wholly_stopped_cluster_is_down():
    assert not is_down(silence(silence(silence(healthy(), 0), 1, "timeout"), 2, "timeout"), URIS[0])
    assert is_down(silence(silence(silence(healthy(), 0), 1), 2), URIS[0])


def test_a_silent_server_is_down_when_every_witness_says_so():
    alone = silence([dict(healthy()[0], servers=[])], 0, "refused")
    assert is_down(alone, URIS[0]), "a standalone server has no witness"
    members = silence(healthy(), 0, "timeout")
    members[1]["servers"][0]["health"] = "Unavailable"
    assert not is_down(members, URIS[0])
    members[2]["servers"][0]["health"] = "Unavailable"
    assert is_down(members, URIS[0])


def test_an_unknown_server_is_an_error_not_an_open_gate():
    with pytest.raises(ValueError, match="not among the members"):
        may_go_down(healthy(), "bolt://10.0.0.9:7687")
    with pytest.raises(ValueError, match="none"):
        is_back([], URIS[0])


def test_back_is_judged_over_its_own_allocations_and_every_views_server_row():
    assert is_back(healthy(), URIS[0]).open
    members = healthy()
    rows(members[:1], "ledgerspace", ADDRESSES[0])[0].update(current_status="starting", status_message="copying")
    assert is_back(members, URIS[0]).reasons == (
        "database ledgerspace on 10.0.0.1:7687 is starting, wanted online (copying)",
    )
    members = healthy()
    members[2]["servers"][0]["health"] = "Unavailable"
    assert not is_back(members, URIS[0]).open


def test_back_judges_no_other_server():
    members = healthy()
    rows(members, "ledgerspace", ADDRESSES[1])[0]["current_status"] = "dirty"
    members[0]["servers"][1]["health"] = "Unavailable"
    silence(members, 2, "timeout")
    assert is_back(members, URIS[0]).open


def test_not_back_while_silent_unknown_or_empty():
    assert not is_back(silence(healthy(), 0), URIS[0]).open
    members = healthy()
    members[0]["databases"] = [row for row in members[0]["databases"] if row["address"] != ADDRESSES[0]]
    assert "not even system" in is_back(members, URIS[0]).reasons[0]
    members = healthy()
    members[1]["servers"] = members[1]["servers"][1:]
    assert "does not know a server at 10.0.0.1:7687" in is_back(members, URIS[0]).reasons[0]


def hosts(*numbers, cluster="credex"):
    return [{"host": f"n{n + 1}", "uri": URIS[n], "cluster": cluster} for n in numbers]


def test_the_order_ends_with_the_writer_of_system():
    members = healthy()
    for row in rows(members, "neo4j", ADDRESSES[1]):
        row["writer"] = False
    assert rolling_order(members, hosts(0, 1, 2)) == ["n2", "n1", "n3"]


def test_down_servers_come_first_then_secondaries_then_those_with_fewer_writers():
    members = healthy()
    for row in [r for m in members for r in m["databases"] if r["address"] == ADDRESSES[0]]:
        row.update(role="secondary", writer=False)
    assert rolling_order(members, hosts(0, 1, 2)) == ["n1", "n2", "n3"]
    for member in members:
        member["servers"][1]["health"] = "Unavailable"
    assert rolling_order(silence(members, 1), hosts(0, 1, 2)) == ["n2", "n1", "n3"]


def test_the_order_goes_cluster_by_cluster():
    members = healthy()
    two = [*hosts(2, cluster="a"), *hosts(0, cluster="b"), *hosts(1, cluster="a")]
    assert rolling_order(members, two) == ["n2", "n3", "n1"]


def test_an_outage_is_a_database_without_another_primary():
    members = healthy()
    assert outages(members, URIS[1]) == ["neo4j"]
    assert outages(members, URIS[0]) == []
    assert outages(members, URIS[1], LENIENT) == []
    assert outages(members, URIS[1], Policy(allow_downtime=True)) == []


def test_a_server_that_is_silent_interrupts_nothing_more():
    members = healthy()
    members[1] |= {"reachable": False, "cause": "refused", "message": "no"}
    assert outages(members, URIS[1]) == []

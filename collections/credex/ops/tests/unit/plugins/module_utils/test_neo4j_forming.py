# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From running servers to a formed cluster: what speaks against it, what is to be done, and whether it is done."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster_settings, forming

CLUSTERS = {"credex": {"primaries": 3, "secondaries": 0}}
SPACES = {
    "ledger": {"cluster": "credex", "database": "ledgerspace"},
    "search": {"cluster": "credex", "database": "SearchSpace"},
}
HOSTS = [{"host": f"db-{number}", "uri": f"bolt://10.0.1.{number}:7687", "cluster": "credex"} for number in (1, 2, 3)]


def server(number, **other):
    return {
        "name": f"id-{number}",
        "server_id": f"id-{number}",
        "address": f"10.0.1.{number}:7687",
        "state": "Enabled",
        "health": "Available",
        "hosting": ["ledgerspace", "searchspace", "system"],
        "requested_hosting": ["ledgerspace", "searchspace", "system"],
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        **other,
    }


def copies(name, primaries=3, **other):
    return [
        {
            "name": name,
            "type": "standard",
            "default": False,
            "server_id": f"id-{number}",
            "address": f"10.0.1.{number}:7687",
            "role": "primary",
            "writer": number == 1,
            "requested_status": "online",
            "current_status": "online",
            "status_message": "",
            "replication_lag": 0,
            "last_committed_txn": 7,
            "requested_primaries": primaries,
            "requested_secondaries": 0,
            **other,
        }
        for number in range(1, primaries + 1)
    ]


def answers(servers=None, databases=None, **of_second):
    """What three servers say; the second one says these things otherwise."""
    view = {
        "reachable": True,
        "cause": None,
        "message": None,
        "version": "5.26.30",
        "edition": "enterprise",
        "clock_ahead_seconds": 0.0,
        "servers": servers or [server(1), server(2), server(3)],
        "databases": databases if databases is not None else [*copies("ledgerspace"), *copies("searchspace")],
        "status_check": [],
    }
    found = [{**view, "uri": host["uri"], "address": host["uri"].removeprefix("bolt://")} for host in HOSTS]
    found[1] |= of_second
    return found


def plan(said=None, hosts=HOSTS, clusters=None, spaces=None, options=None):
    [found] = forming.plan(
        said or answers(), hosts, clusters or CLUSTERS, SPACES if spaces is None else spaces, options or {}
    )
    return found


def missing(said):
    return forming.missing(said, HOSTS, CLUSTERS, SPACES)


def test_a_formed_cluster_needs_nothing():
    found = plan()
    assert (found["problems"], found["warnings"], found["servers"]) == ([], [], [])
    assert (found["uri"], found["databases"]) == ("neo4j://10.0.1.1:7687", ["ledgerspace", "searchspace"])
    assert missing(answers()) == []


def test_free_servers_and_those_with_options():
    said = answers([server(1), server(2), server(3, state="Free", hosting=["system"])], [])
    assert plan(said)["servers"] == [{"host": "db-3", "server": "id-3", "options": {}}]
    tags = {"tags": ["eu"]}
    assert [each["host"] for each in plan(said, options={"db-1": tags})["servers"]] == ["db-1", "db-3"]
    assert "db-3 is Free" in missing(said)


@pytest.mark.parametrize(
    ("uri", "routed"),
    [
        ("bolt://h:7687", "neo4j://h:7687"),
        ("bolt+s://h", "neo4j+s://h"),
        ("bolt+ssc://h", "neo4j+ssc://h"),
        ("h:1", "neo4j://h:1"),
        ("neo4j://bolt", "neo4j://bolt"),
    ],
)
def test_the_cluster_s_own_address(uri, routed):
    assert plan(hosts=[{**HOSTS[0], "uri": uri}, *HOSTS[1:]])["uri"] == routed


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (answers(reachable=False, message="refused. Is it started?"), "db-2 does not answer: refused. Is it started?"),
        (answers(address="10.0.1.1:7687"), "db-1 and db-2 both advertise 10.0.1.1:7687"),
        (answers(address=None), "db-2 does not say its server.bolt.advertised_address"),
        (answers([server(1), server(2)]), "db-1 does not see db-3 (10.0.1.3:7687)"),
        (answers([server(1), server(2), server(3, state="Cordoned")]), "the server of db-3 is Cordoned"),
        (answers([server(1), server(2), server(3, state="Deallocating")]), "the server of db-3 is Deallocating"),
        (answers(edition="community"), "db-2 is Neo4j Community, which forms no clusters"),
        (
            answers([server(1), server(2), server(3, mode_constraint="SECONDARY")], []),
            "the cluster has 3 servers for it",
        ),
        (answers([server(1), server(2), server(3, denied_databases=["ledgerspace"])], []), "ledgerspace shall have 3"),
    ],
)
def test_what_speaks_against_it(said, problem):
    problems = plan(said)["problems"]
    assert any(problem in each for each in problems), problems


def test_a_server_that_only_one_does_not_see():
    first, second, third = answers()
    problems = plan([first, {**second, "servers": [server(2), server(3)]}, third])["problems"]
    assert len(problems) == 1 and problems[0].startswith("db-2 does not see db-1 (10.0.1.1:7687)")


def test_hosts_that_are_missing_and_all_else_at_once():
    said = answers(reachable=False, message="refused")
    problems = plan(said, clusters={"credex": {"primaries": 3, "secondaries": 2}})["problems"]
    assert problems[0] == "cluster credex has 3 hosts, and neo4j_clusters asks for 5" and len(problems) == 2


def test_a_cluster_of_which_nothing_is_said_or_found():
    spaces = {"ledger": {"cluster": "other", "database": "ledgerspace"}}
    found = forming.plan(answers(), HOSTS, CLUSTERS, spaces, {})
    assert [each["name"] for each in found] == ["credex", "other"]
    assert found[1]["problems"] == ["neo4j_clusters says no number of primaries for cluster other"]
    assert found[0]["databases"] == [] and found[1]["warnings"] == []
    [gone] = forming.plan([], [], CLUSTERS, {}, {})
    assert gone["problems"] == ["cluster credex has 0 hosts, and neo4j_clusters asks for 3"]


def test_many_primaries_are_not_reduced_to_one():
    problems = plan(clusters={"credex": {"primaries": 1, "secondaries": 2}})["problems"]
    assert len(problems) == 2 and all("does not reduce them to a single one" in each for each in problems)


def test_options_of_a_server_count_before_it_has_them():
    said = answers([server(1), server(2), server(3, state="Free")], [])
    problems = plan(said, options={"db-3": {"mode_constraint": "secondary"}})["problems"]
    assert "for secondaries only" in problems[0] and plan(said)["problems"] == []


def test_an_even_number_is_warned_about():
    found = plan(clusters={"credex": {"primaries": 2, "secondaries": 1}}, said=answers(databases=[]))
    assert found["problems"] == [] and "2 primaries bear the loss of 0" in found["warnings"][0]


def test_a_single_community_server():
    host = [HOSTS[0]]
    here = {"requested_primaries": None, "requested_secondaries": None}
    said = [{**answers()[0], "edition": "community", "servers": [], "databases": copies("neo4j", 1, **here)}]
    clusters, spaces = {"credex": {"primaries": 1}}, {"ledger": {"cluster": "credex", "database": "neo4j"}}
    found = plan(said, host, clusters, spaces)
    assert (found["problems"], found["servers"], found["edition"]) == ([], [], "community")
    assert forming.missing(said, host, clusters, spaces) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (answers(reachable=False, cause="refused", message="no"), "bolt://10.0.1.2:7687 does not answer"),
        (answers([server(1), server(2), server(3, health="Unavailable")]), "is Unavailable"),
        (answers(databases=copies("ledgerspace")), "database searchspace is not there"),
        (answers(databases=copies("ledgerspace") + copies("searchspace", 1)), "1 primaries and 0 secondaries, online"),
        (
            answers(databases=copies("ledgerspace") + copies("searchspace", current_status="starting")),
            "searchspace on 10.0.1.1:7687 is starting, wanted online",
        ),
        (
            answers(databases=copies("ledgerspace") + copies("searchspace", writer=False)),
            "nobody writes searchspace yet",
        ),
    ],
)
def test_what_is_missing(said, reason):
    assert any(reason in each for each in missing(said)), missing(said)


# How servers find each other

ADDRESSES = ["10.0.1.12", "10.0.1.11", "fd00::1"]
ENDPOINTS = ["10.0.1.11:6000", "10.0.1.12:6000", "[fd00::1]:6000"]


def test_settings_by_version():
    of_5 = cluster_settings.discovery(CLUSTERS["credex"], ADDRESSES, "5.26.30")
    assert of_5 == {
        "dbms.cluster.discovery.version": "V2_ONLY",
        "dbms.cluster.discovery.v2.endpoints": ENDPOINTS,
        "dbms.cluster.minimum_initial_system_primaries_count": 3,
        "initial.dbms.default_primaries_count": 3,
        "initial.dbms.default_secondaries_count": 0,
    }
    of_calendar = cluster_settings.discovery(CLUSTERS["credex"], ADDRESSES, "2026.07.1")
    assert of_calendar["dbms.cluster.endpoints"] == ENDPOINTS and len(of_calendar) == 4


def test_a_server_alone_needs_none():
    assert cluster_settings.discovery({"primaries": 1}, ADDRESSES[:1], "5.26.30") == {}


@pytest.mark.parametrize(
    ("counts", "least"),
    [((3, 0), 3), ((3, 2), 3), ((1, 2), 2), ((5, 0), 5), ((2, 0), 2), ((1, 4), 3)],
)
def test_no_two_halves_both_become_a_cluster(counts, least):
    primaries, secondaries = counts
    found = cluster_settings.discovery({"primaries": primaries, "secondaries": secondaries}, ADDRESSES, "5.26.30")
    assert found["dbms.cluster.minimum_initial_system_primaries_count"] == least


def test_without_numbers_those_that_are_there_count():
    found = cluster_settings.discovery({}, ADDRESSES, "5.26.30")
    assert found["dbms.cluster.minimum_initial_system_primaries_count"] == 2
    assert "initial.dbms.default_primaries_count" not in found

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of a cluster as it is and as it is to be, and the statements between the two."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import members, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError

NOT_GIVEN = {
    "server": "db-1",
    "state": "enabled",
    "mode_constraint": None,
    "allowed_databases": None,
    "denied_databases": None,
    "tags": None,
    "wait": True,
    "wait_timeout": 600,
}
ENABLE, CORDON, DROP = statements.ENABLE_SERVER, statements.CORDON_SERVER, statements.DROP_SERVER
DEALLOCATE = statements.DEALLOCATE_SERVER


def server(number, state="Enabled", hosting=("ledger", "system"), **other):
    return {
        "name": f"db-{number}",
        "server_id": f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "state": state,
        "health": "Available",
        "hosting": list(hosting),
        "requested_hosting": list(hosting),
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        "tags": [],
        **other,
    }


def copy(name, number, role="primary", primaries=3, secondaries=0, **other):
    return {
        "name": name,
        "type": "standard",
        "server_id": f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "role": role,
        "requested_status": "online",
        "current_status": "online",
        "requested_primaries": primaries,
        "requested_secondaries": secondaries,
        **other,
    }


def cluster(*changed, databases=None, size=4):
    """Of db-1 to db-4 the first three host ledger."""
    rows = [server(1), server(2), server(3), server(4, hosting=["system"])][:size]
    by_id = {row["server_id"]: row for row in (*rows, *changed)}
    copies = databases or [copy("ledger", number) for number in (1, 2, 3)]
    return members.Cluster(list(by_id.values()), copies)


def planned(of, state, found=None, **given):
    found = found or cluster(of)
    return members.plan(found, of, {**NOT_GIVEN, "state": state, **given})


def sent(plan):
    return [step.statement for step in plan.first], [step.statement for step in plan.last]


@pytest.mark.parametrize(
    ("now", "wanted", "first", "last"),
    [
        ("Free", "enabled", [ENABLE], []),
        ("Enabled", "enabled", [], []),
        ("Cordoned", "enabled", [ENABLE], []),
        ("Enabled", "cordoned", [CORDON], []),
        ("Cordoned", "cordoned", [], []),
        ("Enabled", "deallocated", [DEALLOCATE], []),
        ("Cordoned", "deallocated", [DEALLOCATE], []),
        ("Deallocating", "deallocated", [], []),
        ("Deallocated", "deallocated", [], []),
        ("Enabled", "dropped", [DEALLOCATE], [DROP]),
        ("Cordoned", "dropped", [DEALLOCATE], [DROP]),
        ("Deallocating", "dropped", [], [DROP]),
        ("Deallocated", "dropped", [], [DROP]),
        ("Dropped", "dropped", [], []),
    ],
)
def test_from_a_state_to_another(now, wanted, first, last):
    plan = planned(server(1, now), wanted)
    assert sent(plan) == (first, last)
    assert (plan.after or {"state": "Dropped"})["state"].lower() == wanted
    assert all(step.parameters == {"server": "db-1"} for step in plan.steps)
    assert plan.deallocates == (DEALLOCATE in first)


@pytest.mark.parametrize(
    ("now", "wanted", "why"),
    [
        ("Free", "cordoned", "enable it first"),
        ("Free", "deallocated", "To be rid of it, stop it"),
        ("Free", "dropped", "To be rid of it, stop it"),
        ("Deallocating", "enabled", "no way leads back to enabled.*server unbind"),
        ("Deallocating", "cordoned", "no way leads back"),
        ("Deallocated", "enabled", "drop it .state: dropped., stop it, run neo4j-admin server unbind"),
        ("Deallocated", "cordoned", "no way leads back"),
        ("Dropped", "enabled", "server unbind"),
        ("Dropped", "cordoned", "server unbind"),
        ("Dropped", "deallocated", "no member any more"),
    ],
)
def test_where_no_way_leads(now, wanted, why):
    with pytest.raises(InvalidOptionError, match=why):
        planned(server(1, now), wanted)


@pytest.mark.parametrize(
    "wanted", ["db-1", "id-1", "10.0.0.1:7687", "10.0.0.1", "neo4j+s://10.0.0.1", "bolt://10.0.0.1:7687/"]
)
def test_a_server_has_three_names(wanted):
    assert cluster().find(wanted)["name"] == "db-1"


@pytest.mark.parametrize("wanted", ["db-9", "10.0.0.1:7688", "", "a name", "system"])
def test_who_is_not_there_is_not_found(wanted):
    assert cluster(server(5, address=None)).find(wanted) is None


def test_a_dropped_server_hides_none_that_came_after_it():
    came = server(5, "Free", address="10.0.0.1:7687")
    assert cluster(server(1, "Dropped"), came).find("10.0.0.1")["name"] == "db-5"
    assert cluster(server(1, "Dropped")).find("10.0.0.1")["name"] == "db-1"
    with pytest.raises(InvalidOptionError, match=r"more than one server.*db-1 \(Enabled\), db-5 \(Free\)"):
        cluster(came).find("10.0.0.1")


# Options


def options(plan):
    (step,) = plan.first
    assert step.statement in (statements.ALTER_SERVER, statements.ENABLE_SERVER_WITH)
    return step.parameters["options"]


def test_the_map_that_replaces_another_holds_what_was_not_given():
    had = {"mode_constraint": "PRIMARY", "allowed_databases": ["ledger"], "tags": ["eu"]}
    plan = planned(server(1, **had), "enabled", tags=["us"])
    assert options(plan) == {"modeConstraint": "PRIMARY", "allowedDatabases": ["ledger"], "tags": ["us"]}
    assert (plan.after["tags"], plan.after["allowed_databases"]) == (["us"], ["ledger"])


def test_of_a_free_server_only_what_is_given_is_set():
    """The rest is its neo4j.conf's."""
    assert options(planned(server(1, "Free"), "enabled", mode_constraint="secondary")) == {
        "modeConstraint": "SECONDARY"
    }
    assert options(planned(server(1, "Free"), "enabled", allowed_databases=[])) == {"allowedDatabases": []}


def test_of_two_lists_of_databases_neo4j_is_given_one():
    given = {"allowed_databases": [], "denied_databases": ["Search"]}
    assert options(planned(server(1, "Free"), "enabled", **given)) == {"deniedDatabases": ["search"]}
    had = server(1, allowed_databases=["ledger"])
    assert options(planned(had, "enabled", **given)) == {
        "modeConstraint": "NONE",
        "deniedDatabases": ["search"],
        "tags": [],
    }
    with pytest.raises(InvalidOptionError, match="give the other as"):
        planned(had, "enabled", denied_databases=["search"])


def test_the_same_options_are_no_change():
    had = server(1, mode_constraint="PRIMARY", denied_databases=["a", "b"], tags=["x", "y"])
    same = {"mode_constraint": "primary", "denied_databases": ["B", "a"], "tags": ["y", "x"]}
    assert planned(had, "enabled", **same).steps == []
    assert planned(had, "enabled").steps == []


def test_a_cordon_and_options_go_together():
    lifted = planned(server(1, "Cordoned"), "enabled", tags=["x"])
    assert sent(lifted) == ([ENABLE, statements.ALTER_SERVER], [])
    assert sent(planned(server(1), "cordoned", tags=["x"])) == ([CORDON, statements.ALTER_SERVER], [])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"state": "deallocated", "tags": []}, "tags: of a server that is to be deallocated nothing is set"),
        ({"state": "dropped", "mode_constraint": "none"}, "mode_constraint: of a server"),
        ({"tags": ["a", "b", "a"]}, "twice"),
        ({"state": "dropped", "wait": False}, "wait cannot be false"),
        ({"wait_timeout": -1}, "0 or more"),
    ],
)
def test_options_that_cannot_be_meant(given, why):
    with pytest.raises(InvalidOptionError, match=why):
        members.refuse_options({**NOT_GIVEN, **given})
    members.refuse_options(NOT_GIVEN)


# What Neo4j would refuse


@pytest.mark.parametrize(
    ("changed", "databases", "why"),
    [
        ([], [copy("neo4j", 1, primaries=1)], "its only primary there.*SET TOPOLOGY 3 PRIMARIES"),
        ([], [copy("neo4j", 1, "unknown", primaries=1), copy("neo4j", 2, "secondary", 1, 1)], "its only primary there"),
        ([], [copy("neo4j", n, requested_status="offline") for n in (1, 2, 3)], "stopped.*start or drop it"),
        ([], [copy("neo4j", n, primaries=4) for n in (1, 2, 3, 4)], "4 primaries and 0 secondaries.*add a server"),
        ([server(4, "Cordoned")], [copy("neo4j", n) for n in (1, 2, 3)], "no other enabled server"),
        ([server(4, mode_constraint="SECONDARY")], [copy("neo4j", n) for n in (1, 2, 3)], "no other enabled server"),
        ([server(4, denied_databases=["neo4j"])], [copy("neo4j", n) for n in (1, 2, 3)], "no other enabled server"),
        ([server(4, allowed_databases=["other"])], [copy("neo4j", n) for n in (1, 2, 3)], "no other enabled server"),
    ],
)
@pytest.mark.parametrize("state", ["deallocated", "dropped"])
def test_what_holds_a_server_is_seen_before(changed, databases, why, state):
    leaving = server(1, hosting=["neo4j", "system"])
    with pytest.raises(InvalidOptionError, match=f"db-1 .* cannot leave: database neo4j .*{why}"):
        planned(leaving, state, cluster(leaving, *changed, databases=databases))


def test_everything_that_holds_it_is_told_at_once():
    leaving = server(1, hosting=["one", "rests", "system"])
    copies = [copy("one", 1, primaries=1), copy("rests", 1, primaries=1, requested_status="offline")]
    alone = members.Cluster([leaving, server(2, "Free")], copies)
    with pytest.raises(InvalidOptionError, match=r"the only server of its cluster; database one .*; database rests"):
        planned(leaving, "deallocated", alone)


@pytest.mark.parametrize(
    ("constraint", "role"), [("SECONDARY", "secondary"), ("PRIMARY", "primary"), ("SECONDARY", "unknown")]
)
def test_what_another_server_may_take_holds_it_not(constraint, role):
    copies = [copy("neo4j", 1, role, 2, 1), copy("neo4j", 2, "primary", 2, 1), copy("neo4j", 3, "primary", 2, 1)]
    leaving = server(1, hosting=["neo4j", "system"])
    found = cluster(leaving, server(4, mode_constraint=constraint), databases=copies)
    assert planned(leaving, "deallocated", found).deallocates


def test_a_composite_database_is_everywhere_and_holds_nothing():
    leaving = server(1, "Deallocated", hosting=["all", "system"])
    found = cluster(leaving, databases=[copy("all", 1, type="composite")])
    assert members.unfinished(found, leaving, "deallocated") == []
    assert (
        members.unfinished(found, server(2, hosting=["all", "system"], requested_hosting=["system"]), "enabled") == []
    )


# What is still to come


def test_a_server_that_leaves_is_waited_for():
    copies = [copy("ledger", 1), copy("ledger", 4, current_status="store copying"), copy("ledger", 2)]
    leaving = server(1, "Deallocating", requested_hosting=["system"])
    found = cluster(leaving, databases=copies)
    assert members.unfinished(found, leaving, "dropped") == [
        "database ledger is still on it (10.0.0.4:7687 is store copying)"
    ]
    empty = server(1, "Deallocating", hosting=["system"])
    assert members.unfinished(found, empty, "deallocated") == ["it is Deallocating, not Deallocated"]
    assert members.unfinished(found, {**empty, "state": "Deallocated"}, "deallocated") == []


def test_a_server_that_comes_is_waited_for():
    coming = server(4, "Cordoned", ["old", "system"], health="Unavailable", requested_hosting=["ledger", "system"])
    assert members.unfinished(cluster(coming), coming, "enabled") == [
        "it is Cordoned, not Enabled",
        "it is Unavailable",
        "database ledger is not on it yet",
        "database old is still on it",
    ]
    assert members.unfinished(cluster(), server(1), "enabled") == []
    assert members.unfinished(cluster(), server(1), "cordoned") == []


def test_the_diff_shows_state_options_and_moves():
    row = {"database": "ledger", "mode": "primary", "fromServerName": "db-1", "fromServerId": "id-1"}
    moved = members.moves([{**row, "toServerName": "db-4", "toServerId": "id-4"}])
    assert moved[0]["from_server"] == "db-1" and moved[0]["to_server_id"] == "id-4"
    shown = members.diff(server(1), {**server(1), "state": "Deallocated"}, moved)
    assert (shown["before"]["state"], shown["after"]["state"]) == ("Enabled", "Deallocated")
    assert shown["after"]["moves"] == ["ledger (primary): db-1 -> db-4"]
    assert members.diff(server(1), None, [])["after"] == {}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that leaves its cluster: how far it is, and what is told of it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.membership_observed import FilterModule as Observed
from ansible_collections.credex.ops.plugins.filter.membership_plan import FilterModule as Plan
from ansible_collections.credex.ops.plugins.filter.membership_proof import FilterModule as Proof

observed = Observed().filters()["membership_observed"]
planned = Plan().filters()["membership_plan"]
proof = Proof().filters()["membership_proof"]


def listed(number, state="Enabled"):
    return {
        "name": f"db-{number}",
        "address": f"10.0.0.{number}:7687",
        "state": state,
        "health": "Available",
        "hosting": ["ledger", "system"],
        "requested_hosting": ["ledger", "system"],
    }


def copy(number, **other):
    return {
        "name": "ledger",
        "type": "standard",
        "address": f"10.0.0.{number}:7687",
        "role": "primary",
        "requested_status": "online",
        "current_status": "online",
        "status_message": "",
        "replication_lag": 0,
        "primaries": 2,
        "requested_primaries": 2,
        "secondaries": 0,
        "requested_secondaries": 0,
        **other,
    }


def member(number, rows, copies=None, **other):
    return {
        "uri": f"bolt://10.0.0.{number}:7687",
        "reachable": True,
        "address": f"10.0.0.{number}:7687",
        "clock_ahead_seconds": 0.0,
        "servers": rows,
        "databases": copies or [copy(2), copy(3)],
        **other,
    }


def silent(number):
    uri = f"bolt://10.0.0.{number}:7687"
    return {"uri": uri, "reachable": False, "cause": "refused", "message": "Nothing listens there."}


@pytest.mark.parametrize("state", ["Enabled", "Cordoned", "Deallocating", "Deallocated", "Dropped"])
def test_how_far_it_is_say_the_others(state):
    rows = [listed(1, state), listed(2), listed(3)]
    found = {"address": "10.0.0.1:7687", "state": state, "via": "neo4j://10.0.0.3:7687"}
    assert observed([member(1, []), silent(2), member(3, rows)], "bolt://10.0.0.1:7687") == found
    assert observed([silent(1), silent(2), member(3, rows)], "bolt://10.0.0.1:7687") == found


def test_it_is_known_by_the_address_with_which_it_presents_itself():
    reading = [member(1, [], address="db-1.example:7687"), member(2, [{**listed(1), "address": "db-1.example:7687"}])]
    assert observed(reading, "bolt://10.0.0.1:7687")["state"] == "Enabled"


def test_who_came_after_it_is_meant_and_who_is_not_listed_is_gone():
    both = [listed(1, "Dropped"), listed(1, "Free")]
    assert observed([silent(1), member(2, both)], "bolt://10.0.0.1:7687")["state"] == "Free"
    assert observed([silent(1), member(2, [listed(2)])], "bolt://10.0.0.1:7687")["state"] == "Gone"


def test_a_secure_address_stays_secure():
    reading = [silent(1), member(2, [], uri="bolt+s://10.0.0.2:7687")]
    assert observed(reading, "bolt://10.0.0.1:7687")["via"] == "neo4j+s://10.0.0.2:7687"


def test_without_anybody_else_nothing_is_known():
    with pytest.raises(AnsibleFilterError, match="no member of its cluster answers"):
        observed([member(1, []), silent(2)], "bolt://10.0.0.1:7687")


def test_the_plan_is_a_table_of_moves():
    move = {"database": "ledger", "mode": "primary", "from_server": "db-1", "to_server": "db-4"}
    told = planned([move], "host-1", "Enabled", True)
    assert told["detail"] == "Enabled; ledger (primary) to db-4"
    assert told["evidence"]["changes"] == [{"what": "ledger (primary)", "before": "db-1", "after": "db-4"}]
    assert planned([], "host-1", "Deallocating", True)["detail"] == "Deallocating; nothing is moved by this run"
    assert planned([], "host-1", "Gone", True)["detail"] == "Gone; its service is stopped"
    assert planned([], "host-1", "Gone", False)["detail"] == "Gone; nothing to do"


def judged(*reading, **options):
    return {
        check["id"].partition(".")[2]: (check["status"], check["detail"])
        for check in proof(list(reading), "10.0.0.1:7687", **options)
    }


def test_a_cluster_without_it_is_whole():
    rows = [listed(2), listed(3)]
    assert judged(member(2, rows), member(3, rows)) == dict.fromkeys(("gone", "serving", "whole"), ("passed", "yes"))


def test_who_still_lists_it_is_named():
    rows = [listed(2), listed(3)]
    found = judged(member(2, [*rows, listed(1, "Dropped")]), member(3, rows))
    assert found["gone"] == ("failed", "bolt://10.0.0.2:7687 still lists 10.0.0.1:7687")


def test_who_does_not_answer_serves_nobody():
    rows = [listed(2), listed(3)]
    assert judged(member(2, rows), silent(3))["serving"][0] == "failed"
    assert judged(silent(2), silent(3))["whole"] == ("failed", "no member shows a database")


def test_a_database_with_too_few_copies_is_named_unless_it_is_ignored():
    rows = [listed(2), listed(3)]
    narrow = [copy(2, primaries=1, requested_primaries=2), copy(3)]
    assert judged(member(2, rows, narrow), member(3, rows))["whole"] == (
        "failed",
        "database ledger has 1 primaries, asked for 2",
    )
    assert judged(member(2, rows, narrow), member(3, rows), ignore_databases=["ledger"])["whole"][0] == "passed"


@pytest.mark.parametrize(("state", "status"), [("Enabled", "passed"), ("Free", "failed")])
def test_a_cluster_that_a_server_has_joined_has_it_everywhere_as_enabled(state, status):
    whole = [listed(1), listed(2), listed(3)]
    reading = [member(2, whole), member(3, [listed(1, state), *whole[1:]])]
    checks = {check["id"]: check for check in proof(reading, "10.0.0.1:7687", joined=True)}
    assert list(checks) == ["membership.joined", "membership.serving", "membership.whole"]
    assert checks["membership.joined"]["status"] == status
    assert ("10.0.0.3" in checks["membership.joined"]["detail"]) is (status == "failed")

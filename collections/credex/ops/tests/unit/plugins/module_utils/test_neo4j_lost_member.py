# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new server in place of a member whose data are given up: how far it is, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.filter.membership_joining import FilterModule

joining = FilterModule().filters()["membership_joining"]
COUNTS = {"primaries": 3, "secondaries": 0}
LOST = {"server_id": "id-3", "state": "Enabled"}


def server(number, server_id="", state="Enabled", health="Available"):
    hosted = ["system"] if state == "Free" else ["ledger", "system"]
    return {
        "server_id": server_id or f"id-{number}",
        "name": server_id or f"db-{number}",
        "address": f"10.0.0.{number}:7687",
        "state": state,
        "health": health,
        "hosting": hosted,
        "requested_hosting": hosted,
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
    }


def copy(number, role="primary", status="online", writer=False, server_id="", name="ledger"):
    return {
        "name": name,
        "type": "standard",
        "default": False,
        "server_id": server_id or f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "role": role,
        "writer": writer,
        "requested_status": "online",
        "current_status": status,
        "status_message": "",
        "replication_lag": 0,
        "last_committed_txn": 1,
        "requested_primaries": 3,
        "requested_secondaries": 0,
    }


DOWN = server(3, health="Unavailable")
FORGOTTEN = ()
COPIES = [copy(1, writer=True), copy(2), copy(3, role="unknown", status="unknown")]


def plan(*more, third=None, copies=None, runs=False, has_data=False, number=3, gives_up="id-3", **newcomer):
    """Of hosts 1 and 2, which answer, and the one that stands in the place of the third."""
    rows = [server(1), server(2), *([] if third is FORGOTTEN else [third or DOWN]), *more]
    numbers = (1, 2, number)
    hosts = [{"host": f"host-{n}", "uri": f"bolt://10.0.0.{n}:7687", "cluster": "c"} for n in numbers]
    told = {"reachable": True, "servers": rows, "databases": COPIES if copies is None else copies}
    reading = [{"uri": host["uri"], "address": host["uri"][7:], **told} for host in hosts]
    if not runs:
        reading[2] = {"uri": hosts[2]["uri"], "reachable": False, "cause": "refused", "message": "Nothing listens."}
    found = {"host": hosts[2]["host"], "runs": runs, "has_data": has_data, **newcomer}
    return joining(reading, hosts, found, COUNTS, ["ledger"], gives_up=gives_up)


def changes(found):
    return found["checks"][0]["evidence"]["changes"]


def test_what_is_given_up_leaves_once_the_new_one_takes_part():
    found = plan()
    assert (found["state"], found["server"], found["lost"], found["obstacles"]) == ("Gone", "", [LOST], [])
    assert (found["install"], found["needed"]) == (True, True)
    assert {"what": "lost server id-3", "before": "Enabled", "after": "Dropped"} in changes(found)
    assert "take nothing else down: one copy less has ledger (2 left of 3)" in found["checks"][0]["detail"]


def test_it_may_have_had_another_address():
    elsewhere = plan(number=4)
    assert (elsewhere["lost"], elsewhere["obstacles"]) == ([LOST], [])
    foreign = plan(number=4, has_data=True)["obstacles"]
    assert "data of a server that its cluster does not know" in foreign[0]


@pytest.mark.parametrize(
    ("state", "lost", "runs"),
    [("Free", "Enabled", True), ("Enabled", "Deallocating", True), ("Free", "Enabled", False)],
)
def test_a_run_goes_on_from_where_it_is(state, lost, runs):
    new = server(3, "id-new", state, "Available" if runs else "Unavailable")
    found = plan(new, third={**DOWN, "state": lost}, runs=runs, has_data=True)
    assert (found["state"], found["server"]) == (state, "id-new")
    assert (found["lost"], found["obstacles"]) == ([{**LOST, "state": lost}], [])


def test_afterwards_there_is_nothing_to_do():
    copies = [*COPIES[:2], copy(3, server_id="id-new")]
    found = plan(server(3, "id-new"), third=FORGOTTEN, copies=copies, runs=True, has_data=True)
    assert (found["needed"], found["obstacles"], found["lost"]) == (False, [], [])
    dropped = plan(server(3, "id-new"), third={**DOWN, "state": "Dropped"}, copies=copies, runs=True, has_data=True)
    assert (dropped["needed"], dropped["obstacles"]) == (False, [])


def test_with_its_data_or_a_volume_that_may_have_them_it_comes_back_as_itself():
    for facts in ({"has_data": True}, {"has_volume": True}):
        found = plan(gives_up="", **facts)
        assert (found["state"], found["server"], found["lost"], found["obstacles"]) == ("Enabled", "id-3", [], [])
        assert found["install"] and found["needed"]
    assert "replace_server_gives_up=id-3" in plan(gives_up="")["obstacles"][0]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"gives_up": "id-9"}, "no server with the id id-9 to be given up. Lost are: id-3 (10.0.0.3:7687)"),
        (
            {"gives_up": "id-2", "number": 4},
            "db-2 (10.0.0.2:7687, id-2) is Available, and only what is lost is given up",
        ),
        ({"third": {**DOWN, "state": "Free"}}, "is Free: it is no member"),
        ({"runs": True, "has_data": True}, "lists no server there but the one to be given up"),
        ({"has_data": True}, "still has the data of the server that is to be given up"),
        ({"has_volume": True}, "has a volume that holds something and is not mounted"),
        ({"copies": [COPIES[0], COPIES[2]]}, "database ledger has 1 of 3 primaries left, which are no majority"),
        ({"copies": [COPIES[2]]}, "database ledger has 0 of 3 primaries left"),
        ({"copies": [copy(1), *COPIES[1:]]}, "database ledger takes no writes"),
    ],
)
def test_what_is_refused(facts, words):
    assert any(words in each for each in plan(**facts)["obstacles"])


def test_what_has_begun_to_leave_is_not_judged_again():
    new = server(3, "id-new")
    found = plan(new, third={**DOWN, "state": "Deallocating"}, copies=[COPIES[0], COPIES[2]], runs=True, has_data=True)
    assert found["obstacles"] == []

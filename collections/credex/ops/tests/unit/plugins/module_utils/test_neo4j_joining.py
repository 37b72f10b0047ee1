# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that joins its cluster: what is to be done, and what is refused before anything is changed."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.membership_endpoints import FilterModule as Endpoints
from ansible_collections.credex.ops.plugins.filter.membership_joining import FilterModule as Joining

joining = Joining().filters()["membership_joining"]
endpoints = Endpoints().filters()["membership_endpoints"]
GROWN = {"primaries": 2, "secondaries": 1}
SAME = {"primaries": 2, "secondaries": 0}


def server(number, state="Enabled", server_id=None, **other):
    hosted = ["ledger", "system"] if state != "Free" else ["system"]
    return {
        "server_id": server_id or f"id-{number}",
        "name": server_id or f"db-{number}",
        "address": f"10.0.0.{number}:7687",
        "state": state,
        "health": "Available",
        "hosting": hosted,
        "requested_hosting": hosted,
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        **other,
    }


def copy(number, **other):
    return {
        "name": "ledger",
        "type": "standard",
        "default": False,
        "server_id": f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "role": "primary",
        "writer": number == 1,
        "requested_status": "online",
        "current_status": "online",
        "status_message": "",
        "replication_lag": 0,
        "last_committed_txn": 1,
        "requested_primaries": 2,
        "requested_secondaries": 0,
        **other,
    }


def answer(number, rows, copies=None):
    address = f"10.0.0.{number}:7687"
    found = {"uri": f"bolt://{address}", "reachable": True, "address": address, "servers": rows}
    return {**found, "databases": copies or [copy(1), copy(2)]}


def silent(number):
    uri = f"bolt://10.0.0.{number}:7687"
    return {"uri": uri, "reachable": False, "cause": "refused", "message": "Nothing listens there."}


def members(*numbers):
    return [{"host": f"host-{n}", "uri": f"bolt://10.0.0.{n}:7687", "cluster": "c"} for n in numbers]


def plan(reading, runs=False, has_data=False, counts=None, number=3, **more):
    numbers = [int(entry["uri"].split(".")[3].split(":")[0]) for entry in reading]
    newcomer = {"host": f"host-{number}", "runs": runs, "has_data": has_data}
    return joining(reading, members(*numbers), newcomer, GROWN if counts is None else counts, ["Ledger"], **more)


def pair(rows=(), copies=None):
    rows = [server(1), server(2), *rows]
    return [answer(1, rows, copies), answer(2, rows, copies), silent(3)]


def test_a_bare_host_is_installed_and_databases_grow():
    found = plan(pair())
    assert (found["state"], found["install"], found["needed"], found["obstacles"]) == ("Gone", True, True, [])
    assert found["address"] == "10.0.0.3:7687" and found["via"] == "neo4j://10.0.0.1:7687"
    assert found["checks"][0]["evidence"]["changes"] == [
        {"what": "Member", "before": "no member", "after": "Enabled"},
        {
            "what": "database ledger",
            "before": "2 primaries, 0 secondaries, online",
            "after": "2 primaries, 1 secondaries, online",
        },
    ]
    assert found["checks"][0]["detail"].startswith(
        "installed where it is not, and started; Member: no member -> Enabled"
    )


@pytest.mark.parametrize(
    ("state", "runs", "counts", "install", "needed"),
    [
        ("Free", True, SAME, False, True),
        ("Free", False, SAME, True, True),
        ("Enabled", True, GROWN, False, True),
        ("Enabled", False, SAME, True, True),
        ("Enabled", True, SAME, False, False),
    ],
)
def test_a_run_goes_on_from_where_it_is(state, runs, counts, install, needed):
    found = plan(pair([server(3, state)]), runs=runs, has_data=True, counts=counts)
    assert (found["install"], found["needed"], found["obstacles"]) == (install, needed, [])
    assert (found["checks"][0]["detail"] == "it takes part already") is not needed


@pytest.mark.parametrize(
    ("reading", "facts", "words"),
    [
        (pair(), {"has_data": True}, "data of a server that its cluster does not know"),
        (pair([server(3, health="Unavailable")]), {}, "Is its volume attached and mounted?"),
        (pair([server(3, "Cordoned")]), {"runs": True, "has_data": True}, "is Cordoned, on its way out"),
        (pair([server(4, "Deallocating")]), {}, "the server at 10.0.0.4:7687 is Deallocating"),
        ([*pair(), silent(4)], {}, "host-4 does not answer: Nothing listens there."),
        ([*pair()[:2], answer(3, [server(3)])], {"runs": True, "has_data": True}, "in no cluster with the others"),
        (pair(), {"counts": {"primaries": 3, "secondaries": 1}}, "the cluster has 3 servers for it"),
        (pair(), {"options": {"denied_databases": ["ledger"]}}, "the cluster has 2 servers for it"),
        (pair(), {"counts": SAME, "leaves": "host-1"}, ""),
        (pair(), {"counts": SAME, "leaves": "host-1", "options": {"mode_constraint": "secondary"}}, "cannot leave"),
        ([pair()[0], silent(2), silent(3)], {"counts": SAME, "leaves": "host-2"}, "host-2 does not answer"),
        (
            pair(copies=[copy(1, requested_primaries=1)]),
            {"counts": {"primaries": 1, "secondaries": 0}, "leaves": "host-1"},
            "database ledger has its only primary there",
        ),
    ],
)
def test_what_speaks_against_it(reading, facts, words):
    found = plan(reading, **facts)["obstacles"]
    assert (words in found[0] and len(found) == 1) if words else found == []


def test_who_advertises_the_same_is_named():
    reading = pair()
    reading[1]["address"] = "10.0.0.3:7687"
    assert any("host-2 advertises 10.0.0.3:7687 already" in each for each in plan(reading)["obstacles"])


def test_who_left_and_still_runs_is_not_believed():
    left = answer(1, [server(1, "Dropped")], [copy(1)])
    rest = answer(2, [server(2), server(3)], [copy(2), copy(3)])
    found = plan([left, rest, answer(3, rest["servers"])], runs=True, has_data=True, counts=SAME, leaves="host-1")
    assert (found["needed"], found["obstacles"], found["via"]) == (False, [], "neo4j://10.0.0.2:7687")


def test_without_anybody_else_nothing_is_known():
    with pytest.raises(AnsibleFilterError, match="no member of its cluster answers"):
        plan([silent(1), silent(2), silent(3)])


def looks_at(*hosts):
    value = ",".join(f"{host}:6000" for host in hosts) or None
    settings = {"dbms.cluster.discovery.v2.endpoints": {"value": value}}
    return {"reachable": True, "settings": settings}


def test_who_will_not_look_for_it_is_a_warning():
    whole = looks_at("10.0.0.1", "10.0.0.2", "10.0.0.3")
    check = endpoints([looks_at("10.0.0.1", "10.0.0.2"), whole], members(1, 2), "10.0.0.3:7687")
    assert (check["status"], check["required"]) == ("failed", False)
    assert "endpoints of host-1," in check["detail"] and "configure_neo4j.yml" in check["follow_up"]
    by_name = looks_at()
    assert endpoints([by_name, whole], members(1, 2), "10.0.0.3:7687")["status"] == "passed"

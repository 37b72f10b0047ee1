# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single servers and a cluster: what speaks against it, what is done, what is proven."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.filter.migration_plan import FilterModule as Plan
from ansible_collections.credex.ops.plugins.filter.migration_proofs import FilterModule as Proofs
from ansible_collections.credex.ops.plugins.module_utils._fingerprint.fingerprint import Tally

plan = Plan().filters()["migration_plan"]
proofs = Proofs().filters()["migration_proofs"]
NAMES = ("a", "b", "old")
SOURCE = {"server": "old", "database": "neo4j", "as": "ledgerspace"}


def member(host: str, cluster: str = "credex") -> dict[str, str]:
    return {"host": host, "uri": f"bolt://{host}:7687", "cluster": cluster}


def view(host: str, database: str = "neo4j", **other: Any) -> dict[str, Any]:
    """A server as it is read, which writes one database."""
    address = f"{host}:7687"
    return {
        "uri": f"bolt://{address}",
        "reachable": True,
        "message": None,
        "address": address,
        "edition": "enterprise",
        "version": "5.26.30",
        "servers": [server(name) for name in ("a", "b")],
        "databases": [{"name": database, "address": address, "writer": True}],
        **other,
    }


def server(name: str) -> dict[str, Any]:
    return {
        "server_id": f"id-{name}",
        "address": f"{name}:7687",
        "state": "Enabled",
        "health": "Available",
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
    }


class Fleet:
    """A cluster of a and b, and old, which a test changes before it asks for the plan."""

    def __init__(self) -> None:
        self.sources: list[dict[str, Any]] = [dict(SOURCE)]
        self.members = [member("a"), member("b"), member("old", "LedgerSpace")]
        self.views = {name: copy.deepcopy(view(name)) for name in NAMES}
        self.found: dict[str, Any] = {name: {"dumps": [], "begun": [], "data": []} for name in NAMES}

    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = plan(self.sources, "credex", self.members, list(self.views.values()), self.found)
        return found


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_what_is_not_there_is_dumped_loaded_and_made(fleet):
    found = fleet.plan()
    [entry] = found["entries"]
    assert found["problems"] == [] and not entry["exists"]
    assert entry["seed"] == {"host": "a", "uri": "bolt://a:7687", "server_id": "id-a"}
    assert entry["steps"] == [
        "stop old",
        "dump neo4j",
        "start old",
        "copy the dump to a",
        "load it there as ledgerspace",
        "create database ledgerspace from it",
        "compare both",
    ]


@pytest.mark.parametrize(("what", "first"), [("dumps", "copy the dump to a"), ("begun", "stop old")])
def test_the_next_run_goes_on_with_a_server_that_was_left_stopped(fleet, what, first):
    fleet.found["old"][what] = ["ledgerspace"]
    fleet.views["old"] = {"uri": "bolt://old:7687", "reachable": False, "message": "refused"}
    found = fleet.plan()
    assert found["problems"] == [] and found["entries"][0]["steps"][0] == first


def test_what_is_there_is_only_compared_where_it_is_written(fleet):
    for name in ("a", "b"):
        fleet.views[name]["databases"].append({"name": "ledgerspace", "address": f"{name}:7687", "writer": name == "b"})
    [entry] = fleet.plan()["entries"]
    assert entry["exists"] and entry["steps"] == [] and entry["cluster_uri"] == "bolt://b:7687"


def test_a_server_that_may_not_have_it_is_no_seed(fleet):
    for name in ("a", "b"):
        fleet.views[name]["servers"][0]["denied_databases"] = ["ledger*"]
    assert fleet.plan()["entries"][0]["seed"]["host"] == "b"


def other_way(fleet: Fleet, **changes: Any) -> None:
    fleet.sources[0].update(changes)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: f.sources.clear(), "no source is named"),
        (lambda f: f.sources.append(dict(SOURCE)), "two sources have the name ledgerspace"),
        (lambda f: other_way(f, server="nobody"), "nobody is no server of this inventory"),
        (lambda f: other_way(f, server="a"), "a is a member of credex itself"),
        (
            lambda f: f.members.append(member("c", "LedgerSpace")),
            "old is no single server: 1 others are in L",
        ),
        (lambda f: other_way(f, **{"as": "system"}), "'system' is no name for a database"),
        (lambda f: other_way(f, **{"as": "Ledger"}), "'Ledger': write it in lower case"),
        (lambda f: other_way(f, database="nothing"), "there is no nothing on old"),
        (lambda f: f.members.__delitem__(slice(0, 2)), "no server of this inventory is in the cluster credex"),
        (lambda f: f.views["b"].update(reachable=False, message="refused"), "b does not answer: refused"),
        (lambda f: f.views["b"].update(edition="community"), "b: Community Edition has no clusters"),
        (lambda f: f.views["old"].update(reachable=False, message="refused"), "old does not answer: refused"),
        (lambda f: f.views["old"].update(version="5.26.31"), "and credex is 5.26.30, which cannot read it"),
        (lambda f: f.views["old"].update(version="4.4.40"), "bring that server to 5.26 first"),
        (lambda f: f.found["a"].update(data=["ledgerspace"]), "a has files of a database ledgerspace"),
        (
            lambda f: [row.update(state="Cordoned") for name in "ab" for row in f.views[name]["servers"]],
            "no server of credex is Enabled, Available and allowed to have ledgerspace",
        ),
    ],
)
def test_what_speaks_against_it(fleet, spoil, said):
    spoil(fleet)
    assert said in "; ".join(fleet.plan()["problems"])


def test_what_is_there_and_cannot_be_compared(fleet):
    fleet.views["a"]["databases"].append({"name": "ledgerspace", "address": "a:7687", "writer": True})
    fleet.views["old"].update(reachable=False, message="refused")
    [said] = fleet.plan()["problems"]
    assert "credex has ledgerspace already, and old, which it would be compared with, does not answer (refused)" in said


def test_files_of_a_run_that_was_killed_are_its_own(fleet):
    fleet.found["a"] = {"data": ["ledgerspace"], "dumps": ["ledgerspace"]}
    assert fleet.plan()["problems"] == []


def held(*names: str) -> dict[str, Any]:
    tally = Tally()
    for name in names:
        tally.add_node(name, ["Account"], {"name": name})
    return {"fingerprint": tally.fingerprint([], [])}


def test_both_ends_side_by_side(fleet):
    [entry] = fleet.plan()["entries"]
    [equal] = proofs([entry], [held("x", "y")], [held("y", "x")])
    assert (equal["status"], equal["phase"]) == ("passed", "verify")
    assert equal["detail"].startswith("2 nodes, 0 relationships, 2 properties, 0 indexes; checksum ")
    [other] = proofs([entry], [held("x", "y")], [held("x")], "plan")
    assert (other["status"], other["phase"]) == ("failed", "plan")
    assert other["detail"] == "nodes Account: neo4j on old has 2, ledgerspace has 1"
    assert other["evidence"]["rows"] == [{"what": "nodes Account", "neo4j on old": 2, "ledgerspace": 1}]

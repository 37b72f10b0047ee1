# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_database, its pair and neo4j_allocation_defaults on emulated Enterprise servers."""

from __future__ import annotations

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_allocation_defaults,
    neo4j_database,
    neo4j_database_info,
)


@pytest.fixture
def ask(enterprise, run_module, login):
    """A module on the writer of system."""
    with enterprise.running():
        yield lambda module, **params: run_module(module, **{"uri": enterprise.uris[0], **login, **params})


@pytest.fixture
def twice(ask):
    """A module in check mode first, and then twice: the second run changes nothing."""

    def twice(module, **params):
        would = ask(module, check_mode=True, **params)
        did = ask(module, **params)
        assert not did.get("failed"), did
        for part in ("changed", "executed_statements", "diff"):
            assert would[part] == did[part]
        again = ask(module, **params)
        assert (again["changed"], again["executed_statements"]) == (False, []), again
        return did

    return twice


def one(ask, name):
    found = ask(neo4j_database_info, name=name)["databases"]
    return found[0] if found else None


def test_a_database_from_the_first_day_to_the_last(twice, ask, enterprise):
    made = twice(neo4j_database, name="Catalogue", primaries=1)
    assert made["executed_statements"] == [
        "CREATE DATABASE $database TOPOLOGY $primaries PRIMARIES $secondaries SECONDARIES"
    ]
    assert made["diff"]["after"] == {"name": "catalogue", "primaries": 1, "secondaries": 0, "status": "online"}
    assert one(ask, "CATALOGUE") == made["database"] and made["database"]["waits_for"] == []
    wider = twice(neo4j_database, name="catalogue", primaries=3)
    assert sorted(place["address"] for place in wider["database"]["allocations"]) == sorted(
        server.address for server in enterprise.servers
    )
    assert wider["database"]["writer"] in [place["address"] for place in wider["database"]["allocations"]]
    stopped = twice(neo4j_database, name="catalogue", state="offline")
    assert {place["current_status"] for place in stopped["database"]["allocations"]} == {"offline"}
    assert stopped["executed_statements"] == ["STOP DATABASE $database"]
    assert twice(neo4j_database, name="catalogue", primaries=3)["executed_statements"] == ["START DATABASE $database"]
    gone = twice(neo4j_database, name="catalogue", state="absent", data="dump")
    assert gone["executed_statements"] == ["DROP DATABASE $database DUMP DATA"]
    assert gone["database"] is None and one(ask, "catalogue") is None


def test_what_the_cluster_gives_where_nothing_is_said(twice, ask):
    assert twice(neo4j_allocation_defaults, primaries=3)["diff"]["before"] == {"primaries": 1, "secondaries": 0}
    made = twice(neo4j_database, name="catalogue")
    assert made["executed_statements"] == ["CREATE DATABASE $database"]
    assert len(made["database"]["allocations"]) == 3
    twice(neo4j_database, name="catalogue", state="absent", data="destroy")


def test_databases_that_are_there(ask, enterprise):
    found = ask(neo4j_database_info)["databases"]
    assert [each["name"] for each in found] == ["ledgerspace", "neo4j", "searchspace", "system"]
    assert [len(each["allocations"]) for each in found] == [3, 1, 3, 3]
    assert [each["default"] for each in found] == [False, True, False, False]
    assert {each["writer"] for each in found} == {enterprise.servers[0].address}
    assert {tuple(each["waits_for"]) for each in found} == {()}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"name": "system"}, "keeps system"),
        ({"name": "no"}, "is no name for a database"),
        ({"name": "neo4j", "state": "absent", "data": "destroy"}, "default database"),
        ({"name": "ledgerspace", "primaries": 1}, "does not reduce them to a single one"),
        ({"name": "ledgerspace", "primaries": 3, "secondaries": 1}, "has 3 servers for it"),
        ({"name": "fresh", "primaries": 5}, "has 3 servers for it"),
        ({"name": "fresh", "primaries": 12}, "Neo4j takes 1 to 11"),
        ({"name": "neo4j", "primaries": 3, "state": "offline"}, "only an online database is copied"),
        ({"name": "ledgerspace", "state": "absent"}, "data"),
        ({"name": "ledgerspace", "secondaries": 1}, "primaries"),
    ],
    ids=str,
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_refused_before_anything_is_changed(ask, params, said, check_mode):
    before = ask(neo4j_database_info)["databases"]
    result = ask(neo4j_database, check_mode=check_mode, **params)
    assert result.get("failed") and said in result["msg"], result
    assert ask(neo4j_database_info)["databases"] == before


def test_an_even_number_of_primaries_is_warned_about(ask, monkeypatch):
    told = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: told.append(text))
    for number, params in ((2, {"primaries": 2}), (0, {"primaries": 3})):
        for module, name in ((neo4j_database, {"name": "fresh"}), (neo4j_allocation_defaults, {})):
            assert ask(module, check_mode=True, **params, **name)["changed"]
        assert [text[:40] for text in told] == ["2 primaries bear the loss of 0, as 1 do:"] * number
        told.clear()


@pytest.mark.parametrize("counts", [{"primaries": 0}, {"primaries": 3, "secondaries": 21}], ids=str)
def test_default_numbers_beyond_what_neo4j_takes(ask, counts):
    result = ask(neo4j_allocation_defaults, **counts)
    assert result.get("failed") and "Neo4j takes" in result["msg"], result


def test_the_end_of_waiting_says_what_is_missing(ask, enterprise):
    server = enterprise.servers[2]
    server.fault("quarantine", database="fresh")
    result = ask(neo4j_database, name="fresh", primaries=3, wait_timeout=0.5)
    assert result.get("failed"), result
    assert "fresh is not online after 0.5 s, and this is still waited for: fresh on " in result["msg"]
    assert f"fresh on {server.address} is quarantined, wanted online" in result["msg"]
    assert one(ask, "fresh")["waits_for"] and ask(neo4j_database, name="fresh", wait=False)["changed"] is False
    assert ask(neo4j_database, name="fresh", wait_timeout=0.5).get("failed"), "it is waited for without a change"


def test_a_server_that_is_busy_for_a_moment_is_asked_again(monkeypatch):
    answers = [UnreachableError("busy", "bolt://h", Cause.UNAVAILABLE), None]

    def find(*_):
        answer = answers.pop(0)
        if answer:
            raise answer
        return

    monkeypatch.setattr(neo4j_database, "find", find)
    monkeypatch.setattr(neo4j_database, "INTERVAL", 0.01)
    assert neo4j_database.wait(None, "fresh", {"state": "absent", "wait_timeout": 5}) < 5 and not answers
    answers = [UnreachableError("who?", "bolt://h", Cause.AUTHENTICATION)]
    with pytest.raises(UnreachableError):
        neo4j_database.wait(None, "fresh", {"state": "absent", "wait_timeout": 5})

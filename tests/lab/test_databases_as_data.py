# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_database and neo4j_allocation_defaults on a cluster: topologies that come and go, waiting for what takes its
time, who takes the writes; and that the privileges in their documentation are enough, and none is idle.

It is the emulator that judges. What Community can do is asked of real servers: tests/contract.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_allocation_defaults,
    neo4j_database,
    neo4j_database_info,
)

from tests.contract.calls import run_module
from tests.lab.emulated import ALL, ONE, THREE, Emulated
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.static.test_collection import needs


def ask(servers: Emulated, module: ModuleType, scheme: str = "neo4j", **params: Any) -> dict[str, Any]:
    """Asks a server that does not write system."""
    reader = next(name for name in ALL if name != servers.writers(ONE)["system"])
    login = {"username": "neo4j", "password": servers.password}
    return run_module(module, uri=f"{scheme}://{servers.address(reader)}:7687", **{**login, **params})


def statuses(database: dict[str, Any]) -> list[tuple[str, str]]:
    return [(place["role"], place["current_status"]) for place in database["allocations"]]


def test_a_topology_grows_and_shrinks_and_is_waited_for(servers):
    one = ask(servers, neo4j_database, name="fresh", primaries=1)
    assert one["changed"] and statuses(one["database"]) == [("primary", "online")], one
    many = ask(servers, neo4j_database, name="fresh", primaries=3)
    assert statuses(many["database"]) == [("primary", "online")] * 3, many
    mixed = ask(servers, neo4j_database, name="fresh", primaries=2, secondaries=1)
    assert sorted(statuses(mixed["database"])) == [("primary", "online")] * 2 + [("secondary", "online")], mixed
    assert ask(servers, neo4j_database, name="fresh", primaries=2, secondaries=1)["changed"] is False
    assert "does not reduce" in ask(servers, neo4j_database, name="fresh", primaries=1)["msg"]
    assert ask(servers, neo4j_database, name="fresh", state="absent", data="destroy")["database"] is None


@pytest.fixture
def slow(servers: Emulated) -> Emulated:
    """One server whose databases take three seconds to come online."""
    servers.rebind(THREE, online_seconds=3.0)
    servers.restart(THREE)
    return servers


def test_all_allocations_are_waited_for_and_not_the_first_alone(slow):
    made = ask(slow, neo4j_database, name="fresh", primaries=3, wait=False)
    assert made["waited_seconds"] == 0 and made["database"]["waits_for"], "two of three are there at once"
    waited = ask(slow, neo4j_database, name="fresh", primaries=3)
    assert (waited["changed"], waited["database"]["waits_for"]) == (False, [])
    assert waited["waited_seconds"] >= 1, waited


def test_a_server_that_is_down_does_not_count_as_one_for_a_new_database(servers):
    servers.run(THREE, "stop")
    result = ask(servers, neo4j_database, name="fresh", primaries=3)
    assert "the cluster has 2 servers for it" in result["msg"], result
    assert ask(servers, neo4j_database_info, name="fresh")["databases"] == []
    lost = ask(servers, neo4j_database_info, name="ledgerspace")["databases"][0]
    assert len(lost["waits_for"]) == 1 and lost["writer"], lost


def test_default_numbers_are_those_of_the_whole_cluster(servers):
    changed = ask(servers, neo4j_allocation_defaults, primaries=2, secondaries=1)
    assert changed["executed_statements"] == ["CALL dbms.setDefaultAllocationNumbers($primaries, $secondaries)"]
    assert ask(servers, neo4j_allocation_defaults, primaries=2, secondaries=1)["changed"] is False
    made = ask(servers, neo4j_database, name="fresh")["database"]
    assert (made["requested_primaries"], made["requested_secondaries"], made["waits_for"]) == (2, 1, [])


@pytest.mark.parametrize(
    ("module", "params"), [(neo4j_database, {"name": "fresh"}), (neo4j_allocation_defaults, {"primaries": 3})]
)
def test_over_a_direct_address_another_server_is_refused(servers, module, params):
    result = ask(servers, module, scheme="bolt", **params)
    assert (result["failed"], result["code"]) == (True, "Neo.ClientError.Cluster.NotALeader"), result


# Privileges

LIVES: dict[ModuleType, list[dict[str, Any]]] = {
    neo4j_database: [
        {"name": "fresh", "primaries": 1, "wait_timeout": 3},
        {"name": "fresh", "primaries": 3},
        {"name": "fresh", "state": "offline"},
        {"name": "fresh"},
        {"name": "fresh", "state": "absent", "data": "destroy"},
    ],
    neo4j_database_info: [{}],
    neo4j_allocation_defaults: [{"primaries": 3}],
}
ON_DATABASE = ("ACCESS", "START", "STOP")
PROCEDURES = re.compile(r"C\((dbms\.\w+)\)")


def documented(module: ModuleType) -> list[str]:
    """The privileges that its documentation names, as commands without GRANT."""
    told = needs(Path(module.__file__ or ""), "neo4j")
    found = sorted(set(re.findall(r"C\(([A-Z ]+)\)", told)))
    return [
        f"{name}{procedure} ON {'DATABASE *' if name in ON_DATABASE else 'DBMS'}"
        for name in found
        for procedure in ([f" {each}" for each in PROCEDURES.findall(told)] if "PROCEDURE" in name else [""])
    ]


def life(second: SecondUser, module: ModuleType) -> dict[str, Any]:
    """What joe is told last: the end of a database, or the first refusal."""
    result: dict[str, Any] = {}
    uri = f"bolt://{second.servers.address(second.writer())}:7687"
    for params in LIVES[module]:
        result = run_module(module, uri=uri, username="joe", password=SECRET, **params)
        if result.get("failed"):
            break
    second.admin("DROP DATABASE fresh IF EXISTS")
    second.admin("CALL dbms.setDefaultAllocationNumbers(1, 0)")
    return result


@pytest.mark.parametrize("module", LIVES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_documented_privileges_are_enough_and_each_is_missed(servers, module):
    second, privileges = SecondUser(servers), documented(module)
    assert privileges
    second.operate(roles=[])
    second.grant(*(f"GRANT {privilege}" for privilege in privileges))
    whole = life(second, module)
    assert not whole.get("failed"), whole
    for privilege in privileges:
        second.admin(f"REVOKE GRANT {privilege} FROM test")
        lacking = life(second, module)
        if module is neo4j_database_info:  # nothing is refused, and less is shown
            assert len(lacking["databases"]) < len(whole["databases"])
        else:
            assert lacking.get("code") == FORBIDDEN, (privilege, lacking)
        second.admin(f"GRANT {privilege} TO test")

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases of the manual's table, over readings of what is left."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import lost_database
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.members import Cluster


def server(number, **other):
    return {
        "name": f"db-{number}",
        "server_id": f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "state": "Enabled",
        "health": "Available",
        "hosting": [],
        "requested_hosting": [],
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        "version": "5.26.30",
        **other,
    }


def copy(number, **other):
    return {
        "name": "ledger",
        "type": "standard",
        "server_id": f"id-{number}",
        "address": f"10.0.0.{number}:7687",
        "role": "primary",
        "writer": False,
        "requested_status": "online",
        "current_status": "online",
        "requested_primaries": 3,
        "requested_secondaries": 0,
        "last_committed_txn": 100 + number,
        **other,
    }


def cluster(lost, copies, of=4, **other):
    servers = [
        server(n, **({"health": "Unavailable", "state": "Cordoned"} if n in lost else {}), **other)
        for n in range(1, of + 1)
    ]
    gone = {"role": "unknown", "current_status": "unknown", "last_committed_txn": None, "writer": False}
    return Cluster(servers, [{**c, **gone} if int(c["server_id"][3:]) in lost else c for c in copies])


THREE = [copy(1), copy(2, writer=True), copy(3)]
ONE_AND_TWO = [
    copy(n, requested_primaries=1, requested_secondaries=2, role="primary" if n == 1 else "secondary", writer=n == 1)
    for n in (1, 2, 3)
]


@pytest.mark.parametrize(
    ("lost", "copies", "case", "survivors"),
    [
        ([], THREE, "whole", [1, 2, 3]),
        ([4], THREE, "whole", [1, 2, 3]),
        ([1], THREE, "minority", [2, 3]),
        ([1, 3], THREE, "majority", [2]),
        ([1, 2, 3], THREE, "all", []),
        ([1], ONE_AND_TWO, "majority", [2, 3]),
        ([2, 3], ONE_AND_TWO, "minority", [1]),
        ([2], THREE, "down", [1, 3]),
        ([], [copy(1, current_status="starting", role="unknown"), *THREE[1:]], "whole", [1, 2, 3]),
        ([1], [THREE[0], copy(2, current_status="starting", role="unknown"), THREE[2]], "down", [2, 3]),
        ([1], [THREE[0], THREE[1], copy(3, current_status="quarantined")], "majority", [2]),
        ([1, 2], [*THREE[:2], copy(3, current_status="quarantined")], "all", []),
        ([1, 3], [copy(n, requested_status="offline", current_status="offline") for n in (1, 2, 3)], "stopped", [2]),
    ],
)
def test_case(lost, copies, case, survivors):
    found = lost_database.state(cluster(lost, copies), "ledger")
    assert (found["case"], [each["server"] for each in found["survivors"]]) == (case, [f"db-{n}" for n in survivors])


def test_free_and_dropped_servers_are_not_lost():
    rows = [server(1, health="Unavailable", state=state) for state in ("Free", "Dropped")]
    assert lost_database.lost_servers(Cluster(rows, [])) == []


def test_all_that_is_left_is_a_seed_and_is_named():
    there = cluster([1], ONE_AND_TWO)
    step = lost_database.step(there, lost_database.state(there, "ledger"), None)
    assert step.parameters == {"database": "ledger", "options": {"seedingServers": ["id-2", "id-3"]}}
    gone = cluster([1, 2, 3], THREE)
    step = lost_database.step(gone, lost_database.state(gone, "ledger"), "s3://b/x.backup")
    assert step.parameters["options"] == {"seedURI": "s3://b/x.backup"}


@pytest.mark.parametrize(
    ("version", "name"),
    [("5.26.30", "dbms.cluster."), ("2025.03.0", "dbms.cluster."), ("2025.04.0", "dbms."), ("2026.09.0", "dbms.")],
)
def test_the_name_is_that_of_the_version(version, name):
    there = cluster([1, 3], THREE, version=version)
    statement = lost_database.step(there, lost_database.state(there, "ledger"), None).statement
    assert statement.startswith(f"CALL {name}recreateDatabase(")


@pytest.mark.parametrize(
    ("lost", "seed", "other", "why"),
    [
        ([1, 2, 3], None, {}, "needs the address of a backup"),
        ([1, 3], "s3://b/x.backup", {}, "leave the address of the backup out"),
        ([1, 3], None, {}, "the cluster has 2 servers for it"),
        ([1, 3], None, {"of": 6, "state": "Enabled"}, "db-1, db-3 is lost and not cordoned"),
    ],
)
def test_what_is_refused(lost, seed, other, why):
    there = cluster(lost, THREE, of=other.pop("of", 4))
    there = Cluster([{**row, **other} for row in there.servers], there.databases)
    with pytest.raises(InvalidOptionError, match=why):
        lost_database.refuse(there, lost_database.state(there, "ledger"), seed)


def test_with_room_and_cordons_nothing_is_refused():
    there = cluster([1, 3], THREE, of=6)
    lost_database.refuse(there, lost_database.state(there, "ledger"), None)
    open_to_all = Cluster([{**row, "state": "Enabled"} for row in there.servers], there.databases)
    lost_database.refuse(open_to_all, lost_database.state(open_to_all, "ledger"), None, is_predicted=True)


def test_the_loss_is_told_in_plain_words():
    there = cluster([1, 3], THREE)
    assert lost_database.loss(lost_database.state(there, "ledger")) == (
        "from what is left of it, the newest of db-2 (primary, last transaction 102). What only db-1 and db-3 had "
        "committed after that is lost for ever"
    )

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster as each emulated server sees it."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_cluster_info


@pytest.fixture
def read(enterprise, run_module, login):
    def read(**params):
        return run_module(neo4j_cluster_info, **{"uris": enterprise.uris, **login, **params})["servers"]

    return read


def test_every_servers_own_view(enterprise, read):
    with enterprise.running():
        servers = read()
    assert [entry["uri"] for entry in servers] == enterprise.uris
    for entry, server in zip(servers, enterprise.servers, strict=True):
        assert (entry["reachable"], entry["cause"], entry["message"]) == (True, None, None)
        assert (entry["version"], entry["edition"]) == ("5.26.30", "enterprise")
        assert entry["address"] == server.address
        assert [row["name"] for row in entry["servers"]] == [server.name for server in enterprise.servers]
        assert len(entry["databases"]) == 3 * 3 + 1
        # of the one database with a single primary nothing can be replicated
        assert len(entry["status_check"]) == 3 * 3


def test_the_names_of_everything(enterprise, read):
    with enterprise.running():
        first = read()[0]
    server = enterprise.servers[0]
    assert first["servers"][0] == {
        "name": server.name,
        "server_id": "id-0",
        "address": server.address,
        "state": "Enabled",
        "health": "Available",
        "hosting": ["ledgerspace", "neo4j", "searchspace", "system"],
        "requested_hosting": ["ledgerspace", "neo4j", "searchspace", "system"],
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        "tags": [],
        "version": "5.26.30",
    }
    (allocation,) = [
        row for row in first["databases"] if row["name"] == "ledgerspace" and row["address"] == server.address
    ]
    assert allocation.pop("last_committed_txn") >= 0
    assert allocation == {
        "name": "ledgerspace",
        "type": "standard",
        "server_id": "id-0",
        "address": server.address,
        "role": "primary",
        "writer": True,
        "requested_status": "online",
        "current_status": "online",
        "status_message": "",
        "replication_lag": 0,
        "primaries": 3,
        "requested_primaries": 3,
        "secondaries": 0,
        "requested_secondaries": 0,
        "default": False,
    }
    (member,) = [
        row for row in first["status_check"] if row["database"] == "ledgerspace" and row["server_name"] == server.name
    ]
    assert member["replication_successful"] is True
    assert set(member) == {
        "database",
        "server_id",
        "server_name",
        "address",
        "replication_successful",
        "member_status",
        "recognised_leader",
        "error",
    }


def test_quarantine_and_lag_are_seen(enterprise, read):
    enterprise.servers[1].fault("quarantine", database="ledgerspace")
    enterprise.servers[2].fault("lag", transactions=5000)
    with enterprise.running():
        rows = read()[0]["databases"]
    seen = {(row["name"], row["address"]): row for row in rows}
    assert seen["ledgerspace", enterprise.servers[1].address]["current_status"] == "quarantined"
    assert seen["ledgerspace", enterprise.servers[2].address]["replication_lag"] == -5000


def test_a_member_that_hangs_is_a_result_and_the_others_are_read(enterprise, read):
    enterprise.servers[1].fault("hang")
    with enterprise.running():
        servers = read(timeout=8)
    assert [entry["cause"] for entry in servers] == [None, "timeout", None]
    assert "databases" not in servers[1]


def test_a_wrong_password_names_no_secret(enterprise, read):
    with enterprise.running():
        servers = read(password="another-secret")
    assert [entry["cause"] for entry in servers] == ["authentication"] * 3
    assert "another-secret" not in str(servers)


def test_an_unreachable_member_may_fail_the_task(enterprise, run_module, login):
    with enterprise.running():
        result = run_module(
            neo4j_cluster_info, uris=[enterprise.uris[0], "127.0.0.1:1"], fail_on_unreachable=True, **login
        )
    assert result["failed"]
    assert result["msg"].startswith("1 of 2 servers could not be read: 127.0.0.1:1: ")


def test_an_empty_list_is_no_fleet(run_module, login):
    result = run_module(neo4j_cluster_info, uris=[], **login)
    assert result["failed"]
    assert "uris names no server" in result["msg"]


def test_a_user_without_a_password_is_refused(run_module):
    result = run_module(neo4j_cluster_info, uris=["db1"], username="neo4j")
    assert result["msg"] == "parameters are required together: username, password"

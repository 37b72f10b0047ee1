# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints that load balancers ask. What Community answers on the same paths, tests/contract compares."""

from __future__ import annotations

import base64
import http.client
import json

import pytest

from tests.lab.emulated import ALL, ONE, THREE, TWO

HTTP_PORT = 7474


def ask(servers, server, path, password=None, method="GET"):
    """Status and body; without a password, without credentials."""
    headers = {}
    if password is not None:
        token = base64.b64encode(f"neo4j:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    connection = http.client.HTTPConnection(servers.address(server), HTTP_PORT, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def trusted(servers, server, path):
    return ask(servers, server, path, servers.password)


@pytest.fixture
def writer(servers):
    return servers.writers(ONE)["ledgerspace"]


def test_who_writes_and_who_is_read_from(servers, writer):
    for server in ALL:
        writes = server == writer
        for question, expected in (("writable", writes), ("read-only", not writes), ("available", True)):
            answered = trusted(servers, server, f"/db/ledgerspace/cluster/{question}")
            assert answered == ((200, "true") if expected else (404, "false")), (server, question)


def test_a_database_that_is_elsewhere_or_nowhere(servers):
    assert trusted(servers, TWO, "/db/neo4j/cluster/writable") == (200, "true")
    for server, path in ((ONE, "/db/neo4j/cluster/available"), (ONE, "/db/nowhere/cluster/status")):
        status, body = trusted(servers, server, path)
        assert (status, json.loads(body)["errors"][0]["message"]) == (404, "Not Found")


def test_a_database_that_is_not_online(servers):
    servers.fault("quarantine", THREE, database="ledgerspace")
    assert trusted(servers, THREE, "/db/ledgerspace/cluster/available") == (404, "false")
    assert trusted(servers, THREE, "/db/searchspace/cluster/available") == (200, "true")


@pytest.mark.parametrize(
    "path", ["/db/ledgerspace/cluster/available", "/db/nowhere/cluster/writable", "/dbms/cluster/status"]
)
def test_credentials_are_asked_for(servers, path):
    status, body = ask(servers, ONE, path)
    assert (status, json.loads(body)["errors"][0]["code"]) == (401, "Neo.ClientError.Security.Unauthorized")
    assert ask(servers, ONE, path, "not the password")[0] == 401
    # One wrong password is forgotten with the next right one
    assert trusted(servers, ONE, "/dbms/cluster/status")[0] == 200


def test_wrong_passwords_lock_here_too(servers):
    servers.restart_with(TWO, "dbms.security.auth_lock_time=1m")
    answered = [ask(servers, TWO, "/dbms/cluster/status", "wrong")[0] for _ in range(4)]
    assert answered == [401, 401, 401, 429]
    servers.run(TWO, "stop")


def test_load_balancers_may_be_let_in_without_a_password(servers):
    servers.restart_with(THREE, "dbms.security.cluster_status_auth_enabled=false")
    assert ask(servers, THREE, "/db/system/cluster/available") == (200, "true")
    assert ask(servers, ONE, "/db/system/cluster/available")[0] == 401


def test_a_head_has_no_body(servers):
    assert ask(servers, ONE, "/db/system/cluster/available", servers.password, "HEAD") == (200, "")
    assert ask(servers, ONE, "/db/system/cluster/available", servers.password, "POST")[0] == 404


def test_the_status_of_one_database(servers, writer):
    servers.fault("lag", THREE, transactions=7)
    status = {server: json.loads(trusted(servers, server, "/db/ledgerspace/cluster/status")[1]) for server in ALL}
    ids = {row["name"]: row["serverId"] for row in servers.ask(ONE, "SHOW SERVERS YIELD name, serverId").rows}
    assert {server: found["memberId"] for server, found in status.items()} == ids
    assert {found["leader"] for found in status.values()} == {ids[writer]}
    assert all(sorted(found["votingMembers"]) == sorted(ids.values()) for found in status.values())
    assert all(found["core"] and found["healthy"] and found["participatingInRaftGroup"] for found in status.values())
    assert status[THREE]["lastAppliedRaftIndex"] == status[TWO]["lastAppliedRaftIndex"] - 7


def test_the_status_of_all_databases_without_a_majority(servers):
    servers.fault("kill", ONE)
    servers.fault("kill", TWO)
    code, body = trusted(servers, THREE, "/dbms/cluster/status")
    found = {entry["databaseName"]: entry["databaseStatus"] for entry in json.loads(body)}
    assert (code, sorted(found)) == (200, ["ledgerspace", "searchspace", "system"])
    assert {entry["leader"] for entry in found.values()} == {None}
    assert [len(entry["votingMembers"]) for entry in found.values()] == [1, 1, 1]
    assert trusted(servers, THREE, "/db/ledgerspace/cluster/writable") == (404, "false")
    assert trusted(servers, THREE, "/db/ledgerspace/cluster/available") == (200, "true")

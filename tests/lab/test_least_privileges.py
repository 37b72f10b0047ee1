# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run as a user with the privileges that their documentation asks for, and with no other."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_cluster_info,
    neo4j_enterprise_check,
    neo4j_gate,
    neo4j_license_info,
)

from tests.contract.calls import run_module
from tests.lab.emulated import ALL
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.lab.test_emulator_statements import DCO

CLUSTER_INFO = [
    "GRANT SHOW SERVERS ON DBMS",
    "GRANT ACCESS ON DATABASE *",
    "GRANT SHOW SETTING server.bolt.advertised_address ON DBMS",
    "GRANT EXECUTE ADMIN PROCEDURES ON DBMS",
]
LICENSE_INFO = [
    "GRANT ACCESS ON DATABASE *",
    "GRANT SHOW SETTING gds.enterprise.license_file, dbms.bloom.license_file, server.directories.licenses ON DBMS",
    "GRANT SHOW SETTING server.memory.* ON DBMS",
]
ENTERPRISE_CHECK = [
    *CLUSTER_INFO,
    "GRANT CREATE DATABASE ON DBMS",
    "GRANT DROP DATABASE ON DBMS",
    "GRANT ROLE MANAGEMENT ON DBMS",
    "GRANT USER MANAGEMENT ON DBMS",
    "GRANT PRIVILEGE MANAGEMENT ON DBMS",
    "GRANT NAME MANAGEMENT ON DATABASE *",
    "GRANT WRITE ON GRAPH *",
]
READING = ["GRANT MATCH {*} ON GRAPH ledgerspace"]
GATE_QUERY = {"name": "the nightly run", "database": "ledgerspace", "query": DCO}


@pytest.fixture
def second(servers) -> SecondUser:
    return SecondUser(servers)


def run(second, module, user="joe", **options):
    password = SECRET if user == "joe" else second.servers.password
    uris = [f"bolt://{second.servers.address(name)}:7687" for name in ALL]
    return run_module(module, uris=uris, username=user, password=password, **options)


def told(result):
    """What a module says of each server, but for how long it took."""
    return [{key: value for key, value in server.items() if key != "latency_ms"} for server in result["servers"]]


@pytest.mark.parametrize(
    ("module", "privileges"), [(neo4j_cluster_info, CLUSTER_INFO), (neo4j_license_info, LICENSE_INFO)]
)
def test_the_documented_privileges_are_enough(second, module, privileges):
    second.grant(*privileges)
    assert told(run(second, module)) == told(run(second, module, user="neo4j"))


@pytest.mark.parametrize("missing", [0, 3])
def test_without_one_of_them_a_server_is_forbidden(second, missing):
    second.grant(*(each for each in CLUSTER_INFO if each != CLUSTER_INFO[missing]))
    assert [(server["reachable"], server["cause"]) for server in told(run(second, neo4j_cluster_info))] == [
        *[(False, "forbidden")] * 3
    ]


def test_a_license_that_one_may_not_see_is_unknown_and_not_missing(second):
    second.grant("GRANT ACCESS ON DATABASE *", "DENY EXECUTE PROCEDURE gds.* ON DBMS")
    for server in told(run(second, neo4j_license_info)):
        assert (server["products"]["gds"]["installed"], server["products"]["gds"]["licensed"]) == (True, None)
        assert server["license_paths"]["gds"] is None


def test_a_gate_that_may_not_read_stays_shut(second):
    gate = {"condition": "may_go_down", "server": f"bolt://{second.servers.address(ALL[2])}:7687", "wait": 0}
    gate |= {"queries": [GATE_QUERY], "ignore_databases": ["neo4j"], "fail_when_shut": False}
    second.grant(*CLUSTER_INFO)
    shut = run(second, neo4j_gate, **gate)
    assert shut["open"] is False, shut
    assert "the nightly run" in " ".join(shut["reasons"])
    second.grant(*READING)
    opened = run(second, neo4j_gate, **gate)
    assert opened["open"] is True, opened


def test_what_only_enterprise_has_is_used_with_the_documented_privileges(second):
    second.grant(*ENTERPRISE_CHECK)
    assert unfinished(run(second, neo4j_enterprise_check)) == []


@pytest.mark.parametrize(("missing", "step"), [("CREATE DATABASE", "created"), ("NAME MANAGEMENT", "used")])
def test_without_one_of_them_the_step_that_needs_it_fails_and_is_named(second, missing, step):
    second.grant(*(each for each in ENTERPRISE_CHECK if missing not in each))
    [first, *rest] = unfinished(run(second, neo4j_enterprise_check))
    assert (first["name"], first["status"]) == (step, "failed")
    assert FORBIDDEN in first["detail"] and {each["status"] for each in rest} == {"unknown"}


def unfinished(result):
    return [step for step in result["steps"] if step["status"] != "passed"]

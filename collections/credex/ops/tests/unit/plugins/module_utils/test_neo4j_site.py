# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.site_plan_checks import site_plan_checks
from ansible_collections.credex.ops.plugins.module_utils._neo4j.site import plan_checks, server_check

CLUSTERS = {"credex": {"primaries": 3, "secondaries": 0}}
CONTRACT = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "count_cpu_as": "cores",
    "machines": {"production": 1},
    "max_cpu": 24,
    "max_memory": "256 GB",
}


def host(number, **more):
    address = f"10.0.1.{number}"
    return {"host": f"db-{number}", "address": address, "manager": "systemd", "instance_id": f"i-{number}", **more}


def instance(number, kind="r5.2xlarge"):
    tags = {"Name": f"neo4j-{number}", "Environment": "production"}
    return {"instance_id": f"i-{number}", "tags": tags, "state": {"name": "running"}, "instance_type": kind}


def described(kind, cores, gibibytes):
    cpu = {"default_cores": cores, "default_v_cpus": 2 * cores}
    return {"instance_type": kind, "v_cpu_info": cpu, "memory_info": {"size_in_mi_b": gibibytes * 1024}}


TYPES = [described("r5.2xlarge", 4, 64), described("r5.12xlarge", 24, 384)]


def failed(checks):
    return {check["id"]: check["detail"] for check in checks if check["status"] == "failed"}


def test_three_hosts_with_addresses_of_their_own_may_become_a_cluster():
    checks = plan_checks([host(1), host(2), host(3)], CLUSTERS, forks=5)
    assert [check["id"] for check in checks] == ["site.addresses", "site.forks", "site.primaries"]
    assert failed(checks) == {}


def test_two_hosts_that_advertise_one_address():
    checks = plan_checks([host(1), host(2, address="10.0.1.1"), host(3)], CLUSTERS, forks=5)
    assert failed(checks) == {"site.addresses": "10.0.1.1 is db-1 and db-2"}


@pytest.mark.parametrize(("manager", "refused"), [("home", {"site.forks"}), ("systemd", set())])
def test_servers_that_wait_for_each_other_are_started_at_once(manager, refused):
    hosts = [host(number, manager=manager) for number in range(1, 7)]
    assert set(failed(plan_checks(hosts, CLUSTERS, forks=5))) == refused


def test_an_even_number_of_primaries_is_a_warning():
    check = plan_checks([host(1)], {"credex": {"primaries": 4}}, forks=5)[-1]
    assert (check["status"], check["required"]) == ("failed", False)
    assert check["detail"] == "4 primaries bear the loss of 1, as 3 do"


def test_the_contract_counts_machines_and_what_they_have():
    hosts, instances = [host(1), host(2)], [instance(1), instance(2, "r5.12xlarge")]
    found = failed(site_plan_checks(hosts, CLUSTERS, 5, CONTRACT, "production", instances, TYPES))
    assert found.keys() == {"contract.count", "contract.memory"}
    assert found["contract.count"] == "2 instances run or can start again, 1 are allowed"
    assert "384 GiB" in found["contract.memory"]


def test_a_contract_that_cannot_be_read_is_refused():
    with pytest.raises(AnsibleFilterError, match="has no limit for staging"):
        site_plan_checks([host(1)], CLUSTERS, 5, CONTRACT, "staging", [], [])


def test_without_a_contract_nobody_counts():
    assert len(site_plan_checks([host(1)], CLUSTERS, 5)) == 3


NOTHING = {"pid": None, "started_at": None, "restart_needed": False, "changed_since": [], "installed": ""}
RUNNING = {**NOTHING, "pid": 7, "started_at": "2026-11-25T12:00:00.370000Z", "installed": "Neo4j 5.26.30"}


def test_what_became_of_a_bare_host():
    check = server_check("db-1", NOTHING, RUNNING, "Neo4j 5.26.30")
    assert (check["server"], check["status"], check["evidence"]["state"]) == ("db-1", "passed", "done")
    assert check["evidence"]["changes"] == [
        {"what": "Neo4j", "before": "none", "after": "Neo4j 5.26.30"},
        {"what": "Process", "before": "none", "after": "7 since 2026-11-25T12:00:00Z"},
    ]


def test_a_server_that_ran_is_unchanged():
    check = server_check("db-1", RUNNING, RUNNING, "Neo4j 5.26.30")
    assert check["evidence"] == {"changes": [], "state": "unchanged"}


def test_a_server_that_runs_with_an_older_file_is_warned_about():
    after = {**RUNNING, "restart_needed": True, "changed_since": [{"path": "/etc/neo4j/neo4j.conf"}]}
    check = server_check("db-1", RUNNING, after, "Neo4j 5.26.30")
    assert (check["status"], check["required"]) == ("failed", False)
    assert "/etc/neo4j/neo4j.conf changed" in check["detail"] and "restart_neo4j.yml" in check["follow_up"]

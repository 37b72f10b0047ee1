# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters are thin faces of pure functions, which have tests of their own; here: names, defaults and errors."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.is_back import FilterModule as IsBack
from ansible_collections.credex.ops.plugins.filter.license_plan import FilterModule as LicensePlan
from ansible_collections.credex.ops.plugins.filter.license_plan_checks import FilterModule as LicensePlanChecks
from ansible_collections.credex.ops.plugins.filter.license_plan_table import FilterModule as LicensePlanTable
from ansible_collections.credex.ops.plugins.filter.license_verdicts import FilterModule as LicenseVerdicts
from ansible_collections.credex.ops.plugins.filter.license_wanted import FilterModule as LicenseWanted
from ansible_collections.credex.ops.plugins.filter.may_go_down import FilterModule as MayGoDown
from ansible_collections.credex.ops.plugins.filter.rolling_failure import FilterModule as RollingFailure
from ansible_collections.credex.ops.plugins.filter.rolling_members import FilterModule as RollingMembers
from ansible_collections.credex.ops.plugins.filter.rolling_order import FilterModule as RollingOrder
from ansible_collections.credex.ops.plugins.filter.rolling_outcome import FilterModule as RollingOutcome

URI = "bolt://n1:7687"


def call(plugin, *args, **kwargs):
    [function] = plugin().filters().values()
    return function(*args, **kwargs)


def standalone(status="online"):
    allocation = {"name": "neo4j", "address": "n1:7687", "role": "primary", "writer": True, "requested_primaries": 1}
    state = {"requested_status": "online", "current_status": status, "status_message": "", "replication_lag": 0}
    server = {"uri": URI, "reachable": True, "address": "n1:7687", "servers": [], "status_check": None}
    return [{**server, "databases": [{**allocation, **state}]}]


def test_the_gate_of_a_standalone_server_is_shut_unless_downtime_is_allowed():
    assert not call(MayGoDown, standalone(), URI)["open"]
    assert call(MayGoDown, standalone(), URI, allow_downtime=True)["open"]
    assert call(MayGoDown, standalone(), URI, ignore_databases=["neo4j"])["open"]


def test_back():
    assert call(IsBack, standalone(), URI) == {"open": True, "reasons": [], "down": False}
    assert not call(IsBack, standalone("starting"), URI)["open"]
    assert call(IsBack, standalone("starting"), URI, ignore_databases=["neo4j"])["open"]


def test_members_are_read_from_host_variables():
    variables = {
        "a": {"neo4j_bolt_uri": "bolt+s://a.example:7687", "neo4j_cluster_name": "credex"},
        "b": {"ansible_host": "10.0.0.2"},
        "c": {},
    }
    assert call(RollingMembers, ["a", "b", "c"], variables) == [
        {"host": "a", "uri": "bolt+s://a.example:7687", "cluster": "credex"},
        {"host": "b", "uri": "bolt://10.0.0.2:7687", "cluster": "b"},
        {"host": "c", "uri": "bolt://c:7687", "cluster": "c"},
    ]


def test_order_outcome_and_failure():
    members = [{"host": "n1", "uri": URI, "cluster": "c"}]
    assert call(RollingOrder, standalone(), members) == ["n1"]
    server = {"inventory_hostname": "n1", "neo4j_rolling_state": "done", "neo4j_rolling_alive": True}
    assert call(RollingOutcome, iter([server]), ["n1"])[0]["status"] == "passed"
    failed = {
        "inventory_hostname": "localhost",
        "ansible_failed_task": {"name": "Guard"},
        "ansible_failed_result": {"msg": "no"},
    }
    assert call(RollingFailure, iter([server]), failed) == "localhost: Guard: no"


FILES = [{"product": "gds", "source": {"type": "env", "variable": "X"}, "path": "gds.license"}]


def test_a_renewal_from_wanted_to_verdict():
    wanted = call(LicenseWanted, FILES, ["opaque text"])
    file = {
        "path": "/l/gds.license",
        "exists": False,
        "license": None,
        "owner": None,
        "group": None,
        "mode": None,
        "kept": [],
    }
    service = {"state": "running", "started_at": "2026-11-20T10:00:00.5Z", "changed_since": []}
    ownership = {"owner": "", "group": "", "mode": "0640"}
    observed = {"host": "n1", "ownership": ownership, "files": [file], "service": service}
    agreement = {"status": "commercial", "days_left": None, "total_days": None}
    product = {"installed": True, "licensed": True, "expires": None, "days_left": 3, "message": ""}
    answer = {"uri": URI, "reachable": True, "agreement": agreement, "license_paths": {}, "products": {"gds": product}}
    plan = call(LicensePlan, [observed], wanted, "commercial", [answer])
    assert plan[0]["due"]
    assert "no file" in call(LicensePlanTable, plan, ["n1"])[0]
    assert call(LicensePlanChecks, plan, ["n1"])[0]["status"] == "passed"
    assert {c["status"] for c in call(LicenseVerdicts, [answer], ["n1"], wanted, "commercial")} == {"passed"}


def test_a_file_that_cannot_be_a_license_is_named_by_product_and_source():
    with pytest.raises(AnsibleFilterError, match=r"gds from .*'variable': 'X'.* cannot be used: it is empty"):
        call(LicenseWanted, FILES, [""])

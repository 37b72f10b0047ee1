# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters are thin faces of pure functions, which have tests of their own; here: names, defaults and errors."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.is_back import FilterModule as IsBack
from ansible_collections.credex.ops.plugins.filter.license_contract import FilterModule as LicenseContract
from ansible_collections.credex.ops.plugins.filter.license_plan import FilterModule as LicensePlan
from ansible_collections.credex.ops.plugins.filter.license_plan_checks import FilterModule as LicensePlanChecks
from ansible_collections.credex.ops.plugins.filter.license_plan_table import FilterModule as LicensePlanTable
from ansible_collections.credex.ops.plugins.filter.license_validation_checks import (
    FilterModule as LicenseValidationChecks,
)
from ansible_collections.credex.ops.plugins.filter.license_verdicts import FilterModule as LicenseVerdicts
from ansible_collections.credex.ops.plugins.filter.license_wanted import FilterModule as LicenseWanted
from ansible_collections.credex.ops.plugins.filter.may_go_down import FilterModule as MayGoDown
from ansible_collections.credex.ops.plugins.filter.restart_plan import FilterModule as RestartPlan
from ansible_collections.credex.ops.plugins.filter.restart_proof import FilterModule as RestartProof
from ansible_collections.credex.ops.plugins.filter.rolling_failure import FilterModule as RollingFailure
from ansible_collections.credex.ops.plugins.filter.rolling_members import FilterModule as RollingMembers
from ansible_collections.credex.ops.plugins.filter.rolling_order import FilterModule as RollingOrder
from ansible_collections.credex.ops.plugins.filter.rolling_outages import FilterModule as RollingOutages
from ansible_collections.credex.ops.plugins.filter.rolling_outcome import FilterModule as RollingOutcome
from ansible_collections.credex.ops.plugins.filter.rolling_questions import FilterModule as RollingQuestions
from ansible_collections.credex.ops.plugins.filter.rolling_serving import FilterModule as RollingServing

URI = "bolt://n1:7687"


def call(plugin, *args, **kwargs):
    [function] = plugin().filters().values()
    return function(*args, **kwargs)


def standalone(status="online"):
    allocation = {"name": "neo4j", "address": "n1:7687", "role": "primary", "writer": True, "requested_primaries": 1}
    state = {"requested_status": "online", "current_status": status, "status_message": "", "replication_lag": 0}
    server = {"uri": URI, "reachable": True, "address": "n1:7687", "clock_ahead_seconds": 0.0, "servers": []}
    return [{**server, "status_check": None, "databases": [{**allocation, **state}]}]


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
    with pytest.raises(AnsibleFilterError, match="gds from env X cannot be used: it is empty"):
        call(LicenseWanted, FILES, [""])


def test_all_files_that_cannot_be_licenses_are_named_at_once():
    both = [*FILES, {"product": "bloom", "source": {"type": "file", "path": "/b"}}]
    words = r"gds from env X .* empty; the license for bloom from file /b .* mark"
    with pytest.raises(AnsibleFilterError, match=words):
        call(LicenseWanted, both, ["", "\ufeffx"])


def test_outages_are_named_with_their_server():
    host = {"host": "n1", "uri": URI, "cluster": "n1"}
    assert call(RollingOutages, standalone(), [host]) == ["n1 has the only primary of neo4j"]
    assert call(RollingOutages, standalone(), [host], allow_downtime=True) == []
    assert call(RollingOutages, standalone(), [host], ignore_databases=["neo4j"]) == []


def test_each_server_is_seen_by_its_own_cluster():
    """Another cluster does not know it, and that is no reason."""
    row = {"name": "s", "state": "Enabled", "health": "Available", "hosting": [], "requested_hosting": []}
    [one], [two] = standalone(), standalone("starting")
    one["servers"] = [{**row, "address": "n1:7687"}]
    two.update(uri="bolt://n2:7687", address="n2:7687", servers=[{**row, "address": "n2:7687"}])
    two["databases"][0]["address"] = "n2:7687"
    members = [{"host": "n1", "uri": URI, "cluster": "a"}, {"host": "n2", "uri": "bolt://n2:7687", "cluster": "b"}]
    checks = call(RollingServing, [one, two], members)
    assert [(c["server"], c["status"]) for c in checks] == [("n1", "passed"), ("n2", "failed")]
    assert checks[1]["detail"] == "database neo4j on n2:7687 is starting, wanted online"
    assert {c["status"] for c in call(RollingServing, [one, two], members, 1000, ["neo4j"])} == {"passed"}


def test_a_restart_from_plan_to_proof():
    service = {"state": "running", "message": "", "pid": 1, "started_at": "2026-11-20T10:00:00.5Z", "changed_since": []}
    before = {**service, "restart_needed": True}
    [server] = call(RestartPlan, [{"host": "n1", "service": before, "objection": ""}], "2026-11-25T08:00:00Z")
    assert server["due"] and "before 2026-11-25T08:00:00Z" in server["check"]["detail"]
    after = {**service, "pid": 2, "started_at": "2026-11-25T08:00:01.5Z", "restart_needed": False}
    assert call(RestartProof, after, before, "n1")["status"] == "passed"


SPACES = {"ledger": {"cluster": "L", "database": "neo4j"}}
MEMBERS = [{"host": "n1", "uri": URI, "cluster": "L"}, {"host": "n2", "uri": "bolt://n2:7687", "cluster": "S"}]


def test_a_question_about_a_space_is_asked_where_the_space_lies():
    in_space = {"name": "DCO", "space": "ledger", "query": "RETURN 1"}
    elsewhere = {"name": "MTQ", "database": "x", "query": "RETURN 2"}
    assert call(RollingQuestions, [in_space, elsewhere], SPACES, MEMBERS) == [
        {"name": "DCO", "database": "neo4j", "uris": [URI], "query": "RETURN 1"},
        {"name": "MTQ", "database": "x", "uris": [], "query": "RETURN 2"},
    ]


@pytest.mark.parametrize(
    ("spaces", "words"),
    [({}, "neo4j_spaces has []"), ({"ledger": {"cluster": "gone", "database": "neo4j"}}, "no server was found")],
)
def test_a_question_that_nobody_can_answer_is_refused(spaces, words):
    with pytest.raises(AnsibleFilterError, match=re.escape(words)):
        call(RollingQuestions, [{"name": "DCO", "space": "ledger", "query": "RETURN 1"}], spaces, MEMBERS)


def test_two_files_of_one_product_are_refused():
    file = {"product": "other", "source": {"type": "file"}, "path": "a.license"}
    with pytest.raises(AnsibleFilterError, match="has product other twice"):
        call(LicenseWanted, [file, file], ["a", "b"])


CONTRACT = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "count_cpu_as": "cores",
    "machines": {"production": 3},
    "max_cpu": 24,
    "max_memory": "256 GB",
}


def test_the_contract_is_told_for_one_environment():
    told = call(LicenseContract, CONTRACT, "production")
    assert (told["machines"], told["expires"], told["warn_days"]) == (3, "2027-05-31", 30)
    with pytest.raises(AnsibleFilterError, match="has no limit for staging"):
        call(LicenseContract, CONTRACT, "staging")


def test_a_validation_of_nothing_still_judges_contract_count_and_last_renewal():
    readings = {"members": [], "answers": [], "clusters": [], "instances": [], "types": [], "last_renewal": None}
    checks = call(LicenseValidationChecks, readings, CONTRACT, "production", {}, [6], now="2026-11-24T00:00:00+00:00")
    assert [(c["group"][0], c["status"]) for c in checks] == [
        ("2", "passed"),
        ("2", "passed"),
        ("2", "unknown"),
        ("5", "passed"),
        ("6", "skipped"),
    ]
    with pytest.raises(AnsibleFilterError, match="has no machines"):
        call(LicenseValidationChecks, readings, {}, "production", {}, [])

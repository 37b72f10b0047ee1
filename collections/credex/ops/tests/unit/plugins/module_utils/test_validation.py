# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The six cases over readings of a healthy environment, which each test bends in one place."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import contract as on_paper
from ansible_collections.credex.ops.plugins.module_utils._validation import (
    application,
    expiry,
    features,
    last_renewal,
    machines,
    metrics,
    not_tried,
    resources,
    trial,
)
from prometheus_client.parser import text_string_to_metric_families

WRITTEN = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "warn_days": 30,
    "count_cpu_as": "cores",
    "machines": {"production": 3},
    "max_cpu": 24,
    "max_memory": "256 GB",
}
NOW = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
END = "2027-11-24T00:00:00Z"
HOST = "db-1_i-1"
MEMBERS = [{"host": HOST, "uri": "bolt://10.0.0.1", "cluster": "c", "instance_id": "i-1"}]
TYPES = {"r6i.2xlarge": {"cores": 4, "vcpus": 8, "memory_mib": 65536}}


def paper(**change):
    return on_paper.read({**WRITTEN, **change}, "production")


def answer(**change):
    gds = {"installed": True, "licensed": True, "expires": END, "days_left": 364, "message": "License expires at .."}
    return {
        "uri": "bolt://10.0.0.1",
        "reachable": True,
        "cause": None,
        "message": None,
        "edition": "enterprise",
        "version": "5.26.30",
        "agreement": {"status": "commercial", "days_left": None, "total_days": None},
        "products": {"gds": gds, "bloom": {**gds, "installed": False}},
        "memory": {"heap_max_mib": 24576, "page_cache_mib": 28672, "total_mib": 65536},
        "processors": 8,
        **change,
    }


SILENT = answer(reachable=False, cause="timeout", message="nobody there")


def instance(**change):
    return {
        "instance_id": "i-1",
        "state": {"name": "running"},
        "instance_type": "r6i.2xlarge",
        "private_ip_address": "10.0.0.1",
        "tags": {"Name": "neo4j-1", "Environment": "production"},
        **change,
    }


def found(**change):
    return machines.machine(instance(**change))


def by_name(checks):
    return {check["id"].split(".", 2)[2]: check for check in checks}


def statuses(checks):
    return {name: check["status"] for name, check in by_name(checks).items()}


class TestApplication:
    @pytest.mark.parametrize(
        ("told", "status", "words"),
        [
            (answer(), "passed", "enterprise, version 5.26.30"),
            (answer(edition="community"), "failed", "community"),
            (SILENT, "failed", "does not answer: timeout"),
        ],
    )
    def test_every_server_is_enterprise(self, told, status, words):
        [check] = application.checks(MEMBERS, [told])
        assert (check["status"], check["server"]) == (status, HOST) and words in check["detail"]
        assert check["group"] == "1 Application" and check["follow_up"]


CLUSTERS = [{"reachable": True, "servers": [{"address": "10.0.0.1:7687", "state": "Enabled"}]}]


class TestMachines:
    def check(self, fleet, clusters=None, **paper_change):
        return by_name(machines.checks(fleet, "production", paper(**paper_change), clusters or CLUSTERS))

    @pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped"])
    def test_what_runs_or_can_start_again_counts(self, state):
        checks = self.check([found(state={"name": state})], machines={"production": 0})
        assert checks["count"]["status"] == "failed" and "Terminate 1" in checks["count"]["follow_up"]

    def test_what_is_gone_belongs_elsewhere_or_is_no_neo4j_does_not(self):
        fleet = [
            found(state={"name": "terminated"}),
            found(tags={"Name": "neo4j", "Environment": "staging"}),
            found(tags={"Name": "bastion", "Environment": "production"}),
        ]
        assert self.check(fleet, machines={"production": 0})["count"]["status"] == "passed"

    def test_an_instance_without_environment_is_a_finding(self):
        checks = self.check([found(), found(instance_id="i-9", tags={"Role": "Neo4j"})])
        assert checks["unclaimed"]["status"] == "failed" and "i-9" in checks["unclaimed"]["detail"]
        assert checks["count"]["status"] == "passed"

    def test_a_server_without_an_instance_is_a_finding(self):
        stranger = [{"reachable": True, "servers": [{"address": "10.9.9.9:7687", "state": "Enabled"}]}]
        checks = self.check([found()], stranger)
        assert checks["unexplained"]["status"] == "failed" and "10.9.9.9" in checks["unexplained"]["detail"]
        assert self.check([found()])["unexplained"]["status"] == "passed"


class TestResources:
    def check(self, machine=None, told=None, types=None, **change):
        known = TYPES if types is None else types
        return resources.checks([machine or found()], known, MEMBERS, [told or answer()], paper(**change))

    def test_a_machine_within_the_contract(self):
        assert set(statuses(self.check()).values()) == {"passed"}

    def test_cores_and_vcpus_are_not_the_same(self):
        assert statuses(self.check(max_cpu=4))["cpu"] == "passed"
        assert statuses(self.check(max_cpu=4, count_cpu_as="vcpus"))["cpu"] == "failed"

    def test_cores_that_are_switched_off_do_not_count(self):
        machine = found(cpu_options={"core_count": 2, "threads_per_core": 1})
        assert statuses(self.check(machine, max_cpu=2, count_cpu_as="vcpus"))["cpu"] == "passed"

    def test_processors_are_threads_of_cores(self):
        assert statuses(self.check(max_cpu=4))["processors"] == "passed"
        assert statuses(self.check(told=answer(processors=9), max_cpu=4))["processors"] == "failed"
        assert statuses(self.check(told=answer(processors=None)))["processors"] == "unknown"

    @pytest.mark.parametrize(
        ("gib", "status", "words"),
        [
            (128, "passed", "128 GiB = 137.4 GB"),
            (256, "unknown", "within it if GiB is meant"),
            (384, "failed", "over 256 GB"),
        ],
    )
    def test_the_borderline_between_gb_and_gib_is_said(self, gib, status, words):
        types = {"r6i.2xlarge": {**TYPES["r6i.2xlarge"], "memory_mib": gib * 1024}}
        check = by_name(self.check(types=types))["memory"]
        assert check["status"] == status and words in check["detail"]

    def test_a_contract_in_gib_has_no_borderline(self):
        types = {"r6i.2xlarge": {**TYPES["r6i.2xlarge"], "memory_mib": 256 * 1024}}
        assert statuses(self.check(types=types, max_memory="256 GiB"))["memory"] == "passed"

    def test_heap_and_page_cache_are_added(self):
        told = answer(memory={"heap_max_mib": 200 * 1024, "page_cache_mib": 100 * 1024, "total_mib": None})
        assert statuses(self.check(told=told))["configured_memory"] == "failed"
        untold = answer(memory={"heap_max_mib": None, "page_cache_mib": 1024, "total_mib": None})
        assert "heap: not configured" in by_name(self.check(told=untold))["configured_memory"]["detail"]

    def test_what_nobody_describes_is_unknown(self):
        checks = statuses(self.check(types={}))
        assert (checks["cpu"], checks["memory"], checks["processors"]) == ("unknown",) * 3

    def test_a_stopped_machine_counts_and_a_silent_server_says_nothing(self):
        checks = statuses(self.check(found(state={"name": "stopped"}), SILENT))
        assert checks == {"cpu": "passed", "memory": "passed"}


class TestExpiry:
    def check(self, told=None, **change):
        return by_name(expiry.checks(MEMBERS, [told or answer()], paper(**change), NOW.date()))

    def test_all_is_in_force(self):
        checks = self.check()
        assert set(checks) == {"contract", "agreement", "gds"}
        assert {check["status"] for check in checks.values()} == {"passed"}

    def test_near_is_a_warning_and_over_a_failure(self):
        near = self.check(expires="2026-12-10")["contract"]
        assert (near["status"], near["required"]) == ("failed", False) and "16 days left" in near["detail"]
        over = self.check(expires="2026-11-23")["contract"]
        assert (over["status"], over["required"]) == ("failed", True)

    @pytest.mark.parametrize(
        ("status", "days", "verdict"),
        [
            ("evaluation", 29, "failed"),
            ("evaluation", 31, "passed"),
            ("evaluation", None, "unknown"),
            ("expired", 0, "failed"),
            ("not_accepted", None, "failed"),
            ("not_applicable", None, "failed"),
            ("unknown", None, "unknown"),
        ],
    )
    def test_agreements(self, status, days, verdict):
        told = answer(agreement={"status": status, "days_left": days, "total_days": 30})
        assert self.check(told)["agreement"]["status"] == verdict

    @pytest.mark.parametrize(
        ("product", "verdict"),
        [
            ({"licensed": False, "message": "License error: Expired."}, "failed"),
            ({"licensed": None, "message": None}, "unknown"),
            ({"days_left": None}, "unknown"),
            ({"days_left": 3}, "failed"),
        ],
    )
    def test_license_files(self, product, verdict):
        told = answer()
        told["products"]["gds"].update(product)
        assert self.check(told)["gds"]["status"] == verdict

    @pytest.mark.parametrize(("left", "required"), [({HOST}, False), (set(), True), ({"another"}, True)])
    def test_what_a_killed_trial_left_is_told_and_is_for_the_trial_to_put_back(self, left, required):
        told = answer()
        told["products"]["gds"].update(licensed=False, message="License error: Expired.")
        check = by_name(expiry.checks(MEMBERS, [told], paper(), NOW.date(), left))["gds"]
        assert (check["status"], check.get("required", True)) == ("failed", required)


def report(**change):
    proof = {
        "id": "license.gds",
        "server": HOST,
        "phase": "verify",
        "status": "passed",
        "evidence": {"placed": {}, "answer": answer()["products"]["gds"]},
    }
    run = {"id": "run-1", "finished": "2026-11-01T00:00:00Z"}
    return {"run": run, "verdict": "passed", "green": True, "checks": [proof], **change}


class TestLastRenewal:
    def check(self, last, told=None, required=True):
        return last_renewal.checks(last, MEMBERS, [told or answer()], NOW, 400, required)

    def test_recent_green_and_still_true(self):
        assert statuses(self.check(report())) == {"last_report": "passed", "as_reported.gds": "passed"}

    def test_none_at_all_is_skipped(self):
        [check] = self.check(None)
        assert (check["status"], check["required"]) == ("skipped", True)

    def test_an_old_or_red_one_is_no_proof(self):
        old = report(run={"id": "r", "finished": "2025-10-01T00:00:00Z"})
        assert "older than 400 days" in self.check(old)[0]["detail"]
        assert self.check(report(green=False, verdict="failed"))[0]["status"] == "failed"

    def test_an_answer_that_changed_since_is_a_failure(self):
        told = answer()
        told["products"]["gds"]["expires"] = "2026-12-24T00:00:00Z"
        assert statuses(self.check(report(), told))["as_reported.gds"] == "failed"
        assert statuses(self.check(report(), SILENT))["as_reported.gds"] == "failed"


class TestTrial:
    LOG = (
        "2026-11-24 11:59:59.000+0000 WARN  License error: old",
        "2026-11-24 12:00:01.000+0000 INFO  Started.",
        "2026-11-24 12:00:02.000+0000 WARN  License error of gds: expired",
        "no time at all: license",
    )

    def test_only_what_the_log_says_since_the_restart_counts(self):
        assert trial.warnings(self.LOG, "2026-11-24T12:00:00+00:00") == [self.LOG[2]]

    def test_an_expired_file_is_refused_and_warned_of(self):
        told = answer()
        told["products"]["gds"] |= {"licensed": False, "message": "License error: Expired."}
        checks = statuses(trial.refused(HOST, "gds", told, [self.LOG[2]]))
        assert checks == {"answers": "passed", "refused": "passed", "warned": "passed"}
        assert statuses(trial.refused(HOST, "gds", answer(), []))["refused"] == "failed"
        assert statuses(trial.refused(HOST, "gds", told, []))["warned"] == "failed"
        silent = statuses(trial.refused(HOST, "gds", SILENT, []))
        assert (silent["answers"], silent["refused"]) == ("failed", "failed")

    def test_a_product_that_was_not_asked_has_refused_nothing(self):
        told = answer()
        told["products"]["gds"] |= {"licensed": None, "message": None}
        assert statuses(trial.refused(HOST, "gds", told, []))["refused"] == "failed"

    def test_the_answer_afterwards_is_that_of_before(self):
        [check] = trial.as_before(5, HOST, "gds", answer(), answer())
        assert check["status"] == "passed"
        other = answer()
        other["products"]["gds"]["expires"] = "2026-12-24T00:00:00Z"
        assert trial.as_before(5, HOST, "gds", answer(), other)[0]["status"] == "failed"
        assert trial.as_before(5, HOST, "gds", answer(), SILENT)[0]["status"] == "failed"
        left = answer()
        left["products"]["gds"] |= {"licensed": False, "expires": None}
        assert trial.as_before(5, HOST, "gds", None, answer())[0]["status"] == "passed"
        assert trial.as_before(5, HOST, "gds", None, left)[0]["status"] == "failed"


def test_a_killed_trial_is_known_by_the_fingerprint_of_its_file():
    def server(host, fingerprint):
        return {"host": host, "files": [{"exists": bool(fingerprint), "license": {"fingerprint": fingerprint}}]}

    observed = [server("one", "good"), server("two", "bad0"), server("three", ""), {"host": "", "files": []}]
    assert trial.left(observed, ["bad0"]) == {"two"} and trial.left(observed, []) == set()


class TestPutBack:
    def plan(self, present, kept, tried=("bad0",)):
        file = {"exists": present is not None, "license": present and {"fingerprint": present}}
        file["kept"] = [{"fingerprint": fingerprint} for fingerprint in kept]
        step = {"path": "gds.license", "undo": True, "undo_fingerprint": present}
        return trial.put_back({"steps": [step], "refused": []}, {"files": [file]}, tried)

    def test_a_file_that_is_not_of_a_trial_is_gone_back_to_as_always(self):
        plan = self.plan("good", ["older"])
        assert not plan["left"] and plan["steps"][0]["undo_fingerprint"] == "good" and plan["refused"] == []

    def test_what_a_killed_trial_left_goes_back_to_the_latest_kept_file_that_was_not_tried(self):
        plan = self.plan("bad0", ["bad1", "good", "older"], ("bad0", "bad1"))
        assert plan["left"] and plan["steps"][0]["undo_fingerprint"] == "good" and plan["refused"] == []

    def test_without_such_a_file_the_trial_is_refused(self):
        assert "no other file is kept" in self.plan("bad0", ["bad0"])["refused"][0]
        assert not self.plan(None, [])["left"]


class TestNotTried:
    def test_why_a_trial_is_left_out(self):
        def reasons(tried=(), disruptive=False, check_mode=False, environment="staging"):
            checks = not_tried.trials(tried, disruptive, check_mode, environment, [5])
            return {c["group"][0]: (c["detail"], c["required"]) for c in checks if c["id"].endswith(".tried")}

        assert "never does in production" in reasons(environment="production")["5"][0]
        assert reasons(disruptive=True)["5"] == ("no license_validation_expired_file was given", True)
        assert reasons(disruptive=True, check_mode=True)["6"] == ("check mode", False)
        assert "say license_validation_disruptive" in reasons()["6"][0]
        assert reasons(tried=[5, 6], disruptive=True) == {}

    def test_an_agreement_can_be_aged_nowhere(self):
        last = not_tried.trials([5, 6], True, False, "staging", [5])[-1]
        assert (last["status"], last["required"]) == ("skipped", False)

    def test_what_was_not_reached_is_named(self):
        checks = not_tried.unreached([1, 2, 3, 5, 6], [1, 2, 3, 4], "the gate was shut")
        assert [(c["group"], c["required"]) for c in checks] == [("4 Enterprise features", True)]
        assert "the gate was shut" in checks[0]["detail"]


def test_features_are_told_by_cluster():
    step = {"name": "used", "title": "It takes a write", "status": "failed", "detail": "no"}
    results = [{"item": [{"cluster": "c"}], "steps": [step], "leftovers": ["role x"]}]
    checks = features.checks(results, check_mode=False)
    assert [(c["title"], c["status"]) for c in checks] == [
        ("c: It takes a write", "failed"),
        ("c: nothing of an earlier run is left", "passed"),
    ]
    assert "role x" in checks[1]["detail"]
    assert [c["status"] for c in features.checks([], check_mode=True)] == ["skipped"]


def test_figures_are_what_prometheus_reads():
    checks = [
        *machines.checks([found()], "production", paper(), CLUSTERS),
        *expiry.checks(MEMBERS, [answer()], paper(), NOW.date()),
    ]
    families = text_string_to_metric_families(metrics.textfile(checks, "production"))
    samples = {(s.name, s.labels.get("what") or s.labels.get("check")): s.value for f in families for s in f.samples}
    assert samples["credex_license_days_left", "contract"] == 188
    assert samples["credex_license_days_left", "gds"] == 364
    assert samples["credex_license_machines", None] == 1 and samples["credex_license_machines_allowed", None] == 3
    assert samples["credex_license_check_passed", "2.count"] == 1

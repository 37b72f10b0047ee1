# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""renew_license.yml on the cluster of three: the good way, and the faults that every operation must survive."""

from __future__ import annotations

import signal
import stat
import time
from pathlib import Path

import pytest

from tests.lab.operations.lab_driver import KEY, ONE, PATIENCE_SECONDS, SERVERS, TABLE, TWO

a_sample = pytest.mark.sampled(2, of="trouble of a renewal")

NONE_RENEWED = dict.fromkeys(SERVERS, False)


def test_a_renewal_and_again(lab):
    before = lab.pids()
    run = lab.renew("-vvv")
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "passed"
    assert run.order()[-1] == ONE, "the writer of system comes last"
    assert run.states() == dict.fromkeys(run.order(), "done")
    assert f"Turn 1 of 3, {run.order()[0]}" in run.output and "rendering template" not in run.output
    assert f"Report: {lab.reports}" in run.output
    assert all(lab.renewed().values()) and all(lab.pids()[n] != before[n] for n in SERVERS)
    for name in SERVERS:
        assert stat.S_IMODE(lab.license_file(name).stat().st_mode) == 0o640
        assert len(lab.kept(name)) == 1
        assert "License expires at" in lab.in_force(name)
    assert lab.lock() is None
    assert not [secret[:12] for secret in lab.secrets() if secret in run.output], "a secret is in the output at -vvv"

    restarted = lab.pids()
    again = lab.renew()
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do")
    assert lab.pids() == restarted


def test_check_mode_predicts_and_changes_nothing(lab):
    before = lab.pids()
    run = lab.renew("--check", "--diff")
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "planned" and len(run.order()) == 3
    assert run.output.count("+fingerprint") == 3, "one diff for each server, of fingerprints"
    assert lab.renewed() == NONE_RENEWED and lab.pids() == before and lab.lock() is None
    assert not [secret[:12] for secret in lab.secrets() if secret in run.output]


def test_a_run_killed_between_placing_and_restarting_is_finished_by_the_next(lab):
    before = lab.pids()
    killed = lab.start()
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(lab.renewed().values()):
            assert killed.poll() is None, "the run ended before it placed anything"
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert sum(lab.renewed().values()) == 1 and lab.lock() is not None

    run = lab.renew()
    assert run.rc == 0, run.output[-3000:]
    assert all(lab.renewed().values()) and all(lab.pids()[n] != before[n] for n in SERVERS)
    assert all(len(lab.kept(name)) == 1 for name in SERVERS), "the replaced file is still there"
    assert lab.lock() is None
    verdicts = sorted(lab.reports.rglob("report.json"))
    assert len(verdicts) == 2, "the killed run has a report too"


@a_sample
def test_a_server_that_is_lost_in_its_turn_stops_the_run_and_is_named(lab):
    _, victim, _ = lab.order()  # neither the canary nor the writer of system
    lab.fault("ssh-lost", victim, "--at", "neo4j_license_file ", "--after")
    run = lab.renew()
    canary, _, last = run.order()
    assert run.rc == 4, run.output[-3000:]
    assert run.states() == {canary: "done", victim: "touched", last: "waiting"}
    assert lab.renewed() == {canary: True, victim: True, last: False}
    assert "lost (unreachable) in its turn" in run.report["failure"]
    assert lab.lock() is None

    lab.command("heal")
    assert lab.renew().rc == 0
    assert all(lab.renewed().values())


@a_sample
def test_a_shut_gate_holds_everything_back_and_says_why(lab):
    lab.command("flag", "ledgerspace", "stuck")
    run = lab.renew(neo4j_gate_stuck_after=1)
    assert run.rc == 2, run.output[-3000:]
    assert lab.renewed() == NONE_RENEWED
    assert "the nightly balance run (DCO)" in run.report["failure"] and "stuck" in run.report["failure"]
    assert next(iter(run.states().values())) == "begun"
    assert lab.lock() is None


@a_sample
def test_a_lock_of_another_operation_is_shown_and_left_alone(lab):
    record = {"Operation": "dr_drill", "RunId": "drill-7", "Holder": "ana", "Since": "2026-11-23T01:00:00Z"}
    held = {**KEY, **{name: {"S": value} for name, value in record.items()}}
    lab.dynamodb.put_item(TableName=TABLE, Item=held)
    run = lab.renew()
    assert run.rc == 2, run.output[-3000:]
    for word in ("dr_drill", "drill-7", "ana"):
        assert word in run.report["failure"]
    assert lab.renewed() == NONE_RENEWED
    assert lab.lock() == held


@a_sample
def test_the_canary_s_own_answer_decides(lab):
    canary, _, _ = lab.order()
    lab.fault("rejected-license", canary)
    run = lab.renew()
    assert run.rc == 2, run.output[-3000:]
    assert run.states()[canary] in ("undone", "undo failed")
    assert lab.renewed() == NONE_RENEWED
    assert "refuses the license" in run.report["failure"]


@a_sample
def test_a_limit_must_keep_the_controller(lab):
    """With it the limited run is green: test_as_awx_runs_it."""
    refused = lab.renew("--limit", f"{TWO}*")
    assert refused.rc == 2 and "--limit 'localhost,NAME'" in refused.output
    assert lab.renewed() == NONE_RENEWED


@a_sample
def test_an_evaluation_becomes_commercial_by_a_renewal_too(lab):
    for name in SERVERS:
        lab.license_file(name).write_text(lab.secrets()[1])
        lab.admin(name, "server", "license", "--accept-evaluation")
        lab.neo4j(name, "restart")
    run = lab.renew()
    assert run.rc == 0, run.output[-3000:]
    assert run.states() == dict.fromkeys(run.order(), "done") and len(run.order()) == 3
    agreements = [check for check in run.report["checks"] if check["id"] == "license.agreement"]
    assert [check["phase"] for check in agreements] == ["change"] * 3 + ["verify"] * 3
    assert {check["evidence"]["answer"]["status"] for check in agreements} == {"commercial"}


@a_sample
def test_the_undo_of_a_first_file_is_in_force_too(lab):
    """A file that is gone has no time that would call for a restart, so the undo must say it itself."""
    canary, _, _ = lab.order()
    lab.license_file(canary).unlink()
    lab.neo4j(canary, "restart")
    lab.fault("rejected-license", canary)
    run = lab.renew()
    assert run.rc == 2 and run.order()[0] == canary, run.output[-3000:]
    assert run.states()[canary] == "undone" and not lab.license_file(canary).exists()
    [kept] = lab.kept(canary)
    assert Path(f"/proc/{lab.pid(canary)}").stat().st_ctime >= kept.stat().st_mtime


@a_sample
def test_a_file_that_the_server_does_not_read_is_refused_in_the_plan(lab):
    source = {"type": "aws_secretsmanager", "name": "credex/production/neo4j/license/gds"}
    run = lab.renew(neo4j_license_files=[{"product": "gds", "source": source, "path": "another.license"}])
    assert run.rc == 2 and "is not the file that the server reads" in run.report["failure"]
    assert lab.renewed() == NONE_RENEWED

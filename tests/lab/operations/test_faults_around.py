# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults around the server in its turn: of other servers, the lock, the hour, AWS, the report. docs/faults.md."""

from __future__ import annotations

import dataclasses

import pytest

from lab.server.processes import Process
from tests.lab.operations.lab_driver import KEY, SERVERS, TABLE, only

pytestmark = pytest.mark.sampled(1, of="faults around")

BUSY = "DCOrunningNow"
# Noon until a server is done, and then a quarter of an hour before the freeze
CLOCK = """{{ '2026-01-01T23:30:00+00:00' if 'done' in (groups['neo4j'] | map('extract', hostvars)
   | map(attribute='neo4j_rolling_state', default='waiting')) else '2026-01-01T12:00:00+00:00' }}"""


def at_the_gate(lab, happens):
    """What happens while the run waits for a gate that is shut; then the gate opens."""
    lab.command("flag", "ledgerspace", "busy")
    before = lab.asked(BUSY)

    def meanwhile():
        lab.until(lambda: lab.asked(BUSY) > before, "the gate was asked")
        happens()
        lab.command("flag", "ledgerspace", "quiet")

    return meanwhile


def test_another_server_dies_in_mid_run_and_is_finished_first_by_the_next(lab):
    canary, second, last = lab.order()
    starts = lab.starts(canary)

    def kill():
        lab.until(lambda: lab.starts(canary) > starts and lab.is_whole(), "the canary was back")
        lab.fault("kill", last)

    run = lab.renew(meanwhile=kill)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "done", second: "begun", last: "waiting"}
    assert f"{lab.uri(last)} does not answer: refused" in run.report["failure"]
    assert lab.renewed() == {canary: True, second: False, last: False} and lab.lock() is None

    again = lab.renew()
    assert again.rc == 0, again.output[-3000:]
    assert again.order() == [last, second] and all(lab.renewed().values())


def test_nobody_writes(lab):
    """The writer moves away, and no other is elected."""
    for name in SERVERS:
        lab.fault("lost-leader", name)
    _, victim, _ = lab.order()
    run = lab.renew(*only(victim))
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "begun"} and not lab.renewed()[victim]
    assert "database ledgerspace did not replicate" in run.report["failure"]
    assert run.seen.outages == [] and lab.lock() is None


def test_a_lock_that_is_taken_away_in_mid_run(lab):
    _, victim, _ = lab.order()
    record = {"Operation": "dr_drill", "RunId": "drill-7", "Holder": "ana", "Since": "2026-11-23T01:00:00Z"}
    others = {**KEY, **{name: {"S": value} for name, value in record.items()}}
    take = at_the_gate(lab, lambda: lab.dynamodb.put_item(TableName=TABLE, Item=others))
    run = lab.renew(*only(victim), meanwhile=take, neo4j_gate_wait=60)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "begun"} and not lab.renewed()[victim]
    assert "the lock was taken away" in run.report["failure"] and "drill-7" in run.report["failure"]
    assert run.seen.outages == [] and lab.lock() == others


def test_an_aws_endpoint_that_dies_in_mid_run(lab):
    _, victim, _ = lab.order()
    aws = lab.record()
    end = at_the_gate(lab, lambda: Process(aws["aws_pid"], aws["aws_started"]).end(timeout=5))
    try:
        run = lab.renew(*only(victim), meanwhile=end, neo4j_gate_wait=60)
    finally:
        lab.command("up")
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "begun"} and not lab.renewed()[victim]
    assert "Cannot read the lock credex.ops/production" in run.report["failure"]
    assert run.seen.outages == []


def test_a_freeze_window_that_comes_near_and_a_place_for_reports_that_is_lost_in_mid_run(lab):
    """Two faults in one run: what is done stays, the rest is held back, and the next run brings the report."""
    canary, second, last = lab.order()

    def lose():
        lab.until(lambda: lab.renewed()[canary], "the file was placed")
        lab.reports.rename(lab.reports.with_name("moved"))
        lab.reports.write_text("no folder")

    try:
        run = lab.renew(*only(canary, second), meanwhile=lose, ops_guard_now=CLOCK)
    finally:
        lab.reports.unlink()
        lab.reports.with_name("moved").rename(lab.reports)
    assert run.rc == 2, run.output[-3000:]
    assert "daily credcoin offering" in run.output
    assert f"Cannot write the report {lab.reports}/" in run.output
    assert lab.renewed() == {canary: True, second: False, last: False}
    assert run.seen.of(second) == [] and "License expires at" in lab.in_force(canary) and lab.lock() is None

    next_run = lab.renew(*only(canary))
    assert next_run.rc == 0
    [report] = [report for report in lab.all_reports() if report["verdict"] == "failed"]
    assert second in report["failure"] and "daily credcoin offering" in report["failure"]
    assert dataclasses.replace(run, report=report).states() == {canary: "done", second: "begun"}


def test_a_journal_that_is_lost_in_mid_run(lab):
    """A server that is proven is not undone because nobody can write it down."""
    canary, second, last = lab.order()
    journals = lab.state / "journals"

    def lose():
        lab.until(lambda: lab.renewed()[canary], "the file was placed")
        journals.rename(journals.with_name("moved"))

    try:
        run = lab.renew(*only(canary, second), meanwhile=lose)
    finally:
        journals.with_name("moved").rename(journals)
    assert run.rc == 2, run.output[-3000:]
    assert f"Journal {journals}/" in run.output and "is not there" in run.output
    assert lab.renewed() == {canary: True, second: False, last: False}
    assert "License expires at" in lab.in_force(canary) and lab.lock() is None

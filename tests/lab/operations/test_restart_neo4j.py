# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""restart_neo4j.yml on the cluster of three. What its frame does when something breaks is tested with the renewal."""

from __future__ import annotations

import datetime

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO

a_sample = pytest.mark.sampled(1, of="trouble of a restart")

# So long that a retry of the driver, a second or two, falls into each outage
OUTAGE_SECONDS = "3"


@pytest.fixture
def restart(lab):
    return lambda *arguments, **more: lab.renew(*arguments, playbook="restart_neo4j.yml", **more)


def starts(lab):
    return {name: lab.starts(name) for name in SERVERS}


def changes(run, name):
    """What the report's page says of a server: what -> before, after."""
    return {change["what"]: (change["before"], change["after"]) for change in run.server(name)["changes"]}


def test_what_has_not_read_its_configuration_is_restarted_and_nothing_else(lab, restart):
    before, pids = starts(lab), lab.pids()
    lab.write_conf(TWO)
    looked = restart("--check")
    assert looked.rc == 0, looked.output[-3000:]
    assert looked.report["verdict"] == "planned" and looked.order() == [TWO] and looked.changed == 1
    assert changes(looked, TWO)["Process"][1] == "a new one"
    assert starts(lab) == before and lab.lock() is None

    run = restart(**lab.neo4j_user("ops_reader"))
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "passed" and run.states() == {TWO: "done", ONE: "unchanged", THREE: "unchanged"}
    assert starts(lab) == {**before, TWO: before[TWO] + 1} and {outage.server for outage in run.seen.outages} == {TWO}
    told = changes(run, TWO)
    assert told.keys() == {"Process", str(lab.conf(TWO))}
    assert [text.partition(" since ")[0] for text in told["Process"]] == [str(pids[TWO]), str(lab.pid(TWO))]
    assert changes(run, ONE) == changes(run, THREE) == {}

    again = restart()
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do")
    assert starts(lab) == {**before, TWO: before[TWO] + 1} and lab.lock() is None


def test_all_that_began_before_a_moment_are_restarted_and_no_transaction_fails(lab, restart):
    since = datetime.datetime.now(datetime.UTC).isoformat()
    before = starts(lab)
    for name in SERVERS:
        lab.fault("slow-start", name, "--seconds", OUTAGE_SECONDS)
    with lab.writing() as application:
        run = restart(restart_neo4j_before=since)
    assert run.rc == 0, run.output[-3000:]
    assert run.states() == dict.fromkeys(run.order(), "done") and run.order()[-1] == ONE, "the writer of system is last"
    assert starts(lab) == {name: count + 1 for name, count in before.items()}
    assert application.failures == []
    for name in SERVERS:
        assert any(o.begin < moment < o.end for o in run.seen.of(name) for moment in application.written), name
        assert changes(run, name).keys() == {"Process"}
    [planned] = [check for check in run.report["checks"] if check["id"] == "rolling.order"]
    assert f"restart_neo4j_before={since}" in planned["detail"], "what to give again"

    again = restart(restart_neo4j_before=since)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do")


@a_sample
def test_a_gate_that_is_shut_holds_a_restart_back(lab, restart):
    before = starts(lab)
    lab.write_conf(THREE)
    lab.command("flag", "ledgerspace", "busy")
    run = restart(neo4j_gate_wait=1)
    assert run.rc == 2, run.output[-3000:]
    assert run.states()[THREE] == "begun" and "the nightly balance run (DCO)" in run.report["failure"]
    assert starts(lab) == before and run.seen.outages == [] and lab.lock() is None


@a_sample
def test_a_configuration_with_which_a_server_would_not_come_up_is_refused_in_the_plan(lab, restart):
    before = starts(lab)
    lab.write_conf(TWO, "server.memory.heap.maxsize=1g\n")
    run = restart()
    assert run.rc == 2, run.output[-3000:]
    for words in (TWO, "would not come up again", "server.memory.heap.maxsize", "Nothing was changed"):
        assert words in run.report["failure"]
    assert starts(lab) == before and run.seen.outages == [] and lab.lock() is None


@a_sample
def test_a_restarted_server_that_does_not_come_back_stops_the_run(lab, restart):
    before = starts(lab)
    for name in SERVERS:
        lab.write_conf(name)
    canary, *others = lab.order()
    lab.fault("never-available", canary)
    run = restart(neo4j_gate_back_wait=2)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undo failed", **dict.fromkeys(others, "waiting")}
    assert canary in run.report["failure"] and "is starting, wanted online" in run.report["failure"]
    assert "Gate: is_back" in run.reason(canary)
    assert starts(lab) == {**before, canary: before[canary] + 1} and lab.lock() is None

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scale_in.yml on a cluster of four, a lab of its own for each test: what has left does not come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, TWO, Run
from tests.lab.operations.wide import FOUR, Wide

a_sample = pytest.mark.sampled(1, of="trouble of a scale in")


class Shrinking(Wide):
    def scale_in(self, name: str, *arguments: str, **variables: Any) -> Run:
        return self.operate("scale_in.yml", *arguments, **{"scale_in_server": self.host(name), **variables})


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Shrinking]:
    lab = Shrinking(tmp_path)
    lab.up()
    try:
        lab.widen()
        yield lab
    finally:
        lab.down()


def assert_left(lab: Shrinking, name: str) -> None:
    """The cluster of three that is left has everything, and the machine still has its data."""
    assert lab.states() == dict.fromkeys({*SERVERS, FOUR} - {name}, "Enabled")
    assert lab.pid(name) is None and (lab.home(name) / "data").is_dir()
    copies = [row for row in lab.copies() if row["name"] in ("ledgerspace", "searchspace")]
    assert [(row["currentStatus"], row["role"]) for row in copies] == [("online", "primary")] * 6
    assert lab.lock() is None


def test_the_writer_leaves_and_no_transaction_fails(wide):
    writes = [row["name"] for row in wide.copies() if row["writer"] and row["address"] in wide.uri(ONE)]
    assert writes == ["ledgerspace", "system"]
    looked = wide.scale_in(ONE, "--check", "--diff")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert f"ledgerspace (primary): {ONE} -> {FOUR}" in looked.output
    assert wide.states() == dict.fromkeys((*SERVERS, FOUR), "Enabled") and wide.lock() is None

    with wide.writing() as application:
        run = wide.scale_in(ONE)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert application.failures == [] and len(application.written) > 10
    [plan] = [check for check in run.report["checks"] if check["id"] == "membership.plan"]
    assert plan["evidence"]["changes"][0] == {"what": "ledgerspace (primary)", "before": ONE, "after": FOUR}
    assert {check["id"]: check["status"] for check in run.report["checks"] if check["phase"] == "verify"} == {
        **dict.fromkeys(("membership.gone", "membership.serving", "membership.whole"), "passed")
    }
    assert_left(wide, ONE)

    again = wide.scale_in(ONE)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert_left(wide, ONE)


@a_sample
def test_what_is_refused_changes_nothing(wide):
    wide.administer("CREATE DATABASE wide TOPOLOGY 4 PRIMARIES WAIT")
    for name, variables, words in (
        (ONE, {"neo4j_clusters": {"credex": {"primaries": 4}}}, "would have 3 servers, and neo4j_clusters says 4"),
        (ONE, {"scale_in_server": "nobody"}, "names no host of this run"),
        (TWO, {}, "database neo4j has its only primary there"),
        (ONE, {}, "database wide has 4 primaries and 0 secondaries"),
    ):
        run = wide.scale_in(name, **variables)
        assert run.rc == 2 and words in run.output.replace("\n", " "), run.output[-3000:]
        assert wide.states() == dict.fromkeys((*SERVERS, FOUR), "Enabled") and wide.lock() is None
    wide.administer("DROP DATABASE wide")
    wide.command("flag", "ledgerspace", "busy")
    shut = wide.scale_in(ONE, neo4j_gate_wait=1)
    assert shut.rc == 2 and "the nightly balance run (DCO)" in shut.report["failure"], shut.output[-3000:]
    assert wide.states() == dict.fromkeys((*SERVERS, FOUR), "Enabled") and wide.lock() is None


@a_sample
def test_a_copy_that_does_not_come_is_named_and_waited_for_by_the_next_run(wide):
    """And a server that somebody, or a run that was killed, has cordoned already."""
    wide.fault("never-available", FOUR)
    wide.neo4j(FOUR, "stop")
    wide.administer("CALL dbms.cluster.cordonServer($name)", name=ONE)
    assert wide.neo4j(FOUR, "start").returncode == 0
    late = wide.scale_in(ONE, scale_in_wait=12)
    assert late.rc == 2 and "database ledgerspace is still on it" in late.report["failure"], late.output[-3000:]
    assert wide.states()[ONE] == "Deallocating" and wide.pid(ONE) and wide.lock() is None
    wide.command("heal")
    assert wide.scale_in(ONE).rc == 0
    assert_left(wide, ONE)


@a_sample
def test_a_run_that_is_killed_is_finished_by_the_next(wide):
    def kill():
        wide.until(lambda: wide.states()[ONE] != "Enabled", "its cordon")
        wide.kill_all()

    assert wide.scale_in(ONE, meanwhile=kill).rc != 0
    assert wide.lock() is not None and wide.pid(ONE)
    run = wide.scale_in(ONE)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert_left(wide, ONE)


@a_sample
def test_a_host_that_is_lost_before_its_service_is_stopped_is_named_and_the_next_run_stops_it(wide):
    wide.fault("ssh-lost", ONE, "--at", 'command.*"stop"')
    lost = wide.scale_in(ONE)
    assert lost.rc == 4, lost.output[-3000:]
    assert ONE in lost.report["failure"] and "lost (unreachable)" in lost.report["failure"]
    assert wide.states()[ONE] == "Dropped" and wide.pid(ONE) and wide.lock() is None
    wide.command("heal")
    assert wide.scale_in(ONE).rc == 0
    assert_left(wide, ONE)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the server in whose turn they strike, of the way to it, and of its undo. docs/faults.md.

Where nothing hangs on the other servers, the run is limited to one.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.lab.operations.lab_driver import SERVERS, only
from tests.lab.operations.test_faults_before import QUERY_HOST

pytestmark = pytest.mark.sampled(2, of="faults in a turn")

# Tasks, as the fault's --at finds them
PLACING = "neo4j_license_file "
STOPPING = 'command.*"stop"'
PUTTING_BACK = 'neo4j_license_file .*"fingerprint": "'
ASKING_WHETHER_IT_IS_BACK = "neo4j_gate .*is_back"


def while_renewed(lab, server, *, placed=None, started=None, undone=None):
    """What happens beside a run: once the new file is there, once the server has come up, once the old file is back."""
    starts = lab.starts(server)

    def meanwhile():
        lab.until(lambda: lab.renewed()[server], "the file was placed")
        if placed:
            placed()
        if started:
            lab.until(lambda: lab.starts(server) > starts, "it was restarted")
            started()
        if undone:
            lab.until(lambda: not lab.renewed()[server], "the file was put back")
            undone()

    return meanwhile


def checks(run, name, server):
    """What the report says about one check of a server, in order."""
    return [c["status"] for c in run.report["checks"] if c["id"] == name and c["server"].startswith(server)]


def test_a_rejected_license_on_the_second_server_with_rollback_of_the_fleet(lab):
    canary, victim, last = lab.order()
    lab.fault("rejected-license", victim)
    heal = while_renewed(lab, victim, undone=lambda: lab.command("heal"))
    run = lab.renew(meanwhile=heal, renew_license_rollback="fleet")
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undone", victim: "undone", last: "waiting"}
    assert victim in run.report["failure"] and "it refuses the license" in run.report["failure"]
    assert not any(lab.renewed().values())
    assert all("License expires at" in lab.in_force(name) for name in SERVERS)
    assert (checks(run, "license.gds", canary), checks(run, "license.gds", victim)) == (["passed"], ["failed"])
    assert [len(run.seen.of(name)) for name in (canary, victim, last)] == [2, 2, 0]
    assert lab.lock() is None


def test_a_server_that_never_comes_back(lab):
    """Undone in vain; and undoing the proven one as well would have left one of three."""
    canary, victim, last = lab.order()
    lab.fault("never-available", victim)
    run = lab.renew(renew_license_rollback="fleet")
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "kept", victim: "undo failed", last: "waiting"}
    assert "is starting, wanted online" in run.report["failure"]
    assert "Gate: is_back" in run.reason(victim) and "Gate: may_go_down" in run.reason(canary)
    assert (checks(run, "rolling.gate", victim), checks(run, "rolling.back", victim)) == (["passed"], ["failed"])
    assert lab.renewed() == {canary: True, victim: False, last: False}
    assert lab.lock() is None


def test_a_server_that_hangs_with_the_new_file(lab):
    _, victim, _ = lab.order()
    hang = while_renewed(
        lab, victim, placed=lambda: lab.fault("hang", victim), undone=lambda: lab.command("heal", victim)
    )
    run = lab.renew(*only(victim), meanwhile=hang)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "undone"} and not lab.renewed()[victim]
    assert "does not answer: timeout" in run.report["failure"]
    assert "License expires at" in lab.in_force(victim) and lab.lock() is None


def test_a_second_server_that_dies_after_its_restart(lab):
    """It is undone, the one before it keeps what it has, and the one after it is left alone."""
    canary, victim, last = lab.order()

    def kill():
        os.kill(int((lab.home(victim) / "run/neo4j.pid").read_text()), signal.SIGKILL)

    run = lab.renew(meanwhile=while_renewed(lab, victim, started=kill))
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "done", victim: "undone", last: "waiting"}
    assert lab.renewed() == {canary: True, victim: False, last: False}
    assert run.report["verdict"] == "failed" and victim in run.report["failure"]
    assert "License expires at" in lab.in_force(victim) and lab.lock() is None


def test_a_license_folder_without_room(lab):
    _, victim, _ = lab.order()
    starts = lab.starts(victim)
    lab.fault("full-disk", victim, "--at", PLACING)
    run = lab.renew(*only(victim))
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "undone"}
    assert "No space left on device" in run.report["failure"]
    assert not lab.renewed()[victim] and list(lab.license_file(victim).parent.iterdir()) == [lab.license_file(victim)]
    assert lab.starts(victim) == starts and run.seen.outages == [], "nothing was placed, so nothing was restarted"
    assert lab.lock() is None


def test_no_room_to_put_the_old_file_back(lab):
    _, victim, _ = lab.order()
    lab.fault("task-fails", victim, "--at", STOPPING, "--once")
    lab.fault("full-disk", victim, "--at", PUTTING_BACK)
    run = lab.renew(*only(victim))
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {victim: "undo failed"}
    assert run.reason(victim).startswith("Put the previous license file back: ")
    assert "No space left on device" in run.reason(victim), "what the item of the loop said"
    assert lab.renewed()[victim] and len(lab.kept(victim)) == 1
    assert lab.lock() is None


def test_a_line_that_is_lost_before_the_file_is_placed(lab):
    _, victim, _ = lab.order()
    lab.fault("ssh-lost", victim, "--at", PLACING)
    run = lab.renew(*only(victim))
    assert run.rc == 4, run.output[-3000:]
    assert run.states() == {victim: "touched"} and not lab.renewed()[victim]
    assert "lost (unreachable) in its turn" in run.report["failure"]
    assert run.seen.outages == [] and lab.lock() is None


def test_a_line_that_is_lost_during_the_undo(lab):
    _, victim, _ = lab.order()
    lab.fault("task-fails", victim, "--at", STOPPING, "--once")
    lab.fault("ssh-lost", victim, "--at", PUTTING_BACK)
    run = lab.renew(*only(victim))
    assert run.rc == 4, run.output[-3000:]
    assert run.states() == {victim: "undoing"} and lab.renewed()[victim]
    assert "Stop by the tarball's own command" in run.report["failure"]
    assert any("undoing when contact was lost: look at this server first" in f for f in run.report["findings"])
    assert lab.lock() is None


def test_a_query_host_that_is_lost_in_a_turn_and_during_the_undo(lab):
    """The old file is back and in force; only nobody could be asked whether the server is back."""
    _, victim, other = lab.order()
    starts = lab.starts(victim)
    lab.fault("ssh-lost", other, "--at", ASKING_WHETHER_IT_IS_BACK)
    run = lab.renew(*only(victim), neo4j_query_host=QUERY_HOST % other)
    assert run.rc == 2, run.output[-3000:]
    assert victim in run.report["failure"] and f"The query host {other}_" in run.report["failure"]
    lost = f"Ask the gate: The query host {other}_"
    assert run.states() == {victim: "undo failed"} and run.reason(victim).startswith(lost)
    assert not lab.renewed()[victim] and lab.starts(victim) == starts + 2
    assert "License expires at" in lab.in_force(victim) and lab.lock() is None

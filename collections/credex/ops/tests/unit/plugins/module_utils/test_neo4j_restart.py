# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import restart

START, LATER = "2026-11-20T10:00:00.370000Z", "2026-11-21T10:00:00.370000Z"
SINCE = "4711 since 2026-11-20T10:00:00Z"
CONF = "/etc/neo4j/neo4j.conf"
MOMENT = "2026-11-25T08:00:00Z"


def service(state="running", changed=(), needed=False, pid=4711, started_at=START):
    runs = state == "running"
    return {
        "state": state,
        "message": "no run/neo4j.pid",
        "pid": pid if runs else None,
        "started_at": started_at if runs else None,
        "changed_since": [{"path": path, "changed_at": LATER} for path in changed],
        "restart_needed": needed or bool(changed),
    }


def plan(objection="", before="", **what):
    return restart.plan_server({"host": "n1", "service": service(**what), "objection": objection}, before)


@pytest.mark.parametrize(
    ("what", "due", "why"),
    [
        ({}, False, f"nothing to do: its process {SINCE} has read what lies there"),
        (
            {"changed": [CONF, "/p"]},
            True,
            f"restart: its process {SINCE} has not read {CONF}, /p",
        ),
        ({"needed": True, "before": MOMENT}, True, f"restart: its process {SINCE} began before {MOMENT}"),
        ({"state": "stopped"}, True, "start: it is stopped (no run/neo4j.pid)"),
    ],
)
def test_what_is_due_and_why(what, due, why):
    server = plan(**what)
    assert (server["due"], server["refused"], server["check"]["status"]) == (due, "", "passed")
    assert why in server["check"]["detail"]
    assert bool(server["check"]["evidence"]) == due


def test_the_plan_shows_what_the_restart_brings_into_force():
    assert plan(changed=[CONF])["check"]["evidence"]["changes"] == [
        {"what": "Process", "before": SINCE, "after": "a new one"},
        {"what": CONF, "before": "as of 2026-11-20T10:00:00Z", "after": "as of 2026-11-21T10:00:00Z"},
    ]


@pytest.mark.parametrize("what", [{"changed": [CONF]}, {"state": "stopped"}])
def test_a_due_server_that_would_not_come_up_is_refused(what):
    server = plan(objection="1 issue found.", **what)
    assert server["refused"] == "it would not come up again: 1 issue found."
    assert (server["check"]["status"], server["check"]["detail"]) == ("failed", server["refused"])


def test_a_server_that_stays_up_is_not_refused():
    assert not plan(objection="1 issue found.")["refused"]


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (service(), service(pid=4712, started_at=LATER), "passed"),
        (service(), service(started_at=LATER), "passed"),
        (service("stopped"), service(), "passed"),
        (service(), service(), "failed"),
        (service(), service("stopped"), "failed"),
    ],
)
def test_another_process_is_the_proof(before, after, status):
    check = restart.proof("n1", before, after)
    assert check["status"] == status
    [change] = check["evidence"]["changes"]
    assert check["detail"] == f"process {change['before']} -> {change['after']}"

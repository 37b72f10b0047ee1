# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import configuration

CONF = "/etc/neo4j/neo4j.conf"
HEAP, LOGS, PASSWORD = "server.memory.heap.max_size", "db.logs.query.enabled", "dbms.ssl.policy.bolt.key_password"
STARTED = "2026-11-25T08:00:00.5Z"


def service(state="running", read=True):
    changed = [] if read else [{"path": CONF, "changed_at": "2026-11-25T09:00:00Z"}]
    return {"state": state, "started_at": STARTED if state == "running" else None, "changed_since": changed}


def observed(wanted, before=None, differs=None, **more):
    before = wanted if before is None else before
    differs = before != wanted if differs is None else differs
    file = {"changed": differs, "fingerprint": "present", "kept_copies": []}
    found = {"host": "db-1", "path": CONF, "service": service(), "problems": [], "objection": "", "file": file}
    found["beside"] = {"plugins": {}, "policies": [], "folders": []}
    return {**found, "settings": wanted, "before": dict.fromkeys(wanted) | before, **more}


def row(value, dynamic=False, explicit=True, default=""):
    return {"value": value, "default_value": default, "dynamic": dynamic, "explicit": explicit}


def answer(edition="enterprise", **settings):
    named = {"heap": HEAP, "logs": LOGS, "password": PASSWORD}
    shown = {named[name]: value for name, value in settings.items()}
    return {
        "uri": "bolt://db-1",
        "reachable": True,
        "cause": None,
        "message": None,
        "edition": edition,
        "settings": shown,
    }


SILENT = {"uri": "bolt://db-1", "reachable": False, "cause": "refused", "message": "Connection refused"}


def plan(*asked, always=False):
    found = configuration.plan_server(*asked, always)
    found["live"] = [tuple(setting.values()) for setting in found["live"]]
    return found


def work(found):
    return [name for name in ("place", "live", "restart", "start") if found[name]]


def test_what_is_in_force_needs_nothing():
    found = plan(observed({HEAP: "1024m"}), answer(heap=row("1.00GiB")))
    assert work(found) == [] and not found["due"] and found["check"]["detail"].startswith("nothing to do: 1 settings")
    assert found["check"]["evidence"]["changes"] == []


def test_a_static_setting_is_placed_and_the_server_restarted():
    found = plan(observed({HEAP: "2g"}, {HEAP: "1g"}), answer(heap=row("1.00GiB")))
    assert work(found) == ["place", "restart"] and found["undo_fingerprint"] == "present" and not found["stays_up"]
    assert found["check"]["evidence"]["changes"] == [{"what": HEAP, "before": "1g", "after": "2g"}]


def test_a_dynamic_one_is_changed_while_the_server_runs():
    found = plan(observed({LOGS: "INFO"}, {LOGS: None}), answer(logs=row("VERBOSE", dynamic=True, default="VERBOSE")))
    assert work(found) == ["place", "live"] and found["stays_up"]
    assert found["live"] == [(LOGS, "INFO", "")]
    assert "restart_neo4j.yml" in found["check"]["detail"]
    assert found["check"]["evidence"]["changes"] == [{"what": LOGS, "before": "Neo4j's own", "after": "INFO"}]


@pytest.mark.parametrize(
    ("edition", "always", "wanted", "shown"),
    [
        ("community", False, {LOGS: "INFO"}, {"logs": row("VERBOSE", dynamic=True)}),
        ("enterprise", True, {LOGS: "INFO"}, {"logs": row("VERBOSE", dynamic=True)}),
        (
            "enterprise",
            False,
            {LOGS: "INFO", HEAP: "2g"},
            {"logs": row("VERBOSE", dynamic=True), "heap": row("1.00GiB")},
        ),
        ("enterprise", False, {PASSWORD: "new"}, {"password": row("*****", dynamic=True)}),
    ],
    ids=["Community", "told to", "with a static one", "a secret"],
)
def test_a_dynamic_one_with_a_restart(edition, always, wanted, shown):
    before = dict.fromkeys(wanted, "old")
    found = plan(observed(wanted, before), answer(edition, **shown), always=always)
    assert work(found) == ["place", "restart"]


def test_what_somebody_changed_in_the_running_server_is_changed_back():
    found = plan(observed({LOGS: "INFO"}), answer(logs=row("OFF", dynamic=True)))
    assert work(found) == ["live"] and found["live"] == [(LOGS, "INFO", "OFF")]
    assert found["undo_fingerprint"] is None


def test_another_way_of_writing_the_same_is_placed_without_a_restart():
    assert work(plan(observed({HEAP: "1024m"}, {HEAP: "1g"}), answer(heap=row("1.00GiB")))) == ["place"]


def test_a_run_that_was_killed_before_the_restart_is_continued_and_can_be_undone():
    copies = [{"fingerprint": "present", "kept_at": "2026-11-25T10:00:00Z"}]
    copies += [{"fingerprint": "old", "kept_at": "2026-11-25T09:00:00Z"}]
    file = {"changed": False, "fingerprint": "present", "kept_copies": copies}
    found = plan(observed({HEAP: "2g"}, service=service(read=False), file=file), answer(heap=row("1.00GiB")))
    assert work(found) == ["restart"] and found["undo_fingerprint"] == "old" and not found["refused"]


def test_a_server_that_is_down_gets_its_file_and_is_started():
    found = plan(observed({HEAP: "2g"}, {HEAP: "1g"}, service=service("stopped")), SILENT)
    assert work(found) == ["place", "start"] and found["refused"] == []


def test_one_that_runs_and_does_not_answer_is_restarted_only_with_another_file():
    assert work(plan(observed({HEAP: "2g"}, {HEAP: "1g"}), SILENT)) == ["place", "restart"]
    assert work(plan(observed({HEAP: "2g"}), SILENT)) == []


def test_what_is_left_to_neo4j_is_in_force_when_it_is_the_default():
    default = answer(logs=row("VERBOSE", dynamic=True, explicit=False, default="VERBOSE"))
    assert work(plan(observed({LOGS: None}, {LOGS: None}), default)) == []
    found = plan(observed({LOGS: None}, {LOGS: "INFO"}), answer(logs=row("INFO", dynamic=True, default="VERBOSE")))
    assert found["live"] == [(LOGS, "", "INFO")]


@pytest.mark.parametrize(
    ("server", "says", "words"),
    [
        (observed({HEAP: "1g"}, problems=["No such setting."]), answer(heap=row("1.00GiB")), "No such setting."),
        (observed({HEAP: "1g"}, objection="78"), answer(heap=row("1.00GiB")), "78"),
        (observed({}), answer(), "neo4j_server_settings is empty"),
        (observed({HEAP: "1g"}), answer(), "needs SHOW SETTING *"),
        (observed({HEAP: "1g"}), answer(heap=row("2.00GiB")), "does it read another file?"),
    ],
)
def test_refused_before_anything_changes(server, says, words):
    found = plan(server, says)
    assert words in found["check"]["detail"] and found["refused"] and found["check"]["status"] == "failed"


def test_no_secret_in_a_plan():
    found = plan(observed({PASSWORD: "hunter2"}, {PASSWORD: "hunter1"}), answer(password=row("(hidden)")))
    assert "hunter" not in str(found)
    assert found["check"]["evidence"]["changes"] == [{"what": PASSWORD, "before": "(hidden)", "after": "(hidden)"}]


@pytest.mark.parametrize(
    ("wanted", "shown", "status", "words"),
    [
        ({HEAP: "1g"}, {"heap": row("1.00GiB")}, "passed", "1 settings are in force"),
        ({HEAP: "1g"}, {"heap": row("2.00GiB")}, "failed", "is 2.00GiB, wanted 1g"),
        ({HEAP: None}, {"heap": row("2.00GiB", default="1.00GiB")}, "failed", "wanted Neo4j's own"),
        ({HEAP: "1g"}, {}, "unknown", f"it does not show {HEAP}"),
        ({PASSWORD: "hunter2"}, {"password": row("*****")}, "passed", "1 settings"),
        ({PASSWORD: "hunter2"}, {"password": row("*****", explicit=False)}, "failed", "wanted (hidden)"),
    ],
)
def test_the_verdict(wanted, shown, status, words):
    check = configuration.verdict("db-1", wanted, answer(**shown))
    assert check["status"] == status and words in check["detail"] and "hunter2" not in str(check)


def test_a_setting_that_somebody_vouches_for_may_stay_hidden():
    check = configuration.verdict("db-1", {HEAP: "1g", "internal.x": "1"}, answer(heap=row("1.00GiB")), ["internal.x"])
    assert check["status"] == "passed" and "does not show internal.x" in check["detail"]


def test_a_server_that_does_not_answer_is_not_proven():
    assert configuration.verdict("db-1", {HEAP: "1g"}, SILENT)["status"] == "failed"

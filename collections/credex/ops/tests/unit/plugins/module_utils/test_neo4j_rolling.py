# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.filter import rolling_reason
from ansible_collections.credex.ops.plugins.module_utils._neo4j.rolling import failure, outcome


def host(name, alive=True, failed=None, **facts):
    found = {
        "inventory_hostname": name,
        "neo4j_rolling_alive": alive,
        **{f"neo4j_rolling_{k}": v for k, v in facts.items()},
    }
    if failed:
        found.update(ansible_failed_task={"name": failed}, ansible_failed_result={"msg": "no room"})
    return found


CONTROLLER = host("localhost", failed="Lock")


@pytest.mark.parametrize(
    ("servers", "sentence"),
    [
        ([host("n1", state="done"), host("n2", state="touched", failed="Place")], "n2: Place: no room"),
        ([host("n1"), host("n2", alive=False, state="touched")], "n2: lost (unreachable) in its turn"),
        ([host("n1"), host("n2", alive=False)], "n2: lost (unreachable) before any change"),
        ([host("n1"), host("n2", failed="Observe")], "n2: Observe: no room"),
        ([host("n1"), host("n2")], "localhost: Lock: no room"),
    ],
)
def test_the_failure_names_who_where_and_why(servers, sentence):
    assert failure(CONTROLLER, servers) == sentence


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("done", "passed", "changed and proven"),
        (None, "skipped", "not reached"),
        ("begun", "skipped", "held back"),
        ("undone", "failed", "its turn failed, it was undone"),
        ("kept: n1 would", "failed", "proven and kept; it was not undone: n1 would"),
        ("undo failed: no room", "failed", "undo failed: no room. Look at this server first"),
        ("touched", "unknown", "look at this server first"),
        ("undoing", "unknown", "look at this server first"),
    ],
)
def test_how_a_server_ended(state, status, words):
    [check] = outcome([host("n1", state=state, began="t0")], ["n1"], "it failed", False)
    assert check["status"] == status and words in check["detail"]
    assert check["evidence"]["began"] == "t0" and check["evidence"]["canary"]


def test_a_server_without_work_passes_unless_the_run_failed_before_it_was_known():
    assert outcome([host("n1")], [], "", False)[0]["status"] == "passed"
    assert outcome([host("n1")], [], "the guard failed", False)[0]["status"] == "skipped"
    assert outcome([host("n1", state="done")], ["n1"], "", True)[0]["detail"] == "would be changed"


def test_outcomes_come_in_the_order_of_the_work():
    found = outcome([host("n1"), host("n2"), host("n3")], ["n3", "n1"], "", False)
    assert [c["server"] for c in found] == ["n3", "n1", "n2"]
    assert [c["evidence"]["canary"] for c in found] == [True, False, False]


def test_none_is_told_twice_but_what_was_undone_after_all_is_told_again():
    told = host("n1", state="done", told="done")
    undone = host("n2", state="undone", told="done")
    assert [c["server"] for c in outcome([told, undone], ["n1", "n2"], "it failed", False)] == ["n2"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"msg": "No space left"}, "No space left"),
        (
            {"results": [{"failed": True, "msg": "No space"}, {"msg": "fine"}], "msg": "One or more items failed"},
            "No space",
        ),
        ({"msg": "Task failed: x: The filter plugin 'credex.ops.ops_freeze' failed: no such day"}, "no such day"),
        ({}, "no message"),
    ],
)
def test_the_filter_says_why_a_task_failed(result, reason):
    assert rolling_reason.rolling_reason(result) == reason


def test_of_a_loop_the_failed_items_speak():
    looped = host("n1", state="touched", failed="Place")
    items = [{"msg": "fine"}, {"failed": True, "msg": "No space left"}]
    looped["ansible_failed_result"] = {"msg": "One or more items failed", "results": items}
    assert failure(CONTROLLER, [looped]) == "n1: Place: No space left"

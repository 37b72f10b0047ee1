# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import MappingProxyType

import pytest
from ansible_collections.credex.ops.plugins.module_utils._report import document

AT = "2026-11-23T04:50:00Z"
RUN = MappingProxyType(
    {"id": "r1", "operation": "renew_license", "environment": "production", "started": "2026-11-23T04:49:00Z"}
)
END = MappingProxyType({"at": "2026-11-23T05:49:05Z", "failure": "", "nothing_to_do": False})


def check(status="passed", **more):
    return document.normalized({"id": "some.check", "status": status, **more}, AT)


def turn(server, state="done", canary=False, **moments):
    evidence = {"state": state, "canary": canary, "began": None, "down": None, "back": None, "ended": None, **moments}
    return check(server=server, evidence=evidence)


def build(checks, finished=END, run=RUN, **more):
    return document.build(run, checks, finished, **more)


class TestVerdict:
    @pytest.mark.parametrize(
        ("checks", "finished", "verdict"),
        [
            ([check()], END, "passed"),
            ([check(), check("failed")], END, "failed"),
            ([check(), check("failed", required=False)], END, "passed"),
            ([check(), check("unknown")], END, "incomplete"),
            ([check(), check("skipped")], END, "incomplete"),
            ([check(), check("skipped", required=False), check("unknown", required=False)], END, "passed"),
            ([check()], {**END, "failure": "n2: lost"}, "failed"),
            ([check(), check("unknown")], {**END, "failure": "n2: lost"}, "failed"),
            ([check()], {**END, "nothing_to_do": True}, "nothing_to_do"),
            ([check("failed")], {**END, "nothing_to_do": True}, "failed"),
            ([check("skipped")], {**END, "nothing_to_do": True}, "incomplete"),
        ],
    )
    def test_of_a_run_that_ended(self, checks, finished, verdict):
        result = build(checks, finished)
        assert result["verdict"] == verdict
        assert result["green"] == (verdict in ("passed", "nothing_to_do"))
        assert bool(result["findings"]) != result["green"], "a run is green exactly when nothing speaks against it"

    def test_no_check_at_all_is_not_green(self):
        result = build([])
        assert result["verdict"] == "incomplete" and result["findings"] == ["No check was recorded"]

    def test_an_expected_server_that_stays_silent_is_not_green(self):
        run = {**RUN, "servers": ["n1", "n2"]}
        result = build([check(server="n1"), check("unknown", server="n2", required=False)], run=run)
        assert result["verdict"] == "incomplete"
        assert result["findings"] == ["n2: expected, but no check of it gave an answer"]
        assert build([check(server="n1"), check(server="n2")], run=run)["verdict"] == "passed"

    def test_check_mode_is_a_plan_unless_there_is_nothing_to_do(self):
        run = {**RUN, "check_mode": True}
        assert build([check()], run=run)["verdict"] == "planned"
        assert build([check()], {**END, "nothing_to_do": True}, run=run)["verdict"] == "nothing_to_do"
        assert build([check("failed")], run=run)["verdict"] == "failed"

    def test_without_an_end_it_still_runs_or_was_interrupted(self):
        running = build([check()], None, now="2026-11-23T04:55:00Z")
        assert running["verdict"] == "running" and not running["green"]
        assert running["run"]["duration_s"] == 360
        interrupted = build([check()], None, interrupted=True, now="2026-11-24T12:00:00Z")
        assert interrupted["verdict"] == "interrupted" and not interrupted["green"]
        assert interrupted["run"]["finished"] == AT, "the last sign of life, not the moment of rendering"
        assert build([], None, interrupted=True)["run"]["duration_s"] == 0

    def test_a_run_that_ended_but_was_published_later_keeps_its_verdict(self):
        assert build([check()], END, interrupted=True)["verdict"] == "passed"

    def test_what_a_failed_run_did_not_reach_is_no_reason(self):
        run = {**RUN, "servers": ["n1", "n2"]}
        result = build(
            [check("skipped", server="n1"), check("failed", detail="no")], {**END, "failure": "why"}, run=run
        )
        assert result["findings"] == ["why", "some.check (failed): no"]


class TestServers:
    def test_in_the_order_of_their_turns_the_others_behind(self):
        run = {**RUN, "servers": ["n1", "n2", "n3"]}
        checks = [turn("n1", began="2026-11-23T05:00:00"), turn("n3", canary=True, began="2026-11-23T04:55:00")]
        servers = build([*checks, check(server="n2"), check(server="n4")], run=run)["servers"]
        assert [server["name"] for server in servers] == ["n3", "n1", "n2", "n4"]
        assert [server["canary"] for server in servers] == [True, False, False, False]
        assert [server["expected"] for server in servers] == [True, True, True, False]

    def test_how_long_one_was_out_of_service(self):
        moments = {"began": "2026-11-23T04:49:10", "down": "2026-11-23T04:49:20+00:00", "back": "2026-11-23T04:50:12Z"}
        [server] = build([turn("n1", **moments)])["servers"]
        assert server["turn"]["down_s"] == 52
        assert server["turn"]["down"] == "2026-11-23T04:49:20Z", "whatever the spelling, UTC with a Z"
        assert server["turn"]["ended"] is None

    @pytest.mark.parametrize(
        ("state", "outcome"),
        [
            ("done", "done"),
            ("unchanged", "unchanged"),
            ("waiting", "not_reached"),
            ("begun", "held_back"),
            ("undone", "undone"),
            ("kept: the gate is shut", "kept"),
            ("undo failed: disk full", "failed"),
            ("touched", "unknown"),
            ("undoing", "unknown"),
        ],
    )
    def test_the_state_of_its_turn_says_how_it_ended(self, state, outcome):
        assert build([turn("n1", state)])["servers"][0]["outcome"] == outcome

    def test_the_last_word_about_a_turn_counts(self):
        assert build([turn("n1", "done"), turn("n1", "undone")])["servers"][0]["outcome"] == "undone"

    @pytest.mark.parametrize(("status", "outcome"), [("failed", "failed"), ("unknown", "not_proven")])
    def test_done_is_not_enough_when_a_check_says_otherwise(self, status, outcome):
        assert build([turn("n1"), check(status, server="n1")])["servers"][0]["outcome"] == outcome

    def test_nothing_is_known_of_a_server_whose_run_was_interrupted(self):
        [server] = build([check(server="n1")], None, interrupted=True)["servers"]
        assert server["outcome"] == "unknown"

    def test_a_server_without_a_turn_was_only_checked(self):
        assert build([check(server="n1")])["servers"][0]["outcome"] == "checked"


class TestChanges:
    def changes(self, evidence):
        return build([check(server="n1", evidence=evidence)])["servers"][0]["changes"]

    def test_as_they_were_written(self):
        changes = [{"what": "heap", "before": "4 GiB", "after": "8 GiB"}]
        assert self.changes({"changes": changes}) == changes

    def test_from_two_descriptions_of_one_thing(self):
        present = {"product": "gds", "expires": "2026-12-13T00:00:00Z", "fingerprint": "aa", "opaque": False}
        wanted = {"product": "gds", "expires": "2027-11-23T00:00:00Z", "fingerprint": "bb", "opaque": False}
        expected = [{"what": "gds expires", "before": present["expires"], "after": wanted["expires"]}]
        assert self.changes({"present": present, "wanted": wanted}) == expected
        assert self.changes({"present": wanted, "wanted": wanted}) == []
        assert self.changes({"present": None, "wanted": {"expires": "x"}}) == [
            {"what": "expires", "before": None, "after": "x"}
        ]

    def test_the_fingerprint_only_where_nothing_says_more(self):
        assert self.changes({"present": {"fingerprint": "aa"}, "wanted": {"fingerprint": "bb"}}) == [
            {"what": "fingerprint", "before": "aa", "after": "bb"}
        ]

    def test_what_was_done_takes_the_place_of_what_was_planned(self):
        planned = [
            {"what": "process", "before": "1", "after": "another"},
            {"what": "conf", "before": "a", "after": "b"},
        ]
        done = {"what": "process", "before": "1", "after": "2"}
        checks = [check(server="n1", evidence={"changes": changes}) for changes in (planned, [done])]
        assert build(checks)["servers"][0]["changes"] == [done, planned[1]]

    @pytest.mark.parametrize(
        "evidence", [None, "text", [1], {"changes": "x"}, {"wanted": "x"}, {"present": 1, "wanted": {}}]
    )
    def test_other_evidence_holds_none(self, evidence):
        assert self.changes(evidence) == []


class TestNormalized:
    def test_fills_in_what_is_missing(self):
        assert document.normalized({"id": "x", "status": "passed", "server": None}, AT) == {
            "id": "x", "title": "x", "server": "", "phase": "change", "status": "passed", "required": True,
            "detail": "", "evidence": {}, "at": AT, "group": "", "follow_up": "",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"status": "passed"}, "without id"),
            ({"id": "x"}, "without status"),
            ({"id": "x", "status": "ok"}, "status is 'ok', expected one of passed, failed, skipped, unknown"),
            ({"id": "x", "status": "passed", "phase": "later"}, "phase is 'later'"),
            ({"id": "x", "status": "passed", "at": "noon"}, "at is 'noon'"),
        ],
    )
    def test_refuses_what_could_be_misread(self, wrong, words):
        with pytest.raises(document.CheckError, match=words):
            document.normalized(wrong, AT)


def test_title_from_the_operation_unless_it_has_one():
    assert build([check()])["run"]["title"] == "Renew license"
    assert build([check()], run={**RUN, "title": "Renewal"})["run"]["title"] == "Renewal"


def test_counts_add_up():
    document = build([check(), check("failed"), check("skipped"), check("unknown"), check()])
    assert document["counts"] == {"total": 5, "passed": 2, "failed": 1, "warning": 0, "skipped": 1, "unknown": 1}


def test_what_fails_and_is_not_required_is_told_as_a_warning():
    document = build([check(), check("failed", required=False), check("failed", required=False)])
    assert (document["counts"]["failed"], document["counts"]["warning"]) == (0, 2)
    assert document["summary"] == "Done and proven, but for what the warnings say. Checks: 1 passed, 2 warnings."


class TestGroups:
    def test_a_group_is_as_good_as_its_worst_required_check(self):
        checks = [
            check(group="1"),
            check("unknown", group="2"),
            check("failed", group="1", server="n1", detail="too big", follow_up="make it smaller"),
            check("failed", group="3", required=False),
            check(group="3"),
            check(),
        ]
        groups = build(checks)["groups"]
        assert [(g["name"], g["status"]) for g in groups] == [("1", "failed"), ("2", "unknown"), ("3", "passed")]
        assert groups[0]["reasons"] == [{"status": "failed", "required": True, "text": "n1: too big"}] and groups[0][
            "follow_up"
        ] == ["make it smaller"]
        assert groups[0]["counts"]["total"] == 2

    def test_one_that_was_only_skipped_is_skipped(self):
        [group] = build([check("skipped", group="5", required=False, detail="not told to")])["groups"]
        assert (group["status"], [r["text"] for r in group["reasons"]]) == ("skipped", ["not told to"])

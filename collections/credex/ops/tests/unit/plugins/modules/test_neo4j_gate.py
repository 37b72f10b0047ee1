# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module adds to the pure gate: reading again, the environment's queries, the deadline, and what it says."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError
from ansible_collections.credex.ops.plugins.modules import neo4j_gate

URI, ADDRESS = "bolt://10.0.0.1", "10.0.0.1:7687"
QUERY = {"name": "the nightly run", "database": "ledgerspace", "query": "RETURN false AS busy"}


def member(status="online"):
    row = {
        "name": "ledgerspace",
        "type": "standard",
        "address": ADDRESS,
        "role": "primary",
        "writer": True,
        "requested_primaries": 1,
    }
    state = {"requested_status": "online", "current_status": status, "status_message": "", "replication_lag": 0}
    return {
        "uri": URI,
        "reachable": True,
        "cause": None,
        "message": None,
        "address": ADDRESS,
        "clock_ahead_seconds": 0.0,
        "servers": [],
        "databases": [{**row, **state}],
        "status_check": None,
    }


@pytest.fixture
def gate(monkeypatch, capsys):
    """Run the module over a list of readings, of which the last repeats, and of query answers likewise."""

    def run(readings, answers=(), **params):
        asked = iter([*readings, *[readings[-1]] * 1000])
        answered = iter([*answers, *list(answers)[-1:] * 1000])

        def rows(*_args):
            answer = next(answered)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(neo4j_gate, "read_cluster", lambda _targets, _workers: [next(asked)])
        monkeypatch.setattr(neo4j_gate.connection, "query_rows", rows)
        given = {
            "uris": [URI],
            "server": URI,
            "condition": "may_go_down",
            "allow_downtime": True,
            "interval": 0.01,
            "wait": 0.1,
        }
        with patch_module_args({**given, **params}), pytest.raises(SystemExit):
            neo4j_gate.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_it_waits_until_the_condition_holds(gate):
    result = gate([member("starting"), member("starting"), member()], condition="is_back", wait=5)
    assert result["open"] and result["readings"] == 3 and not result["changed"]


def test_its_time_out_says_what_it_still_waited_for(gate):
    result = gate([member("starting")], condition="is_back")
    assert result["failed"] and "is not back after" in result["msg"] and "is starting, wanted online" in result["msg"]
    assert result["readings"] > 1


def test_no_wait_asks_once_and_a_finding_is_no_failure(gate):
    result = gate([member("starting")], wait=0, fail_when_shut=False)
    assert not result["open"] and result["readings"] == 1 and "failed" not in result


def test_the_environments_queries_are_waited_for(gate):
    result = gate([member()], [[{"busy": True}], [{"busy": None}]], queries=[QUERY], wait=5)
    assert result["open"] and result["readings"] == 2


def test_a_stuck_flag_is_suspected_in_the_message(gate):
    result = gate([member()], [[{"busy": True}]], queries=[QUERY], stuck_after=0.02)
    assert result["failed"] and "is its flag stuck" in result["msg"]


def test_a_query_that_cannot_be_asked_or_fails_keeps_the_gate_shut(gate):
    elsewhere = dict(QUERY, database="searchspace")
    assert "no member has database searchspace online" in gate([member()], queries=[elsewhere])["msg"]
    broken = UnreachableError("reset by peer", URI, Cause.UNAVAILABLE)
    assert "reset by peer" in gate([member()], [broken], queries=[QUERY])["msg"]


def test_a_server_on_its_way_back_is_not_asked_whether_the_application_is_quiet(gate):
    assert gate([member()], [[{"busy": True}]], queries=[QUERY], condition="is_back")["open"]


def test_a_server_that_is_not_among_the_members_is_refused(gate):
    assert "is not among uris" in gate([member()], server="bolt://10.0.0.9")["msg"]


@pytest.mark.parametrize("cause", ["authentication", "rate_limit", "credentials_expired"])
def test_a_wrong_password_is_tried_once(gate, cause):
    shut_out = {"uri": URI, "reachable": False, "cause": cause, "message": "no"}
    result = gate([shut_out], wait=5)
    assert result["failed"] and result["readings"] == 1 and cause in result["msg"]


def test_a_query_of_another_cluster_is_asked_there(monkeypatch, capsys):
    other = "bolt://10.0.0.9"
    asked = []

    def read(targets, _workers):
        found = [{**member(), "uri": target.uri} for target in targets]
        return [{**m, "databases": []} if m["uri"] == URI else m for m in found]

    monkeypatch.setattr(neo4j_gate.cluster, "may_go_down", lambda *_: neo4j_gate.cluster.Verdict())
    monkeypatch.setattr(neo4j_gate, "read_cluster", read)
    monkeypatch.setattr(
        neo4j_gate.connection, "query_rows", lambda target, *_: asked.append(target.uri) or [{"busy": True}]
    )
    elsewhere = {**QUERY, "uris": [other]}
    given = {"uris": [URI], "server": URI, "condition": "may_go_down", "wait": 0, "queries": [elsewhere]}
    with patch_module_args(given), pytest.raises(SystemExit):
        neo4j_gate.main()
    assert asked == [other]
    assert json.loads(capsys.readouterr().out)["reasons"] == ["the nightly run is at work"]

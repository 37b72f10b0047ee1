# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.quiet import Watch, member_for


@pytest.mark.parametrize("rows", [[{"busy": False}], [{"busy": None}], [{"busy": False}, {"busy": None}]])
def test_false_and_null_are_quiet(rows):
    assert Watch(60).reason("DCO", rows, 0) is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "no row"),
        ([{"busy": True}], "is at work"),
        ([{"busy": "yes"}], "'yes', not true"),
        ([{"a": None}, {"a": True}], "at work"),
    ],
)
def test_everything_else_keeps_the_gate_shut(rows, words):
    assert words in Watch(60).reason("DCO", rows, 0)


def test_a_flag_that_never_drops_is_suspected_and_a_break_resets_the_suspicion():
    watch = Watch(60)
    assert "stuck" not in watch.reason("DCO", [{"busy": True}], 100)
    assert "159 s" not in watch.reason("DCO", [{"busy": True}], 159)
    assert "for 60 s" in watch.reason("DCO", [{"busy": True}], 160)
    assert watch.reason("DCO", [{"busy": False}], 161) is None
    assert "stuck" not in watch.reason("DCO", [{"busy": True}], 200)


def member(uri, address, writer, status="online", reachable=True):
    row = {"name": "ledgerspace", "address": address, "writer": writer, "current_status": status}
    return {"uri": uri, "reachable": reachable, "address": address, "databases": [row]}


def test_the_writer_is_asked_then_any_online_copy_then_nobody():
    a, b = member("bolt://a", "a:7687", False), member("bolt://b", "b:7687", True)
    assert member_for([a, b], "ledgerspace") == "bolt://b"
    assert member_for([a, dict(b, reachable=False)], "ledgerspace") == "bolt://a"
    assert member_for([member("bolt://a", "a:7687", False, "starting")], "ledgerspace") is None
    assert member_for([a, b], "other") is None

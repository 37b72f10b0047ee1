# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._aws.lock import Claim, Record, decide

HELD = Record("run-1", "renew_license", "ops@bastion", "2026-11-23T04:49:01Z", "2026-11-23T04:55:00Z", 1800, 3)
MINE = Claim("run-2", "renew_license", "ops@bastion", 30)
OTHER = Claim("run-2", "dr_drill", "ops@bastion", 30)


@pytest.mark.parametrize(
    ("record", "claim", "unchanged_for", "action"),
    [
        (None, MINE, 0, "create"),
        (HELD, Claim("run-1", "renew_license", "x", 30), 0, "own"),
        (HELD, Claim("run-1", "renew_license", "x", 30), 9999, "own"),
        (HELD, MINE, 0, "wait"),
        (HELD, MINE, 1799.9, "wait"),
        (HELD, MINE, 1800, "take_over"),
        (HELD, OTHER, 0, "refuse"),
        (HELD, OTHER, 10**9, "refuse"),
    ],
)
def test_who_may_do_what(record, claim, unchanged_for, action):
    assert decide(record, claim, unchanged_for).action == action


def test_the_lease_that_counts_is_the_holders():
    record = Record("run-1", "renew_license", "x", "", "", lease=30)
    claim = Claim("run-2", "renew_license", "x", lease=1800)
    assert decide(record, claim, 29).action == "wait"
    assert decide(record, claim, 30).action == "take_over"


@pytest.mark.parametrize("operation", ["renew_license", "dr_drill"])
def test_breaking_needs_the_very_run(operation):
    def breaking(run_id):
        return decide(HELD, Claim("run-2", operation, "x", 30, break_run_id=run_id), 0)

    assert breaking("run-1").action == "break"
    wrong = breaking("run-0")
    assert wrong.action == "refuse" and "run run-0 was to be broken" in wrong.reason and "run-1" in wrong.reason


def test_breaking_a_lock_that_nobody_holds_takes_it():
    assert decide(None, Claim("run-2", "dr_drill", "x", 30, break_run_id="run-1"), 0).action == "create"


def test_a_refusal_shows_the_holder():
    reason = decide(HELD, OTHER, 0).reason
    assert all(fact in reason for fact in ("run-1", "renew_license", "ops@bastion", "2026-11-23T04:49:01Z"))

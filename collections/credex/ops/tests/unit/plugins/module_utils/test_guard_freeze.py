# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.credex.ops.plugins.module_utils._guard.freeze import WindowError, freeze
from hypothesis import given
from hypothesis import strategies as st

NIGHT = {"from": "23:45", "to": "00:45", "tz": "UTC", "reason": "daily credcoin offering"}
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour, minute=0, second=0, day=0):
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


@pytest.mark.parametrize(
    ("now", "frozen"),
    [
        (at(23, 44, 59), False),
        (at(23, 45), True),
        (at(23, 59, 59), True),
        (at(0, 0), True),
        (at(0, 44, 59), True),
        (at(0, 45), False),
        (at(12), False),
    ],
)
def test_a_window_over_midnight(now, frozen):
    answer = freeze([NIGHT], now)
    assert bool(answer) == frozen
    if frozen:
        assert answer["active"] and answer["reason"] == "daily credcoin offering"
        assert answer["ends"].endswith("T00:45:00Z") and answer["ends"] in answer["message"]


def test_a_window_that_begins_within_the_step_is_in_the_way():
    assert freeze([NIGHT], at(23, 30), 900) is None, "a step that ends as the window begins may run"
    answer = freeze([NIGHT], at(23, 30, 1), 900)
    assert not answer["active"]
    assert answer["message"] == (
        "Freeze (daily credcoin offering) begins 2026-11-23T23:45:00Z, within the 900 s that one step may take: "
        "nothing is taken down until 2026-11-24T00:45:00Z."
    )


def test_a_step_longer_than_a_day_finds_the_window_too():
    assert freeze([NIGHT], at(0, 45), 86400) is not None


def test_no_windows_freeze_nothing():
    assert freeze([], at(0), 86400) is None


def test_days_are_those_on_which_it_begins():
    friday_night = {"from": "22:00", "to": "06:00", "tz": "UTC", "reason": "weekend", "days": ["Fri"]}
    assert freeze([friday_night], at(23, day=4))
    assert freeze([friday_night], at(5, day=5)), "Saturday morning belongs to Friday's window"
    assert not freeze([friday_night], at(23, day=5))
    assert not freeze([friday_night], at(5, day=4))


def test_local_time_of_the_zone():
    opening = {"from": "09:00", "to": "10:00", "tz": "Africa/Johannesburg", "reason": "opening"}
    assert not freeze([opening], at(6, 59)) and freeze([opening], at(7))["ends"] == "2026-11-23T08:00:00Z"


def test_summer_time_moves_the_window():
    morning = {"from": "09:00", "to": "10:00", "tz": "Europe/Berlin", "reason": "x"}
    winter, summer = (
        datetime(2026, 1, 12, 8, 30, tzinfo=UTC),
        datetime(2026, 7, 13, 7, 30, tzinfo=UTC),
    )
    assert freeze([morning], winter) and freeze([morning], summer)
    assert not freeze([morning], summer + timedelta(hours=1))


def test_windows_that_touch_are_one():
    after = {"from": "00:45", "to": "02:00", "tz": "UTC", "reason": "backup"}
    unrelated = {"from": "05:00", "to": "06:00", "tz": "UTC", "reason": "other"}
    answer = freeze([after, unrelated, NIGHT], at(23, 50))
    assert answer["reason"] == "daily credcoin offering" and answer["ends"] == "2026-11-24T02:00:00Z"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"from": 1425}, 'from must be a quoted time of day such as "23:45"'),
        ({"from": "23:60"}, "from must be a quoted time"),
        ({"to": "24:00"}, "to must be a quoted time"),
        ({"to": None}, "to must be a quoted time"),
        ({"to": "23:45"}, "begins and ends at the same minute"),
        ({"tz": "Mars/Olympus"}, "tz must be a name of the IANA database"),
        ({"tz": None}, "tz must be"),
        ({"tz": "../etc/passwd"}, "tz must be"),
        ({"days": []}, "days must be a list"),
        ({"days": ["monday"]}, "days must be a list of mon, tue"),
        ({"days": "mon"}, "days must be a list"),
        ({"until": "x"}, "unknown key until"),
    ],
)
def test_a_window_not_written_as_it_should_be_is_an_error(change, words):
    with pytest.raises(WindowError, match=words):
        freeze([{**NIGHT, **change}], at(12))


def test_a_window_that_is_no_mapping_is_an_error():
    with pytest.raises(WindowError, match="expected from, to, tz"):
        freeze(["23:45-00:45"], at(12))


MINUTES = st.integers(0, 1439)


@given(MINUTES, MINUTES, st.integers(0, 7 * 1440), st.integers(0, 7200))
def test_a_step_allowed_to_begin_never_meets_the_window(begins, ends, start, step):
    if begins == ends:
        return
    window = {"from": f"{begins // 60:02}:{begins % 60:02}", "to": f"{ends // 60:02}:{ends % 60:02}", "tz": "UTC"}
    now = MONDAY + timedelta(minutes=start)
    touched = any(
        (begins < ends and begins <= minute % 1440 < ends)
        or (begins > ends and (minute % 1440 >= begins or minute % 1440 < ends))
        for minute in range(start, start + max(-(-step // 60), 1))
    )
    assert (freeze([window], now, step) is not None) == touched

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Freeze windows: hours in which nothing may be taken down. Pure; the clock is handed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class WindowError(ValueError):
    """A freeze window is not written as it should be; the text says which one, and how."""


@dataclass(frozen=True)
class Window:
    """A daily span of local time; it may go over midnight. *days* are those on which it begins."""

    begins: time
    ends: time
    zone: ZoneInfo
    reason: str
    days: frozenset[int]

    def spans_around(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """The spans (UTC) that begin yesterday, today, tomorrow or the day after, as that zone's calendar has them."""
        today = now.astimezone(self.zone).date()
        days = [today + timedelta(days=offset) for offset in (-1, 0, 1, 2)]
        return [self._span(day) for day in days if day.weekday() in self.days]

    def _span(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.ends > self.begins else day + timedelta(days=1)
        begin, end = datetime.combine(day, self.begins, self.zone), datetime.combine(last, self.ends, self.zone)
        return begin.astimezone(timezone.utc), end.astimezone(timezone.utc)


def parse(window: Any) -> Window:
    """The window as it was written in YAML. Raises WindowError."""
    if not isinstance(window, dict):
        raise WindowError(f"Freeze window {window!r}: expected from, to, tz, reason, and perhaps days.")
    unknown = sorted(set(window) - {"from", "to", "tz", "reason", "days"})
    if unknown:
        raise WindowError(f"Freeze window {window!r}: unknown key {', '.join(unknown)}.")
    begins, ends = _clock(window, "from"), _clock(window, "to")
    if begins == ends:
        raise WindowError(f"Freeze window {window!r}: it begins and ends at the same minute.")
    return Window(begins, ends, _zone(window), str(window.get("reason") or "freeze window"), _days(window))


def freeze(windows: list[Any], now: datetime, step_max: float = 0) -> dict[str, Any] | None:
    """None when a step of at most *step_max* seconds may begin now; else what is in its way and until when.

    Windows that touch or overlap are one, so that the end is the moment when work may go on.
    """
    spans = sorted(
        (begin, end, window.reason) for window in map(parse, windows) for begin, end in window.spans_around(now)
    )
    in_the_way = [span for span in spans if span[1] > now and span[0] < now + timedelta(seconds=max(step_max, 0.001))]
    if not in_the_way:
        return None
    begins, ends, reason = in_the_way[0]
    for begin, end, _reason in spans:
        if begin <= ends:
            ends = max(ends, end)
    active = begins <= now
    return {
        "reason": reason,
        "active": active,
        "begins": _text(begins),
        "ends": _text(ends),
        "message": _message(reason, active, begins, ends, step_max),
    }


def _message(reason: str, active: bool, begins: datetime, ends: datetime, step_max: float) -> str:
    if active:
        return f"Freeze ({reason}) since {_text(begins)}: nothing is taken down until {_text(ends)}."
    return (
        f"Freeze ({reason}) begins {_text(begins)}, within the {step_max:g} s that one step may take: "
        f"nothing is taken down until {_text(ends)}."
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(window: dict[str, Any], name: str) -> time:
    match = CLOCK.fullmatch(window[name]) if isinstance(window.get(name), str) else None
    if not match:
        # YAML reads an unquoted 23:45 as the number 1425
        raise WindowError(f'Freeze window {window!r}: {name} must be a quoted time of day such as "23:45".')
    return time(int(match[1]), int(match[2]))


def _zone(window: dict[str, Any]) -> ZoneInfo:
    name = window.get("tz")
    try:
        return ZoneInfo(str(name or ""))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WindowError(
            f"Freeze window {window!r}: tz must be a name of the IANA database such as UTC or Africa/Johannesburg."
        ) from error


def _days(window: dict[str, Any]) -> frozenset[int]:
    names = window.get("days", list(DAYS))
    if not isinstance(names, list) or not names or any(str(name).lower() not in DAYS for name in names):
        raise WindowError(f"Freeze window {window!r}: days must be a list of {', '.join(DAYS)}.")
    return frozenset(DAYS.index(str(name).lower()) for name in names)

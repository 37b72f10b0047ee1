# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time, as reports write them: ISO 8601 in UTC, to the second, with a Z."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    return datetime.now(timezone.utc)


def to_text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """Raises ValueError for what is no ISO 8601 time; a time without zone is taken as UTC."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if not 1000 <= moment.year < 9999:  # no other year is written and read alike, nor moved to every zone
        raise ValueError(f"{text} is not of our time")
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def parse(text: object) -> datetime | None:
    """The time, or None for anything that is none."""
    try:
        return from_text(str(text)) if text else None
    except ValueError:
        return None


def in_words(seconds: float | None) -> str:
    """A duration for people: 8 s, 3 min 20 s, 2 h 05 min."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"

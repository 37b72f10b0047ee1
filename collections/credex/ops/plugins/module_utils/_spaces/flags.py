# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The flags of the minute queue and of the nightly run: at work, stuck, null, or held by us."""

from __future__ import annotations

import time
import typing as t

from .._neo4j.spaces import Space
from . import statements
from .finding import Finding

INTERVAL = 1.0  # seconds between two looks
_STUCK = {"mtq": "mtq_flag_stuck", "dco": "dco_flag_stuck"}
_NAMES = {"mtq": "MTQrunningNow", "dco": "DCOrunningNow"}


def findings(spaces: t.Mapping[str, Space], stuck_after: float) -> list[Finding]:
    """A flag that stays set so many seconds, while no transaction runs on either space, is stuck."""
    day = active(spaces["ledger"])
    if day is None:
        return []
    found = [Finding(kind="mtq_flag_null", key=day["date"], detail="")] if day["mtq"] is None else []
    if day["hold"]:
        if day["expired"]:
            detail = f"run {day['hold']} held the minute queue until {day['until']}"
            found.append(Finding(kind="hold_left", key=day["date"], detail=detail))
        return found
    return found + [
        Finding(kind=_STUCK[flag], key=day["date"], detail=f"{_NAMES[flag]} stayed true for {stuck_after:g} s")
        for flag in stuck(spaces, stuck_after)
    ]


def active(ledger: Space) -> dict[str, t.Any] | None:
    """The one active Daynode, as the statement HOLDS shows it."""
    days = [row for row in ledger.rows(statements.HOLDS) if row["active"]]
    return days[0] if len(days) == 1 else None


def stuck(spaces: t.Mapping[str, Space], seconds: float) -> list[str]:
    """The flags (mtq, dco) that nobody took back for so long, without a single transaction seen meanwhile."""
    deadline = time.monotonic() + seconds
    candidates = set(_STUCK)
    while True:
        day = active(spaces["ledger"])
        candidates = {flag for flag in candidates if day and day[flag] is True}
        if not candidates or any(transactions(space) for space in spaces.values()):
            return []
        if time.monotonic() >= deadline:
            return sorted(candidates)
        time.sleep(min(INTERVAL, max(0.05, deadline - time.monotonic())))


def transactions(space: Space) -> list[dict[str, t.Any]]:
    """What runs on the space's database, this question excepted."""
    return space.rows(statements.TRANSACTIONS, database=space.database)

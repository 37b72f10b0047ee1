# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""An environment's own gate queries: is the application at work that a restart would cut? Pure.

A query answers rows whose first column says busy (true) or quiet (false or null). No row answers nothing, so it counts
as not known: a filter that matches nothing any more must not open the gate.
"""

from __future__ import annotations

import typing as t


class Watch:
    """Remembers since when each query has been answered busy, by the caller's own monotonic clock."""

    def __init__(self, stuck_after: float) -> None:
        self._stuck_after = stuck_after
        self._busy_since: dict[str, float] = {}

    def reason(self, name: str, rows: t.Sequence[t.Mapping[str, t.Any]], now: float) -> str | None:
        """Why this query keeps the gate shut, or None."""
        if not rows:
            return f"{name}: the gate query answered no row, so nobody knows whether it is quiet"
        values = [next(iter(row.values())) for row in rows]
        odd = [v for v in values if v not in (True, False, None)]
        if odd:
            return f"{name}: the gate query answered {odd[0]!r}, not true, false or null"
        if True not in values:
            self._busy_since.pop(name, None)
            return None
        return self._busy(name, now)

    def _busy(self, name: str, now: float) -> str:
        seconds = now - self._busy_since.setdefault(name, now)
        if seconds < self._stuck_after:
            return f"{name} is at work"
        return f"{name} has been at work for {seconds:.0f} s while this run waited: is its flag stuck?"


def member_for(members: t.Sequence[t.Mapping[str, t.Any]], database: str) -> str | None:
    """The address of a member to ask: the database's writer if it answers, else any with an online copy."""
    online = [
        (not row["writer"], member["uri"])
        for member in members
        if member["reachable"]
        for row in member["databases"]
        if row["name"] == database and row["address"] == member["address"] and row["current_status"] == "online"
    ]
    return min(online)[1] if online else None

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Holding the minute queue: DCOrunningNow of the active Daynode is a pause for it, with our mark and a deadline.

A hold is taken for a bounded time, by LedgerSpace's own clock, and given back whatever happens. One that a killed run
left is given back by the next run, when its time is over, or when that run is told that its holder is gone.
"""

from __future__ import annotations

import time
import typing as t
from contextlib import contextmanager

from .._neo4j.errors import Cause, StatementRefusedError, UnreachableError
from .._neo4j.spaces import Space
from . import statements
from .flags import INTERVAL, active

# The queue looks at the flag and sets its own in two statements; between them it may already be past our flag
SETTLE = 3.0  # seconds


class HeldByOthersError(StatementRefusedError):
    """Somebody else holds the queue, or the nightly run is at work."""

    advice = "Wait for it, or see docs/runbooks/spaces.md for a flag that is stuck."


class Hold:
    """The queue of one LedgerSpace, held by one run."""

    def __init__(self, ledger: Space, run: str, seconds: float, wait: float) -> None:
        self._ledger = ledger
        self._run = run
        self._seconds = seconds
        self._wait = wait

    def take(self) -> None:
        """Wait for the nightly run and for other holds, set the flag, wait until the queue has ended its minute."""
        deadline = time.monotonic() + self._wait
        while not self._ledger.write(statements.TAKE_HOLD, run=self._run, seconds=self._seconds).rows:
            self._refuse_late(deadline, self._why_not())
            self.clear_expired()
            time.sleep(INTERVAL)
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < SETTLE:
            day = active(self._ledger)
            if day and day["mtq"]:
                quiet_since = time.monotonic()
                self._refuse_late(deadline, "the minute queue is at work (MTQrunningNow)")
            time.sleep(INTERVAL)

    def check(self) -> None:
        """Before each write: the nightly run, which does not look at its own flag, may have taken it back."""
        day = active(self._ledger)
        if not day or day["hold"] != self._run or day["dco"] is not True or day["expired"]:
            raise HeldByOthersError(
                f"the hold on the minute queue of {self._ledger} is over or was taken back; nothing more is written",
                self._ledger.target.uri,
            )

    def clear_expired(self) -> None:
        """Give back what a killed run left. Nothing is written where there is nothing of the kind."""
        if any(row["expired"] for row in self._ledger.rows(statements.HOLDS)):
            self._ledger.write(statements.RELEASE_EXPIRED_HOLDS)

    def release(self) -> None:
        self._ledger.write(statements.RELEASE_HOLD, run=self._run)

    def _why_not(self) -> str:
        day = active(self._ledger)
        if day is None:
            return "there is not exactly one active Daynode"
        if day["hold"]:
            return f"run {day['hold']} holds the minute queue until {day['until']}"
        if day["dco"] is None:
            return "DCOrunningNow is null: the minute queue does not run anyway, and there is nothing to hold"
        return "the nightly run is at work (DCOrunningNow)"

    def _refuse_late(self, deadline: float, why: str) -> None:
        if time.monotonic() >= deadline:
            said = f"the minute queue could not be held within {self._wait:g} s: {why}"
            raise HeldByOthersError(said, self._ledger.target.uri)


@contextmanager
def held(hold: Hold | None) -> t.Iterator[None]:
    """Hold the queue, if asked to, and give it back whatever happens."""
    if hold is None:
        yield
        return
    try:
        hold.take()
        yield
    finally:
        _give_back(hold)


def _give_back(hold: Hold) -> None:
    """Tried for a while: a server that was just lost may come back, and a flag that stays stops the queue."""
    for pause in (1, 2, 4, 8, 0):
        try:
            hold.release()
            return
        except UnreachableError as error:
            if error.cause in (Cause.AUTHENTICATION, Cause.RATE_LIMIT) or not pause:
                raise
            time.sleep(pause)

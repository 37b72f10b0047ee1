# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Getting the minute queue to run again: flags that are null or stuck, and accounts that it fails on every minute.

This is the one thing that writes LedgerSpace: two flags of the active Daynode, and queueStatus of accounts. Money is
never touched. A credex that waits is left to the queue, which knows what to do with it.
"""

from __future__ import annotations

import typing as t

from .._neo4j.errors import StatementRefusedError
from .._neo4j.spaces import Space
from . import statements
from .flags import active, stuck, transactions

BATCH = 1000


class AtWorkError(StatementRefusedError):
    """A flag is set and nobody proved that it is stuck."""


class Unblock:
    """`word`: a person looked, and no task of the application runs the queue or the nightly run."""

    def __init__(self, spaces: t.Mapping[str, Space], stuck_after: float, word: bool) -> None:
        self._spaces = spaces
        self._ledger, self._search = spaces["ledger"], spaces["search"]
        self._stuck_after = stuck_after
        self._word = word

    def plan(self) -> list[tuple[str, dict[str, t.Any], str]]:
        """Statement, parameters and reason of each write. Raises where proof or word is missing."""
        day = active(self._ledger)
        if day is None:
            raise StatementRefusedError(
                "there is not exactly one active Daynode, so there is no flag to clear", self._ledger.target.uri
            )
        return [*self._flags(day), *self._accounts()]

    def run(self, plan: t.Sequence[tuple[str, dict[str, t.Any], str]]) -> list[str]:
        """The reasons of the writes that changed something."""
        return [why for text, asked, why in plan if self._ledger.write(text, **asked).rows]

    def _flags(self, day: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any], str]]:
        if day["hold"]:
            yield from self._hold(day)
            return
        set_ = [flag for flag in ("mtq", "dco") if day[flag] is True]
        if set_:
            self._prove(set_)
        elif day["mtq"] is None or day["dco"] is None:
            self._refuse_transactions()
        if day["dco"] is not False:
            yield statements.CLEAR_DCO, {}, f"DCOrunningNow of {day['date']} was {_word(day['dco'])}"
        if day["mtq"] is not False:
            yield statements.CLEAR_MTQ, {}, f"MTQrunningNow of {day['date']} was {_word(day['mtq'])}"

    def _hold(self, day: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any], str]]:
        """Ours, so that its own deadline is proof enough."""
        if not day["expired"]:
            raise AtWorkError(f"run {day['hold']} holds the minute queue until {day['until']}", self._ledger.target.uri)
        yield statements.RELEASE_EXPIRED_HOLDS, {}, f"run {day['hold']} held the queue until {day['until']}"

    def _prove(self, flags: list[str]) -> None:
        """No flag has a time stamp, so its age is what we see ourselves."""
        if not self._word:
            raise AtWorkError(
                f"{_named(flags)} is true. Look whether a task of the application runs, then say so with no_task_runs",
                self._ledger.target.uri,
            )
        if stuck(self._spaces, self._stuck_after) != sorted(flags):
            raise AtWorkError(
                f"{_named(flags)} is true, and within {self._stuck_after:g} s it changed or a transaction was seen: "
                "something is at work. Scale the application to zero first, if it must be cleared",
                self._ledger.target.uri,
            )

    def _refuse_transactions(self) -> None:
        running = transactions(self._ledger)
        if running:
            told = ", ".join(f"{row['id']} of {row['username']}, {row['milliseconds']} ms" for row in running[:3])
            raise AtWorkError(f"transactions run on LedgerSpace: {told}", self._ledger.target.uri)

    def _accounts(self) -> t.Iterator[tuple[str, dict[str, t.Any], str]]:
        """Pending here, and already there: the queue fails on the constraint every minute."""
        pending = [row["id"] for row in self._ledger.rows(statements.PENDING_ACCOUNTS)]
        for start in range(0, len(pending), BATCH):
            there = self._search.rows(statements.ACCOUNTS_OF, keys=pending[start : start + BATCH])
            if there:
                yield statements.MARK_PROCESSED, {"rows": there}, f"{len(there)} accounts are in SearchSpace already"


def _word(flag: t.Any) -> str:
    return "null" if flag is None else str(flag).lower()


def _named(flags: t.Iterable[str]) -> str:
    return " and ".join({"mtq": "MTQrunningNow", "dco": "DCOrunningNow"}[flag] for flag in flags)

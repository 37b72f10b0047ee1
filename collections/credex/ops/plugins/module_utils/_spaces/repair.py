# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Repair of SearchSpace from LedgerSpace: compare, plan, write, compare again. LedgerSpace is only read."""

from __future__ import annotations

import dataclasses
import typing as t

from .._neo4j.errors import StatementRefusedError
from .._neo4j.spaces import Space
from .comparison import Comparison, Options
from .hold import Hold, held
from .plan import Step, plan
from .writer import Writer


class NotCleanError(StatementRefusedError):
    """Something that can be repaired differs after the repair."""

    advice = "Run it again; what still differs then changes faster than it is read: hold the minute queue meanwhile."


class Repair:
    """One repair of at most `limit` differences."""

    def __init__(self, spaces: t.Mapping[str, Space], options: Options, batch: int, hold: Hold | None) -> None:
        self._spaces = spaces
        self._options = dataclasses.replace(options, invariants=False)
        self._batch = batch
        self._hold = hold

    def show(self) -> dict[str, t.Any]:
        """For check mode: what would be written. The queue is not held."""
        found = self._compare()
        writer = self._writer(found)
        writer.show(self._plan(found))
        return self._result(found, writer, None)

    def run(self) -> dict[str, t.Any]:
        """The first comparison says whether the queue must be held at all; one under the hold says what is written."""
        if self._hold:
            self._hold.clear_expired()
        found = self._compare()
        if not self._plan(found):
            return self._result(found, self._writer(found), None)
        with held(self._hold):
            if self._hold:
                found = self._compare()
            writer = self._writer(found)
            writer.carry_out(self._plan(found))
            after = self._compare()
        self._refuse_unclean(found, after)
        return self._result(found, writer, after)

    def _compare(self) -> Comparison:
        found = Comparison(self._spaces, self._options, keep=self._options.limit)
        found.run()
        return found

    def _plan(self, found: Comparison) -> list[Step]:
        return plan(found.tally.kept, found.days.today)

    def _writer(self, found: Comparison) -> Writer:
        before = self._hold.check if self._hold else _nothing
        return Writer(self._spaces["search"], self._batch, found.statement, before)

    def _refuse_unclean(self, found: Comparison, after: Comparison) -> None:
        """More than one run's limit of differences takes several runs; within it nothing may be left."""
        if after.tally.repairable and found.tally.repairable <= self._options.limit:
            left = {entry["kind"]: entry["count"] for entry in after.tally.differences() if entry["repair"] == "search"}
            told = ", ".join(f"{kind} {count}" for kind, count in left.items())
            raise NotCleanError(f"after the repair these still differ: {told}", self._spaces["search"].target.uri)

    @staticmethod
    def _result(found: Comparison, writer: Writer, after: Comparison | None) -> dict[str, t.Any]:
        executed = writer.executed
        return {
            "differences": found.tally.differences(),
            "in_flight": found.tally.in_flight,
            "executed_statements": executed.statements,
            "written": executed.changed,
            "left_alone": executed.left,
            "remaining": after.tally.differences() if after else [],
        }


def _nothing() -> None:
    """Without a hold there is nothing to look at before a write."""

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Filling an empty SearchSpace from LedgerSpace: constraints, accounts, then every anchor with all its credexes.

A rebuild that was begun is known by its mark, so that a killed one goes on where it was: an anchor and its credexes are
written in one transaction, and not written again.
"""

from __future__ import annotations

import itertools
import typing as t

from .._neo4j.errors import InvalidOptionError, StatementRefusedError
from .._neo4j.feed import Feed
from .._neo4j.spaces import Space
from . import shapes, statements
from .comparison import Comparison, Options
from .flags import active
from .hold import Hold, held
from .judge import PENDING
from .repair import NotCleanError

_PREPARE = (statements.ACCOUNT_CONSTRAINT, statements.CREDEX_CONSTRAINT, statements.MARK_REBUILD)
# What a transaction may hold of credexes, beside the last anchor's own
CREDEXES = 5000


class NotEmptyError(InvalidOptionError):
    """A rebuild fills what is empty; it never empties anything."""


class Rebuild:
    """Of one SearchSpace. `hold` keeps the minute queue from writing meanwhile."""

    def __init__(self, spaces: t.Mapping[str, Space], options: Options, batch: int, hold: Hold | None, run: str):
        self._ledger, self._search = spaces["ledger"], spaces["search"]
        self._spaces = spaces
        self._options = options
        self._batch = batch
        self._hold = hold
        self._run = run
        self._sent: list[dict[str, t.Any]] = []
        self._written = {"CREATE_ACCOUNTS": 0, "CREATE_ANCHORS": 0}

    def show(self) -> dict[str, t.Any]:
        """For check mode: the kinds of statements; their rows are all of LedgerSpace."""
        if self._is_due():
            texts = [*_PREPARE, statements.CREATE_ACCOUNTS, statements.CREATE_ANCHORS, statements.UNMARK_REBUILD]
            self._sent = [{"statement": text.strip(), "parameters": {}} for text in texts]
        return self._result(None)

    def run(self) -> dict[str, t.Any]:
        if not self._is_due():
            return self._result(None)
        with held(self._hold):
            for text in _PREPARE:
                self._write(text, {"run": self._run} if text is statements.MARK_REBUILD else {})
            self._accounts()
            self._anchors()
            after = Comparison(self._spaces, self._options)
            after.run()
            left = after.tally.repairable
            if left:
                raise NotCleanError(f"after the rebuild {left} things differ", self._search.target.uri)
            self._write(statements.UNMARK_REBUILD, {})
        return self._result(after)

    def _is_due(self) -> bool:
        """Of a SearchSpace that is full already only a comparison can tell whether it is right."""
        shape = shapes.right(self._spaces, self._options.allow_empty_ledger)["search"]
        if shape["rebuilding"] or not (shape["accounts"] or shape["credexes"] or shape["anchored"]):
            return True
        found = Comparison(self._spaces, self._options)
        found.run()
        if found.tally.repairable:
            raise NotEmptyError(
                f"{self._search} is not empty, and differs from LedgerSpace in {found.tally.repairable} things. "
                "Repair it (mode repair), or give the address of an empty one"
            )
        return False

    def _accounts(self) -> None:
        asked = {"ranges": None, "length": 0}
        rows = (
            {"id": row[0], "name": row[1]}
            for row in self._feed(statements.LEDGER_ACCOUNTS, asked)
            if row[2] not in PENDING
        )
        while batch := list(itertools.islice(rows, self._batch)):
            self._written["CREATE_ACCOUNTS"] += self._write(statements.CREATE_ACCOUNTS, {"rows": batch})

    def _anchors(self) -> None:
        day = active(self._ledger)
        if day is None:
            raise StatementRefusedError(
                "there is not exactly one active Daynode to date what is secured", self._ledger.target.uri
            )
        asked = {"epsilon": self._options.epsilon, "today": day["date"]}
        for batch in _batches(self._feed(statements.LEDGER_ANCHORS, asked)):
            self._written["CREATE_ANCHORS"] += self._write(statements.CREATE_ANCHORS, {"rows": batch})

    def _feed(self, statement: str, parameters: dict[str, t.Any]) -> Feed:
        return Feed(self._ledger, statement, parameters)

    def _write(self, statement: str, parameters: dict[str, t.Any]) -> int:
        if self._hold:
            self._hold.check()
        answer = self._search.write(statement, **parameters)
        self._sent.append({"statement": statement.strip(), "parameters": {"rows": len(parameters.get("rows", []))}})
        return len(answer.rows)

    def _result(self, after: Comparison | None) -> dict[str, t.Any]:
        written = {name: count for name, count in self._written.items() if count}
        remaining = after.tally.differences() if after else []
        return {"executed_statements": self._sent, "written": written, "remaining": remaining}


def _batches(rows: t.Iterable[t.Sequence[t.Any]]) -> t.Iterator[list[dict[str, t.Any]]]:
    """Anchors together until they have enough credexes for a transaction."""
    batch: list[dict[str, t.Any]] = []
    size = 0
    for issuer, acceptor, type_, credexes in rows:
        batch.append({"issuer": issuer, "acceptor": acceptor, "type": type_, "credexes": credexes})
        size += len(credexes)
        if size >= CREDEXES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

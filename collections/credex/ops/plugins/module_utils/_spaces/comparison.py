# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The comparison of the two spaces: each side read once in the order of its keys, then what looks different again."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from .._neo4j.errors import Neo4jOpsError
from .._neo4j.feed import Feed
from .._neo4j.spaces import Space
from . import days, digests, flags, judge, ledger, shapes, statements
from .anchors import types, with_types
from .at_once import Later, at_once
from .finding import Finding
from .merge import OrderError, merge
from .tally import Tally

# Keys that are looked at again at once
AGAIN = 5000


@dataclass(frozen=True)
class Options:
    """How to compare. `tolerance` is relative, `epsilon` in CXX, times are in seconds."""

    full: bool = False
    tolerance: float = 1e-8
    epsilon: float = 1e-9
    grace: float = 900
    stuck_after: float = 60
    samples: int = 5
    # What differs is read again, to tell drift from what happens while we look; beyond so many keys it is only counted
    limit: int = 20000
    invariants: bool = True
    allow_empty_ledger: bool = False


class Section(t.NamedTuple):
    """Accounts, or credexes: what is asked about them, and who judges."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[str, str]
    digests: tuple[str, str]
    details: tuple[str, str]
    agree: t.Callable[..., bool]
    judge: t.Callable[..., list[Finding]]


ACCOUNTS = Section(
    "accounts",
    judge.ACCOUNT,
    (statements.LEDGER_ACCOUNTS, statements.SEARCH_ACCOUNTS),
    (statements.LEDGER_ACCOUNT_DIGESTS, statements.SEARCH_ACCOUNT_DIGESTS),
    (statements.LEDGER_ACCOUNT_DETAILS, statements.SEARCH_ACCOUNT_DETAILS),
    judge.accounts_agree,
    judge.judge_account,
)
CREDEXES = Section(
    "credexes",
    judge.CREDEX,
    (statements.LEDGER_CREDEXES, statements.SEARCH_CREDEXES),
    (statements.LEDGER_CREDEX_DIGESTS, statements.SEARCH_CREDEX_DIGESTS),
    (statements.LEDGER_CREDEX_DETAILS, statements.SEARCH_CREDEX_DETAILS),
    judge.credexes_agree,
    judge.judge_credex,
)


class Comparison:
    """One comparison; `tally` then has what was found, `compared` what was read."""

    def __init__(self, spaces: t.Mapping[str, Space], options: Options, keep: int = 0) -> None:
        self._spaces = (spaces["ledger"], spaces["search"])
        self._options = options
        self._all = spaces
        self.tally = Tally(options.samples, keep)
        self.compared: dict[str, t.Any] = {}

    def run(self) -> None:
        begun = time.monotonic()
        shape = shapes.right(self._all, self._options.allow_empty_ledger)
        self.days = days.read(self._spaces[0].rows(statements.DAYNODES))
        self._types = types(self.days.denominations) if self.days.denominations else None
        self._measure = self._measured(shape["ledger"]["now"])
        self._note(self.days.findings)
        whole = Later(self._whole)  # in the databases, while rows are compared here
        for section in (ACCOUNTS, CREDEXES):
            self._compare(section)
        self._note(whole.result())
        self._note(flags.findings(self._all, self._options.stuck_after))
        self.compared["seconds"] = round(time.monotonic() - begun, 1)

    def _measured(self, now: float) -> judge.Measure:
        asked = self._options
        return judge.Measure(asked.tolerance, asked.epsilon, asked.grace, now, self.days.rates, self.days.step)

    def _note(self, findings: t.Iterable[Finding]) -> None:
        for finding in findings:
            self.tally.add(finding)

    def statement(self, text: str) -> str:
        return with_types(text, self._types) if self._types else text

    # Rows and digests

    def _compare(self, section: Section) -> None:
        counts: dict[str, t.Any] = {}
        ranges = None if self._options.full else self._differing(section, counts)
        counts["ranges_read"] = None if ranges is None else len(ranges)
        self.compared[section.name] = counts
        if ranges != []:
            suspects = self._stream(section, ranges, counts)
            self._look_again(section, suspects)

    def _differing(self, section: Section, counts: dict[str, t.Any]) -> list[str] | None:
        """The ranges of keys to read; None for all of them, when a filter would cost more than it saves."""
        asked = {**self._parameters(), "codes": digests.CODES}
        (first, second), (ledger_space, search_space) = section.digests, self._spaces
        here, there = at_once(
            lambda: ledger_space.rows(first, **asked),
            lambda: search_space.rows(self.statement(second), **asked),
        )
        counts.update(ledger=sum(row["rows"] for row in here), search=sum(row["rows"] for row in there))
        found = digests.differing(here, there)
        return None if len(found) > max(len(here), len(there)) / 2 else found

    def _parameters(self) -> dict[str, t.Any]:
        measure = self._measure
        return {
            "length": digests.LENGTH,
            "epsilon": measure.epsilon,
            "tolerance": measure.tolerance,
            "rates": dict(measure.rates),
        }

    def _stream(self, section: Section, ranges: list[str] | None, counts: dict[str, t.Any]) -> list[str]:
        """The keys to look at again; what is beyond the limit is judged as it was read."""
        asked = {"ranges": ranges, "length": digests.LENGTH, "epsilon": self._measure.epsilon}
        feeds = [Feed(s, self.statement(text), asked) for s, text in zip(self._spaces, section.rows)]
        try:
            return self._merge(section, feeds, counts)
        except OrderError as error:
            raise Neo4jOpsError(f"{error}: the order of keys is not the one expected. Report this") from error
        finally:
            for feed in feeds:
                feed.close()

    def _merge(self, section: Section, feeds: list[Feed], counts: dict[str, t.Any]) -> list[str]:
        agree, measure, limit = section.agree, self._measure, self._options.limit
        suspects: list[str] = []
        here = there = 0
        for key, ledger_rows, search_rows in merge(*feeds):
            here += len(ledger_rows)
            there += len(search_rows)
            if len(ledger_rows) == len(search_rows) == 1 and agree(ledger_rows[0], search_rows[0], measure):
                continue
            if len(suspects) < limit:
                suspects.append(key)
            else:
                self._judge_as_read(section, key, ledger_rows, search_rows)
        counts.update(read=here + there)
        counts.setdefault("ledger", here)
        counts.setdefault("search", there)
        return suspects

    def _judge_as_read(self, section: Section, key: str, *sides: list[t.Any]) -> None:
        rows = [[dict(zip(section.columns, row)) for row in side] for side in sides]
        self._note(section.judge(key, *rows, self._measure))
        self.compared["beyond_limit"] = self.compared.get("beyond_limit", 0) + 1

    # A second look

    def _look_again(self, section: Section, keys: list[str]) -> None:
        for start in range(0, len(keys), AGAIN):
            some = keys[start : start + AGAIN]
            here, there = self.details(section, some)
            for key in some:
                self._note(section.judge(key, here.get(key, []), there.get(key, []), self._measure))

    def details(self, section: Section, keys: list[str]) -> tuple[dict[str, list[t.Any]], dict[str, list[t.Any]]]:
        """All rows about these keys, of both sides.

        LedgerSpace is read first, since it is written last; what it lacks is asked once more, for what came since.
        """
        (first, second), (here, there) = section.details, self._spaces
        ledger_rows = _by_key(here.rows(first, keys=keys))
        search_rows = _by_key(there.rows(self.statement(second), keys=keys))
        new = [key for key in search_rows if key not in ledger_rows]
        if new:
            ledger_rows.update(_by_key(here.rows(first, keys=new)))
        return ledger_rows, search_rows

    # What needs one side alone

    def _whole(self) -> list[Finding]:
        search_space = self._spaces[1]
        work: list[t.Callable[[], list[Finding]]] = [lambda: ledger.anchors(search_space, self.statement)]
        if self._options.invariants:
            work.append(lambda: ledger.invariants(self._spaces[0], self.days, self._measure))
        return [finding for found in at_once(*work) for finding in found]


def _by_key(rows: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, list[t.Any]]:
    found: dict[str, list[t.Any]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return found

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing a generated graph into a pair of spaces, in batches, both spaces at once.

Nodes are found again by the element id that their creation returned, so that no index is needed, and none is left
behind that the application would not have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

from neo4j import Transaction

from lab.graph import columns
from lab.graph.columns import of_row, values
from lab.graph.ledger import Ledger
from lab.graph.model import FOUNDATION, Account, Circle, Credex
from lab.graph.search import Anchor, SearchCircle, derive
from lab.graph.spaces import Space, Spaces

# Circles of 400 credexes in one transaction
BATCH_CIRCLES = 10

_DAYS = """
UNWIND $rows AS row
CREATE (d:Daynode) SET d = row
RETURN elementId(d)
"""
_NEXT_DAYS = """
MATCH (d:Daynode)
WITH d ORDER BY d.Date
WITH collect(d) AS days
UNWIND range(1, size(days) - 1) AS number
WITH days[number - 1] AS day, days[number] AS next
CREATE (day)-[:NEXT_DAY]->(next)
"""
_MEMBERS = f"""
UNWIND $rows AS row
MATCH (d:Daynode) WHERE elementId(d) = $day
CREATE (m:Member)-[:CREATED_ON]->(d) SET m = {of_row(columns.MEMBER)}
RETURN elementId(m)
"""
_ACCOUNTS = f"""
UNWIND $rows AS row
MATCH (m:Member) WHERE elementId(m) = row[0]
MATCH (d:Daynode) WHERE elementId(d) = row[1]
CREATE (m)-[:OWNS]->(a:Account)-[:CREATED_ON]->(d), (m)-[:AUTHORIZED_FOR]->(a)-[:SEND_OFFERS_TO]->(m)
SET a = {of_row(columns.ACCOUNT, first=2)}
RETURN elementId(a)
"""
_AUDITED = """
MATCH (f:Account) WHERE elementId(f) = $foundation
UNWIND $rows AS row
MATCH (a:Account) WHERE elementId(a) = row
CREATE (f)-[:CREDEX_FOUNDATION_AUDITED]->(a)
"""
_CREDEXES = f"""
UNWIND $rows AS row
MATCH (i:Account) WHERE elementId(i) = row[0]
MATCH (a:Account) WHERE elementId(a) = row[1]
MATCH (d:Daynode) WHERE elementId(d) = row[2]
CREATE (i)-[:%(record)s]->(c:Credex)-[:%(record)s]->(a), (c)-[:CREATED_ON]->(d)%(standing)s
SET c = {of_row(columns.CREDEX, first=3)}
RETURN elementId(c)
"""
_STANDING = ", (i)-[:%(standing)s]->(c)-[:%(standing)s]->(a)"
_SECURES = """
UNWIND $rows AS row
MATCH (a:Account) WHERE elementId(a) = row[0]
MATCH (c:Credex) WHERE elementId(c) = row[1]
CREATE (a)-[:SECURES]->(c)
"""
_DEFAULTED = """
UNWIND $rows AS row
MATCH (c:Credex) WHERE elementId(c) = row[0]
MATCH (d:Daynode) WHERE elementId(d) = row[1]
CREATE (c)-[:DEFAULTED_ON]->(d)
"""
_LOOPS = f"""
UNWIND $rows AS row
MATCH (d:Daynode) WHERE elementId(d) = row[0]
CREATE (l:LoopAnchor)-[:CREATED_ON]->(d) SET l = {of_row(columns.LOOP, first=1)}
RETURN elementId(l)
"""
_REDEMPTIONS = f"""
UNWIND $rows AS row
MATCH (l:LoopAnchor) WHERE elementId(l) = row[0]
MATCH (c:Credex) WHERE elementId(c) = row[1]
MATCH (n:Credex) WHERE elementId(n) = row[2]
CREATE (c)-[r:REDEEMED]->(l), (c)-[x:CREDLOOP]->(n)
SET r = {of_row(columns.REDEEMED, first=3)}, x = {of_row(columns.CREDLOOP, first=3 + len(columns.REDEEMED))}
"""
_SEARCH_ACCOUNTS = f"""
UNWIND $rows AS row
CREATE (a:Account) SET a = {of_row(columns.SEARCH_ACCOUNT)}
RETURN elementId(a)
"""
_ANCHORS = f"""
UNWIND $rows AS row
MATCH (i:Account) WHERE elementId(i) = row[0]
MATCH (a:Account) WHERE elementId(a) = row[1]
CREATE (i)-[:%(type)s]->(s:%(type)s)-[:%(type)s]->(a)
SET s = {of_row(columns.ANCHOR, first=3)}
FOREACH (row IN row[2] | CREATE (c:Credex)-[:SEARCH_SECURED]->(s) SET c = {of_row(columns.SEARCH_CREDEX)})
"""


def load(spaces: Spaces, ledger: Ledger) -> None:
    """Replace what is in both spaces by this ledger and the SearchSpace that belongs to it."""
    spaces.empty()
    into_ledger, into_search = _LedgerWriter(spaces.ledger, ledger), _SearchWriter(spaces.search, ledger)
    writing: list[Future[None]] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for batch in _batches(ledger.circles()):
            derived = [derive(ledger, circle) for circle in batch]
            # While this batch was made, the one before was written
            _wait_for(writing)
            writing = [pool.submit(into_ledger.write, batch), pool.submit(into_search.write, derived)]
        _wait_for(writing)


def _wait_for(writing: list[Future[None]]) -> None:
    for written in writing:
        written.result()


def _batches(circles: Iterable[Circle]) -> Iterator[list[Circle]]:
    remaining = iter(circles)
    while batch := list(islice(remaining, BATCH_CIRCLES)):
        yield batch


def _ids(transaction: Transaction, query: str, rows: list[Any], **parameters: Any) -> list[str]:
    """The element ids of what was created, in the order of the rows."""
    return transaction.run(query, rows=rows, **parameters).value()


class _LedgerWriter:
    def __init__(self, space: Space, ledger: Ledger) -> None:
        self._space = space
        with space.driver.session(database=space.database) as session, session.begin_transaction() as transaction:
            self._days = _ids(transaction, _DAYS, [day.properties for day in ledger.days])
            transaction.run(_NEXT_DAYS)
            self._foundation = self._accounts(transaction, [ledger.foundation])[0][0]

    def write(self, circles: list[Circle]) -> None:
        database = self._space.database
        with self._space.driver.session(database=database) as session, session.begin_transaction() as transaction:
            accounts = self._accounts(transaction, circles)
            audited = [
                id_
                for circle, ids in zip(circles, accounts, strict=True)
                for account, id_ in zip(circle.accounts, ids, strict=True)
                if account.is_audited
            ]
            transaction.run(_AUDITED, foundation=self._foundation, rows=audited)
            credexes = self._credexes(transaction, circles, accounts)
            self._loops(transaction, circles, credexes)

    def _accounts(self, transaction: Transaction, circles: list[Circle]) -> list[list[str]]:
        """For each circle the element ids of its accounts."""
        rows = [values(columns.MEMBER, member) for circle in circles for member in circle.members]
        members = iter(_ids(transaction, _MEMBERS, rows, day=self._days[0]))
        of_circle = [list(islice(members, len(circle.members))) for circle in circles]
        rows = [
            self._account(account, owners)
            for circle, owners in zip(circles, of_circle, strict=True)
            for account in circle.accounts
        ]
        accounts = iter(_ids(transaction, _ACCOUNTS, rows))
        return [list(islice(accounts, len(circle.accounts))) for circle in circles]

    def _account(self, account: Account, members: list[str]) -> list[Any]:
        return [members[account.owner], self._days[account.day], *values(columns.ACCOUNT, account.properties)]

    def _credexes(
        self, transaction: Transaction, circles: list[Circle], accounts: list[list[str]]
    ) -> list[dict[int, str]]:
        """For each circle the element ids of its credexes."""
        groups: dict[tuple[str, str | None], list[tuple[int, Credex]]] = defaultdict(list)
        for position, circle in enumerate(circles):
            for credex in circle.credexes:
                groups[credex.record, credex.standing].append((position, credex))
        found: list[dict[int, str]] = [{} for _ in circles]
        for (record, standing), group in groups.items():
            rows = [self._credex(credex, accounts[position]) for position, credex in group]
            path = _STANDING % {"standing": standing} if standing else ""
            ids = _ids(transaction, _CREDEXES % {"record": record, "standing": path}, rows)
            for (position, credex), id_ in zip(group, ids, strict=True):
                found[position][credex.number] = id_
        self._beside(transaction, circles, accounts, found)
        return found

    def _credex(self, credex: Credex, accounts: list[str]) -> list[Any]:
        ends = self._of(credex.issuer, accounts), self._of(credex.acceptor, accounts)
        return [*ends, self._days[credex.day], *values(columns.CREDEX, credex.properties)]

    def _of(self, account: int, accounts: list[str]) -> str:
        return self._foundation if account == FOUNDATION else accounts[account]

    def _beside(
        self,
        transaction: Transaction,
        circles: list[Circle],
        accounts: list[list[str]],
        credexes: list[dict[int, str]],
    ) -> None:
        """Who secures a credex, and when it defaulted."""
        secures, defaulted = [], []
        for circle, of_accounts, of_credexes in zip(circles, accounts, credexes, strict=True):
            for credex in circle.credexes:
                id_ = of_credexes[credex.number]
                if credex.is_secured:
                    secures.append([self._of(credex.issuer, of_accounts), id_])
                if credex.defaulted_on is not None:
                    defaulted.append([id_, self._days[credex.defaulted_on]])
        transaction.run(_SECURES, rows=secures)
        transaction.run(_DEFAULTED, rows=defaulted)

    def _loops(self, transaction: Transaction, circles: list[Circle], credexes: list[dict[int, str]]) -> None:
        loops = [(loop, ids) for circle, ids in zip(circles, credexes, strict=True) for loop in circle.loops]
        rows = [[self._days[loop.day], *values(columns.LOOP, loop.properties)] for loop, _ in loops]
        anchors = _ids(transaction, _LOOPS, rows)
        redemptions = [
            [
                anchor,
                ids[part.credex],
                ids[following.credex],
                *values(columns.REDEEMED, part.redeemed),
                *values(columns.CREDLOOP, part.credloop),
            ]
            for anchor, (loop, ids) in zip(anchors, loops, strict=True)
            for part, following in zip(loop.parts, [*loop.parts[1:], loop.parts[0]], strict=True)
        ]
        transaction.run(_REDEMPTIONS, rows=redemptions)


class _SearchWriter:
    def __init__(self, space: Space, ledger: Ledger) -> None:
        self._space = space
        with space.driver.session(database=space.database) as session, session.begin_transaction() as transaction:
            (self._foundation,) = self._accounts(transaction, [derive(ledger, ledger.foundation)])

    def write(self, circles: list[SearchCircle]) -> None:
        database = self._space.database
        with self._space.driver.session(database=database) as session, session.begin_transaction() as transaction:
            ids = iter(self._accounts(transaction, circles))
            groups: dict[str, list[list[Any]]] = defaultdict(list)
            for circle in circles:
                accounts = list(islice(ids, len(circle.accounts)))
                for anchor in circle.anchors:
                    groups[anchor.type].append(self._anchor(anchor, accounts))
            for type_, anchors in groups.items():
                transaction.run(_ANCHORS % {"type": type_}, rows=anchors)

    @staticmethod
    def _accounts(transaction: Transaction, circles: list[SearchCircle]) -> list[str]:
        rows = [values(columns.SEARCH_ACCOUNT, account) for circle in circles for account in circle.accounts]
        return _ids(transaction, _SEARCH_ACCOUNTS, rows)

    def _anchor(self, anchor: Anchor, accounts: list[str]) -> list[Any]:
        ends = [self._foundation if end == FOUNDATION else accounts[end] for end in (anchor.issuer, anchor.acceptor)]
        credexes = [values(columns.SEARCH_CREDEX, credex) for credex in anchor.credexes]
        return [*ends, credexes, *values(columns.ANCHOR, anchor.properties)]

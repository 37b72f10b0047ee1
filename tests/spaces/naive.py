"""A comparison of two spaces as simple as can be: all in memory, rule by rule, in the words of lab/graph/kinds.py.

It proves that a loaded pair agrees and that a planter plants its own kind alone, and it is what a comparison that
streams can be held against.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lab.graph import Spaces

Row = dict[str, Any]
Finding = tuple[str, str]
GRACE = datetime.timedelta(minutes=30)

_ACCOUNTS = "MATCH (a:Account) RETURN a.accountID AS id, a {.*} AS a"
_LEDGER_CREDEXES = """
MATCH (c:Credex)
OPTIONAL MATCH (i:Account)-[:OWES]->(c)-[:OWES]->(a:Account)
RETURN c.credexID AS id, c {.*} AS c, i.accountID AS issuer, a.accountID AS acceptor,
       EXISTS { ()-[:SECURES]->(c) } AS secured, EXISTS { ()-[:CLEARED]->(c) } AS cleared
"""
_SEARCH_CREDEXES = """
MATCH (c:Credex)
RETURN c.credexID AS id, c {.*} AS c, [(c)-[:SEARCH_SECURED]->(s) | s.searchAnchorID] AS anchors
"""
_ANCHORS = """
MATCH (i:Account)-[out]->(s)-[into]->(a:Account) WHERE s.searchAnchorID IS NOT NULL
RETURN s.searchAnchorID AS id, labels(s)[0] AS type, type(out) AS out, type(into) AS into,
       i.accountID AS issuer, a.accountID AS acceptor, s.earliestDueDate AS earliest,
       [(c:Credex)-[:SEARCH_SECURED]->(s) | c.dueDate] AS due
"""
_LOOPS = """
MATCH (l:LoopAnchor)-[:CREATED_ON]->(d:Daynode)
RETURN l {.*} AS loop, d {.*} AS day,
       [(c:Credex)-[r:REDEEMED]->(l) | r {.*, credexID: c.credexID}] AS redeemed
"""
_CREDLOOPS = "MATCH (c:Credex)-[x:CREDLOOP]->() RETURN x.loopID AS loop, c.credexID AS credex, x {.*} AS x"
_DAYS = "MATCH (d:Daynode) RETURN d {.*} AS d, [(d)-[:NEXT_DAY]->(n) | n.Date] AS next ORDER BY d.Date"


def compare(spaces: Spaces) -> Counter[Finding]:
    """Every finding as (kind, key)."""
    days = spaces.ledger.run(_DAYS)
    return Counter(
        [*_days(days), *_accounts(spaces), *_credexes(spaces, days), *_anchors(spaces), *_loops(spaces, days)]
    )


def close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _days(rows: list[Row]) -> Iterator[Finding]:
    for row, following in pairwise(rows):
        date, after = (entry["d"]["Date"].to_native() for entry in (row, following))
        for step in range(1, (after - date).days):
            yield "daynode_gap", (date + datetime.timedelta(days=step)).isoformat()
        if not row["next"]:
            yield "daynode_unlinked", date.isoformat()
    active = [row["d"] for row in rows if row["d"]["Active"]]
    last = rows[-1]["d"]["Date"].iso_format()
    if not active:
        yield "daynode_none_active", last
    for day in active[:-1]:
        yield "daynode_two_active", day["Date"].iso_format()
    if active:
        yield from _flags_and_rates(active[-1], last)


def _flags_and_rates(day: Row, date: str) -> Iterator[Finding]:
    if day.get("MTQrunningNow") is None:
        yield "mtq_flag_null", date
    if day.get("MTQrunningNow"):
        yield "mtq_flag_stuck", date
    if day.get("DCOrunningNow"):
        yield "dco_flag_stuck", date
    if day.get("USD") is None:
        yield "rate_missing", date
    elif day["USD"] <= 0:
        yield "rate_not_positive", date
    if not math.isfinite(day["CXXprior_CXXcurrent"]):
        yield "rate_not_finite", date


def _accounts(spaces: Spaces) -> Iterator[Finding]:
    ledger = {row["id"]: row["a"] for row in spaces.ledger.run(_ACCOUNTS)}
    search = {row["id"]: row["a"] for row in spaces.search.run(_ACCOUNTS)}
    for id_, account in ledger.items():
        if account["queueStatus"] == "PENDING_ACCOUNT":
            yield ("account_unmarked" if id_ in search else _waiting("account", account["createdAt"])), id_
        elif id_ not in search:
            yield "account_missing", id_
        elif account["accountName"] != search[id_]["accountName"]:
            yield "account_name", id_
    for id_ in search.keys() - ledger.keys():
        yield "account_orphan", id_


def _waiting(what: str, since: Any) -> str:
    age = datetime.datetime.now(datetime.UTC) - since.to_native()
    return f"{what}_pending" if age < GRACE else f"{what}_stuck"


def _credexes(spaces: Spaces, days: list[Row]) -> Iterator[Finding]:
    rows = spaces.ledger.run(_LEDGER_CREDEXES)
    for id_, count in Counter(row["id"] for row in rows).items():
        if count > 1:
            yield "credex_duplicate", id_
    ledger = {row["id"]: row for row in rows}
    search = {row["id"]: row for row in spaces.search.run(_SEARCH_CREDEXES)}
    anchors = {row["id"]: row for row in spaces.search.run(_ANCHORS)}
    for id_, credex in ledger.items():
        if credex["issuer"]:
            for kind in _owed(credex, search.get(id_), anchors, days[-1]["d"]):
                yield kind, id_
        elif id_ in search:
            yield "credex_settled", id_
    for id_ in search.keys() - ledger.keys():
        yield "credex_orphan", id_


def _owed(credex: Row, found: Row | None, anchors: dict[str, Row], day: Row) -> Iterator[str]:
    if credex["c"]["queueStatus"] == "PENDING_CREDEX":
        yield "credex_unmarked" if found else _waiting("credex", credex["c"]["acceptedAt"])
    elif not found:
        yield "credex_missing"
    else:
        yield from _values(credex["c"], found["c"], day)
        if not credex["secured"] and credex["c"]["dueDate"] != found["c"]["dueDate"]:
            yield "due_date"
        yield from _place(credex, found, anchors)


def _values(ledger: Row, search: Row, day: Row) -> Iterator[str]:
    """The first thing that is wrong: what comes after it would follow from it."""
    here, there = ledger.get("OutstandingAmount"), search.get("outstandingAmount")
    if there is None:
        yield "amount_null"
    elif not math.isfinite(there):
        yield "amount_not_finite"
    elif here is None:
        yield "ledger_amount_null"
    elif not math.isfinite(here):
        yield "ledger_amount_not_finite"
    elif ledger["Denomination"] != search["Denomination"]:
        yield "denomination"
    elif not close(ledger["CXXmultiplier"], search["CXXmultiplier"]):
        yield "multiplier"
    elif not close(here, there):
        yield "outstanding_amount"
    elif day.get(ledger["Denomination"]) and not close(ledger["CXXmultiplier"], day[ledger["Denomination"]]):
        yield "not_scaled"


def _place(credex: Row, found: Row, anchors: dict[str, Row]) -> Iterator[str]:
    if len(found["anchors"]) != 1:
        yield "anchor_two" if found["anchors"] else "anchor_none"
        return
    anchor = anchors[found["anchors"][0]]
    if anchor["type"] != (f"{credex['c']['Denomination']}_SECURED" if credex["secured"] else "UNSECURED"):
        yield "anchor_type"
    if (anchor["issuer"], anchor["acceptor"]) != (credex["issuer"], credex["acceptor"]):
        yield "anchor_accounts"


def _anchors(spaces: Spaces) -> Iterator[Finding]:
    same: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in spaces.search.run(_ANCHORS):
        assert row["type"] == row["out"] == row["into"]
        same[row["issuer"], row["acceptor"], row["type"]].append(row["id"])
        if not row["due"]:
            yield "anchor_empty", row["id"]
        elif row["earliest"] != min(row["due"]):
            yield "anchor_due_date", row["id"]
    for ids in same.values():
        if len(ids) > 1:
            yield "anchor_duplicate", " ".join(sorted(ids))


def _loops(spaces: Spaces, days: list[Row]) -> Iterator[Finding]:
    """LedgerSpace in itself: credexes, loops, and the parts that credexes had in them."""
    active = days[-1]["d"]
    loops = {row["loop"]["loopID"]: row for row in spaces.ledger.run(_LOOPS)}
    credloops = {(row["loop"], row["credex"]): row["x"] for row in spaces.ledger.run(_CREDLOOPS)}
    sums: Counter[str] = Counter()
    doubtful: set[str] = set()
    for id_, loop in loops.items():
        growth = math.prod(row["d"]["CXXprior_CXXcurrent"] for row in days if row["d"]["Date"] > loop["day"]["Date"])
        expected = [_expected(part, loop["day"], growth) for part in loop["redeemed"]]
        off = [index for index, amount in enumerate(expected) if not close(amount, loop["loop"]["LoopedAmount"])]
        if len(off) == len(expected):
            factor = loop["loop"]["LoopedAmount"] / expected[0]
            yield (
                ("loop_anchor_scaled_twice" if close(factor, 1 / active["CXXprior_CXXcurrent"]) else "loop_amount"),
                id_,
            )
        for index, part in enumerate(loop["redeemed"]):
            sums[part["credexID"]] += part["AmountRedeemed"]
            if index in off and len(off) < len(expected):
                doubtful.add(part["credexID"])
                yield "redeemed_scaled_twice", part["redeemedRelID"]
        there = [credloops.get((id_, part["credexID"])) for part in loop["redeemed"]]
        if None in there:
            yield "loop_count", id_
        for part, other in zip(loop["redeemed"], there, strict=True):
            if other and part["credexID"] not in doubtful:
                yield from _credloop(part, other)
    for row in spaces.ledger.run(_LEDGER_CREDEXES):
        if (row["issuer"] or row["cleared"]) and row["id"] not in doubtful:
            yield from ((kind, row["id"]) for kind in _balance(row["c"], sums[row["id"]]))


def _expected(part: Row, day: Row, growth: float) -> float:
    """LoopedAmount as this REDEEMED tells it."""
    if part["Denomination"] == "CXX":
        return float(part["AmountRedeemed"])
    return float(part["AmountRedeemed"] / part["CXXmultiplier"] * day[part["Denomination"]] / growth)


def _credloop(redeemed: Row, credloop: Row) -> Iterator[Finding]:
    if not close(redeemed["CXXmultiplier"], credloop["CXXmultiplier"]):
        yield "credloop_not_scaled", credloop["credloopRelID"]
    elif not close(redeemed["AmountRedeemed"], credloop["AmountRedeemed"]):
        yield "credloop_scaled_twice", credloop["credloopRelID"]


def _balance(credex: Row, redeemed: float) -> Iterator[str]:
    amounts = [credex.get(f"{name}Amount", math.nan) for name in ("Initial", "Outstanding", "Redeemed", "WrittenOff")]
    if not all(map(math.isfinite, amounts)):
        return
    if not close(amounts[0], sum(amounts[1:])):
        yield "ledger_balance"
    if not close(credex["RedeemedAmount"], redeemed):
        yield "ledger_redeemed"

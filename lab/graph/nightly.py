# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nightly run (DCO), as far as balances are concerned: a new Daynode, and the application's own balance update.

The update is rebuilt from its description, to show what its shape does on a real server. It is one statement over
LedgerSpace, in which each part runs once for every row of the parts before it, and two over SearchSpace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._balance import statements
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE

from lab.graph.spaces import Spaces

_NEW_DAY = """
MATCH (old:Daynode {Active: true})
CREATE (old)-[:NEXT_DAY]->(new:Daynode)
SET old.Active = false, old.DCOrunningNow = false,
  new = $rates, new.Date = old.Date + duration({days: 1}), new.CXXprior_CXXcurrent = $prior_current,
  new.Active = true, new.DCOrunningNow = $running, new.MTQrunningNow = false
RETURN toString(new.Date) AS date
"""
_CREDEX = ("InitialAmount", "OutstandingAmount", "RedeemedAmount", "DefaultedAmount", "WrittenOffAmount")
_LOOP = ("AmountRedeemed", "AmountOutstandingNow")


def new_day(
    spaces: Spaces, prior_current: float = 2.0, rates: Mapping[str, float] | None = None, running: bool = False
) -> str:
    """Make the next Daynode the active one, and return its date. Rates that are not given move with CXX."""
    (before,) = spaces.ledger.run("MATCH (d:Daynode {Active: true}) RETURN properties(d) AS day")
    known = {name: value for name, value in before["day"].items() if name.isupper() and isinstance(value, float)}
    moved = {name: value / prior_current for name, value in known.items() if name != "CXX"} | {"CXX": 1.0}
    (row,) = spaces.ledger.run(_NEW_DAY, rates=moved | dict(rates or {}), prior_current=prior_current, running=running)
    return str(row["date"])


def original_update(spaces: Spaces) -> None:
    """The application's balance update, in the shape that it has."""
    spaces.ledger.run(ORIGINAL)
    (row,) = spaces.ledger.run("MATCH (d:Daynode {Active: true}) RETURN properties(d) AS day")
    rates = {name: rate for name, rate in row["day"].items() if isinstance(rate, float)}
    spaces.search.run(_SEARCH_CXX, prior_current=rates["CXXprior_CXXcurrent"])
    spaces.search.run(_SEARCH_CURRENCY, rates=rates)


def send_files(spaces: Spaces) -> dict[str, int]:
    """The flagged update as an application would do it, with the statements of the files. How many were scaled."""
    rows = spaces.ledger.run(statements.PARAMETERS)
    parameters = {name: rows[0][name] for name in ("date", "rates")}
    factors = {row["since"]: row["factor"] for row in rows}
    return {
        f"{kind.space} {kind.name}": getattr(spaces, kind.space).run(
            statements.update(kind), **parameters, cxx=factors, batch=10_000
        )[0]["scaled"]
        for kind in TABLE
    }


def _cxx(match: str, amounts: tuple[str, ...], condition: str = " WHERE x.Denomination = 'CXX'") -> str:
    scaled = ", ".join(f"x.{amount} = x.{amount} / day.CXXprior_CXXcurrent" for amount in amounts)
    return f"MATCH {match}{condition} SET {scaled}"


def _currency(match: str, amounts: tuple[str, ...]) -> str:
    scaled = ", ".join(f"x.{amount} = x.{amount} / x.CXXmultiplier * day[x.Denomination]" for amount in amounts)
    return f"MATCH {match} WHERE x.Denomination <> 'CXX' SET {scaled}, x.CXXmultiplier = day[x.Denomination]"


# Seven parts, joined by WITH day, which keeps every row
PARTS: tuple[tuple[str, str], ...] = (
    ("Credex in CXX", _cxx("(x:Credex)", _CREDEX)),
    ("Credex in a currency", _currency("(x:Credex)", _CREDEX)),
    ("REDEEMED in CXX", _cxx("()-[x:REDEEMED]-()", _LOOP)),
    ("REDEEMED in a currency", _currency("()-[x:REDEEMED]-()", _LOOP)),
    ("CREDLOOP in CXX", _cxx("()-[x:CREDLOOP]-()", _LOOP)),
    ("CREDLOOP in a currency", _currency("()-[x:CREDLOOP]-()", _LOOP)),
    ("LoopAnchor", _cxx("(x:LoopAnchor)", ("LoopedAmount",), "")),
)
ORIGINAL = "MATCH (day:Daynode {Active: true})\n" + "\nWITH day\n".join(text for _name, text in PARTS)
_SEARCH_CXX = (
    "MATCH (x:Credex) WHERE x.Denomination = 'CXX' SET x.outstandingAmount = x.outstandingAmount / $prior_current"
)
_SEARCH_CURRENCY = (
    "MATCH (x:Credex) WHERE x.Denomination <> 'CXX' "
    "SET x.outstandingAmount = x.outstandingAmount / x.CXXmultiplier * coalesce($rates[x.Denomination], 1), "
    "x.CXXmultiplier = coalesce($rates[x.Denomination], 1)"
)

# A small ledger of loops between CXX and USD, all amounts 64: `sizes` says how many of each kind
_TOY = """
CREATE (before:Daynode {Date: date('2024-11-07'), Active: false, CXX: 1.0, USD: 1.0, CXXprior_CXXcurrent: 1.0})
CREATE (before)-[:NEXT_DAY]->
  (:Daynode {Date: date('2024-11-08'), Active: true, CXX: 1.0, USD: 0.5, CXXprior_CXXcurrent: 2.0})
"""
_TOY_CREDEXES = """
UNWIND CASE $count WHEN 0 THEN [] ELSE range(1, $count) END AS number
CREATE (:Credex {credexID: $denomination + number, Denomination: $denomination, CXXmultiplier: 1.0, InitialAmount: 64.0,
  OutstandingAmount: 0.0, RedeemedAmount: 64.0, DefaultedAmount: 0.0, WrittenOffAmount: 0.0})
"""
_TOY_LOOP = """
MATCH (before:Daynode {Active: false})
MATCH (c:Credex)
WITH before, collect(c) AS ring
CREATE (l:LoopAnchor {loopID: 'loop', LoopedAmount: 64.0, CXXmultiplier: 1, Denomination: 'CXX'})
CREATE (l)-[:CREATED_ON]->(before)
WITH l, ring UNWIND range(0, size(ring) - 1) AS number
WITH l, ring[number] AS c, ring[number - 1] AS next
FOREACH (_ IN CASE WHEN $redeemed[c.Denomination] THEN [1] ELSE [] END |
  CREATE (c)-[:REDEEMED {redeemedRelID: c.credexID, Denomination: c.Denomination, CXXmultiplier: 1.0,
    AmountRedeemed: 64.0, AmountOutstandingNow: 64.0}]->(l))
FOREACH (_ IN CASE WHEN $credloop[c.Denomination] THEN [1] ELSE [] END |
  CREATE (c)-[:CREDLOOP {credloopRelID: c.credexID, loopID: 'loop', Denomination: c.Denomination, CXXmultiplier: 1.0,
    AmountRedeemed: 64.0, AmountOutstandingNow: 64.0}]->(next))
"""
BOTH = {"CXX": True, "USD": True}


def toy(
    spaces: Spaces,
    cxx: int,
    usd: int,
    redeemed: Mapping[str, bool] = BOTH,
    credloop: Mapping[str, bool] = BOTH,
    more_usd: int = 0,
) -> None:
    """Replaces what is there: one loop of so many credexes, and more in USD without one.

    The active Daynode's update is still to come; it halves every amount.
    """
    spaces.empty()
    spaces.ledger.run(_TOY)
    for denomination, count in (("CXX", cxx), ("USD", usd)):
        spaces.ledger.run(_TOY_CREDEXES, denomination=denomination, count=count)
    spaces.ledger.run(_TOY_LOOP, redeemed=dict(redeemed), credloop=dict(credloop))
    spaces.ledger.run(_TOY_CREDEXES, denomination="USD", count=more_usd)


def eve(spaces: Spaces, is_eve: bool) -> None:
    """Of the two Daynodes of `toy`, which is active: that of the day before, or that of the night."""
    spaces.ledger.run("MATCH (d:Daynode) SET d.Active = ((d.CXXprior_CXXcurrent = 1.0) = $eve)", eve=is_eve)


def amounts(spaces: Spaces) -> dict[str, list[Any]]:
    """Part of the original statement to the different amounts of its entities, 32 where all is right."""
    found = {}
    for name, text in PARTS:
        match = text.partition(" SET ")[0].replace("]-()", "]->()")
        amount = text.partition(" SET x.")[2].partition(" ")[0]
        rows = spaces.ledger.run(f"{match} RETURN DISTINCT x.{amount} AS amount ORDER BY amount")
        found[name] = [row["amount"] for row in rows]
    return found

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the nightly balance update leaves behind when it goes wrong."""

from __future__ import annotations

from typing import Any

from lab.graph.days import DENOMINATIONS
from lab.graph.plant.choice import Choice
from lab.graph.plant.ledger import LOOPS
from lab.graph.plant.shared import keys, planted, untouched

LEDGER_AMOUNTS = ("InitialAmount", "OutstandingAmount", "RedeemedAmount", "DefaultedAmount", "WrittenOffAmount")
RELATIONSHIP_AMOUNTS = ("AmountRedeemed", "AmountOutstandingNow")
SEARCH_AMOUNTS = ("outstandingAmount",)
_BATCHED = " IN TRANSACTIONS OF 20000 ROWS"


def _back(name: str, amounts: tuple[str, ...]) -> str:
    """Amounts and multiplier at yesterday's rate; of CXX, whose multiplier is always 1, the amounts alone."""
    scaled = ", ".join(
        f"{name}.{amount} = CASE {name}.Denomination WHEN 'CXX' THEN {name}.{amount} * $step "
        f"ELSE {name}.{amount} / {name}.CXXmultiplier * $rates[{name}.Denomination] END"
        for amount in amounts
    )
    return f"SET {scaled}, {name}.CXXmultiplier = $rates[{name}.Denomination]"


def _yesterday(choice: Choice) -> dict[str, Any]:
    before = choice.previous_day()
    return {
        "rates": {name: before[name] for name in DENOMINATIONS},
        "step": choice.active_day()["CXXprior_CXXcurrent"],
    }


def not_scaled(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = untouched(choice, count, "credex.Denomination <> 'CXX'")
    yesterday = _yesterday(choice)
    for space, amounts in ((choice.ledger, LEDGER_AMOUNTS), (choice.search, SEARCH_AMOUNTS)):
        space.run(f"MATCH (c:Credex) WHERE c.credexID IN $keys {_back('c', amounts)}", keys=keys(rows), **yesterday)
    return planted(rows, "credexID")


def credloop_not_scaled(choice: Choice, count: int) -> list[dict[str, Any]]:
    query = """
    MATCH (c:Credex)-[x:CREDLOOP]->() WHERE x.Denomination <> 'CXX'
    RETURN x.credloopRelID AS key, [c.credexID, x.loopID] AS touches
    """
    rows = choice.choose(choice.ledger, query, count)
    choice.ledger.run(
        f"MATCH ()-[x:CREDLOOP]->() WHERE x.credloopRelID IN $keys {_back('x', RELATIONSHIP_AMOUNTS)}",
        keys=keys(rows),
        **_yesterday(choice),
    )
    return planted(rows, "credloopRelID")


def redeemed_scaled_twice(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _relationship_twice(choice, count, "REDEEMED", "redeemedRelID")


def credloop_scaled_twice(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _relationship_twice(choice, count, "CREDLOOP", "credloopRelID")


def _relationship_twice(choice: Choice, count: int, type_: str, key: str) -> list[dict[str, Any]]:
    query = f"""
    MATCH (c:Credex)-[x:{type_} {{Denomination: 'CXX'}}]->(o)
    RETURN x.{key} AS key, [c.credexID, coalesce(o.loopID, x.loopID)] AS touches
    """
    rows, step = choice.choose(choice.ledger, query, count), choice.active_day()["CXXprior_CXXcurrent"]
    again = ", ".join(f"x.{amount} = x.{amount} / $step" for amount in RELATIONSHIP_AMOUNTS)
    choice.ledger.run(f"MATCH ()-[x:{type_}]->() WHERE x.{key} IN $keys SET {again}", keys=keys(rows), step=step)
    return [{key: row["key"], "factor": 1 / step} for row in rows]


def loop_anchor_scaled_twice(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows, step = choice.choose(choice.ledger, LOOPS, count), choice.active_day()["CXXprior_CXXcurrent"]
    choice.ledger.run(
        "MATCH (l:LoopAnchor) WHERE l.loopID IN $keys SET l.LoopedAmount = l.LoopedAmount / $step",
        keys=keys(rows),
        step=step,
    )
    return [{"loopID": row["key"], "factor": 1 / step} for row in rows]


def search_not_scaled(choice: Choice, _: int) -> list[dict[str, Any]]:
    choice.search.run(f"MATCH (c:Credex) CALL (c) {{ {_back('c', SEARCH_AMOUNTS)} }}{_BATCHED}", **_yesterday(choice))
    return [{"space": "search"}]


def ledger_not_scaled(choice: Choice, _: int) -> list[dict[str, Any]]:
    choice.ledger.run(
        f"MATCH (c:Credex) WHERE c.Denomination <> 'CXX' CALL (c) {{ {_back('c', LEDGER_AMOUNTS)} }}{_BATCHED}",
        **_yesterday(choice),
    )
    return [{"space": "ledger"}]


PLANTS = {
    "not_scaled": not_scaled,
    "credloop_not_scaled": credloop_not_scaled,
    "redeemed_scaled_twice": redeemed_scaled_twice,
    "credloop_scaled_twice": credloop_scaled_twice,
    "loop_anchor_scaled_twice": loop_anchor_scaled_twice,
    "search_not_scaled": search_not_scaled,
    "ledger_not_scaled": ledger_not_scaled,
}

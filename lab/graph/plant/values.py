# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of credexes: one statement each."""

from __future__ import annotations

import math
from typing import Any

from lab.graph.plant.choice import Choice
from lab.graph.plant.shared import keys, owed, planted, tidy, untouched

_NOT_FINITE = (math.nan, math.inf, -math.inf)


def outstanding_amount(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _set(choice, owed(choice, count), "c.outstandingAmount = c.outstandingAmount * 0.6")


def denomination(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count, "credex.Denomination IN ['CAD', 'USD']")
    return _set(choice, rows, "c.Denomination = CASE c.Denomination WHEN 'CAD' THEN 'USD' ELSE 'CAD' END")


def multiplier(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count, "credex.Denomination <> 'CXX'")
    return _set(choice, rows, "c.CXXmultiplier = c.CXXmultiplier * 1.01")


def due_date(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count, "anchor:UNSECURED")
    found = _set(choice, rows, "c.dueDate = c.dueDate + duration({days: 3})")
    tidy(choice, rows)
    return found


def amount_null(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _set(choice, owed(choice, count), "c.outstandingAmount = null")


def amount_not_finite(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = _with_amounts(owed(choice, count))
    choice.search.run(
        "UNWIND $rows AS row MATCH (c:Credex {credexID: row.key}) SET c.outstandingAmount = row.amount", rows=rows
    )
    return planted(rows, "credexID")


def ledger_amount_null(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = untouched(choice, count, "credex.Denomination <> 'CXX'")
    choice.ledger.run(
        "MATCH (c:Credex) WHERE c.credexID IN $keys "
        "REMOVE c.InitialAmount, c.OutstandingAmount, c.RedeemedAmount, c.DefaultedAmount, c.WrittenOffAmount, "
        "c.CXXmultiplier",
        keys=keys(rows),
    )
    return planted(rows, "credexID")


def ledger_amount_not_finite(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = _with_amounts(untouched(choice, count))
    choice.ledger.run(
        "UNWIND $rows AS row MATCH (c:Credex {credexID: row.key}) SET c.OutstandingAmount = row.amount", rows=rows
    )
    return planted(rows, "credexID")


def _with_amounts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """NaN, then the infinities, then NaN again."""
    return [row | {"amount": _NOT_FINITE[number % 3]} for number, row in enumerate(rows)]


def _set(choice: Choice, rows: list[dict[str, Any]], change: str) -> list[dict[str, Any]]:
    choice.search.run(f"MATCH (c:Credex) WHERE c.credexID IN $keys SET {change}", keys=keys(rows))
    return planted(rows, "credexID")


PLANTS = {
    "outstanding_amount": outstanding_amount,
    "denomination": denomination,
    "multiplier": multiplier,
    "due_date": due_date,
    "amount_null": amount_null,
    "amount_not_finite": amount_not_finite,
    "ledger_amount_null": ledger_amount_null,
    "ledger_amount_not_finite": ledger_amount_not_finite,
}

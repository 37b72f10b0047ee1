# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What needs one side alone: the anchors of SearchSpace, and the invariants of LedgerSpace."""

from __future__ import annotations

import typing as t

from .._neo4j.spaces import Space
from . import statements
from .days import Days
from .finding import Finding, face
from .judge import Measure

Row = t.Mapping[str, t.Any]


def anchors(search: Space, prepared: t.Callable[[str], str]) -> list[Finding]:
    found = [_anchor(row) for row in search.rows(prepared(statements.ANCHORS))]
    return found + [_duplicate(row) for row in search.rows(prepared(statements.DUPLICATE_ANCHORS))]


def _anchor(row: Row) -> Finding:
    if row["credexes"]:
        detail = f"{row['type']}: {row['earliest']}, and the earliest of its {row['credexes']} credexes is {row['due']}"
        return Finding(kind="anchor_due_date", key=row["anchor"] or row["element"], detail=detail)
    return Finding(kind="anchor_empty", key=row["anchor"] or row["element"], detail=row["type"])


def _duplicate(row: Row) -> Finding:
    kept, *others = row["anchors"]
    detail = f"{len(row['anchors'])} anchors {row['type']} from {row['issuer']} to {row['acceptor']}"
    return Finding(kind="anchor_duplicate", key=kept, detail=detail, repair={"kept": kept, "others": others})


def invariants(ledger: Space, days: Days, measure: Measure) -> list[Finding]:
    """What of LedgerSpace's own does not hold. What is owed is judged with SearchSpace, the rest here."""
    asked = {"tolerance": measure.tolerance, "rates": days.rates, "growth": days.growth}
    return [
        finding
        for statement, finding_of in _INVARIANTS
        for finding in (finding_of(row) for row in ledger.rows(statement, **asked))
    ]


def _without_id(row: Row) -> Finding:
    return Finding(kind="credex_without_id", key=row["element"], detail=f"created {row['created']}")


def _amounts(row: Row) -> Finding:
    names = ("initial", "outstanding", "redeemed", "multiplier")
    lacking = any(row[name] is None for name in names)
    kind = "ledger_amount_null" if lacking else "ledger_amount_not_finite"
    return Finding(kind=kind, key=row["id"], detail="nobody owes it", ledger={name: row[name] for name in names})


def _balance(row: Row) -> Finding:
    return _sums("ledger_balance", row, "initial", "Outstanding + Redeemed + WrittenOff")


def _redeemed(row: Row) -> Finding:
    return _sums("ledger_redeemed", row, "redeemed", "the sum of its REDEEMED")


def _sums(kind: str, row: Row, name: str, other: str) -> Finding:
    shown = {name: row[name], f"{name}_face": face(row[name], row["multiplier"]), "denomination": row["denomination"]}
    return Finding(kind=kind, key=row["id"], detail=f"{row[name]}, and {other} is {row['told']}", ledger=shown)


def _loop(row: Row) -> Finding:
    if row["redemptions"] != row["links"] or not row["redemptions"]:
        detail = f"{row['redemptions']} REDEEMED and {row['links']} CREDLOOP"
        return Finding(kind="loop_count", key=row["id"], detail=detail)
    told = ", ".join(str(amount) for amount in row["amounts"][:3])
    return Finding(kind="loop_amount", key=row["id"], detail=f"{row['looped']}, and its REDEEMED took off {told}")


def _multiplier(row: Row) -> Finding:
    shown = {"multiplier": row["multiplier"], "denomination": row["denomination"]}
    return Finding(
        kind=row["kind"], key=row["id"], detail=f"{row['denomination']} at {row['multiplier']}", ledger=shown
    )


_INVARIANTS: tuple[tuple[str, t.Callable[[Row], Finding]], ...] = (
    (statements.LEDGER_WITHOUT_ID, _without_id),
    (statements.LEDGER_AMOUNTS, _amounts),
    (statements.LEDGER_BALANCES, _balance),
    (statements.LEDGER_REDEMPTIONS, _redeemed),
    (statements.LEDGER_LOOPS, _loop),
    (statements.LEDGER_MULTIPLIERS, _multiplier),
)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Whether the two spaces agree about one key, and if not, in what. Pure.

Rows are dicts with the columns of the statements LEDGER_..._DETAILS and SEARCH_..._DETAILS; `agree` judges the rows of
the streams, of which there are millions, and is therefore quick.
"""

from __future__ import annotations

import math
import typing as t

from .finding import Finding, close, face, number, seconds
from .kinds import IN_FLIGHT

Row = t.Mapping[str, t.Any]
# The columns of a stream's row
ACCOUNT = ("id", "name", "queue")
CREDEX = ("id", "amount", "multiplier", "denomination", "due", "type", "issuer", "acceptor", "queue")
PENDING = ("PENDING_ACCOUNT", "PENDING_CREDEX")
_NUMBERS = frozenset((int, float))
# Seconds that clocks of two machines may differ
SKEW = 60


class Measure(t.NamedTuple):
    """By what is judged. `tolerance` is relative, `epsilon` in CXX, `grace` in seconds, `now` in epoch seconds."""

    tolerance: float
    epsilon: float
    grace: float
    now: float
    rates: t.Mapping[str, float] = {}
    step: float | None = None

    def is_young(self, moments: t.Iterable[str | None]) -> bool:
        """Whether any of them lies within the grace period. One in the future tells nothing."""
        ages = [self.now - moment for moment in map(seconds, moments) if moment is not None]
        return any(-SKEW <= age <= self.grace for age in ages)

    def is_rate(self, denomination: t.Any, multiplier: float) -> bool:
        """Whether it is the active day's; without a rate to compare with nobody can say that it is not."""
        rate = self.rates.get(denomination)
        return rate is None or close(multiplier, rate, self.tolerance)


def accounts_agree(ledger: t.Sequence[t.Any], search: t.Sequence[t.Any], _measure: Measure) -> bool:
    return bool(ledger[1] == search[1] and ledger[2] not in PENDING)


def credexes_agree(ledger: t.Sequence[t.Any], search: t.Sequence[t.Any], measure: Measure) -> bool:
    """Two rows of CREDEX's columns; anything odd in them makes them disagree."""
    try:
        one, other, rate = ledger[1], search[1], ledger[2]
        return (
            ledger[3:8] == search[3:8]
            and type(one) in _NUMBERS
            and abs(one - other) <= measure.tolerance * one < math.inf
            and abs(rate - search[2]) <= measure.tolerance * rate < math.inf
            and abs(rate - measure.rates.get(ledger[3], rate)) <= measure.tolerance * rate
            and ledger[8] == "PROCESSED"
        )
    except TypeError:
        return False


def judge_account(key: str, ledger: t.Sequence[Row], search: t.Sequence[Row], measure: Measure) -> list[Finding]:
    if not ledger:
        return [_account("account_orphan", key, None, search[0])] if search else []
    row, other = ledger[0], search[0] if search else None
    if row["queue"] in PENDING:
        if measure.is_young(row.get("moments", ())):
            return [_account(IN_FLIGHT, key, row, other)]
        return [_account("account_unmarked" if other else "account_stuck", key, row, other)]
    if other is None:
        return [_account("account_missing", key, row, None)]
    return [] if row["name"] == other["name"] else [_account("account_name", key, row, other)]


def _account(kind: str, key: str, ledger: Row | None, search: Row | None) -> Finding:
    shown = {side: {"name": row["name"]} for side, row in (("ledger", ledger), ("search", search)) if row}
    if ledger:
        shown["ledger"]["queue"] = ledger["queue"]
    found = Finding(kind=kind, key=key, detail="", ledger=shown.get("ledger", {}), search=shown.get("search", {}))
    found["repair"] = {"ledger": ledger, "search": search}
    return found


def judge_credex(key: str, ledger: t.Sequence[Row], search: t.Sequence[Row], measure: Measure) -> list[Finding]:
    """Everything in which the two differ."""
    owed = [row for row in ledger if _is_owed(row, measure)]
    judged = _judge(owed, ledger, search, measure)
    return [_credex(kind, key, owed, ledger, search, detail) for kind, detail in judged]


def _is_owed(row: Row, measure: Measure) -> bool:
    amount = number(row["amount"])
    return row["issuer"] is not None and (amount is None or amount > measure.epsilon)


Judged = list[tuple[str, str]]


def _judge(owed: t.Sequence[Row], ledger: t.Sequence[Row], search: t.Sequence[Row], measure: Measure) -> Judged:
    moments = [moment for row in ledger for moment in row.get("moments", ())]
    if not owed:
        return _unowed(ledger, search, measure.is_young(moments))
    if len(owed) > 1:
        return [("credex_duplicate", f"{len(owed)} times")]
    row = owed[0]
    if row["amount"] is None or row["multiplier"] is None:
        return [("ledger_amount_null", "")]
    if number(row["amount"]) is None or number(row["multiplier"]) is None:
        return [("ledger_amount_not_finite", "")]
    found = _pending(row, search) if row["queue"] in PENDING else []
    if not search:
        found = found or [("credex_missing", "")]
    else:
        found += [*_values(row, search[0], measure), *_topology(row, search)]
    return [(IN_FLIGHT, found[0][0])] if found and _passes(row, found, measure.is_young(moments)) else found


def _passes(row: Row, found: Judged, is_young: bool) -> bool:
    """What the minute queue will put right, or has just begun to."""
    passing = ("credex_missing", "credex_stuck", "credex_unmarked", "outstanding_amount")
    return is_young and all(kind in passing for kind, _detail in found)


def _unowed(ledger: t.Sequence[Row], search: t.Sequence[Row], is_young: bool) -> Judged:
    if not search:
        return []
    if not ledger:
        return [("credex_orphan", "")]
    standing = ", ".join(ledger[0].get("standings", ())) or "nobody owes it"
    return [(IN_FLIGHT, "credex_settled")] if is_young else [("credex_settled", standing)]


def _pending(row: Row, search: t.Sequence[Row]) -> Judged:
    if search:
        return [("credex_unmarked", "")]
    redeemed = number(row.get("redeemed")) or 0
    return (
        [("credex_requeued", "the queue would create it with its initial amount")]
        if redeemed
        else [("credex_stuck", "")]
    )


def _values(row: Row, other: Row, measure: Measure) -> Judged:
    found: Judged = []
    if row["denomination"] != other["denomination"]:
        found.append(("denomination", f"{row['denomination']} and {other['denomination']}"))
    if other["amount"] is None or other["multiplier"] is None:
        found.append(("amount_null", ""))
    elif number(other["amount"]) is None or number(other["multiplier"]) is None:
        found.append(("amount_not_finite", ""))
    else:
        found += _amounts(row, other, measure)
    if row["type"] == other["type"] and row["due"] != other["due"]:
        found.append(("due_date", f"{row['due']} and {other['due']}"))
    return found


def _amounts(row: Row, other: Row, measure: Measure) -> Judged:
    same_amount = close(row["amount"], other["amount"], measure.tolerance)
    same_multiplier = close(row["multiplier"], other["multiplier"], measure.tolerance)
    if same_multiplier and not measure.is_rate(row["denomination"], row["multiplier"]):
        stale: Judged = [("not_scaled", f"{row['multiplier']}, the rate is {measure.rates[row['denomination']]}")]
    else:
        stale = []
    if same_amount and same_multiplier:
        return stale
    half = _half_scaled(row, other, same_multiplier, measure)
    if half:
        return [half]
    found = [] if same_multiplier else [("multiplier", f"{row['multiplier']} and {other['multiplier']}")]
    return stale + found + ([] if same_amount else [("outstanding_amount", _difference(row, other))])


def _half_scaled(row: Row, other: Row, same_multiplier: bool, measure: Measure) -> tuple[str, str] | None:
    """The same face value, by rates of two days. Of CXX, whose multiplier is always 1, the amounts tell."""
    if same_multiplier:
        step = measure.step
        is_step = row["denomination"] == "CXX" and step is not None and not close(step, 1, measure.tolerance)
        if is_step and close(other["amount"], row["amount"] * step, measure.tolerance):
            return "search_not_scaled", f"by {step}"
        return None
    one, two = face(row["amount"], row["multiplier"]), face(other["amount"], other["multiplier"])
    if one is None or two is None or not close(one, two, measure.tolerance):
        return None
    detail = f"{row['multiplier']} and {other['multiplier']}"
    if measure.is_rate(row["denomination"], row["multiplier"]):
        return "search_not_scaled", detail
    return ("ledger_not_scaled", detail) if measure.is_rate(row["denomination"], other["multiplier"]) else None


def _difference(row: Row, other: Row) -> str:
    part = (other["amount"] - row["amount"]) / row["amount"]
    return f"{part:+.3%}" if abs(part) < 100 else "more than a hundredfold"


def _topology(row: Row, search: t.Sequence[Row]) -> Judged:
    if len(search) > 1:
        return [("anchor_two", f"{len(search)} anchors")]
    other = search[0]
    if other["type"] is None:
        return [("anchor_none", "")]
    if other["type"] == row["type"] and all(row[end] == other[end] for end in ("issuer", "acceptor")):
        return []
    if other["type"] in (row["type"], f"{row['type']} in pieces"):
        return [("anchor_accounts", f"from {other['issuer']} to {other['acceptor']}")]
    return [("anchor_type", f"{other['type']} in place of {row['type']}")]


def _credex(
    kind: str, key: str, owed: t.Sequence[Row], ledger: t.Sequence[Row], search: t.Sequence[Row], detail: str
) -> Finding:
    row = owed[0] if owed else ledger[0] if ledger else None
    other = search[0] if search else None
    found = Finding(kind=kind, key=key, detail=detail, ledger=_shown(row), search=_shown(other))
    found["repair"] = {"ledger": row, "search": list(search)}
    return found


def _shown(row: Row | None) -> dict[str, t.Any]:
    if row is None:
        return {}
    names = ("amount", "multiplier", "denomination", "due", "type", "issuer", "acceptor", "queue")
    shown = {name: row[name] for name in names if row.get(name) is not None}
    return {**shown, "face": face(row["amount"], row["multiplier"])}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a repair writes into SearchSpace, from the findings of a comparison. Pure.

A plan is a list of steps in the order in which they are sent; a step is a statement's name and its rows, or no rows
for a statement that finds by itself what to do. LedgerSpace is never part of it.
"""

from __future__ import annotations

import typing as t

from .anchors import UNSECURED
from .finding import Finding

Row = dict[str, t.Any]


class Step(t.NamedTuple):
    """`rows` is None for a statement that takes a limit and is repeated until it finds nothing more."""

    name: str
    rows: list[Row] | None


# The order matters: accounts before the credexes between them, anchors last
ORDER = (
    "CREATE_ACCOUNTS",
    "RENAME_ACCOUNTS",
    "DELETE_CREDEXES",
    "SET_CREDEXES",
    "MERGE_ANCHORS",
    "MOVE_CREDEXES",
    "CREATE_CREDEXES",
    "DELETE_EMPTY_ANCHORS",
    "SET_DUE_DATES",
    "DELETE_ACCOUNTS",
)
_VALUES = ("outstanding_amount", "denomination", "multiplier", "due_date", "amount_null", "amount_not_finite")
_SET = (*_VALUES, "search_not_scaled")
_MOVE = ("anchor_none", "anchor_two", "anchor_type", "anchor_accounts")
_CREATE = ("credex_missing", "credex_requeued")
_DELETE = ("credex_orphan", "credex_settled")
# After these an anchor may have no credexes left, or another earliest one
_TIDY_AFTER = ("DELETE_CREDEXES", "SET_CREDEXES", "MERGE_ANCHORS", "MOVE_CREDEXES", "CREATE_CREDEXES")


def plan(findings: t.Sequence[Finding], today: str | None) -> list[Step]:
    """The steps; `today` is the active Daynode's date, which LoopFinder gives what is secured."""
    rows: dict[str, dict[str, Row]] = {name: {} for name in ORDER}
    for finding in findings:
        for name, row in _rows(finding, today):
            rows[name].setdefault(row["id"], row)
    kinds = {finding["kind"] for finding in findings}
    tidy = any(rows[name] for name in _TIDY_AFTER)
    wanted = {
        "DELETE_EMPTY_ANCHORS": tidy or "anchor_empty" in kinds,
        "SET_DUE_DATES": tidy or "anchor_due_date" in kinds,
    }
    steps = [Step(name, None if name in wanted else list(rows[name].values())) for name in ORDER]
    return [step for step in steps if step.rows or wanted.get(step.name)]


def _rows(finding: Finding, today: str | None) -> t.Iterator[tuple[str, Row]]:
    kind, known = finding["kind"], finding.get("repair", {})
    if kind.startswith("account_"):
        yield from _account(kind, finding["key"], known)
    elif kind == "anchor_duplicate":
        yield "MERGE_ANCHORS", {"id": known["kept"], **known}
    elif kind in _DELETE:
        for row in known["search"]:
            yield "DELETE_CREDEXES", {name: row[name] for name in ("id", "element", "seen")}
    elif kind in _CREATE:
        yield "CREATE_CREDEXES", _create(known["ledger"], today)
    elif kind in _SET:
        yield "SET_CREDEXES", _set(known["ledger"], known["search"][0], today)
    elif kind in _MOVE:
        yield "MOVE_CREDEXES", _move(known["ledger"], known["search"])


def _account(kind: str, key: str, known: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, Row]]:
    ledger, search = known["ledger"], known["search"]
    if kind == "account_missing":
        yield "CREATE_ACCOUNTS", {"id": key, "name": ledger["name"]}
    elif kind == "account_name":
        yield "RENAME_ACCOUNTS", {"id": key, "name": ledger["name"], "seen": search["name"]}
    elif kind == "account_orphan":
        yield "DELETE_ACCOUNTS", {"id": key, "element": search["element"]}


def _create(ledger: Row, today: str | None) -> Row:
    due = ledger["due"] if ledger["type"] == UNSECURED else today
    return {**_target(ledger), **_money(ledger), "due": due}


def _set(ledger: Row, search: Row, today: str | None) -> Row:
    """A secured credex keeps the date that it has: LedgerSpace knows none."""
    due = ledger["due"] if ledger["type"] == UNSECURED else search["any_due"] or today
    return {"id": ledger["id"], "element": search["element"], "seen": search["seen"], **_money(ledger), "due": due}


def _move(ledger: Row, search: t.Sequence[Row]) -> Row:
    anchors = sorted(row["anchor"] for row in search if row["anchor"])
    return {**_target(ledger), "element": search[0]["element"], "anchors": anchors}


def _target(ledger: Row) -> Row:
    return {name: ledger[name] for name in ("id", "issuer", "acceptor", "type")}


def _money(ledger: Row) -> Row:
    return {name: ledger[name] for name in ("amount", "multiplier", "denomination")}

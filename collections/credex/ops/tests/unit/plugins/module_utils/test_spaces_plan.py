# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import parse_address
from ansible_collections.credex.ops.plugins.module_utils._neo4j.spaces import Space
from ansible_collections.credex.ops.plugins.module_utils._spaces import shapes, statements
from ansible_collections.credex.ops.plugins.module_utils._spaces.kinds import KINDS
from ansible_collections.credex.ops.plugins.module_utils._spaces.plan import ORDER, plan
from ansible_collections.credex.ops.plugins.module_utils._spaces.writer import Writer

LEDGER = {
    "id": "c1", "amount": 15.0, "multiplier": 1.5, "denomination": "USD", "due": None, "type": "USD_SECURED",
    "issuer": "a", "acceptor": "b", "name": "A", "element": "e",
}  # fmt: skip
SEARCH = {"id": "c1", "element": "s1", "seen": "9.0", "any_due": "2023-11-01", "anchor": "t1", "name": "B"}


def finding(kind, key="c1"):
    search = [SEARCH] if kind.startswith(("credex", "anchor")) or kind in ("outstanding_amount", "due_date") else SEARCH
    return {"kind": kind, "key": key, "repair": {"ledger": LEDGER, "search": search, "kept": "t1", "others": ["t2"]}}


def names(*kinds):
    return [step.name for step in plan([finding(kind) for kind in kinds], "2023-11-14")]


def test_nothing_to_repair_is_an_empty_plan():
    assert plan([], "2023-11-14") == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("account_missing", ["CREATE_ACCOUNTS"]),
        ("account_name", ["RENAME_ACCOUNTS"]),
        ("account_orphan", ["DELETE_ACCOUNTS"]),
        ("credex_missing", ["CREATE_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("credex_requeued", ["CREATE_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("credex_orphan", ["DELETE_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("outstanding_amount", ["SET_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("anchor_two", ["MOVE_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("anchor_duplicate", ["MERGE_ANCHORS", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES"]),
        ("anchor_empty", ["DELETE_EMPTY_ANCHORS"]),
        ("anchor_due_date", ["SET_DUE_DATES"]),
    ],
)
def test_each_kind_has_its_steps(kind, expected):
    assert names(kind) == expected


def test_accounts_come_before_credexes_and_go_after_them():
    assert names("account_orphan", "credex_missing", "account_missing", "credex_orphan") == [
        "CREATE_ACCOUNTS", "DELETE_CREDEXES", "CREATE_CREDEXES", "DELETE_EMPTY_ANCHORS", "SET_DUE_DATES",
        "DELETE_ACCOUNTS",
    ]  # fmt: skip


def test_every_step_is_a_statement_that_writes_search_space_alone():
    for name in ORDER:
        text = getattr(statements, name)
        assert "OutstandingAmount" not in text and "Daynode" not in text and "queueStatus" not in text


def test_one_credex_is_set_once_whatever_differs_about_it():
    step = next(iter(plan([finding("outstanding_amount"), finding("due_date")], "2023-11-14")))
    assert len(step.rows) == 1


def test_what_is_secured_keeps_its_date_and_a_new_one_gets_todays():
    changed = next(iter(plan([finding("outstanding_amount")], "2023-11-14")))
    made = next(iter(plan([finding("credex_missing")], "2023-11-14")))
    assert (changed.rows[0]["due"], made.rows[0]["due"]) == ("2023-11-01", "2023-11-14")


def test_kinds_that_a_repair_mends_have_a_plan():
    without_one_row = {"credex_settled"}
    for kind in KINDS.keys() - without_one_row:
        if KINDS[kind].repair == "search" and not kind.startswith(("amount", "multi", "denom", "search")):
            assert names(kind), kind


class FakeSearch:
    """Answers every row as changed but those in `busy`."""

    def __init__(self, busy=()):
        self.busy, self.sent = set(busy), []

    def write(self, text, **parameters):
        self.sent.append((text, parameters))
        ids = [row["id"] for row in parameters.get("rows", []) if row["id"] not in self.busy]

        return SimpleNamespace(rows=[{"id": id_} for id_ in ids])


def test_batches_are_bounded_and_what_changed_meanwhile_is_left_alone():
    search, looks = FakeSearch(busy=["c3"]), []
    findings = [
        {"kind": "account_missing", "key": f"c{number}", "repair": {"ledger": LEDGER, "search": None}}
        for number in range(5)
    ]
    writer = Writer(search, 2, str, lambda: looks.append(1))
    writer.carry_out(plan(findings, None))
    assert [len(parameters["rows"]) for query, parameters in search.sent] == [2, 2, 1]
    assert (writer.executed.changed, writer.executed.left) == ({"CREATE_ACCOUNTS": 4}, {"CREATE_ACCOUNTS": 1})
    assert len(looks) == 3


def test_check_mode_shows_what_a_run_sends():
    search = FakeSearch()
    steps = plan([finding("credex_missing"), finding("account_missing")], "2023-11-14")
    shown, done = Writer(search, 10, str), Writer(search, 10, str)
    shown.show(steps)
    assert search.sent == []
    done.carry_out(steps)
    assert shown.executed.statements == done.executed.statements


# Shapes


def space(name, host="h1", database="neo4j"):
    return Space(name, parse_address(host), database, "community")


def shape(**more):
    told = dict.fromkeys(("daynodes", "members", "owes", "anchored", "accounts", "credexes", "rebuilding"), False)
    return {**told, **more}


REAL_LEDGER = shape(daynodes=True, members=True, owes=True, accounts=True, credexes=True)
REAL_SEARCH = shape(anchored=True, accounts=True, credexes=True)


@pytest.mark.parametrize(
    ("ledger", "search", "host", "said"),
    [
        (REAL_SEARCH, REAL_LEDGER, "h2", "are swapped"),
        (REAL_LEDGER, REAL_LEDGER, "h2", "is a LedgerSpace, too"),
        (REAL_SEARCH, REAL_SEARCH, "h2", "is no LedgerSpace"),
        (shape(), REAL_SEARCH, "h2", "allow_empty_ledger"),
        (shape(), REAL_LEDGER, "h2", "are swapped"),
        (REAL_LEDGER, REAL_SEARCH, "h1", "the same database"),
    ],
)
def test_wrong_addresses_are_refused(ledger, search, host, said):
    spaces = {"ledger": space("ledger"), "search": space("search", host)}
    with pytest.raises(shapes.WrongSpaceError, match=said):
        shapes.refuse_wrong(spaces, {"ledger": ledger, "search": search}, False)


def test_right_addresses_pass():
    spaces = {"ledger": space("ledger"), "search": space("search", "h2")}
    shapes.refuse_wrong(spaces, {"ledger": REAL_LEDGER, "search": REAL_SEARCH}, False)
    shapes.refuse_wrong(spaces, {"ledger": REAL_LEDGER, "search": shape()}, False)
    shapes.refuse_wrong(spaces, {"ledger": shape(), "search": REAL_SEARCH}, True)
    one_cluster = {"ledger": space("ledger", database="l"), "search": space("search", database="s")}
    shapes.refuse_wrong(one_cluster, {"ledger": REAL_LEDGER, "search": REAL_SEARCH}, False)

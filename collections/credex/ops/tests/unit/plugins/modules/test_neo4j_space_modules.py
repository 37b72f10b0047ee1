# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two modules on spaces of a few lines; tests/spaces runs them on real servers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import parse_address
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError
from ansible_collections.credex.ops.plugins.module_utils._spaces import comparison, flags, hold, rebuild, statements
from ansible_collections.credex.ops.plugins.modules import neo4j_space_diff, neo4j_space_repair

WHERE = {
    "ledger": {"uris": ["bolt://10.0.0.1"], "database": "ledgerspace"},
    "search": {"uris": ["bolt://10.0.0.1"], "database": "searchspace"},
    "username": "ops_operator",
    "password": "made-up-secret",
}
NOW = 1_700_000_000
ROW = ["c1", 15.0, 1.5, "USD", "2023-11-20", "UNSECURED", "a", "b"]
DETAILS = {
    **dict(zip(("id", "amount", "multiplier", "denomination", "due", "type", "issuer", "acceptor"), ROW, strict=True)),
    "queue": "PROCESSED", "element": "e", "redeemed": 0.0, "standings": [], "moments": [],
}  # fmt: skip
DAY = {
    "date": "2023-11-14",
    "active": True,
    "dco": False,
    "mtq": False,
    "next": [],
    "properties": {"CXX": 1.0, "USD": 1.5, "CXXprior_CXXcurrent": 1.25},
}


class Space:
    """Two accounts, and a credex that SearchSpace may lack. What is written is kept, and `mends` what is wrong."""

    def __init__(self, name, credexes=1):
        self.name, self.database = name, f"{name}space"
        self.target = parse_address("bolt://10.0.0.1")
        self.credexes = credexes
        self.flags = {"dco": False, "mtq": False, "hold": None, "until": None, "expired": False}
        self.written = []
        self.mends = None

    def __str__(self):
        return f"{self.name} (made up)"

    def rows(self, query, **parameters):
        is_ledger = self.name == "ledger"
        if query == statements.SHAPE:
            names = ("daynodes", "members", "owes", "accounts", "credexes", "anchored", "rebuilding")
            has = dict.fromkeys(names, False)
            if is_ledger:
                has.update(daynodes=True, members=True, owes=True, accounts=True, credexes=True)
            return [{**has, "now": NOW}]
        if query == statements.DAYNODES:
            return [DAY]
        if query == statements.HOLDS:
            return [{**DAY, **self.flags}]
        if query == statements.LEDGER_CREDEX_DETAILS:
            return [{**DETAILS, "id": key} for key in parameters["keys"]]
        return []

    def stream(self, statement):
        account = "accountID" in statement and "Credex" not in statement
        if account:
            return [["a", "A", None], ["b", "B", None]]
        return [[*ROW, "PROCESSED" if self.name == "ledger" else None]] * self.credexes

    def write(self, query, **parameters):
        self.written.append(query)
        if self.mends:
            self.mends()
        rows = parameters.get("rows", [{"id": "x"}])
        return SimpleNamespace(rows=rows)


class Feed:
    def __init__(self, space, statement, parameters):
        self._rows = space.stream(statement)

    def __iter__(self):
        return iter(self._rows)

    def close(self):
        """Nothing is open."""


@pytest.fixture
def pair(monkeypatch):
    found = {"ledger": Space("ledger"), "search": Space("search")}
    monkeypatch.setattr(spaces, "find", lambda params: found)
    monkeypatch.setattr(comparison, "Feed", Feed)
    monkeypatch.setattr(rebuild, "Feed", Feed)
    for module in (hold, flags):
        monkeypatch.setattr(module, "INTERVAL", 0.0)
    monkeypatch.setattr(hold, "SETTLE", 0.0)
    return found


def test_spaces_that_agree(pair, run_module):
    result = run_module(neo4j_space_diff, **WHERE, full=True)
    assert result["clean"] and result["differences"] == [] and result["changed"] is False
    assert result["compared"]["credexes"] == {"ledger": 1, "search": 1, "read": 2, "ranges_read": None}
    assert (result["tolerance"], result["daynode"]) == (1e-8, "2023-11-14")


def test_a_credex_that_is_missing(pair, run_module):
    pair["search"].credexes = 0
    result = run_module(neo4j_space_diff, **WHERE, full=True)
    (entry,) = result["differences"]
    assert (entry["kind"], entry["count"], entry["repair"]) == ("credex_missing", 1, "search")
    assert entry["samples"][0]["ledger"]["face"] == 10.0
    assert pair["ledger"].written == pair["search"].written == []


def test_a_hold_is_taken_and_given_back(pair, run_module):
    run_module(neo4j_space_diff, **WHERE, full=True, hold_queue=True)
    assert pair["ledger"].written == [statements.TAKE_HOLD, statements.RELEASE_HOLD]


def test_a_hold_is_given_back_when_the_comparison_fails(pair, run_module, monkeypatch):
    def lost(*_):
        raise UnreachableError("gone", "bolt://x", Cause.UNAVAILABLE)

    monkeypatch.setattr(comparison, "Feed", lost)
    result = run_module(neo4j_space_diff, **WHERE, full=True, hold_queue=True)
    assert result["failed"] and result["server"] == "bolt://x"
    assert pair["ledger"].written == [statements.TAKE_HOLD, statements.RELEASE_HOLD]


def test_check_mode_of_a_comparison_holds_nothing(pair, run_module):
    run_module(neo4j_space_diff, **WHERE, full=True, hold_queue=True, check_mode=True)
    assert pair["ledger"].written == []


def test_check_mode_of_a_repair_shows_the_statements(pair, run_module):
    pair["search"].credexes = 0
    result = run_module(neo4j_space_repair, **WHERE, full=True, check_mode=True)
    assert result["changed"] and result["written"] == {}
    first, *_tidying = result["executed_statements"]
    assert first["statement"] == statements.CREATE_CREDEXES.strip()
    assert first["parameters"]["rows"][0]["amount"] == 15.0
    assert "CREATE (c:Credex" in result["diff"]["after"]
    assert pair["ledger"].written == pair["search"].written == []


def test_a_repair_writes_search_space_and_compares_again(pair, run_module):
    search = pair["search"]
    search.credexes = 0
    search.mends = lambda: setattr(search, "credexes", 1)
    result = run_module(neo4j_space_repair, **WHERE, full=True, hold_queue=False)
    assert result["changed"] and result["written"]["CREATE_CREDEXES"] == 1
    assert search.written[0].startswith("\nUNWIND $rows")
    assert pair["ledger"].written == []


def test_a_repair_that_does_not_last_fails(pair, run_module):
    pair["search"].credexes = 0
    result = run_module(neo4j_space_repair, **WHERE, full=True, hold_queue=False)
    assert result["failed"] and "credex_missing 1" in result["msg"]


def test_nothing_to_repair_holds_nothing(pair, run_module):
    result = run_module(neo4j_space_repair, **WHERE, full=True)
    assert result["changed"] is False and result["executed_statements"] == []
    assert pair["ledger"].written == pair["search"].written == []


def test_unblock_clears_a_null_flag(pair, run_module):
    pair["ledger"].flags["mtq"] = None
    result = run_module(neo4j_space_repair, **WHERE, mode="unblock")
    assert result["changed"] and result["reasons"] == ["MTQrunningNow of 2023-11-14 was null"]
    assert pair["ledger"].written == [statements.CLEAR_MTQ]


def test_unblock_wants_a_word_for_a_flag_that_is_true(pair, run_module):
    pair["ledger"].flags["mtq"] = True
    result = run_module(neo4j_space_repair, **WHERE, mode="unblock")
    assert result["failed"] and "no_task_runs" in result["msg"] and pair["ledger"].written == []
    done = run_module(neo4j_space_repair, **WHERE, mode="unblock", no_task_runs=True, stuck_after=0)
    assert done["changed"]


@pytest.mark.parametrize(
    "wrong", [{"tolerance": 1e-12}, {"batch": 0}, {"grace": -1}, {"limit": 0}, {"hold_seconds": 0}]
)
def test_options_that_cannot_be_meant(pair, run_module, wrong):
    result = run_module(neo4j_space_repair, **WHERE, **wrong)
    assert result["failed"] and next(iter(wrong)) in result["msg"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three balance modules on spaces of a few lines; tests/spaces runs them on real servers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.credex.ops.plugins.module_utils._balance import statements
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE, of
from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_balance_flags,
    neo4j_balance_info,
    neo4j_balance_update,
)

WHERE = {
    "ledger": {"uris": ["bolt://10.0.0.1"], "database": "ledgerspace"},
    "search": {"uris": ["bolt://10.0.0.1"], "database": "searchspace"},
    "username": "ops_operator",
    "password": "made-up-secret",
}


def day(date, previous, active, usd):
    rates = {"Date": date, "CXXprior_CXXcurrent": 2.0, "CXX": 1.0, "USD": usd}
    return {"date": date, "dated": True, "active": active, "running": False, "previous": previous, "rates": rates}


class Space:
    """Some entities of each kind in one group, and what was sent."""

    def __init__(self, name, since, edition="community"):
        self.name, self.since, self.edition = name, since, edition
        self.days = [day("2024-11-07", None, False, 0.8), day("2024-11-08", "2024-11-07", True, 0.4)]
        self.rate = 0.8 if since == "2024-11-07" else 0.4
        self.current = 4
        self.stragglers = []
        self.until = []
        self.written = []

    def __str__(self):
        return f"{self.name} (made up)"

    def rows(self, query, **parameters):
        fixed = {
            statements.DAYNODES: self.days,
            statements.ANY_DAYNODE: [],
            statements.NOW: [{"now": "2024-11-08T00:20:00Z"}],
        }
        if "until" in parameters:
            self.until.append(parameters["until"])
        for kind in of(self.name):
            fixed[statements.groups(kind)] = [self.group(kind)]
            fixed[statements.stragglers(kind)] = self.stragglers
        return fixed.get(query, [])

    def group(self, kind):
        sums = {f"{unit}_{name}": 1.0 for unit in ("cxx", "face") for name in kind.amounts}
        numbers = {"entities": 4, "current": self.current, "summed": 4, "odd": 0, "empty": 0}
        multipliers = {"lowest": self.rate, "highest": self.rate}
        flag = {"flagged": self.since is not None, "since": self.since, "denomination": "USD"}
        return {**sums, **numbers, **multipliers, **flag}

    def write(self, query, **parameters):
        self.written.append((query, parameters))
        return SimpleNamespace(rows=[{"scaled": 4, "flagged": 4}])


@pytest.fixture
def pair(monkeypatch):
    def make(since, **options):
        found = {name: Space(name, since, **options) for name in spaces.SPACES}
        monkeypatch.setattr(spaces, "find", lambda params: found)
        return found

    return make


def sent(found):
    return [query for space in found.values() for query, _parameters in space.written]


# --- update ---


def test_update_sends_one_statement_for_each_kind(pair, run_module):
    found = pair("2024-11-07")
    result = run_module(neo4j_balance_update, **WHERE, batch=7)
    assert result["changed"] and set(result["scaled"].values()) == {4}
    assert sent(found) == [statements.update(kind) for kind in TABLE] == result["executed_statements"]
    bound = {
        "date": "2024-11-08",
        "rates": {"CXX": 1.0, "USD": 0.4},
        "cxx": {"2024-11-08": 1.0, "2024-11-07": 0.5},
        "batch": 7,
    }
    assert all(parameters == bound for space in found.values() for _query, parameters in space.written)


def test_update_in_check_mode_writes_nothing(pair, run_module):
    found = pair("2024-11-07")
    result = run_module(neo4j_balance_update, check_mode=True, **WHERE)
    assert result["changed"] and set(result["scaled"].values()) == {4} and sent(found) == []
    assert "ledger Credex: 4 due\n" in result["diff"]["before"] and "ledger Credex: 0 due\n" in result["diff"]["after"]


def test_update_finds_nothing_to_do(pair, run_module):
    found = pair("2024-11-08")
    result = run_module(neo4j_balance_update, **WHERE)
    assert not result["changed"] and sent(found) == []


def test_update_fails_for_what_is_left_behind(pair, run_module):
    found = pair("2024-11-07")
    row = {"key": "c1", "denomination": None, "since": "2024-11-07", "multiplier": None}
    found["search"].stragglers = [row]
    result = run_module(neo4j_balance_update, **WHERE)
    assert result["failed"] and result["changed"] and len(sent(found)) == len(TABLE)
    assert "search Credex c1 (None, 2024-11-07)" in result["msg"]
    assert result["stragglers"] == [{"entity": "search Credex", **row}]


def test_update_refuses_before_it_writes(pair, run_module):
    found = pair("2024-11-07")
    found["search"].rate = 0.4
    result = run_module(neo4j_balance_update, **WHERE)
    assert result["failed"] and "another statement has scaled them" in result["msg"] and sent(found) == []


@pytest.mark.parametrize("module", [neo4j_balance_update, neo4j_balance_flags])
def test_a_batch_of_none_is_refused(module, pair, run_module):
    pair("2024-11-07")
    assert "batch is 0" in run_module(module, **WHERE, batch=0)["msg"]


@pytest.mark.parametrize("module", [neo4j_balance_update, neo4j_balance_flags, neo4j_balance_info])
def test_daynodes_in_search_space_are_refused(module, pair, run_module):
    found = pair("2024-11-07")
    found["ledger"].days = []
    real = found["search"].rows
    found["search"].rows = lambda query, **p: [{"one": 1}] if query == statements.ANY_DAYNODE else real(query, **p)
    result = run_module(module, **WHERE)
    assert result["failed"]
    assert "Daynodes in search (made up), and none in ledger (made up)" in result["msg"]


# --- flags ---


def test_flags_are_given_and_indexes_made(pair, run_module):
    found = pair(None)
    result = run_module(neo4j_balance_flags, **WHERE)
    assert set(result["flagged"].values()) == {4} and len(result["flagged"]) == len(TABLE)
    assert result["schema"] == [
        "ledger CxxScaled_lastScaled",
        "ledger REDEEMED_lastScaled",
        "ledger CREDLOOP_lastScaled",
        "search CxxScaled_lastScaled",
    ]
    assert sorted(sent(found)) == sorted(result["executed_statements"])
    assert sent(found)[:4] == [statements.flag(kind) for kind in of("ledger")]


def test_flags_on_enterprise_bring_constraints(pair, run_module):
    pair(None, edition="enterprise")
    schema = run_module(neo4j_balance_flags, **WHERE)["schema"]
    assert "ledger CxxScaled_lastScaled_exists" in schema and "search CxxScaled_lastScaled_is_date" in schema


def test_flags_in_check_mode_write_nothing(pair, run_module):
    found = pair(None)
    result = run_module(neo4j_balance_flags, check_mode=True, **WHERE)
    assert result["changed"] and sent(found) == []
    assert "ledger Credex: 4 flagged\n" in result["diff"]["after"]


def test_stale_entities_are_refused_or_left(pair, run_module):
    found = pair(None)
    found["search"].current = 3
    refused = run_module(neo4j_balance_flags, **WHERE)
    assert refused["failed"] and "1 search Credex have another rate" in refused["msg"] and sent(found) == []
    left = run_module(neo4j_balance_flags, **WHERE, leave_stale=True)
    assert left["changed"] and left["stale"] == ["1 search Credex"]


def test_flags_are_dated_again_only_on_demand(pair, run_module):
    found = pair("2024-11-07")
    schema_only = run_module(neo4j_balance_flags, **WHERE)
    assert schema_only["restamped"] == {} and all("CREATE INDEX" in query for query in sent(found))
    again = run_module(neo4j_balance_flags, **WHERE, restamp=True)
    assert set(again["restamped"].values()) == {4}


def test_no_flags_while_the_nightly_run_is_at_work(pair, run_module):
    found = pair(None)
    found["ledger"].days[1]["running"] = True
    result = run_module(neo4j_balance_flags, **WHERE)
    assert result["failed"] and "The nightly run is at work" in result["msg"] and sent(found) == []


# --- info ---


def test_info_reads_sums_twice_when_they_are_compared(pair, run_module):
    """Both times of what was there at a moment: clocks differ, and what is dated later must not count once only."""
    found = pair("2024-11-07")
    result = run_module(neo4j_balance_info, **WHERE, until="2024-11-08T00:00:00Z")
    assert not result["changed"]
    assert (result["date"], result["prior_current"], result["at"]) == ("2024-11-08", 2.0, "2024-11-08T00:20:00Z")
    assert [(g["space"], g["kind"]) for g in result["groups"]] == [(k.space, k.name) for k in TABLE]
    assert result["compared"] == result["groups"]
    assert found["search"].until == ["2024-11-08T00:20:00Z", "2024-11-08T00:00:00Z"]
    assert "search CxxScaled_lastScaled" in result["missing_schema"]

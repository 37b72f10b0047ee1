# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The back-fill of the flags on real servers."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE

from lab.graph import Planter
from lab.graph.nightly import new_day
from tests.spaces.balances import Balances, differences, expected


def unflagged(balances: Balances) -> int:
    return sum("lastScaled" not in entity for entity in balances.state().values())


def total(counts: dict[str, int]) -> int:
    return sum(counts.values())


def test_everything_is_flagged_once(balances: Balances) -> None:
    balances.load(200)
    before, entities = balances.state(), len(balances.state())
    planned = balances.flag(_ansible_check_mode=True)
    assert planned["changed"] and total(planned["flagged"]) == entities == unflagged(balances)
    done = balances.flag()
    assert done["flagged"] == planned["flagged"] and len(done["flagged"]) == len(TABLE)
    assert done["schema"] == planned["schema"] and len(done["schema"]) == 4
    assert {str(entity["lastScaled"]) for entity in balances.state().values()} == {done["date"]}
    assert differences(balances.state(), before) == []
    again = balances.flag()
    assert not again["changed"] and again["flagged"] == {} and again["schema"] == []
    (labelled,) = balances.spaces.ledger.run("MATCH (e:CxxScaled) RETURN count(*) AS nodes")
    assert labelled["nodes"] == done["flagged"]["ledger Credex"] + done["flagged"]["ledger LoopAnchor"]


def test_what_was_created_without_is_flagged_later(balances: Balances) -> None:
    balances.load(200)
    balances.flag()
    balances.spaces.ledger.run(
        "CREATE (:Credex {credexID: 'new', Denomination: 'CXX', CXXmultiplier: 1.0, InitialAmount: 7.0})"
    )
    assert balances.verdict()["flags"]["detail"] == "1 ledger Credex in CXX have no flag"
    assert balances.flag()["flagged"] == {"ledger Credex": 1}
    assert balances.verdict()["flags"]["status"] == "passed"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", [TABLE[0], TABLE[2], TABLE[-1]], ids=lambda kind: f"{kind.space}-{kind.name}")
def test_killed_in_the_middle_and_run_again(balances: Balances, kind: Any) -> None:
    balances.load(1200)
    (day,) = balances.spaces.ledger.run("MATCH (d:Daynode {Active: true}) RETURN toString(d.Date) AS date")
    process = balances.start("neo4j_balance_flags", batch=5)
    deadline = time.monotonic() + 120
    while not balances.scaled(kind, day["date"]):
        assert process.poll() is None, "it ended before anything was seen"
        assert time.monotonic() < deadline
    process.kill()
    process.wait()
    assert unflagged(balances), "the kill came too late"
    assert balances.flag()["changed"]
    assert unflagged(balances) == 0
    assert not balances.flag()["changed"]


def test_a_space_that_is_a_night_behind_is_refused(balances: Balances) -> None:
    """Flagged now, its amounts in CXX would never get the night that they have missed."""
    balances.load(200)
    Planter(balances.spaces).plant("search_not_scaled")
    result = balances.flag()
    assert result["failed"] and "search Credex have another rate than the active Daynode's" in result["msg"]
    assert unflagged(balances) == len(balances.state())


def test_single_damaged_entities_are_left_on_demand(balances: Balances) -> None:
    balances.load(200)
    keys = [row["credloopRelID"] for row in Planter(balances.spaces).plant("credloop_not_scaled", 3)]
    assert "3 ledger CREDLOOP have another rate" in balances.flag()["msg"]
    result = balances.flag(leave_stale=True)
    assert result["stale"] == ["3 ledger CREDLOOP"]
    left = [key for (_kind, key), entity in balances.state().items() if "lastScaled" not in entity]
    assert sorted(left) == sorted(keys)


def test_refused_while_the_nightly_run_is_at_work(balances: Balances) -> None:
    balances.load(200)
    new_day(balances.spaces, running=True)
    assert "The nightly run is at work" in balances.flag()["msg"]
    assert unflagged(balances) == len(balances.state())


def test_dated_again_after_the_old_statement_ran(balances: Balances) -> None:
    """Everything is scaled, as a statement would do that knows no flags. Only the dates are behind."""
    balances.load(200)
    balances.flag()
    date = new_day(balances.spaces)
    reading = balances.info()
    wanted = expected(balances.state(), reading["factors"], reading["rates"])
    balances.update()
    for space in (balances.spaces.ledger, balances.spaces.search):
        for match in ("(e:CxxScaled)", "()-[e:REDEEMED|CREDLOOP]->()"):
            space.run(f"MATCH {match} SET e.lastScaled = e.lastScaled - duration({{days: 1}})")
    assert "another statement has scaled them" in balances.update()["msg"]
    assert not balances.flag()["changed"]
    result = balances.flag(restamp=True)
    assert total(result["restamped"]) == len(balances.state())
    assert {str(entity["lastScaled"]) for entity in balances.state().values()} == {date}
    assert not balances.update()["changed"]
    assert differences(balances.state(), wanted) == []


def test_keys_with_quotes_and_other_alphabets(balances: Balances) -> None:
    balances.load(200, odd_ids=True)
    balances.flag()
    new_day(balances.spaces)
    key = next(key for (kind, key), _ in balances.state().items() if kind == "ledger Credex" and "'" in key)
    balances.spaces.ledger.run("MATCH (c:Credex {credexID: $key}) SET c.CXXmultiplier = null", key=key)
    assert [row["key"] for row in balances.update()["stragglers"]] == [key]

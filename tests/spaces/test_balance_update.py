# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flagged balance update on real servers: each entity once, however often and wherever a run ends."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE
from ansible_collections.credex.ops.plugins.modules import neo4j_balance_update

from lab.graph import Planter
from lab.graph.nightly import new_day, original_update, send_files
from tests.spaces.balances import Balances, differences, expected

USD = {"USD": 3.25}  # a rate that does not move as CXX does


@pytest.fixture
def flagged(balances: Balances) -> Balances:
    balances.load(200)
    assert balances.flag()["changed"]
    return balances


def night(balances: Balances, prior_current: float = 2.0) -> tuple[str, Any]:
    """The next day's date, and what a right update makes of everything."""
    before = balances.state()
    date = new_day(balances.spaces, prior_current, USD)
    reading = balances.info()
    return date, expected(before, reading["factors"], reading["rates"])


def test_everything_is_scaled_once(flagged: Balances) -> None:
    date, wanted = night(flagged)
    planned = flagged.update(_ansible_check_mode=True, _ansible_diff=True)
    assert planned["changed"] and differences(flagged.state(), wanted)
    result = flagged.update()
    assert result["scaled"] == planned["scaled"] and all(result["scaled"].values())
    assert result["date"] == date
    assert differences(flagged.state(), wanted) == []
    again = flagged.update()
    assert not again["changed"] and not any(again["scaled"].values())
    assert differences(flagged.state(), wanted) == []


def test_nights_that_were_missed_are_caught_up_with(flagged: Balances) -> None:
    before = flagged.state()
    for prior_current in (2.0, 1.25, 0.8):
        new_day(flagged.spaces, prior_current)
    reading = flagged.info()
    flagged.update()
    assert differences(flagged.state(), expected(before, reading["factors"], reading["rates"])) == []
    in_cxx = next(key for key, entity in before.items() if entity["Denomination"] == "CXX")
    (amount,) = (kind.amounts[0] for kind in TABLE if f"{kind.space} {kind.name}" == in_cxx[0])
    assert flagged.state()[in_cxx][amount] == pytest.approx(before[in_cxx][amount] / (2.0 * 1.25 * 0.8))


def test_what_was_created_since_is_left_alone(flagged: Balances) -> None:
    """A credex of the new day, written before the update: it is in the new day's CXX already."""
    date, wanted = night(flagged)
    flagged.spaces.ledger.run(
        "MATCH (d:Daynode {Active: true}) CREATE (:Credex:CxxScaled {credexID: 'new', Denomination: 'CXX', "
        "CXXmultiplier: 1.0, InitialAmount: 7.0, lastScaled: d.Date})"
    )
    assert flagged.update()["date"] == date
    state = flagged.state()
    assert state.pop(("ledger Credex", "new"))["InitialAmount"] == 7.0
    assert differences(state, wanted) == []


def test_the_files_alone_do_the_same(flagged: Balances) -> None:
    new_day(flagged.spaces, 1.25)
    _date, wanted = night(flagged)
    planned = flagged.update(_ansible_check_mode=True)["scaled"]
    assert send_files(flagged.spaces) == planned
    assert differences(flagged.state(), wanted) == []
    assert not any(send_files(flagged.spaces).values())


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", [TABLE[0], TABLE[2], TABLE[-1]], ids=lambda kind: f"{kind.space}-{kind.name}")
def test_killed_in_the_middle_and_run_again(balances: Balances, kind: Any) -> None:
    balances.load(1200)
    balances.flag()
    date, wanted = night(balances)
    process = balances.start("neo4j_balance_update", batch=5)
    deadline = time.monotonic() + 120
    while not balances.scaled(kind, date):
        assert process.poll() is None, "it ended before anything was seen"
        assert time.monotonic() < deadline
    process.kill()
    process.wait()
    assert differences(balances.state(), wanted), "the kill came too late"
    assert balances.update()["changed"]
    assert differences(balances.state(), wanted) == []
    assert not balances.update()["changed"]


def test_two_at_the_same_time_scale_everything_once(balances: Balances) -> None:
    balances.load(1200)
    balances.flag()
    _date, wanted = night(balances)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        processes = [balances.start("neo4j_balance_update", batch=50) for _ in range(3)]
        assert list(pool.map(lambda process: process.wait(300), processes)) == [0, 0, 0]
    assert differences(balances.state(), wanted) == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("lacking", ["Credex in CXX", "everything in CXX", "loops", "search"])
def test_an_empty_part_cuts_nothing_off(balances: Balances, lacking: str) -> None:
    balances.load(200)
    statements = {
        "Credex in CXX": ("MATCH (c:Credex {Denomination: 'CXX'}) SET c.Denomination = 'USD', c.CXXmultiplier = $usd",),
        "everything in CXX": (
            "MATCH (c:Credex {Denomination: 'CXX'}) DETACH DELETE c",
            "MATCH (l:LoopAnchor) DETACH DELETE l",
        ),
        "loops": ("MATCH (l:LoopAnchor) DETACH DELETE l", "MATCH ()-[x:CREDLOOP]->() DELETE x"),
        "search": (),
    }[lacking]
    (usd,) = balances.spaces.ledger.run("MATCH (d:Daynode {Active: true}) RETURN d.USD AS usd")
    for statement in statements:
        balances.spaces.ledger.run(statement, **usd)
    if lacking == "search":
        balances.spaces.search.run("MATCH (c:Credex) DETACH DELETE c")
    balances.flag()
    _date, wanted = night(balances)
    balances.update()
    assert differences(balances.state(), wanted) == []


# --- what it refuses, before anything is written ---


def on_the_day(change: str) -> Callable[[Balances], Any]:
    return lambda balances: balances.spaces.ledger.run(f"MATCH (d:Daynode {{Active: true}}) {change}")


def planted(kind: str) -> Callable[[Balances], Any]:
    return lambda balances: Planter(balances.spaces).plant(kind)


def original_update_of_search(balances: Balances) -> None:
    """Of a ledger without loops, since these would take it hours."""
    balances.spaces.ledger.run("MATCH (l:LoopAnchor) DETACH DELETE l")
    balances.spaces.ledger.run("MATCH ()-[x:CREDLOOP]->() DELETE x")
    balances.spaces.ledger.run("MATCH (c:Credex {Denomination: 'CXX'}) WITH c SKIP 1 DETACH DELETE c")
    original_update(balances.spaces)


REFUSALS: dict[str, tuple[Callable[[Balances], Any], str]] = {
    "two active": (planted("daynode_two_active"), "2 Daynodes are active"),
    "none active": (planted("daynode_none_active"), "0 Daynodes are active"),
    "no rate": (planted("rate_missing"), "has no rate USD. Add it"),
    "rate 0": (planted("rate_not_positive"), "USD is 0"),
    "r NaN": (planted("rate_not_finite"), "CXXprior_CXXcurrent is 'NaN'"),
    "r null": (on_the_day("REMOVE d.CXXprior_CXXcurrent"), "CXXprior_CXXcurrent is None"),
    "r infinite": (on_the_day("SET d.CXXprior_CXXcurrent = 1e308 * 10"), "CXXprior_CXXcurrent is 'Infinity'"),
    "r negative": (on_the_day("SET d.CXXprior_CXXcurrent = -2.0"), "CXXprior_CXXcurrent is -2.0"),
    "rate infinite": (on_the_day("SET d.XAU = 1e308 * 10"), "XAU is 'Infinity'"),
    "rate NaN": (on_the_day("SET d.ZWG = 0.0 / 0.0"), "ZWG is 'NaN'"),
    "CXX not 1": (on_the_day("SET d.CXX = 0.5"), "CXX is 0.5, and must be 1"),
    "a date that is none": (on_the_day("SET d.Date = toString(d.Date)"), "and no DATE"),
    "no way from there": (on_the_day("MATCH ()-[x:NEXT_DAY]->(d) DELETE x"), "0 Daynodes lead to the one of"),
    "two ways": (
        on_the_day("MATCH (o:Daynode) WHERE o <> d WITH d, o LIMIT 1 CREATE (o)-[:NEXT_DAY]->(d)"),
        "2 Daynodes lead",
    ),
    "the past is broken": (
        lambda balances: [
            new_day(balances.spaces),
            balances.spaces.ledger.run(
                "MATCH (b:Daynode)-[:NEXT_DAY]->(:Daynode {Active: true}) SET b.CXXprior_CXXcurrent = 0.0 / 0.0"
            ),
        ],
        "is 'NaN'. Mend the chain",
    ),
    "a flag from tomorrow": (
        on_the_day("MATCH (c:CxxScaled) SET c.lastScaled = d.Date + duration({days: 1})"),
        "Which day is it",
    ),
    "the old statement ran": (
        original_update_of_search,
        "another statement has scaled them",
    ),
}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("reason", REFUSALS)
def test_refused_before_anything_is_written(flagged: Balances, reason: str) -> None:
    new_day(flagged.spaces)
    spoil, message = REFUSALS[reason]
    spoil(flagged)
    before = flagged.state()
    for check_mode in (True, False):
        result = flagged.update(_ansible_check_mode=check_mode)
        assert result["failed"] and message in result["msg"], result["msg"]
    assert repr(flagged.state()) == repr(before)


def test_swapped_or_same_addresses_are_refused(flagged: Balances) -> None:
    new_day(flagged.spaces)
    where = flagged.where
    for ledger, search in (("search", "ledger"), ("ledger", "ledger")):
        result = flagged.run(neo4j_balance_update, ledger=where[ledger], search=where[search])
        assert result["failed"] and "are the two addresses swapped, or the same?" in result["msg"]


def test_an_unknown_database_and_an_empty_pair_are_refused(balances: Balances) -> None:
    assert "0 Daynodes are active" in balances.update()["msg"]
    nowhere = {**balances.where["ledger"], "database": "nowhere"}
    assert "no server has database nowhere online" in balances.update(ledger=nowhere)["msg"]


def test_what_cannot_be_scaled_is_left_and_named(flagged: Balances) -> None:
    odd = [key for (kind, key), e in flagged.state().items() if kind == "ledger Credex" and e["Denomination"] == "USD"][
        :3
    ]
    changes = ("c.CXXmultiplier = null", "c.Denomination = null", "c.CXXmultiplier = 0.0 / 0.0")
    for key, change in zip(odd, changes, strict=True):
        flagged.spaces.ledger.run(f"MATCH (c:Credex {{credexID: $key}}) SET {change}", key=key)
    before = flagged.state()
    new_day(flagged.spaces)
    result = flagged.update()
    assert result["failed"] and result["scaled"]["ledger Credex"] == 200 - 3
    assert sorted(row["key"] for row in result["stragglers"]) == sorted(odd)
    assert all(key in result["msg"] for key in odd)
    for key in odd:
        assert repr(flagged.state()["ledger Credex", key]) == repr(before["ledger Credex", key])


def test_a_server_lost_half_way(balances: Balances) -> None:
    balances.load(1200)
    balances.flag()
    date, wanted = night(balances)
    process = balances.start("neo4j_balance_update", batch=5)
    while not balances.scaled(TABLE[0], date):
        assert process.poll() is None
    balances.pair.search.kill()
    try:
        assert process.wait(120) == 1
        assert "Nothing listens there" in balances.update()["msg"]
    finally:
        balances.pair.search.start()
    assert balances.update()["changed"]
    assert differences(balances.state(), wanted) == []

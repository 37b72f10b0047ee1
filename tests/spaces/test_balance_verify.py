# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification of balances on real servers: each thing that can be wrong is found, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.filter.balance_checks import balance_checks

from lab.graph import Planter
from lab.graph.nightly import eve, new_day, original_update, toy
from tests.spaces.balances import Balances

Verdict = dict[str, dict[str, Any]]


@pytest.fixture
def flagged(balances: Balances) -> Balances:
    balances.load(400)
    balances.flag()
    return balances


def failed(verdict: Verdict) -> list[str]:
    return sorted(name for name, check in verdict.items() if check["status"] == "failed")


def seen(balances: Balances) -> dict[str, Any]:
    """A report, as the next run finds it."""
    return {"checks": balance_checks(balances.info())}


def compared(balances: Balances, before: dict[str, Any]) -> Verdict:
    moment = before["checks"][-1]["evidence"]["at"]
    return balances.verdict(before, until=moment)


def test_a_right_night_is_green(flagged: Balances) -> None:
    before = seen(flagged)
    assert failed(flagged.verdict()) == []
    new_day(flagged.spaces, 2.0, {"USD": 3.25})
    behind = compared(flagged, before)
    assert failed(behind) == ["rates", "stragglers", "sums"]
    assert "as if scaled 0 times, and not once" in behind["sums"]["detail"]
    flagged.update()
    flagged.spaces.ledger.run(
        "MATCH (d:Daynode {Active: true}) CREATE (:Credex:CxxScaled {credexID: 'new', Denomination: 'CXX', "
        "CXXmultiplier: 1.0, InitialAmount: 7.0, lastScaled: d.Date, createdAt: datetime()})"
    )
    after = compared(flagged, before)
    assert failed(after) == [] and after["sums"]["status"] == "passed"


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("kind", "check", "number"),
    [
        ("redeemed_scaled_twice", "REDEEMED", 3),
        ("credloop_scaled_twice", "CREDLOOP", 3),
        ("loop_anchor_scaled_twice", "LoopAnchor", 3),
    ],
)
def test_what_was_scaled_twice_is_found_with_its_factor(flagged: Balances, kind: str, check: str, number: int) -> None:
    before = seen(flagged)
    planted = Planter(flagged.spaces).plant(kind, number)
    key = next(name for name in planted[0] if name != "factor")
    damage = flagged.info()["damage"]
    assert [(row["kind"], row["entities"]) for row in damage] == [(check, number)]
    assert sorted(sample["key"] for sample in damage[0]["samples"]) == sorted(row[key] for row in planted)
    assert damage[0]["smallest"] == pytest.approx(planted[0]["factor"])
    verdict = compared(flagged, before)
    assert failed(verdict) == ["damage", "sums"]
    assert "0.8 times (scaled 2 times in the last night, and not once)" in verdict["damage"]["detail"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("kind", "number", "found"),
    [
        ("not_scaled", 2, ["rates"]),
        ("credloop_not_scaled", 2, ["rates"]),
        ("search_not_scaled", 1, ["rates", "spaces"]),
        ("ledger_not_scaled", 1, ["rates", "spaces"]),
        ("ledger_amount_not_finite", 2, ["amounts", "spaces"]),
        ("credex_missing", 2, ["spaces"]),
        ("outstanding_amount", 2, ["spaces"]),
        ("dco_flag_stuck", 1, ["quiet"]),
    ],
)
def test_each_thing_is_found_alone(flagged: Balances, kind: str, number: int, found: list[str]) -> None:
    Planter(flagged.spaces).plant(kind, number)
    assert failed(flagged.verdict()) == found


def test_flags_that_are_not_where_they_should_be(flagged: Balances) -> None:
    run = flagged.spaces.ledger.run
    run("MATCH (c:Credex {Denomination: 'USD'}) WITH c LIMIT 2 REMOVE c:CxxScaled")
    run("MATCH ()-[x:REDEEMED {Denomination: 'CXX'}]->() WITH x LIMIT 1 REMOVE x.lastScaled")
    run("MATCH (m:Member) WITH m LIMIT 1 SET m:CxxScaled")
    run("CREATE (:Bond {bondID: 'b', CXXmultiplier: 1.0, Face: 5.0})")
    run("MATCH (a:Account) WITH a LIMIT 1 CREATE (a)-[:PLEDGES {CXXmultiplier: 1.0}]->(a)")
    detail = flagged.verdict()["flags"]["detail"]
    for text in (
        "2 ledger Credex in USD have no flag",
        "1 ledger REDEEMED in CXX have no flag",
        "1 ledger CxxScaled:Member have a flag, and no amounts",
        "1 ledger Bond have a CXXmultiplier",
        "1 ledger PLEDGES have a CXXmultiplier",
    ):
        assert text in detail


def test_a_flag_without_a_date_is_a_straggler(flagged: Balances) -> None:
    (row,) = flagged.spaces.ledger.run(
        "MATCH (c:Credex {Denomination: 'USD'}) WITH c LIMIT 1 REMOVE c.lastScaled RETURN c.credexID AS key"
    )
    detail = flagged.verdict()["stragglers"]["detail"]
    assert "1 ledger Credex in USD are dated never" in detail and row["key"] in detail


def test_deleted_amounts_are_found(flagged: Balances) -> None:
    """What a missing rate leaves of a credex."""
    flagged.spaces.ledger.run(
        "MATCH (c:Credex {Denomination: 'USD'}) WITH c LIMIT 2 SET c.CXXmultiplier = null, c.InitialAmount = null, "
        "c.OutstandingAmount = null, c.RedeemedAmount = null, c.DefaultedAmount = null, c.WrittenOffAmount = null"
    )
    verdict = flagged.verdict()
    assert {"amounts", "rates"} <= set(failed(verdict))
    assert verdict["amounts"]["detail"] == "2 ledger Credex in USD have no amounts"


def test_the_damage_of_the_old_statement(balances: Balances) -> None:
    """One credex in CXX and one in USD: each part that comes later is scaled once more for every row before it."""
    toy(balances.spaces, cxx=1, usd=1)
    eve(balances.spaces, True)
    before = seen(balances)
    eve(balances.spaces, False)
    original_update(balances.spaces)
    damage = {row["kind"]: row for row in balances.info()["damage"]}
    assert {kind: row["smallest"] for kind, row in damage.items()} == {
        "LoopAnchor": 2.0**-15,
        "REDEEMED": 2.0**-1,
        "CREDLOOP": 2.0**-7,
    }
    verdict = compared(balances, before)
    assert failed(verdict) == ["damage", "sums"]
    for text in ("(scaled 16 times in", "(scaled 2 times in", "(scaled 8 times in"):
        assert text in verdict["damage"]["detail"]
    for text in ("LoopedAmount was 64.0", "(as if scaled 16 times", "(as if scaled 2 times", "(as if scaled 8 times"):
        assert text in verdict["sums"]["detail"]


def test_a_right_night_on_the_same_ledger(balances: Balances) -> None:
    toy(balances.spaces, cxx=1, usd=1)
    eve(balances.spaces, True)
    balances.flag()
    before = seen(balances)
    eve(balances.spaces, False)
    balances.update()
    assert failed(compared(balances, before)) == [] and balances.info()["damage"] == []

"""The generated graph in itself, without a server."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from itertools import pairwise

import pytest

from lab.graph import KINDS, Ledger, derive
from lab.graph.model import Circle
from lab.graph.plant import PLANTS

LEDGER = Ledger(credexes=1000)


@pytest.fixture(scope="module")
def circles() -> list[Circle]:
    return list(LEDGER.circles())


def test_same_seed_gives_the_same(circles: list[Circle]) -> None:
    again = [dataclasses.asdict(circle) for circle in Ledger(credexes=1000).circles()]
    assert [dataclasses.asdict(circle) for circle in circles] == again
    other = [dataclasses.asdict(circle) for circle in Ledger(credexes=1000, seed=2).circles()]
    assert other != again


@pytest.mark.parametrize("credexes", [1, 399, 400, 401, 1000])
def test_number_of_credexes_is_exact(credexes: int) -> None:
    assert sum(len(circle.credexes) for circle in Ledger(credexes=credexes).circles()) == credexes


@pytest.mark.parametrize("outstanding", [0.2, 0.45, 0.9])
def test_share_that_is_outstanding(outstanding: float) -> None:
    circles = Ledger(credexes=4000, outstanding=outstanding).circles()
    owed = sum(credex.is_owed for circle in circles for credex in circle.credexes)
    assert owed / 4000 == pytest.approx(outstanding, abs=0.05)


def test_every_state_is_there(circles: list[Circle]) -> None:
    credexes = [credex for circle in circles for credex in circle.credexes]
    standings = Counter(credex.standing for credex in credexes)
    assert set(standings) == {"OFFERS", "REQUESTS", "OWES", "CLEARED", "CANCELLED", "DECLINED", None}
    assert {credex.denomination for credex in credexes} == {"CXX", "CAD", "USD", "XAU", "ZWG"}
    assert {credex.properties["credexType"] for credex in credexes} == {"PURCHASE", "DCO_GIVE", "DCO_RECEIVE"}
    assert {credex.is_secured for credex in credexes if credex.is_owed} == {True, False}
    assert any(credex.defaulted_on is not None for credex in credexes)
    assert any(0 < credex.outstanding < credex.initial for credex in credexes)


def test_amounts_are_in_cxx_at_the_rates_of_the_active_day(circles: list[Circle]) -> None:
    rates = LEDGER.days[-1].rates
    for circle in circles:
        for credex in circle.credexes:
            assert credex.properties["CXXmultiplier"] == rates[credex.denomination]
            face = credex.properties["InitialAmount"] / credex.properties["CXXmultiplier"]
            assert face == pytest.approx(credex.initial)


def test_what_is_owed_or_cleared_is_balanced(circles: list[Circle]) -> None:
    for circle in circles:
        for credex in circle.credexes:
            if credex.standing in ("OWES", "CLEARED"):
                told = credex.properties
                assert told["InitialAmount"] == pytest.approx(told["OutstandingAmount"] + told["RedeemedAmount"])
                assert (told["OutstandingAmount"] > 0) == credex.is_owed


def test_loops_close_and_their_amounts_agree(circles: list[Circle]) -> None:
    loops = [(circle, loop) for circle in circles for loop in circle.loops]
    assert len(loops) > 20
    for circle, loop in loops:
        day = LEDGER.days[loop.day]
        growth = math.prod(later.step for later in LEDGER.days[loop.day + 1 :])
        ring = [circle.credexes[part.credex] for part in loop.parts]
        assert [credex.acceptor for credex in ring] == [credex.issuer for credex in [*ring[1:], ring[0]]]
        assert len({credex.search_type for credex in ring}) == 1
        for part in loop.parts:
            units = part.redeemed["AmountRedeemed"] / part.redeemed["CXXmultiplier"]
            if part.redeemed["Denomination"] == "CXX":
                assert units == pytest.approx(loop.properties["LoopedAmount"])
            else:
                taken = units * day.rates[part.redeemed["Denomination"]]
                assert taken == pytest.approx(loop.properties["LoopedAmount"] * growth)


def test_redeemed_is_the_sum_of_the_loops(circles: list[Circle]) -> None:
    for circle in circles:
        sums: Counter[int] = Counter()
        for loop in circle.loops:
            for part in loop.parts:
                sums[part.credex] += part.redeemed["AmountRedeemed"]
        for credex in circle.credexes:
            assert credex.properties["RedeemedAmount"] == pytest.approx(sums[credex.number])


def test_search_space_has_what_is_owed_and_nothing_else(circles: list[Circle]) -> None:
    for circle in circles:
        found = derive(LEDGER, circle)
        owed = {credex.properties["credexID"]: credex for credex in circle.credexes if credex.is_owed}
        there = [(anchor, credex) for anchor in found.anchors for credex in anchor.credexes]
        assert sorted(credex["credexID"] for _, credex in there) == sorted(owed)
        pairs = [(anchor.issuer, anchor.acceptor, anchor.type) for anchor in found.anchors]
        assert len(pairs) == len(set(pairs))
        for anchor, credex in there:
            of_ledger = owed[credex["credexID"]]
            assert (anchor.issuer, anchor.acceptor) == (of_ledger.issuer, of_ledger.acceptor)
            assert anchor.type == of_ledger.search_type
            assert credex["outstandingAmount"] == pytest.approx(of_ledger.properties["OutstandingAmount"])
            assert anchor.properties["earliestDueDate"] <= credex["dueDate"]


def test_one_day_is_active_and_none_is_left_out() -> None:
    days = LEDGER.days
    assert [day.is_active for day in days] == [False] * (len(days) - 1) + [True]
    assert {(later.date - day.date).days for day, later in pairwise(days)} == {1}


def test_odd_ids_are_odd() -> None:
    (circle,) = Ledger(credexes=100, odd_ids=True).circles()
    ids = [credex.properties["credexID"] for credex in circle.credexes]
    assert len({id_[36:] for id_ in ids}) > 4


def test_every_kind_can_be_planted() -> None:
    assert set(PLANTS) == set(KINDS)


@pytest.mark.parametrize("wrong", [{"credexes": 0}, {"outstanding": 1.5}, {"day_count": 10}])
def test_nonsense_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Ledger(**wrong)

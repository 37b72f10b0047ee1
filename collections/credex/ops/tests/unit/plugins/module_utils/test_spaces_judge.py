# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math

import pytest
from ansible_collections.credex.ops.plugins.module_utils._spaces import anchors, days, digests, judge
from ansible_collections.credex.ops.plugins.module_utils._spaces.finding import face, seconds
from ansible_collections.credex.ops.plugins.module_utils._spaces.kinds import KINDS
from ansible_collections.credex.ops.plugins.module_utils._spaces.merge import OrderError, merge
from ansible_collections.credex.ops.plugins.module_utils._spaces.tally import Tally
from hypothesis import given
from hypothesis import strategies as st

from lab.graph import KINDS as PLANTED

NOW = 1_700_000_000.0
OLD, YOUNG = "2023-11-01T00:00:00Z", "2023-11-14T22:10:00Z"
MEASURE = judge.Measure(tolerance=1e-8, epsilon=1e-9, grace=900, now=NOW, rates={"CXX": 1.0, "USD": 1.5}, step=1.25)


def row(**more):
    told = {
        "id": "c1", "amount": 15.0, "multiplier": 1.5, "denomination": "USD", "due": "2023-11-20", "type": "UNSECURED",
        "issuer": "a", "acceptor": "b", "queue": "PROCESSED", "element": "e1", "redeemed": 0.0, "standings": [],
        "moments": [OLD],
    }  # fmt: skip
    return {**told, **more}


def found(**more):
    other = {**row(), "anchor": "t1", "seen": "15.0", "any_due": "2023-11-20", "element": "s1"}
    return {**other, **more}


def kinds(ledger, search, measure=MEASURE):
    return [finding["kind"] for finding in judge.judge_credex("c1", ledger, search, measure)]


# Merge

KEYS = st.lists(st.text(min_size=1, max_size=3), max_size=20).map(sorted)


@given(KEYS, KEYS)
def test_merge_gives_every_key_once_with_the_rows_of_both(left, right):
    pairs = list(merge([(key, "l") for key in left], [(key, "s") for key in right]))
    assert [pair[0] for pair in pairs] == sorted({*left, *right})
    assert sum(len(pair[1]) for pair in pairs) == len(left)
    assert sum(len(pair[2]) for pair in pairs) == len(right)
    assert all(each[0] == key for key, *sides in pairs for rows in sides for each in rows)


def test_a_side_out_of_order_is_an_error():
    with pytest.raises(OrderError, match="SearchSpace returned the key 'a' after 'b'"):
        list(merge([("a",)], [("b",), ("a",)]))


# Digests


def digest(name, rows=1, digest=7, suspects=0):
    return {"range": name, "rows": rows, "digest": digest, "suspects": suspects}


def test_ranges_that_differ_or_have_suspects_are_read():
    here = [digest("a"), digest("b"), digest("c"), digest("d"), digest("e", suspects=1)]
    there = [digest("a"), digest("b", digest=8), digest("c", rows=2), digest("e"), digest("f")]
    assert digests.differing(here, there) == ["b", "c", "d", "e", "f"]


# Judgement


def test_agreement():
    assert kinds([row()], [found()]) == []
    assert kinds([], []) == []


@pytest.mark.parametrize(
    ("ledger", "search", "expected"),
    [
        ([row()], [], ["credex_missing"]),
        ([], [found()], ["credex_orphan"]),
        ([row(issuer=None, acceptor=None, standings=["CLEARED"])], [found()], ["credex_settled"]),
        ([row(amount=0.0)], [found()], ["credex_settled"]),
        ([row(), row(element="e2")], [found()], ["credex_duplicate"]),
        ([row(queue="PENDING_CREDEX")], [], ["credex_stuck"]),
        ([row(queue="PENDING_CREDEX", redeemed=3.0)], [], ["credex_requeued"]),
        ([row(queue="PENDING_CREDEX")], [found()], ["credex_unmarked"]),
        ([row(amount=None)], [found()], ["ledger_amount_null"]),
        ([row(multiplier=None)], [found()], ["ledger_amount_null"]),
        ([row(amount=math.nan)], [found()], ["ledger_amount_not_finite"]),
        ([row(amount=math.inf)], [found()], ["ledger_amount_not_finite"]),
        ([row(amount="many")], [found()], ["ledger_amount_not_finite"]),
        ([row()], [found(amount=None)], ["amount_null"]),
        ([row()], [found(amount=-math.inf)], ["amount_not_finite"]),
        ([row()], [found(amount=9.0)], ["outstanding_amount"]),
        ([row()], [found(multiplier=1.51)], ["multiplier"]),
        ([row()], [found(denomination="CAD")], ["denomination"]),
        ([row()], [found(due="2023-11-23")], ["due_date"]),
        ([row()], [found(type=None, anchor=None, issuer=None, acceptor=None, due=None)], ["anchor_none"]),
        ([row()], [found(), found(anchor="t2")], ["anchor_two"]),
        ([row()], [found(type="USD_SECURED", due=None)], ["anchor_type"]),
        ([row()], [found(acceptor="x")], ["anchor_accounts"]),
        ([row()], [found(type="UNSECURED in pieces", issuer=None)], ["anchor_accounts"]),
        # Scaled here and not there, there and not here, on neither side
        ([row()], [found(amount=10.0, multiplier=1.0)], ["search_not_scaled"]),
        ([row(amount=10.0, multiplier=1.0)], [found()], ["ledger_not_scaled"]),
        ([row(amount=10.0, multiplier=1.0)], [found(amount=10.0, multiplier=1.0)], ["not_scaled"]),
        (
            [row(denomination="CXX", multiplier=1.0)],
            [found(denomination="CXX", multiplier=1.0, amount=18.75)],
            ["search_not_scaled"],
        ),
    ],
)  # fmt: skip
def test_each_kind(ledger, search, expected):
    assert kinds(ledger, search) == expected
    assert all(name in KINDS for name in expected)


@pytest.mark.parametrize(
    ("ledger", "search"),
    [
        ([row(moments=[OLD, YOUNG])], []),
        ([row(moments=[YOUNG], queue="PENDING_CREDEX")], []),
        ([row(moments=[YOUNG])], [found(amount=9.0)]),
        ([row(issuer=None, moments=[YOUNG])], [found()]),
    ],
)
def test_what_was_just_changed_is_in_flight(ledger, search):
    assert kinds(ledger, search) == ["in_flight"]


def test_youth_excuses_nothing_that_the_queue_does_not_mend():
    assert kinds([row(moments=[YOUNG])], [found(denomination="CAD")]) == ["denomination"]


def test_a_moment_in_the_future_proves_no_youth():
    assert kinds([row(moments=["2031-01-01T00:00:00Z"])], []) == ["credex_missing"]


AMOUNTS = st.floats(min_value=1e-6, max_value=1e12)


@given(AMOUNTS, st.floats(min_value=1e-3, max_value=1e4), st.floats(min_value=-1e-9, max_value=1e-9))
def test_a_last_bit_is_no_difference(amount, rate, bit):
    measure = MEASURE._replace(rates={"USD": rate})
    other = found(amount=amount * (1 + bit), multiplier=rate)
    assert kinds([row(amount=amount, multiplier=rate)], [other], measure) == []


@given(st.one_of(AMOUNTS, st.none(), st.just(math.nan), st.just(math.inf), st.text(), st.booleans()), st.data())
def test_the_quick_judgement_never_calls_equal_what_the_thorough_one_does_not(amount, data):
    ledger = row(amount=amount, multiplier=data.draw(st.sampled_from([1.5, 1.0, None, math.nan])))
    search = found(amount=data.draw(st.sampled_from([amount, 15.0, None])), multiplier=ledger["multiplier"])
    rows = [[side.get(name) for name in judge.CREDEX] for side in (ledger, search)]
    if judge.credexes_agree(*rows, MEASURE):
        assert kinds([ledger], [search]) == []


def test_accounts():
    def judged(ledger, search):
        return [finding["kind"] for finding in judge.judge_account("a", ledger, search, MEASURE)]

    here = {"id": "a", "name": "O'Brien", "queue": "PROCESSED", "moments": [OLD]}
    waiting = {**here, "queue": "PENDING_ACCOUNT"}
    there = {"id": "a", "name": "O'Brien", "element": "s", "degree": 0}
    assert judged([here], [there]) == []
    assert judged([here], []) == ["account_missing"]
    assert judged([], [there]) == ["account_orphan"]
    assert judged([here], [{**there, "name": "x"}]) == ["account_name"]
    assert judged([waiting], []) == ["account_stuck"]
    assert judged([waiting], [there]) == ["account_unmarked"]
    assert judged([{**waiting, "moments": [YOUNG]}], []) == ["in_flight"]


# Days


def day(date, following=(), active=False, **properties):
    rates = {"CXX": 1.0, "USD": 1.5, "CXXprior_CXXcurrent": 1.25, **properties}
    return {"date": date, "next": list(following), "active": active, "properties": rates}


WHOLE = [day("2023-11-12", ["2023-11-13"]), day("2023-11-13", ["2023-11-14"]), day("2023-11-14", active=True)]


def test_rates_and_growth_of_an_unbroken_chain():
    read = days.read(WHOLE)
    assert (read.findings, read.rates, read.today) == ([], {"CXX": 1.0, "USD": 1.5}, "2023-11-14")
    assert read.growth == {"2023-11-14": 1.0, "2023-11-13": 1.25, "2023-11-12": 1.5625}


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([], ["daynode_none_active"]),
        (WHOLE[:2], ["daynode_none_active"]),
        ([*WHOLE[:1], {**WHOLE[1], "active": True}, WHOLE[2]], ["daynode_two_active"]),
        ([day("2023-11-12", ["2023-11-14"]), WHOLE[2]], ["daynode_gap"]),
        ([day("2023-11-13"), WHOLE[2]], ["daynode_unlinked"]),
        ([*WHOLE[:2], day("2023-11-14", active=True, USD=None)], ["rate_missing"]),
        ([*WHOLE[:2], day("2023-11-14", active=True, USD=0.0)], ["rate_not_positive"]),
        ([*WHOLE[:2], day("2023-11-14", active=True, CXXprior_CXXcurrent=math.nan)], ["rate_not_finite"]),
    ],
)
def test_what_is_wrong_with_days(chain, expected):
    read = days.read(chain)
    assert [finding["kind"] for finding in read.findings] == expected
    assert "USD" not in read.rates or expected[0].startswith(("daynode", "rate_not_finite"))


# Small things


def test_moments():
    assert seconds("2023-11-14T22:13:20Z") == NOW
    assert seconds("2023-11-15T00:13:20.123456789+02:00[Africa/Harare]") == NOW
    assert seconds("2023-11-14T22:13Z") == NOW - 20
    assert seconds("2023-11-14") == NOW - 80_000
    assert seconds(None) is None and seconds("soon") is None


def test_face_value():
    assert face(15.0, 1.5) == 10.0
    assert face(15.0, 0.0) is None and face(math.nan, 1.0) is None and face(None, 1.0) is None


def test_types_of_anchors_are_quoted():
    text = "MATCH (t:UNSECURED|CXX_SECURED|CAD_SECURED|USD_SECURED|XAU_SECURED|ZWG_SECURED) RETURN t"
    assert anchors.with_types(text, anchors.types(["USD", "E`R"])) == (
        "MATCH (t:`UNSECURED`|`E``R_SECURED`|`USD_SECURED`) RETURN t"
    )


def test_tally_counts_all_and_shows_some():
    tally = Tally(samples=2, keep=3)
    for number in range(5):
        tally.add({"kind": "credex_missing", "key": str(number)})
    tally.add({"kind": "ledger_balance", "key": "x"})
    tally.add({"kind": "in_flight", "key": "y"})
    missing, balance = tally.differences()
    assert (missing["count"], len(missing["samples"]), balance["count"]) == (5, 2, 1)
    assert (tally.repairable, len(tally.kept), tally.in_flight) == (5, 3, 1)


def test_every_kind_that_the_planter_knows_has_a_name_here():
    elsewhere = {name for name in PLANTED if name.endswith("_scaled_twice")}  # of credex.ops.neo4j_balance_info
    in_flight = {"account_pending", "credex_pending"}
    assert set(PLANTED) - elsewhere - in_flight <= set(KINDS)

"""The comparison finds exactly what was planted, on real servers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._spaces.shapes import WrongSpaceError

from lab.community.pair import Pair
from lab.graph import KINDS, Ledger, Planter, Spaces, load
from tests.spaces.comparing import compare, counts, digest
from tests.spaces.proxy import Proxy

EACH = 3
IN_FLIGHT = ("account_pending", "credex_pending")
# The factors that the old balance update leaves are told by neo4j_balance_info; here sums and loops show it
BY_FACTOR = {
    "redeemed_scaled_twice": {"ledger_redeemed", "loop_amount"},
    "credloop_scaled_twice": set(),
    "loop_anchor_scaled_twice": {"loop_amount"},
}
# A Daynode that is wrong takes the measure away by which other kinds are found, so these are planted alone
ALONE = [name for name, kind in KINDS.items() if kind.is_whole or kind.area in ("days", "balance")]
TOGETHER = [name for name in KINDS if name not in ALONE]


def test_what_agrees_has_no_difference(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=800))
    before = digest(spaces.ledger), digest(spaces.search)
    whole, quick = compare(pair, full=True), compare(pair)
    assert (whole["differences"], quick["differences"]) == ([], [])
    assert whole["clean"] and quick["clean"] and quick["in_flight"] == 0
    owed = spaces.ledger.run("MATCH ()-[:OWES]->(c:Credex) RETURN count(DISTINCT c) AS n")[0]["n"]
    assert owed > 100
    for result in (whole, quick):
        assert (result["compared"]["credexes"]["ledger"], result["compared"]["credexes"]["search"]) == (owed, owed)
    assert quick["compared"]["credexes"]["ranges_read"] == 0
    assert (digest(spaces.ledger), digest(spaces.search)) == before


@pytest.mark.sampled(1)
@pytest.mark.parametrize("odd", [False, True], ids=["uuids", "odd ids"])
def test_all_that_can_be_planted_together_is_found(pair: Pair, spaces: Spaces, odd: bool) -> None:
    load(spaces, Ledger(credexes=2400, odd_ids=odd))
    planter = Planter(spaces)
    planted = {name: planter.plant(name, EACH) for name in TOGETHER}
    expected = {name: len(rows) for name, rows in planted.items() if name not in IN_FLIGHT}
    for full in (True, False):
        result = compare(pair, full=full, samples=EACH)
        assert counts(result) == expected
        assert result["in_flight"] == sum(len(planted[name]) for name in IN_FLIGHT)
        for entry in result["differences"]:
            if entry["kind"] != "anchor_duplicate":  # which is two anchors, known by their element ids
                keys = {next(iter(row.values())) for row in planted[entry["kind"]]}
                assert {sample["key"] for sample in entry["samples"]} == keys


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ALONE)
def test_what_changes_the_measure_is_found(pair: Pair, spaces: Spaces, name: str) -> None:
    load(spaces, Ledger(credexes=400))
    planted = Planter(spaces).plant(name, 1 if KINDS[name].is_whole else EACH)
    found = counts(compare(pair))
    if name in BY_FACTOR:
        assert set(found) == BY_FACTOR[name]
    elif name == "ledger_not_scaled":
        assert set(found) == {name, "not_scaled"} and found[name] > EACH
    elif name == "search_not_scaled":
        assert set(found) == {name} and found[name] > EACH
    else:
        assert found == {name: len(planted)}


def test_samples_show_both_sides_in_cxx_and_face_value(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    (planted,) = Planter(spaces).plant("outstanding_amount")
    (entry,) = compare(pair)["differences"]
    (sample,) = entry["samples"]
    assert sample["key"] == planted["credexID"] and sample["detail"] == "-40.000%"
    for side in ("ledger", "search"):
        shown = sample[side]
        assert math.isclose(shown["face"], shown["amount"] / shown["multiplier"])
    assert (entry["severity"], entry["repair"]) == ("error", "search")


def test_grace_decides_between_in_flight_and_stuck(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("credex_pending", 2)  # accepted a minute ago
    assert (counts(compare(pair)), compare(pair)["in_flight"]) == ({}, 2)
    assert counts(compare(pair, grace=10.0)) == {"credex_stuck": 2}


def test_what_is_beyond_the_limit_is_counted_all_the_same(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("credex_missing", 9)
    result = compare(pair, full=True, limit=4)
    assert counts(result) == {"credex_missing": 9}
    assert result["compared"]["beyond_limit"] == 5


def test_an_amount_that_is_text_is_a_result(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    change = (
        "MATCH (c:Credex) WHERE EXISTS {{ (c)-[:{}]->() }} WITH c LIMIT 1 SET c.{} = 'much' RETURN c.credexID AS id"
    )
    (row,) = spaces.ledger.run(change.format("OWES", "OutstandingAmount"))
    assert counts(compare(pair)) == {"ledger_amount_not_finite": 1}
    spaces.search.run("MATCH (c:Credex) WHERE c.credexID <> $id WITH c LIMIT 1 SET c.outstandingAmount = [1]", **row)
    assert counts(compare(pair)) == {"ledger_amount_not_finite": 1, "amount_not_finite": 1}


# Wrong addresses


def test_swapped_addresses_are_recognized(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    swapped = Pair(ledger=pair.search, search=pair.ledger)
    with pytest.raises(WrongSpaceError, match="are swapped"):
        compare(swapped)
    with pytest.raises(WrongSpaceError, match="the same database"):
        compare(Pair(ledger=pair.ledger, search=pair.ledger))


def test_an_empty_ledger_needs_a_word(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    spaces.ledger.empty()
    with pytest.raises(WrongSpaceError, match="allow_empty_ledger"):
        compare(pair)
    found = counts(compare(pair, allow_empty_ledger=True))
    assert found["credex_orphan"] > 100 and found["daynode_none_active"] == 1


# A server that is lost half way


@pytest.mark.sampled(2)
@pytest.mark.parametrize("how", ["cut", "silent"])
@pytest.mark.parametrize("side", ["ledger", "search"])
def test_a_server_lost_half_way_is_an_error_that_names_it(pair: Pair, spaces: Spaces, side: str, how: str) -> None:
    load(spaces, Ledger(credexes=2400, outstanding=0.8))
    with Proxy(getattr(pair, side).address, after=150_000, how=how) as proxy:
        lost = {side: {"uris": [proxy.uri], "database": "neo4j"}}
        with pytest.raises(Neo4jOpsError) as raised:
            compare(pair, full=True, timeout=4.0, hold_queue=True, **lost)
    assert proxy.has_struck
    assert raised.value.server == proxy.uri
    assert _flags(spaces) == {"dco": False, "hold": None}


def _flags(spaces: Spaces) -> dict[str, Any]:
    (row,) = spaces.ledger.run("MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS dco, d.opsHold AS hold")
    return row

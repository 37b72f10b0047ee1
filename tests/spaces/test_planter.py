"""On real servers: a loaded pair agrees, and each kind is planted alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lab.community.pair import Pair
from lab.graph import KINDS, Ledger, Planter, PlantError, Spaces, load
from tests.spaces.naive import compare

LEDGER = Ledger(credexes=1000)
COUNT = 2
# They make the whole of a space differ, and the comparison names what differs in each credex
NOT_SCALED = ("search_not_scaled", "ledger_not_scaled")
OF_DAYS = [kind for kind in KINDS if KINDS[kind].area in ("days", "flags")]
OF_ENTITIES = [kind for kind in KINDS if kind not in (*NOT_SCALED, *OF_DAYS)]


@pytest.fixture(scope="module")
def loaded(pair: Pair) -> Iterator[Spaces]:
    with pair.spaces() as spaces:
        load(spaces, LEDGER)
        yield spaces


@pytest.fixture
def fresh(loaded: Spaces) -> Spaces:
    load(loaded, LEDGER)
    return loaded


def test_loaded_pair_agrees(loaded: Spaces) -> None:
    assert compare(loaded) == Counter()
    counts = {row["label"]: row["count"] for row in loaded.ledger.run(_COUNTS)}
    assert counts["Credex"] == 1000 and counts["Daynode"] == 120 and counts["LoopAnchor"] > 50
    (search,) = loaded.search.run("MATCH (c:Credex) RETURN count(c) AS credexes")
    assert search["credexes"] == 450


_COUNTS = "MATCH (n) RETURN labels(n)[0] AS label, count(*) AS count"


def test_properties_arrive_as_they_were_generated(loaded: Spaces) -> None:
    generated = [credex for circle in LEDGER.circles() for credex in circle.credexes]
    rows = loaded.ledger.run("MATCH (c:Credex) RETURN c.credexID AS id, c {.*} AS c")
    found = {row["id"]: {name: _native(value) for name, value in row["c"].items()} for row in rows}
    assert found == {credex.properties["credexID"]: credex.properties for credex in generated}


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def test_constraints_are_the_application_s(loaded: Spaces) -> None:
    ledger, search = (
        {row["name"] for row in space.run("SHOW CONSTRAINTS YIELD name")} for space in (loaded.ledger, loaded.search)
    )
    assert len(ledger) == 6 and search == {"accountID_unique", "credexID_unique"}
    indexes = loaded.ledger.run("SHOW INDEXES YIELD type, owningConstraint RETURN type, owningConstraint")
    assert [row for row in indexes if row["type"] != "LOOKUP" and not row["owningConstraint"]] == []


def test_every_kind_is_planted_alone(loaded: Spaces) -> None:
    """One test, since each kind has to leave all that the others planted as it is."""
    load(loaded, LEDGER)
    planter = Planter(loaded)
    expected: Counter[tuple[str, str]] = Counter()
    for area in dict.fromkeys(KINDS[kind].area for kind in OF_ENTITIES):
        for kind in [kind for kind in OF_ENTITIES if KINDS[kind].area == area]:
            planted = planter.plant(kind, COUNT)
            assert len(planted) == COUNT
            expected += Counter((kind, _key(entity)) for entity in planted)
        assert compare(loaded) == expected, area


@pytest.mark.parametrize("kind", OF_DAYS)
def test_states_of_the_days(fresh: Spaces, kind: str) -> None:
    planted = Planter(fresh).plant(kind, 1 if KINDS[kind].is_whole else COUNT)
    found = compare(fresh)
    assert {key for name, key in found if name == kind} == {_key(entity) for entity in planted}


def _key(entity: dict[str, Any]) -> str:
    value = next(iter(entity.values()))
    return value if isinstance(value, str) else " ".join(sorted(value))


def test_search_that_was_not_scaled(fresh: Spaces) -> None:
    Planter(fresh).plant("search_not_scaled")
    rows = fresh.search.run("MATCH (c:Credex) RETURN c.Denomination = 'CXX' AS is_cxx, count(*) AS count")
    counts = {row["is_cxx"]: row["count"] for row in rows}
    assert Counter(kind for kind, _ in compare(fresh)) == {
        "multiplier": counts[False],
        "outstanding_amount": counts[True],
    }


def test_ledger_that_was_not_scaled(fresh: Spaces) -> None:
    Planter(fresh).plant("ledger_not_scaled")
    kinds = Counter(kind for kind, _ in compare(fresh))
    assert kinds.keys() == {"multiplier", "ledger_redeemed"} and kinds["multiplier"] > 100


def test_same_seed_plants_the_same(fresh: Spaces) -> None:
    first = Planter(fresh, seed=7).plant("credex_missing", 3)
    load(fresh, LEDGER)
    assert Planter(fresh, seed=7).plant("credex_missing", 3) == first
    load(fresh, LEDGER)
    assert Planter(fresh, seed=8).plant("credex_missing", 3) != first


@pytest.mark.parametrize(
    ("kind", "count", "said"),
    [
        ("nonsense", 1, "there is no kind nonsense"),
        ("mtq_flag_null", 2, "cannot be planted 2 times"),
        ("credex_missing", 0, "cannot be planted 0 times"),
        ("account_missing", 1000, "1000 wanted, and there are only 12 places"),
    ],
)
def test_what_cannot_be_planted_is_said(loaded: Spaces, kind: str, count: int, said: str) -> None:
    with pytest.raises(PlantError, match=said):
        Planter(loaded).plant(kind, count)


def test_odd_ids_and_a_plain_pair(plain_pair: Pair) -> None:
    """Quotes, back-ticks and other alphabets in ids; and all of it without APOC."""
    with plain_pair.spaces() as spaces:
        load(spaces, Ledger(credexes=300, odd_ids=True))
        assert compare(spaces) == Counter()
        planted = Planter(spaces).plant("outstanding_amount", 20)
        assert {key for _, key in compare(spaces)} == {entity["credexID"] for entity in planted}
        with pytest.raises(Exception, match="apoc"):
            spaces.ledger.run("RETURN apoc.version() AS version")


def test_apoc_is_there(loaded: Spaces) -> None:
    (row,) = loaded.ledger.run("RETURN apoc.version() AS version, apoc.util.md5(['a', 1.5]) AS digest")
    assert row["version"].startswith("5.26.") and len(row["digest"]) == 32

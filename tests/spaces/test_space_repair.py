"""The repair leaves nothing to repair, writes LedgerSpace's money never, and may be killed anywhere."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._spaces.hold import HeldByOthersError
from ansible_collections.credex.ops.plugins.module_utils._spaces.kinds import KINDS as KNOWN
from ansible_collections.credex.ops.plugins.module_utils._spaces.rebuild import NotEmptyError
from ansible_collections.credex.ops.plugins.module_utils._spaces.unblock import AtWorkError

from lab.community.pair import Pair
from lab.graph import KINDS, Ledger, Planter, Spaces, load
from tests.spaces.comparing import compare, counts, digest, repair

EACH = 3
REPAIRABLE = [name for name in KINDS if name in KNOWN and KNOWN[name].repair == "search" and not KINDS[name].is_whole]
FLAGS = "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS dco, d.MTQrunningNow AS mtq, d.opsHold AS hold"
QUIET = [{"dco": False, "mtq": False, "hold": None}]


def plant_all(spaces: Spaces) -> dict[str, int]:
    planter = Planter(spaces)
    return {name: len(planter.plant(name, EACH)) for name in REPAIRABLE}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("odd", [False, True], ids=["uuids", "odd ids"])
def test_repair_leaves_nothing_and_is_idempotent(pair: Pair, spaces: Spaces, odd: bool) -> None:
    load(spaces, Ledger(credexes=2400, odd_ids=odd))
    planted = plant_all(spaces)
    ledger, search = digest(spaces.ledger), digest(spaces.search)
    assert counts(compare(pair)) == planted

    changed, shown = repair(pair, check_mode=True, hold_queue=True)
    assert changed and counts(shown) == planted
    assert (digest(spaces.ledger), digest(spaces.search)) == (ledger, search)

    changed, done = repair(pair, hold_queue=True)
    assert changed and done["left_alone"] == {} and sum(done["written"].values()) >= sum(planted.values()) - EACH
    # Of a statement that finds by itself what to do, check mode tells one transaction
    assert _told(shown) == _told(done)
    assert compare(pair, full=True)["differences"] == []
    assert digest(spaces.ledger) == ledger and digest(spaces.search) != search

    again, nothing = repair(pair, hold_queue=True)
    assert not again and nothing["executed_statements"] == []
    assert spaces.ledger.run(FLAGS) == QUIET


def _told(result: dict[str, Any]) -> list[Any]:
    return [each for each in result["executed_statements"] if "limit" not in each["parameters"]]


def test_search_that_was_not_scaled_is_repaired(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("search_not_scaled")
    assert repair(pair)[0]
    assert compare(pair, full=True)["clean"]


def test_what_only_people_can_decide_is_left(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=800))
    planter = Planter(spaces)
    for name in ("ledger_balance", "ledger_amount_null", "credex_duplicate", "credex_stuck", "account_unmarked"):
        planter.plant(name, 2)
    before = digest(spaces.ledger), digest(spaces.search)
    changed, result = repair(pair, hold_queue=True, hold_seconds=1)
    assert not changed and result["written"] == {}
    assert (digest(spaces.ledger), digest(spaces.search)) == before


def test_a_partly_redeemed_credex_in_the_queue_is_written_and_never_queued(pair: Pair, spaces: Spaces) -> None:
    """The minute queue would create it with its initial amount."""
    load(spaces, Ledger(credexes=400))
    (row,) = spaces.ledger.run(
        "MATCH (:Account)-[:OWES]->(c:Credex) WHERE c.RedeemedAmount > 0 WITH c LIMIT 1 "
        "SET c.queueStatus = 'PENDING_CREDEX' RETURN c.credexID AS id, c.OutstandingAmount AS amount"
    )
    spaces.search.run("MATCH (c:Credex {credexID: $id}) DETACH DELETE c", id=row["id"])
    spaces.search.run(
        "MATCH (t) WHERE NOT t:Account AND NOT t:Credex AND NOT (t)<-[:SEARCH_SECURED]-() DETACH DELETE t"
    )
    before = digest(spaces.ledger)
    assert "credex_requeued" in counts(compare(pair))
    repair(pair)
    (found,) = spaces.search.run("MATCH (c:Credex {credexID: $id}) RETURN c.outstandingAmount AS amount", id=row["id"])
    assert found["amount"] == pytest.approx(row["amount"])
    assert digest(spaces.ledger) == before


def test_a_row_that_changed_since_the_plan_is_left_alone(pair: Pair, spaces: Spaces, monkeypatch: Any) -> None:
    load(spaces, Ledger(credexes=400))
    (planted,) = Planter(spaces).plant("outstanding_amount")
    from ansible_collections.credex.ops.plugins.module_utils._spaces.writer import Writer

    whole = Writer.carry_out

    def meddled(writer: Any, steps: Any) -> None:
        spaces.search.run("MATCH (c:Credex {credexID: $id}) SET c.outstandingAmount = 1.0", id=planted["credexID"])
        whole(writer, steps)

    monkeypatch.setattr(Writer, "carry_out", meddled)
    with pytest.raises(Neo4jOpsError, match="outstanding_amount 1"):
        repair(pair)
    (found,) = spaces.search.run(
        "MATCH (c:Credex {credexID: $id}) RETURN c.outstandingAmount AS a", id=planted["credexID"]
    )
    assert found["a"] == 1.0


# Killed


def killed_after(pair: Pair, writes: int, **more: Any) -> bool:
    """In a process of its own, killed right after that many writes to SearchSpace; whether it came that far."""
    child = os.fork()
    if child == 0:
        from ansible_collections.credex.ops.plugins.module_utils._neo4j.spaces import Space

        sent, whole = [], Space.write

        def counted(space: Any, query: str, **parameters: Any) -> Any:
            answer = whole(space, query, **parameters)
            if space.name == "search":
                sent.append(query)
                if len(sent) == writes:
                    os._exit(9)
            return answer

        Space.write = counted  # type: ignore[method-assign,assignment]
        try:
            repair(pair, hold_queue=True, **more)
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def let_the_hold_expire(spaces: Spaces) -> None:
    """Nobody gave it back, and its time passes."""
    held = spaces.ledger.run(
        "MATCH (d:Daynode {opsHold: 'test'}) SET d.opsHoldUntil = datetime() RETURN d.DCOrunningNow AS dco"
    )
    assert held == [{"dco": True}]


def test_killed_after_every_batch_and_run_again(pair: Pair, spaces: Spaces) -> None:
    """Each run is killed after its first write, and the next one gives back its hold and goes on."""
    load(spaces, Ledger(credexes=1600))
    plant_all(spaces)
    before, kills = digest(spaces.ledger), 0
    while killed_after(pair, 1, batch=20):
        kills += 1
        let_the_hold_expire(spaces)
        assert kills < 40
    assert kills >= 5
    assert repair(pair, hold_queue=True)[0] is False
    assert compare(pair, full=True)["clean"]
    assert digest(spaces.ledger) == before
    assert spaces.ledger.run(FLAGS) == QUIET


# Holding the queue


def test_a_hold_waits_for_the_minute_queue(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    spaces.ledger.run("MATCH (d:Daynode {Active: true}) SET d.MTQrunningNow = true")
    done = threading.Timer(4, lambda: spaces.ledger.run("MATCH (d:Daynode) SET d.MTQrunningNow = false"))
    done.start()
    begun = time.monotonic()
    compare(pair, hold_queue=True, hold_wait=20.0)
    assert time.monotonic() - begun > 6  # four seconds of the queue, and three in which it stayed quiet
    done.join()
    assert [row["hold"] for row in spaces.ledger.run(FLAGS)] == [None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("d.DCOrunningNow = true", "the nightly run is at work"),
        ("d.MTQrunningNow = true", "the minute queue is at work"),
        ("d.DCOrunningNow = true, d.opsHold = 'x', d.opsHoldUntil = datetime() + duration('PT1H')", "run x holds"),
    ],
)
def test_who_else_is_at_work_is_named_and_nothing_written(pair: Pair, spaces: Spaces, change: str, said: str) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("credex_missing", 2)
    spaces.ledger.run(f"MATCH (d:Daynode {{Active: true}}) SET {change}")
    before = digest(spaces.search), digest(spaces.ledger)
    with pytest.raises(HeldByOthersError, match=said):
        repair(pair, hold_queue=True, hold_wait=2.0)
    assert (digest(spaces.search), digest(spaces.ledger)) == before


def test_a_hold_that_was_taken_back_stops_the_repair(pair: Pair, spaces: Spaces) -> None:
    """The nightly run does not look at its own flag."""
    from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces as both
    from ansible_collections.credex.ops.plugins.module_utils._spaces.hold import Hold

    from tests.spaces.comparing import parameters

    load(spaces, Ledger(credexes=400))
    hold = Hold(both.find(parameters(pair))["ledger"], "me", 60, 5)
    hold.take()
    hold.check()
    spaces.ledger.run("MATCH (d:Daynode {Active: true}) SET d.DCOrunningNow = false")
    with pytest.raises(HeldByOthersError, match="taken back"):
        hold.check()
    hold.release()
    assert spaces.ledger.run(FLAGS) == QUIET


# Unblocking


def test_null_flags_are_cleared(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("mtq_flag_null")
    assert repair(pair, check_mode=True, mode="unblock")[1]["reasons"] != []
    assert spaces.ledger.run(FLAGS)[0]["mtq"] is None
    changed, result = repair(pair, mode="unblock")
    assert changed and "MTQrunningNow" in result["reasons"][0]
    assert spaces.ledger.run(FLAGS) == QUIET
    assert repair(pair, mode="unblock")[0] is False


@pytest.mark.parametrize("flag", ["MTQrunningNow", "DCOrunningNow"])
def test_a_flag_that_is_true_needs_word_and_proof(pair: Pair, spaces: Spaces, flag: str) -> None:
    load(spaces, Ledger(credexes=400))
    spaces.ledger.run(f"MATCH (d:Daynode {{Active: true}}) SET d.{flag} = true")
    with pytest.raises(AtWorkError, match="no_task_runs"):
        repair(pair, mode="unblock")
    with spaces.ledger.driver.session() as session, session.begin_transaction() as transaction:
        transaction.run("MATCH (c:Credex) RETURN count(c)").consume()
        with pytest.raises(AtWorkError, match="something is at work"):
            repair(pair, mode="unblock", no_task_runs=True)
    assert repair(pair, mode="unblock", no_task_runs=True)[0]
    assert spaces.ledger.run(FLAGS) == QUIET


def test_accounts_on_which_the_queue_fails_are_marked(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    planter = Planter(spaces)
    planter.plant("account_unmarked", 2)
    planter.plant("account_stuck", 2)
    repair(pair, mode="unblock")
    assert counts(compare(pair)) == {"account_stuck": 2}  # the queue's own work


# Rebuilding


def test_an_empty_search_space_is_filled(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=1600))
    before = digest(spaces.ledger)
    spaces.search.empty()
    spaces.search.run("DROP CONSTRAINT credexID_unique")
    changed, result = repair(pair, mode="rebuild", batch=10)
    assert changed and result["written"]["CREATE_ANCHORS"] > 500
    assert compare(pair, full=True)["clean"]
    names = {row["name"] for row in spaces.search.run("SHOW CONSTRAINTS YIELD name")}
    assert names == {"accountID_unique", "credexID_unique"}
    assert repair(pair, mode="rebuild")[0] is False
    assert digest(spaces.ledger) == before


def test_a_rebuild_that_is_killed_goes_on(pair: Pair, spaces: Spaces, monkeypatch: Any) -> None:
    from ansible_collections.credex.ops.plugins.module_utils._spaces import rebuild

    monkeypatch.setattr(rebuild, "CREDEXES", 50)
    load(spaces, Ledger(credexes=1600))
    spaces.search.empty()
    for writes in (1, 2, 3, 4, 6, 9, 13):
        assert killed_after(pair, writes, mode="rebuild", batch=50)
        let_the_hold_expire(spaces)
    assert repair(pair, mode="rebuild", batch=50, hold_queue=True)[0]
    assert compare(pair, full=True)["clean"]
    assert spaces.search.run("MATCH (r:CredexOpsRebuild) RETURN r") == []
    assert spaces.ledger.run(FLAGS) == QUIET


def test_a_rebuild_empties_nothing(pair: Pair, spaces: Spaces) -> None:
    load(spaces, Ledger(credexes=400))
    Planter(spaces).plant("credex_missing", 2)
    before = digest(spaces.search)
    with pytest.raises(NotEmptyError, match="not empty"):
        repair(pair, mode="rebuild")
    assert digest(spaces.search) == before


def test_options_that_cannot_be_meant_are_refused(pair: Pair) -> None:
    for wrong in ({"tolerance": 1e-12}, {"batch": 0}, {"grace": -1.0}, {"limit": 0}):
        with pytest.raises(InvalidOptionError):
            repair(pair, **wrong)

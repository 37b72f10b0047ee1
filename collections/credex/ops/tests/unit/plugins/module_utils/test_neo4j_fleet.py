# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many asked at once: order, deadlines, and nobody waits for the one that hangs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import fleet
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    StatementRefusedError,
    UnreachableError,
)


@dataclass(frozen=True)
class Target:
    uri: str
    timeout: float = 10.0  # not reached, however busy the machine is


@pytest.fixture
def never():
    """Hangs until the test is over, as a driver with a silent server does."""
    over = threading.Event()
    yield over.wait
    over.set()


def test_answers_come_in_the_order_of_the_targets():
    delays = {"a": 0.06, "b": 0.0, "c": 0.03}

    def question(target, say):
        time.sleep(delays[target.uri])
        return target.uri.upper()

    answers = fleet.ask([Target(uri) for uri in delays], question)
    assert [(answer.uri, answer.value, answer.error) for answer in answers] == [
        ("a", "A", None),
        ("b", "B", None),
        ("c", "C", None),
    ]


def test_a_hanging_target_costs_its_own_deadline_and_says_what_it_waited_for(never):
    def question(target, say):
        if target.uri == "silent":
            say("SHOW SERVERS")
            never()
        return {}

    began = time.monotonic()
    answers = fleet.ask([Target("a"), Target("silent", 0.2), Target("b")], question)
    assert time.monotonic() - began >= 0.2
    assert [answer.error is None for answer in answers] == [True, False, True]
    assert answers[1].error.cause is Cause.TIMEOUT
    assert answers[1].error.message.startswith("no answer within 0.2 s, waited for SHOW SERVERS.")


def test_hanging_targets_give_their_places_to_the_next(never):
    def question(target, say):
        return never() if target.uri.startswith("silent") else {}

    targets = [Target(f"silent{number}", 0.1) for number in range(4)] + [Target(f"good{number}") for number in range(4)]
    answers = fleet.ask(targets, question, workers=2)
    assert [answer.error is None for answer in answers] == [False] * 4 + [True] * 4


def test_no_more_than_so_many_at_a_time():
    lock, now, most = threading.Lock(), [0], [0]

    def question(target, say):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1

    fleet.ask([Target(str(number)) for number in range(12)], question, workers=3)
    assert most[0] == 3


def test_an_answer_after_the_deadline_is_dropped():
    def question(target, say):
        time.sleep(0.15 if target.uri == "late" else 0.25)
        return "value"

    late, other = fleet.ask([Target("late", 0.05), Target("other")], question)
    assert late.value is None
    assert late.error.cause is Cause.TIMEOUT
    assert other.value == "value"


def test_errors_are_answers_even_unexpected_ones():
    def question(target, say):
        raise StatementRefusedError("no", "a") if target.uri == "a" else ZeroDivisionError("oops")

    refused, broken = fleet.ask([Target("a"), Target("b")], question)
    assert isinstance(refused.error, StatementRefusedError)
    assert "unexpected ZeroDivisionError: oops" in str(broken.error)


def test_one_target_raises_its_error():
    def question(target, say):
        raise UnreachableError("gone", target.uri, Cause.REFUSED)

    with pytest.raises(UnreachableError, match="gone"):
        fleet.ask_one(Target("a"), question)
    assert fleet.ask_one(Target("a"), lambda target, say: 42) == 42


def test_entries_have_the_same_head_whether_reached_or_not():
    reached = fleet.entry(fleet.Answer("a", {"latency_ms": 1.5, "version": "5.26.12"}, None))
    silent = fleet.entry(fleet.Answer("b", None, UnreachableError("gone", "b", Cause.REFUSED)))
    assert reached == {
        "uri": "a",
        "reachable": True,
        "cause": None,
        "message": None,
        "latency_ms": 1.5,
        "version": "5.26.12",
    }
    assert (silent["reachable"], silent["cause"], silent["latency_ms"]) == (False, "refused", None)


def test_the_unreachable_are_named_all_of_them():
    servers = [
        {"uri": "a", "reachable": True, "message": None},
        {"uri": "b", "reachable": False, "message": "refused."},
        {"uri": "c", "reachable": False, "message": "silent."},
    ]
    with pytest.raises(UnreachableError, match=r"2 of 3 servers could not be read: b: refused\.; c: silent"):
        fleet.refuse_unreachable(servers)
    fleet.refuse_unreachable(servers[:1])

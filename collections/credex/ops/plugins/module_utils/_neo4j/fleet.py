# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Many servers asked at once: threads, and a deadline for each server that holds whatever the driver does.

A listener that accepts a connection and stays silent has held the driver for 60 seconds in spite of its own time-outs.
So a question runs in a daemon thread that nobody joins: when its server's deadline passes, the answer is "timeout", the
next server gets the free place, and a thread that still hangs dies with the process.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Callable, NamedTuple, Protocol, TypeVar

from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, Neo4jOpsError, UnreachableError


class Askable(Protocol):
    """What the fleet needs to know of a server."""

    @property
    def uri(self) -> str:
        """The address as the user wrote it."""

    @property
    def timeout(self) -> float:
        """Seconds within which this server's answer must be complete."""


T = TypeVar("T", bound=Askable)


class Answer(NamedTuple):
    """Either a value or an error, of one server."""

    uri: str
    value: Any
    error: Neo4jOpsError | None


def ask(targets: Sequence[T], question: Callable[[T], Any], workers: int = 32) -> list[Answer]:
    """The answers of all targets, in the order of the targets, at most `workers` of them asked at the same time."""
    waiting = deque(enumerate(targets))
    deadlines: dict[int, float] = {}
    answers: dict[int, Answer] = {}
    inbox: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
    while waiting or deadlines:
        while waiting and len(deadlines) < workers:
            index, target = waiting.popleft()
            deadlines[index] = time.monotonic() + target.timeout
            threading.Thread(target=_deliver, args=(inbox, index, target, question), daemon=True).start()
        for index, answer in _arrived(inbox, min(deadlines.values())):
            if deadlines.pop(index, None) is not None:  # else: too late, already counted as silent
                answers[index] = answer
        for index in [index for index, deadline in deadlines.items() if deadline <= time.monotonic()]:
            del deadlines[index]
            answers[index] = _silent(targets[index])
    return [answers[index] for index in range(len(targets))]


def ask_one(target: T, question: Callable[[T], Any]) -> Any:
    """The answer of one target within its deadline, its error raised."""
    (answer,) = ask([target], question)
    if answer.error:
        raise answer.error
    return answer.value


def _deliver(inbox: Any, index: int, target: T, question: Callable[[T], Any]) -> None:
    try:
        answer = Answer(target.uri, question(target), None)
    except Neo4jOpsError as error:
        answer = Answer(target.uri, None, error)
    except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller as an answer
        answer = Answer(target.uri, None, Neo4jOpsError(f"unexpected {type(error).__name__}: {error}", target.uri))
    inbox.put((index, answer))


def _arrived(inbox: Any, until: float) -> Iterable[tuple[int, Answer]]:
    """The next answer, waited for until the deadline."""
    try:
        return [inbox.get(timeout=max(0.0, until - time.monotonic()))]
    except queue.Empty:
        return []


def _silent(target: Askable) -> Answer:
    error = UnreachableError(f"no answer within {target.timeout:g} s", target.uri, Cause.TIMEOUT)
    return Answer(target.uri, None, error)


def entry(answer: Answer) -> dict[str, Any]:
    """What every fleet module returns of a server; the module's own fields follow, if the server was reached."""
    error = answer.error
    return {
        "uri": answer.uri,
        "reachable": error is None,
        "cause": error.cause.value if error else None,
        "message": error.message if error else None,
        "latency_ms": None,
        **(answer.value or {}),
    }


def refuse_unreachable(servers: Sequence[dict[str, Any]]) -> None:
    """For O(fail_on_unreachable): one error that names every server that gave no answer."""
    silent = [server for server in servers if not server["reachable"]]
    if silent:
        named = "; ".join(f"{server['uri']}: {server['message']}" for server in silent)
        raise UnreachableError(f"{len(silent)} of {len(servers)} servers could not be read: {named}")

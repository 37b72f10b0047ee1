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
from collections.abc import Sequence
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

# More gained nothing measurable, and with 64 a busy machine let servers' deadlines pass
WORKERS = 32


Say = Callable[[str], None]


class Answer(NamedTuple):
    """Either a value or an error, of one server."""

    uri: str
    value: Any
    error: Neo4jOpsError | None


def ask(targets: Sequence[T], question: Callable[[T, Say], Any], workers: int = WORKERS) -> list[Answer]:
    """The answers of all targets, in the order of the targets, at most `workers` of them asked at the same time.

    A question is called with its target and with a function that it tells what it waits for next.
    """
    everyone = [_Asking(target) for target in targets]
    waiting, running = deque(everyone), set[_Asking]()
    inbox: queue.SimpleQueue[tuple[_Asking, Answer]] = queue.SimpleQueue()
    while waiting or running:
        while waiting and len(running) < workers:
            running.add(waiting.popleft().start(question, inbox))
        _take_answer(inbox, running)
        running = {asking for asking in running if not asking.over()}
    return [asking.answer for asking in everyone if asking.answer]


def ask_one(target: T, question: Callable[[T, Say], Any]) -> Any:
    """The answer of one target within its deadline, its error raised."""
    (answer,) = ask([target], question)
    if answer.error:
        raise answer.error
    return answer.value


class _Asking:
    """One target, from its question to its answer. Only the thread that called `ask` sets the answer."""

    def __init__(self, target: Askable) -> None:
        self.target = target
        self.deadline = 0.0
        self.waits_for = "the connection"
        self.answer: Answer | None = None

    def start(self, question: Callable[[Any, Say], Any], inbox: Any) -> _Asking:
        self.deadline = time.monotonic() + self.target.timeout
        threading.Thread(target=self._deliver, args=(question, inbox), daemon=True).start()
        return self

    def over(self) -> bool:
        """Whether there is an answer. None at the deadline is one, too."""
        if not self.answer and self.deadline <= time.monotonic():
            said = f"no answer within {self.target.timeout:g} s, waited for {self.waits_for}"
            self.answer = self._failed(UnreachableError(said, self.target.uri, Cause.TIMEOUT))
        return self.answer is not None

    def _deliver(self, question: Callable[[Any, Say], Any], inbox: Any) -> None:
        try:
            answer = Answer(self.target.uri, question(self.target, self._say), None)
        except Neo4jOpsError as error:
            answer = self._failed(error)
        except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller as an answer
            answer = self._failed(Neo4jOpsError(f"unexpected {type(error).__name__}: {error}", self.target.uri))
        inbox.put((self, answer))

    def _say(self, waits_for: str) -> None:
        self.waits_for = waits_for

    def _failed(self, error: Neo4jOpsError) -> Answer:
        return Answer(self.target.uri, None, error)


def _take_answer(inbox: Any, running: set[_Asking]) -> None:
    """Wait for the next answer until the earliest deadline; one that comes after its own is dropped."""
    until = min(asking.deadline for asking in running)
    try:
        asking, answer = inbox.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        return
    if asking in running:
        asking.answer = answer


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

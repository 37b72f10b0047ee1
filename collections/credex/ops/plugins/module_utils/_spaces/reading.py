# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading a space that does not fit into memory: rows from a thread of their own, a bounded number of them ahead."""

from __future__ import annotations

import queue
import threading
import typing as t

from .._neo4j.connection import Target, connect
from .._neo4j.errors import Cause, Neo4jOpsError, UnreachableError

BATCH = 1000  # rows
AHEAD = 8  # batches

T = t.TypeVar("T")


class Readable(t.Protocol):
    """A database, the server that is asked for it, and (as text) what an error calls it."""

    @property
    def target(self) -> Target:
        """The server."""

    @property
    def database(self) -> str:
        """The database there."""


class Feed:
    """The rows of one statement, read while the caller still works on earlier ones.

    A server that says nothing for its timeout is taken for lost; the driver itself would wait for ever.
    """

    def __init__(self, space: Readable, statement: str, parameters: dict[str, t.Any]) -> None:
        self._space = space
        self._inbox: queue.Queue[t.Any] = queue.Queue(AHEAD)
        self._is_over = threading.Event()
        threading.Thread(target=self._fill, args=(statement, parameters), daemon=True).start()

    def __iter__(self) -> t.Iterator[t.Any]:
        while True:
            batch = self._next()
            if batch is None:
                return
            yield from batch

    def close(self) -> None:
        """Let the thread end, and its transaction with it."""
        self._is_over.set()
        while not self._inbox.empty():
            self._inbox.get_nowait()

    def _next(self) -> t.Any:
        silence = self._space.target.timeout
        try:
            item = self._inbox.get(timeout=silence)
        except queue.Empty:
            said = f"nothing was heard for {silence:g} s in the middle of a read of {self._space}"
            raise UnreachableError(said, self._space.target.uri, Cause.TIMEOUT) from None
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self, statement: str, parameters: dict[str, t.Any]) -> None:
        try:
            with connect(self._space.target, _say_nothing) as server:
                for batch in server.stream(statement, parameters, self._space.database, BATCH):
                    if not self._put(batch):
                        return
            self._put(None)
        except Neo4jOpsError as error:
            self._put(error)
        except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller
            self._put(Neo4jOpsError(f"unexpected {type(error).__name__}: {error}", self._space.target.uri))

    def _put(self, item: t.Any) -> bool:
        while not self._is_over.is_set():
            try:
                self._inbox.put(item, timeout=0.5)
                return True
            except queue.Full:
                continue
        return False


def _say_nothing(_what: str) -> None:
    """A feed's deadline is silence, and needs no word of what it waits for."""


class Later(t.Generic[T]):
    """An action in a thread of its own, and its answer or its error when it is asked for."""

    def __init__(self, action: t.Callable[[], T]) -> None:
        self._answer: t.Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(action,), daemon=True)
        self._thread.start()

    def _run(self, action: t.Callable[[], T]) -> None:
        try:
            self._answer = action()
        except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller
            self._error = error

    def result(self) -> T:
        self._thread.join()
        if self._error:
            raise self._error
        return t.cast(T, self._answer)


def at_once(*actions: t.Callable[[], T]) -> list[T]:
    """The answers of all actions in their order, or the first error."""
    return [later.result() for later in [Later(action) for action in actions]]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading a database that does not fit into memory: rows from a thread of their own, a bounded number of them ahead."""

from __future__ import annotations

import queue
import threading
import typing as t

from .connection import Target, connect
from .errors import Cause, Neo4jOpsError, UnreachableError

BATCH = 1000  # rows
AHEAD = 8  # batches


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

    def __init__(self, place: Readable, statement: str, parameters: dict[str, t.Any]) -> None:
        self._place = place
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
        silence = self._place.target.timeout
        try:
            item = self._inbox.get(timeout=silence)
        except queue.Empty:
            said = f"nothing was heard for {silence:g} s in the middle of a read of {self._place}"
            raise UnreachableError(said, self._place.target.uri, Cause.TIMEOUT) from None
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self, statement: str, parameters: dict[str, t.Any]) -> None:
        try:
            with connect(self._place.target, _say_nothing) as server:
                for batch in server.stream(statement, parameters, self._place.database, BATCH):
                    if not self._put(batch):
                        return
            self._put(None)
        except Neo4jOpsError as error:
            self._put(error)
        except Exception as error:  # pylint: disable=broad-except  # a thread's error must reach the caller
            self._put(Neo4jOpsError(f"unexpected {type(error).__name__}: {error}", self._place.target.uri))

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

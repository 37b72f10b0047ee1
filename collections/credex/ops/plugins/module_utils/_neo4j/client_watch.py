# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""An application that reads and goes to the writer all the time, while something happens to the servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.client import (
    ADDRESS_SECONDS,
    Client,
    Given,
    Served,
    client,
    directly,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import ask_server
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    SHUT_OUT,
    Cause,
    Neo4jOpsError,
    UnreachableError,
)

Row = dict[str, Any]

# The limits of docs/application/neo4j.ts
LIMITS = {
    "max_connection_pool_size": 50,
    "connection_timeout": ADDRESS_SECONDS,
    "connection_acquisition_timeout": 30.0,
    "max_transaction_retry_time": 30.0,
}
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 120.0
PROBE_NAME = "credex.ops connection watch"
TOLD = 5  # failures that are told in words


class Log:
    """The units of work of one kind: how many, when, by whom."""

    def __init__(self, name: str, kind: str) -> None:
        self._name = name
        self._kind = kind
        self._done: list[float] = []
        self._servers: dict[str, int] = {}
        self._failures: list[Row] = []
        self._began = self._ended = time.monotonic()
        self._slowest = 0.0

    def record(self, began: float, served: Served) -> None:
        self._ended = time.monotonic()
        self._done.append(self._ended)
        self._servers[served.server] = self._servers.get(served.server, 0) + 1
        self._slowest = max(self._slowest, self._ended - began)

    def fail(self, error: Neo4jOpsError) -> None:
        self._ended = time.monotonic()
        self._failures.append({"at": datetime.now(timezone.utc).isoformat("T", "seconds"), "message": error.message})

    def as_dict(self) -> Row:
        moments = [self._began, *self._done, self._ended]
        return {
            "name": self._name,
            "kind": self._kind,
            "done": len(self._done),
            "failed": len(self._failures),
            "failures": self._failures[:TOLD],
            "longest_gap_seconds": round(max(late - early for early, late in zip(moments, moments[1:])), 1),
            "slowest_seconds": round(self._slowest, 1),
            "servers": dict(sorted(self._servers.items())),
        }


def watch(asked: Sequence[Given], seconds: float, write: bool) -> list[Row]:
    """Of each connection what its reader and its writer met, within so many seconds.

    What is on its way at the end is waited for: a unit of work may take as long as the driver tries it again.
    """
    end = time.monotonic() + seconds
    logs: list[Log] = []
    threads: list[threading.Thread] = []
    for one in asked:
        for kind in ("read", "write"):
            logs.append(Log(one.name, kind))
            threads.append(threading.Thread(target=_work, args=(one, kind, write, end, logs[-1]), daemon=True))
    for thread in threads:
        thread.start()
    for log, thread in zip(logs, threads):
        thread.join(max(0.0, end + PATIENCE_SECONDS - time.monotonic()))
        if thread.is_alive():
            log.fail(UnreachableError(f"no answer within {PATIENCE_SECONDS:g} s after the end", cause=Cause.TIMEOUT))
    return [log.as_dict() for log in logs]


def let_in(asked: Sequence[Given]) -> None:
    """One login each, one after another: a wrong password is tried once, and not by every thread."""
    for one in asked:
        ask_server(directly(one.target), lambda server: server.rows(statements.CURRENT_USER))


def _work(asked: Given, kind: str, write: bool, end: float, log: Log) -> None:
    with client(asked, **LIMITS) as application:
        unit = _unit(application, kind, write)
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                log.record(began, unit())
            except Neo4jOpsError as error:
                log.fail(error)
                if error.cause in SHUT_OUT:
                    return
            time.sleep(PAUSE_SECONDS)


def _unit(application: Client, kind: str, write: bool) -> Callable[[], Served]:
    if kind == "read":
        return lambda: application.read(statements.ANYTHING)
    if not write:
        return lambda: application.write(statements.ANYTHING)
    return lambda: application.write(
        statements.PROBE, name=PROBE_NAME, at=datetime.now(timezone.utc).isoformat("T", "milliseconds")
    )

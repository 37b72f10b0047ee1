# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches a lab's cluster while something else works on it: who is down, since when, and are two down at once?"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from lab.server.cluster import Cluster, Snapshot

INTERVAL_SECONDS = 0.02
# A server with one of these faults lives, and serves nobody
_SILENT = ("hang", "refuse")


class Outage(NamedTuple):
    """A server was down between two moments (seconds since the epoch)."""

    server: str
    begin: float
    end: float


class Sampler:
    """A thread that looks at the cluster's file and at the servers' processes, and elects nobody.

    A server is down when its process is gone or does not listen yet, or when a database of it is not online.
    """

    def __init__(self, state: Path, cluster: str) -> None:
        self.state, self.cluster = state, cluster
        self.outages: list[Outage] = []
        self.most: frozenset[str] = frozenset()
        self.samples = 0
        self._since: dict[str, float] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sampler")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()

    def of(self, server: str) -> list[Outage]:
        return [outage for outage in self.outages if outage.server == server]

    def _watch(self) -> None:
        cluster = Cluster(self.state, self.cluster)
        try:
            while not self._end.wait(INTERVAL_SECONDS):
                self._note(down(cluster), time.time())
            self._note(frozenset(), time.time())
        finally:
            cluster.close()

    def _note(self, now_down: frozenset[str], now: float) -> None:
        self.samples += 1
        self.most = max(self.most, now_down, key=len)
        for server in set(self._since) - now_down:
            self.outages.append(Outage(server, self._since.pop(server), now))
        for server in now_down - set(self._since):
            self._since[server] = now


def down(cluster: Cluster) -> frozenset[str]:
    """The servers that do not serve all that they should."""
    snapshot = cluster.snapshot(elect=False)
    silent = {s.name for s in snapshot.servers if any(cluster.faults(s.name).get(kind) for kind in _SILENT)}
    return frozenset(silent | _not_online(snapshot))


def _not_online(snapshot: Snapshot) -> set[str]:
    return {
        place.server.name
        for database in snapshot.databases
        for place in database.allocations
        if database.requested_status == "online" and not place.is_online
    }

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application that writes through neo4j:// while something happens to the cluster."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import neo4j

from tests.lab.emulated import PROBE

DATABASE = "ledgerspace"
PAUSE_SECONDS = 0.05


class Application:
    """Writes from a thread, with the driver as it comes; `written` are the moments at which a write was done."""

    def __init__(self, uri: str, password: str) -> None:
        self.driver = neo4j.GraphDatabase.driver(uri, auth=("neo4j", password))
        self.written: list[float] = []
        self.failures: list[Exception] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="application")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()
        self.driver.close()

    def _work(self) -> None:
        while not self._end.wait(PAUSE_SECONDS):
            try:
                with self.driver.session(database=DATABASE) as session:
                    session.execute_write(self._write)
                self.written.append(time.time())
            except Exception as error:
                self.failures.append(error)

    def _write(self, transaction: neo4j.ManagedTransaction) -> None:
        at = str(time.time())
        assert transaction.run(PROBE, name="renewal", at=at).single(strict=True)["name"] == "renewal"

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WAIT and NOWAIT, which the statements about databases end with.

The rows are those of Cypher 5, on calendar versions too: Cypher 25 makes notifications of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.server.snapshot import Allocation
from lab.server.statements.registry import SYSTEM_UPDATE, Call
from lab.server.tables import Answer, Wait

WAIT = "[WAIT [<seconds:value> [SEC|SECOND|SECONDS]]] [NOWAIT]"
_COLUMNS = ("address", "state", "message", "success")
_DEFAULT_SECONDS = 300


def changed(call: Call, name: str, effect: Callable[[], None]) -> Answer:
    """The answer of a statement that changes a database; with WAIT, once all of its servers have done so."""
    if "WAIT" not in call.given:
        return Answer((), counters=SYSTEM_UPDATE, effect=effect)
    before = call.snapshot.database(name)
    waiting = _Waiting(call, name, [place.server.bolt for place in before.allocations] if before else [])
    seconds = call.slots.get("seconds", _DEFAULT_SECONDS)
    return Answer(_COLUMNS, counters=SYSTEM_UPDATE, effect=effect, wait=Wait(waiting.is_over, waiting.rows, seconds))


class _Waiting:
    """A database on its way to what was asked for; one that is dropped had its addresses before."""

    def __init__(self, call: Call, name: str, addresses: list[str]) -> None:
        self.cluster = call.instance.cluster
        self.name = name
        self.addresses = addresses

    def is_over(self) -> bool:
        return all(is_done for _, is_done in self._places())

    def rows(self) -> list[list[Any]]:
        """The last column is the same in all rows: whether everybody has done it."""
        places = self._places()
        success = all(is_done for _, is_done in places)
        words = {True: ("CaughtUp", "caught up"), False: ("Incomplete", "server is still catching up")}
        return [[address, *words[is_done], success] for address, is_done in places]

    def _places(self) -> list[tuple[str, bool]]:
        database = self.cluster.snapshot().database(self.name)
        if database is None:
            return [(address, True) for address in self.addresses]
        return [(place.server.bolt, _is_done(place, database.requested_status)) for place in database.allocations]


def _is_done(place: Allocation, requested: str) -> bool:
    return place.status == requested and not place.is_leaving

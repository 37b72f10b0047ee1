# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where something is planted: chosen by the seed, whatever the order in which the server returns the places."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection
from random import Random
from typing import Any

from lab.graph.spaces import Space, Spaces


class PlantError(Exception):
    """It cannot be planted; the message says why."""


class Choice:
    """The pair of spaces, chance, and what is taken already."""

    def __init__(self, spaces: Spaces, seed: int) -> None:
        self.ledger, self.search = spaces.ledger, spaces.search
        self.chance = Random(seed)
        self._seed = seed
        self._taken: set[str] = set()

    def choose(
        self, space: Space, query: str, count: int, only: Collection[str] | None = None, **parameters: Any
    ) -> list[dict[str, Any]]:
        """So many rows of the query, with keys among `only`, and all that they `touch` is taken from now on.

        A row has a `key`, the id of what will be damaged, and may have `touches`, the ids of what the damage concerns.
        """
        rows = (row for row in space.stream(query, **parameters) if only is None or row["key"] in only)
        free = (row for row in rows if not self._taken & self._touched(row))
        # More than needed: among them may be rows that touch the same
        chosen: list[dict[str, Any]] = []
        for row in heapq.nsmallest(count * 20 + 50, free, key=self._rank):
            if len(chosen) < count and not self._taken & self._touched(row):
                self._taken |= self._touched(row)
                chosen.append(row)
        if len(chosen) < count:
            raise PlantError(f"{count} wanted, and there are only {len(chosen)} places left. Load more credexes")
        return chosen

    def _rank(self, row: dict[str, Any]) -> bytes:
        return hashlib.blake2b(f"{self._seed} {row['key']}".encode(), digest_size=16).digest()

    @staticmethod
    def _touched(row: dict[str, Any]) -> set[str]:
        return {row["key"], *row.get("touches", ())}

    def previous_day(self) -> dict[str, Any]:
        """The Daynode before the active one."""
        rows = self.ledger.run("MATCH (d:Daynode)-[:NEXT_DAY]->(:Daynode {Active: true}) RETURN d {.*} AS day")
        if len(rows) != 1:
            raise PlantError(f"{len(rows)} Daynodes lead to an active one; this needs exactly one")
        day: dict[str, Any] = rows[0]["day"]
        return day

    def active_day(self) -> dict[str, Any]:
        rows = self.ledger.run("MATCH (d:Daynode {Active: true}) RETURN d {.*} AS day")
        if len(rows) != 1:
            raise PlantError(f"there are {len(rows)} active Daynodes; this needs exactly one")
        day: dict[str, Any] = rows[0]["day"]
        return day

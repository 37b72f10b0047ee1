# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planting what can be wrong, into a pair of spaces that was consistent before. The kinds: lab/graph/kinds.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.graph.kinds import KINDS
from lab.graph.plant import accounts, anchors, balance, credexes, days, ledger, values
from lab.graph.plant.choice import Choice, PlantError
from lab.graph.spaces import Spaces

# Plants so many, and returns for each what it is: the keys of what was damaged, and the damage
Plant = Callable[[Choice, int], list[dict[str, Any]]]
PLANTS: dict[str, Plant] = {
    **accounts.PLANTS,
    **credexes.PLANTS,
    **values.PLANTS,
    **anchors.PLANTS,
    **days.PLANTS,
    **ledger.PLANTS,
    **balance.PLANTS,
}


class Planter:
    """Plants kinds one after another. No two of them hit the same credex, anchor, account or loop."""

    def __init__(self, spaces: Spaces, seed: int = 1) -> None:
        self._choice = Choice(spaces, seed)

    def plant(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """What was planted. The same graph, seed and order of kinds give the same.

        Raises PlantError for an unknown kind, and when the graph has not so many places for it.
        """
        if kind not in KINDS:
            raise PlantError(f"there is no kind {kind}, but: {', '.join(KINDS)}")
        if count < 1 or (KINDS[kind].is_whole and count != 1):
            raise PlantError(f"{kind} cannot be planted {count} times")
        return PLANTS[kind](self._choice, count)


__all__ = ["PLANTS", "PlantError", "Planter"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `python -m lab graph` does: load a pair, and plant what shall be wrong with it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

from neo4j.exceptions import DriverError, Neo4jError

from lab.graph.kinds import KINDS
from lab.graph.ledger import Ledger
from lab.graph.loader import load
from lab.graph.plant import Planter, PlantError
from lab.graph.spaces import Spaces, connect
from lab.state import LabError

_COUNT = "MATCH (c:Credex) RETURN count(c) AS credexes"


def fill(
    where: tuple[str, str, str, str], credexes: int, seed: int, outstanding: float, plants: list[str]
) -> Iterator[str]:
    """Replace what is there by a graph of today, plant (`credex_missing=3`), and say so line by line."""
    try:
        wanted = [_wanted(text) for text in plants]
        ledger = Ledger(credexes, seed, outstanding, today=datetime.datetime.now(datetime.UTC).date())
        with connect(*where) as spaces:
            yield _loaded(spaces, ledger)
            planter = Planter(spaces, seed)
            for kind, count in wanted:
                yield f"{kind}: {KINDS[kind].text}"
                for entity in planter.plant(kind, count):
                    yield "  " + ", ".join(f"{name} {value}" for name, value in entity.items())
    except (ValueError, PlantError, DriverError, Neo4jError) as error:
        raise LabError(str(error)) from error


def _wanted(text: str) -> tuple[str, int]:
    """Kind and number; without a number it is one."""
    kind, _, count = text.partition("=")
    if kind not in KINDS:
        raise ValueError(f"There is no kind {kind}, but: {', '.join(KINDS)}")
    if count and not count.isdecimal():
        raise ValueError(f"{text} does not say how many: {kind}=3 does")
    return kind, int(count or 1)


def _loaded(spaces: Spaces, ledger: Ledger) -> str:
    begun = time.monotonic()
    load(spaces, ledger)
    counts = [space.run(_COUNT)[0]["credexes"] for space in (spaces.ledger, spaces.search)]
    return f"LedgerSpace has {counts[0]} credexes, SearchSpace {counts[1]}, after {time.monotonic() - begun:.1f} s"

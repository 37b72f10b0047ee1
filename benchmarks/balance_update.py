"""The nightly balance update: the application's own statement and ours, on the same graphs and a real server.

    python -m benchmarks balance_update                     up to 10^6 credexes: 20 minutes, 6 GB
    python -m benchmarks.balance_update --sizes 1000 10000       smaller

What each does to amounts, how much quicker ours is, and whether it is linear. The original's time grows with the
product of the rows of its parts, so it is given the one shape that it can finish with many entities: one of each kind,
and all others credexes in USD. Servers are Neo4j Community, started here (Java, Maven).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.credex.ops.plugins.modules import neo4j_balance_flags, neo4j_balance_update

from benchmarks import table
from benchmarks.table import Row
from lab.community.pair import Pair, running_pair
from lab.community.server import USER
from lab.graph import Ledger, Spaces, load
from lab.graph.nightly import amounts, eve, new_day, original_update, send_files, toy

NOBODY = {"CXX": False, "USD": False}
CASES: dict[str, dict[str, Any]] = {
    "one credex of each": {"cxx": 1, "usd": 1},
    "two of each": {"cxx": 2, "usd": 2},
    "none in CXX": {"cxx": 0, "usd": 2},
    "no REDEEMED in USD": {"cxx": 1, "usd": 1, "redeemed": {"CXX": True, "USD": False}},
    "no CREDLOOP": {"cxx": 1, "usd": 1, "credloop": NOBODY},
}
PARTS = ("Credex in CXX", "Credex in a currency", "REDEEMED in CXX", "CREDLOOP in CXX", "LoopAnchor")
MANY = 10_000
SIZES = (10_000, 100_000, 1_000_000)
LINEAR = 0.9  # what the rate of the largest graph may fall to and still count as linear


class Ours:
    """Flags and update as a task would run them."""

    def __init__(self, pair: Pair) -> None:
        login = {"username": USER, "password": pair.ledger.password, "ca_certificate": None, "timeout": 3600.0}
        named = (("ledger", pair.ledger), ("search", pair.search))
        where = {name: {"uris": [server.uri], "database": "neo4j"} for name, server in named}
        self._params = {**login, **where, "batch": 10_000, "leave_stale": False, "restamp": False}

    def flag(self) -> None:
        neo4j_balance_flags.run(self._params, check_mode=False)

    def update(self) -> int:
        """How many entities were scaled."""
        return sum(neo4j_balance_update.run(self._params, check_mode=False)["scaled"].values())


def seconds(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def measure(sizes: Sequence[int] = SIZES, repeat: int = 3, heap: str = "2g", cache: str = "2g") -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_pair(Path(folder), heap, cache, with_apoc=False) as pair,
        pair.spaces() as spaces,
    ):
        ours = Ours(pair)
        amounts_after = demonstration(spaces, ours)
        rows = [*race(spaces, ours, repeat), *growth(spaces, ours, sizes)]
        return f"{amounts_after}\n\n{table.markdown(rows, f'Neo4j Community {pair.ledger.release.version}')}"


def demonstration(spaces: Spaces, ours: Ours) -> str:
    lines = [f"| 64 becomes | by | {' | '.join(PARTS)} |", f"|{' --- |' * (len(PARTS) + 2)}"]
    for name, graph in CASES.items():
        toy(spaces, **graph)
        original_update(spaces)
        lines.append(line(name, "the original", amounts(spaces)))
        prepare(spaces, ours, **graph)
        ours.update()
        lines.append(line("", "ours", amounts(spaces)))
    return "\n".join(lines)


def prepare(spaces: Spaces, ours: Ours, **graph: Any) -> None:
    """Flagged on the eve; then the night comes."""
    toy(spaces, **graph)
    eve(spaces, True)
    ours.flag()
    eve(spaces, False)


def line(name: str, who: str, found: dict[str, list[Any]]) -> str:
    cells = (", ".join(f"{amount:.3g}" for amount in found[part]) or "-" for part in PARTS)
    return f"| {name} | {who} | {' | '.join(cells)} |"


def race(spaces: Spaces, ours: Ours, repeat: int) -> list[Row]:
    """All on shapes that the original can finish: a single loop, whose credexes multiply its rows."""
    rows = []
    for usd in (1, 2):
        graph: dict[str, Any] = {"cxx": 1, "usd": usd, "more_usd": MANY}
        ways: dict[str, Callable[[], Any]] = {
            "the original": lambda: original_update(spaces),
            "statements": lambda: send_files(spaces),
            "module": ours.update,
        }
        best = {way: min(timed(spaces, ours, graph, work) for _ in range(repeat)) for way, work in ways.items()}
        rows += raced(usd + 1, best)
    return rows


def raced(loop: int, best: dict[str, float]) -> list[Row]:
    original, statements, module = best.values()
    what, ratio, how = "... our statements are quicker by", original / statements, table.seconds(statements)
    return [
        Row(f"the original, {MANY:,} credexes and one loop of {loop}", table.seconds(original)),
        # The least loop there can be is no target: hardly anything is multiplied in it
        Row(what, table.told(ratio, "×", how)) if loop == 2 else table.at_least(what, ratio, 5, "×", how),
        Row("... `neo4j_balance_update`, all its checks included, by", table.told(original / module, "×")),
    ]


def timed(spaces: Spaces, ours: Ours, graph: dict[str, Any], work: Callable[[], Any]) -> float:
    prepare(spaces, ours, **graph)
    return seconds(work)


def growth(spaces: Spaces, ours: Ours, sizes: Sequence[int]) -> list[Row]:
    """The generated graph, with loops and all."""
    rows, rates = [], []
    for size in sizes:
        load(spaces, Ledger(credexes=size))
        ours.flag()
        new_day(spaces)
        began = time.monotonic()
        scaled = ours.update()
        took = time.monotonic() - began
        rates.append(scaled / took)
        told = f"{rates[-1]:,.0f} entities a second ({scaled:,} in {took:.1f} s)"
        rows.append(Row(f"`neo4j_balance_update`, {size:,} credexes generated", told))
        print(rows[-1], file=sys.stderr, flush=True)
    return [*rows, table.at_least("... the last rate against the first", rates[-1] / rates[0], LINEAR, "×")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="credexes of the generated graphs")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--heap", default="2g", help="of each server")
    parser.add_argument("--page-cache", default="2g", help="of each server")
    asked = parser.parse_args()
    print(measure(asked.sizes, asked.repeat, asked.heap, asked.page_cache))


if __name__ == "__main__":
    main()

"""The nightly balance update: the application's own statement and ours, on the same graphs and a real server.

    python benchmarks/balance_update.py                                  what each does to amounts, and how fast
    python benchmarks/balance_update.py --sizes 10000 100000 1000000     is ours linear

The original's time grows with the product of the rows of its parts, so it is given the one shape that it can finish
with many entities: one of each kind, and all others credexes in USD. Servers are Neo4j Community, started here (Java,
Maven). Prints tables in Markdown; docs/benchmarks.md holds the last ones.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "collections")]

from ansible_collections.credex.ops.plugins.modules import neo4j_balance_flags, neo4j_balance_update  # noqa: E402

from lab.community.pair import Pair, running_pair  # noqa: E402
from lab.community.server import USER  # noqa: E402
from lab.graph import Ledger, Spaces, load  # noqa: E402
from lab.graph.nightly import amounts, eve, new_day, original_update, send_files, toy  # noqa: E402

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


def demonstrate(spaces: Spaces, ours: Ours) -> None:
    print(f"| 64 becomes | by | {' | '.join(PARTS)} |\n|{'---|' * (len(PARTS) + 2)}")
    for name, graph in CASES.items():
        toy(spaces, **graph)
        original_update(spaces)
        row(name, "the original", amounts(spaces))
        prepare(spaces, ours, **graph)
        ours.update()
        row("", "ours", amounts(spaces))


def prepare(spaces: Spaces, ours: Ours, **graph: Any) -> None:
    """Flagged on the eve; then the night comes."""
    toy(spaces, **graph)
    eve(spaces, True)
    ours.flag()
    eve(spaces, False)


def row(name: str, who: str, found: dict[str, list[Any]]) -> None:
    cells = (", ".join(f"{amount:.3g}" for amount in found[part]) or "-" for part in PARTS)
    print(f"| {name} | {who} | {' | '.join(cells)} |")


def race(spaces: Spaces, ours: Ours, repeat: int) -> None:
    """All on shapes that the original can finish: a single loop of two or three credexes, which multiply its rows."""
    print(f"\n| loop of | by | s, best of {repeat} | entities a second | original / this |\n|---|---|---|---|---|")
    for usd in (1, 2):
        graph: dict[str, Any] = {"cxx": 1, "usd": usd, "more_usd": MANY}
        ways: dict[str, Callable[[], Any]] = {
            "the original": lambda: original_update(spaces),
            "our statements": lambda: send_files(spaces),
            "the module, checks included": ours.update,
        }
        best = {way: min(timed(spaces, ours, graph, work) for _ in range(repeat)) for way, work in ways.items()}
        entities = MANY + 3 * (usd + 1) + 1
        for way, took in best.items():
            ratio = best["the original"] / took
            print(f"| {usd + 1} | {way} | {took:.2f} | {entities / took:.0f} | {ratio:.1f} |", flush=True)


def timed(spaces: Spaces, ours: Ours, graph: dict[str, Any], work: Callable[[], Any]) -> float:
    prepare(spaces, ours, **graph)
    return seconds(work)


def grow(spaces: Spaces, ours: Ours, sizes: list[int]) -> None:
    """The generated graph, with loops and all."""
    print("\n| credexes | entities scaled | s | entities a second |\n|---|---|---|---|")
    for size in sizes:
        load(spaces, Ledger(credexes=size))
        ours.flag()
        new_day(spaces)
        began = time.monotonic()
        scaled = ours.update()
        took = time.monotonic() - began
        print(f"| {size} | {scaled} | {took:.2f} | {scaled / took:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000], help="credexes of the generated graphs")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--heap", default="1g", help="of each server; 2g for 10^6 credexes")
    parser.add_argument("--page-cache", default="512m", help="of each server; 2g for 10^6 credexes")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_pair(Path(folder), options.heap, options.page_cache, with_apoc=False) as pair,
        pair.spaces() as spaces,
    ):
        ours = Ours(pair)
        demonstrate(spaces, ours)
        race(spaces, ours, options.repeat)
        grow(spaces, ours, options.sizes)


if __name__ == "__main__":
    main()

"""What it costs to compare the two spaces, against reading both once, and again after 100 changes.

    python benchmarks/compare_spaces.py --credexes 1000000      (as many are owed, and hence in both spaces)

Starts two real Neo4j Community servers in a temporary folder, fills them, and ends them. Each measurement is a process
of its own, so that its peak of memory is its own. Prints tables in Markdown; docs/benchmarks.md holds the last ones.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "collections")]

from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces as both  # noqa: E402
from ansible_collections.credex.ops.plugins.module_utils._spaces import comparison, digests, statements  # noqa: E402
from ansible_collections.credex.ops.plugins.module_utils._spaces.reading import Feed, at_once  # noqa: E402

from lab.community.pair import Pair, running_pair  # noqa: E402
from lab.community.server import USER  # noqa: E402
from lab.graph import Ledger, Planter, load  # noqa: E402

OWED = 0.9  # of all credexes of the generated ledger
CHANGES = ("outstanding_amount", "credex_missing", "due_date", "account_name", "anchor_two")
# The same rows by APOC's hash in place of the polynomial
_MD5 = (
    "toInteger(left(replace(replace(replace(replace(replace(replace(left(apoc.util.md5([text]), 15),"
    "'a','10'),'b','11'),'c','12'),'d','13'),'e','14'),'f','15'), 15)) % 2147483647 AS h"
)
_POLYNOMIAL = "reduce(h = 1, letter IN split(text, '') | (h * 131 + $codes[letter]) % 2147483647) AS h"


def found(uris: dict[str, str], password: str) -> dict[str, both.Space]:
    login = {"username": USER, "password": password, "ca_certificate": None, "timeout": 3600.0}
    return both.find({**login, **{name: {"uris": [uri], "database": "neo4j"} for name, uri in uris.items()}})


def read(spaces: dict[str, both.Space]) -> dict[str, Any]:
    """Both sides once, at the same time, all rows thrown away."""
    asked = {"ranges": None, "length": digests.LENGTH, "epsilon": 1e-9}
    total = 0
    for section in (comparison.ACCOUNTS, comparison.CREDEXES):
        feeds = [Feed(space, text, asked) for space, text in zip(spaces.values(), section.rows, strict=True)]
        total += sum(at_once(*(lambda feed=feed: sum(1 for _ in feed) for feed in feeds)))
    return {"rows": total}


def compare(spaces: dict[str, both.Space], **options: Any) -> dict[str, Any]:
    done = comparison.Comparison(spaces, comparison.Options(**options))
    done.run()
    return {"rows": done.compared, "differences": {d["kind"]: d["count"] for d in done.tally.differences()}}


def digest(spaces: dict[str, both.Space], by: str) -> dict[str, Any]:
    text = statements.SEARCH_CREDEX_DIGESTS
    assert _POLYNOMIAL in text
    asked = {"length": digests.LENGTH, "epsilon": 1e-9, "tolerance": 1e-8, "rates": {}, "codes": digests.CODES}
    rows = spaces["search"].rows(text.replace(_POLYNOMIAL, _MD5) if by == "md5" else text, **asked)
    return {"ranges": len(rows)}


WAYS: dict[str, Callable[[dict[str, both.Space]], dict[str, Any]]] = {
    "read": read,
    "first": lambda spaces: compare(spaces, full=True, invariants=False),
    "first, with LedgerSpace's own rules": lambda spaces: compare(spaces, full=True),
    "second": lambda spaces: compare(spaces, invariants=False),
    "second, with LedgerSpace's own rules": compare,
    "sums": lambda spaces: digest(spaces, "sums"),
    "md5": lambda spaces: digest(spaces, "md5"),
}


def measure_here(way: str, uris: dict[str, str], password: str) -> None:
    spaces = found(uris, password)
    begun = time.monotonic()
    told = WAYS[way](spaces)
    seconds = time.monotonic() - begun
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, **told}))


def measure(pair: Pair, way: str) -> dict[str, Any]:
    asked = json.dumps([way, {"ledger": pair.ledger.uri, "search": pair.search.uri}, pair.ledger.password])
    line = [sys.executable, __file__, "--measure"]
    done = subprocess.run(line, input=asked, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    print(f"<!-- {way}: {told} -->", file=sys.stderr, flush=True)
    return told


def tables(pair: Pair, changes: int, with_md5: bool) -> None:
    # The first pass over a store warms its page cache, so nobody is measured with it
    measure(pair, "read")
    once = measure(pair, "read")["seconds"]
    print(f"| {pair.ledger.release.version} | s | against reading once | peak, MiB |\n|---|---|---|---|")
    print(f"| reading both sides once, at the same time | {once:.1f} | 1 | |", flush=True)
    first = _row(measure(pair, "first"), "first comparison", once)
    _row(measure(pair, "first, with LedgerSpace's own rules"), "... with LedgerSpace's own rules", once)
    _row(measure(pair, "second"), "again, nothing changed", once)
    with pair.spaces() as spaces:
        planter = Planter(spaces)
        for kind in CHANGES:
            planter.plant(kind, changes // len(CHANGES))
    second = _row(measure(pair, "second"), f"again, after {changes} changes", once)
    _row(measure(pair, "second, with LedgerSpace's own rules"), "... with LedgerSpace's own rules", once)
    print(f"\nAfter {changes} changes: {second / first:.0%} of the first.\n", flush=True)
    if with_md5:
        print("| sums over ranges of SearchSpace's credexes | s |\n|---|---|")
        for way in ("sums", "md5"):
            print(f"| {way} | {min(measure(pair, way)['seconds'] for _ in range(3)):.1f} |", flush=True)


def _row(told: dict[str, Any], name: str, once: float) -> float:
    seconds = float(told["seconds"])
    print(f"| {name} | {seconds:.1f} | {seconds / once:.2f} | {told['peak']:.0f} |", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--credexes", type=int, default=1_000_000, help="so many are owed")
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--heap", default="2g")
    parser.add_argument("--page-cache", default="2g")
    parser.add_argument("--md5", action="store_true", help="also compare the sums with APOC's hash")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure_here(*json.load(sys.stdin))
        return
    with tempfile.TemporaryDirectory() as folder, running_pair(
        Path(folder), asked.heap, asked.page_cache, with_apoc=asked.md5
    ) as pair:  # fmt: skip
        begun = time.monotonic()
        with pair.spaces() as spaces:
            load(spaces, Ledger(credexes=round(asked.credexes / OWED), outstanding=OWED))
        print(f"<!-- loaded in {time.monotonic() - begun:.0f} s -->", file=sys.stderr, flush=True)
        tables(pair, asked.changes, asked.md5)


if __name__ == "__main__":
    main()

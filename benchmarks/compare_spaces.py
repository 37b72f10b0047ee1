"""What it costs to compare the two spaces: against reading both once, and again after some changes.

    python -m benchmarks compare_spaces                    10^6 credexes owed, hence in both spaces: 20 minutes, 6 GB
    python -m benchmarks.compare_spaces --credexes 200000 --md5       fewer; the sums against APOC's hash as well

Starts two real Neo4j Community servers in a temporary folder (Java, Maven), fills them, and ends them. Each measurement
is a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces as both
from ansible_collections.credex.ops.plugins.module_utils._neo4j.feed import Feed
from ansible_collections.credex.ops.plugins.module_utils._spaces import comparison, digests, statements
from ansible_collections.credex.ops.plugins.module_utils._spaces.at_once import at_once

from benchmarks import table
from benchmarks.fleet import ROOT
from benchmarks.one_module import peak_mib
from benchmarks.table import Row
from lab.community.pair import Pair, running_pair
from lab.community.server import USER
from lab.graph import Ledger, Planter, load

MANY = 1_000_000
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


def measured_here(way: str, uris: dict[str, str], password: str) -> None:
    spaces = found(uris, password)
    begun = time.monotonic()
    told = WAYS[way](spaces)
    print(json.dumps({"seconds": time.monotonic() - begun, "peak_mib": peak_mib(), **told}))


def measured(pair: Pair, way: str) -> dict[str, Any]:
    """In a process of its own."""
    asked = json.dumps([way, {"ledger": pair.ledger.uri, "search": pair.search.uri}, pair.ledger.password])
    line = [sys.executable, "-m", "benchmarks.compare_spaces", "--measured"]
    done = subprocess.run(line, cwd=ROOT, input=asked, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    print(f"{way}: {told}", file=sys.stderr, flush=True)
    return told


def measure(
    credexes: int = 1_000_000, changes: int = 100, heap: str = "2g", cache: str = "2g", md5: bool = False
) -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_pair(Path(folder), heap, cache, with_apoc=md5) as pair,
    ):
        fill(pair, credexes)
        measured(pair, "read")  # warms both page caches, so nobody is measured with it
        rows = compared(pair, credexes, changes)
        if md5:
            rows += [Row(f"the sums alone, by {way}", table.seconds(least(pair, way))) for way in ("sums", "md5")]
        return table.markdown(rows, f"Neo4j Community {pair.ledger.release.version}")


def fill(pair: Pair, credexes: int) -> None:
    begun = time.monotonic()
    with pair.spaces() as spaces:
        load(spaces, Ledger(credexes=round(credexes / OWED), outstanding=OWED))
    print(f"filled in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def compared(pair: Pair, credexes: int, changes: int) -> list[Row]:
    once, first = measured(pair, "read"), measured(pair, "first")
    whole = measured(pair, "first, with LedgerSpace's own rules")
    same = measured(pair, "second")
    change(pair, changes)
    again, all_again = measured(pair, "second"), measured(pair, "second, with LedgerSpace's own rules")
    peak = max(told["peak_mib"] for told in (first, whole, same, again, all_again))
    return [
        Row(f"reading both sides once, {credexes:,} credexes each", table.seconds(once["seconds"])),
        Row("first comparison: all is read", table.seconds(first["seconds"])),
        table.at_most("... against reading once", first["seconds"] / once["seconds"], 1.2, "×"),
        Row("... with LedgerSpace's own rules", table.seconds(whole["seconds"])),
        Row("again, by sums, nothing changed", table.seconds(same["seconds"])),
        Row(f"... after {changes} changes", table.seconds(again["seconds"])),
        table.at_most("... against the first", 100 * again["seconds"] / first["seconds"], 25, "%"),
        Row("... with LedgerSpace's own rules", table.seconds(all_again["seconds"])),
        table.at_most("the comparing process, at most", peak, 200, "MiB"),
    ]


def change(pair: Pair, changes: int) -> None:
    with pair.spaces() as spaces:
        planter = Planter(spaces)
        for kind in CHANGES:
            planter.plant(kind, changes // len(CHANGES))


def least(pair: Pair, way: str) -> float:
    return min(measured(pair, way)["seconds"] for _ in range(3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--credexes", type=int, default=MANY, help="so many are owed")
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--heap", default="2g", help="of each server")
    parser.add_argument("--page-cache", default="2g", help="of each server")
    parser.add_argument("--md5", action="store_true", help="also compare the sums with APOC's hash")
    parser.add_argument("--measured", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measured:
        measured_here(*json.load(sys.stdin))
    else:
        print(measure(asked.credexes, asked.changes, asked.heap, asked.page_cache, asked.md5))


if __name__ == "__main__":
    main()

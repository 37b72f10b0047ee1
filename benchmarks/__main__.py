"""What things cost, measured and held against what they may cost.

    python -m benchmarks [TABLE...]        (make bench ARGS='renewal embedded_lab'; without a name: all of them)

Each table comes from the program of its name in this folder and is printed in Markdown; docs/benchmarks.md holds the
last ones. A missed target is said in its row and fails nothing: times depend on the machine, and on what else it does.
"""

from __future__ import annotations

import argparse
import importlib

TABLES = ("read_fleet", "large_fleet", "renewal", "embedded_lab", "compare_spaces", "balance_update")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="*", help=f"of these: {', '.join(TABLES)}")
    wanted = parser.parse_args().table or TABLES
    unknown = set(wanted) - set(TABLES)
    if unknown:
        parser.error(f"there is no table {', '.join(sorted(unknown))}, but: {', '.join(TABLES)}")
    for name in wanted:
        print(importlib.import_module(f"benchmarks.{name}").measure(), "\n", flush=True)


if __name__ == "__main__":
    main()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Two streams of rows in the order of their keys become one of pairs. Pure: memory does not grow with the streams."""

from __future__ import annotations

import typing as t

Row = t.Sequence[t.Any]
Pair = tuple[str, list[Row], list[Row]]


class OrderError(ValueError):
    """A side's keys do not ascend, so that a merge would tell nonsense."""


def merge(ledger: t.Iterable[Row], search: t.Iterable[Row]) -> t.Iterator[Pair]:
    """Each key once, with its rows of both sides; a row's first column is its key.

    Keys are compared code point by code point, which is Neo4j's own order.
    """
    left, right = _groups(ledger, "LedgerSpace"), _groups(search, "SearchSpace")
    one, other = next(left, None), next(right, None)
    while one and other:
        if one[0] == other[0]:
            yield one[0], one[1], other[1]
            one, other = next(left, None), next(right, None)
        elif one[0] < other[0]:
            yield one[0], one[1], []
            one = next(left, None)
        else:
            yield other[0], [], other[1]
            other = next(right, None)
    while one:
        yield one[0], one[1], []
        one = next(left, None)
    while other:
        yield other[0], [], other[1]
        other = next(right, None)


def _groups(rows: t.Iterable[Row], side: str) -> t.Iterator[tuple[str, list[Row]]]:
    """Rows of one key together: an id that is there twice, a credex with two anchors."""
    key, group = None, []
    for row in rows:
        if row[0] == key:
            group.append(row)
            continue
        if key is not None:
            if row[0] < key:
                raise OrderError(f"{side} returned the key {row[0]!r} after {key!r}")
            yield key, group
        key, group = row[0], [row]
    if key is not None:
        yield key, group

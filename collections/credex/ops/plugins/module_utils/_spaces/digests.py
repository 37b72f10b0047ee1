# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Whether two ranges of keys must be read: pure comparison of what each side's database added up."""

from __future__ import annotations

import typing as t

# Characters of a key that make a range: 16 ** 3 of them for UUIDs
LENGTH = 3
# What a letter counts in a digest. A range with any other letter is read in full: those of most alphabets, not CJK
CODES = {chr(code): code for code in range(32, 0x3000)}
Digest = t.Mapping[str, t.Any]


def differing(ledger: t.Iterable[Digest], search: t.Iterable[Digest]) -> list[str]:
    """The ranges whose sums differ, and those in which a side has something to look at in any case."""
    here = {row["range"]: row for row in ledger}
    there = {row["range"]: row for row in search}
    return sorted(name for name in here.keys() | there.keys() if _differs(here.get(name), there.get(name)))


def _differs(one: Digest | None, other: Digest | None) -> bool:
    if one is None or other is None:
        return True
    return bool(one["suspects"] or other["suspects"]) or any(one[name] != other[name] for name in ("rows", "digest"))

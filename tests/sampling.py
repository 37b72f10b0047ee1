# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cases of a long enumeration are run where nobody asked for the whole of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping


def left_out(tests: Mapping[str, Iterable[str]], numbers: Mapping[str, int], seed: int) -> set[str]:
    """All but so many cases of each test. Others, or fewer, of one test do not change what is drawn of another."""
    return {case for test, cases in tests.items() for case in _all_but(sorted(cases), numbers[test], f"{seed} {test}")}


def _all_but(cases: list[str], number: int, seed: str) -> set[str]:
    return set(cases) - set(random.Random(seed).sample(cases, min(number, len(cases))))

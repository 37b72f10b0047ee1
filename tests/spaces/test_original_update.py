# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the application's own balance statement does on a real server, beside ours on the same graph."""

from __future__ import annotations

from typing import Any

import pytest

from lab.graph.nightly import amounts, eve, original_update, toy
from tests.spaces.balances import Balances

NOBODY = {"CXX": False, "USD": False}
CXX_ONLY = {"CXX": True, "USD": False}
PARTS = (
    *("Credex in CXX", "Credex in a currency", "REDEEMED in CXX", "REDEEMED in a currency"),
    *("CREDLOOP in CXX", "CREDLOOP in a currency", "LoopAnchor"),
)
# The graph, and amounts after the original statement: a right one makes 32 of each 64
CASES: dict[str, tuple[dict[str, Any], tuple[float | None, ...]]] = {
    # 2 rows of an undirected match scale twice; every later part once for each row before it
    "one of each": ({"cxx": 1, "usd": 1}, (32.0, 32.0, 16.0, 32.0, 0.25, 32.0, 64 * 2.0**-16)),
    "two of each": ({"cxx": 2, "usd": 2}, (32.0, 32.0, 0.25, 32.0, 64 * 2.0**-128, 32.0, 64 * 2.0**-1024)),
    # no row at all: nothing that comes later happens
    "no credex in CXX": ({"cxx": 0, "usd": 2}, (None, 64.0, None, 64.0, None, 64.0, 64.0)),
    "no REDEEMED in a currency": (
        {"cxx": 1, "usd": 1, "redeemed": CXX_ONLY},
        (32.0, 32.0, 16.0, None, 64.0, 64.0, 64.0),
    ),
    "no CREDLOOP": ({"cxx": 1, "usd": 1, "credloop": NOBODY}, (32.0, 32.0, 16.0, 32.0, None, None, 64.0)),
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", CASES)
def test_the_original_and_ours(balances: Balances, case: str) -> None:
    graph, wrong = CASES[case]
    toy(balances.spaces, **graph)
    original_update(balances.spaces)
    assert amounts(balances.spaces) == {part: only(value) for part, value in zip(PARTS, wrong, strict=True)}

    toy(balances.spaces, **graph)
    eve(balances.spaces, True)
    balances.flag()
    eve(balances.spaces, False)
    assert balances.update()["changed"]
    right = amounts(balances.spaces)
    assert right == {part: only(None if value is None else 32.0) for part, value in zip(PARTS, wrong, strict=True)}


def only(value: float | None) -> list[float]:
    return [] if value is None else [value]

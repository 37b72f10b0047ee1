# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of a test that is marked as sampled, a seed decides which cases are run; by name or with --whole each can be had."""

from __future__ import annotations

import subprocess
import sys

from tests.sampling import left_out
from tests.static.repository import ROOT

TEST = "tests/spaces/test_balance_flags.py::test_killed_in_the_middle_and_run_again"
CASES = [f"test[{letter}]" for letter in "abcdef"]


def drawn(seed: int, cases: list[str] = CASES, number: int = 2) -> set[str]:
    return set(cases) - left_out({"test": cases}, {"test": number}, seed)


def test_a_seed_decides_and_any_case_can_be_drawn() -> None:
    assert {len(drawn(seed)) for seed in range(50)} == {2}
    assert set.union(*map(drawn, range(50))) == set(CASES)
    assert drawn(7) == drawn(7, CASES[::-1])
    assert drawn(7, CASES[:1]) == {CASES[0]}


def collected(*arguments: str) -> list[str]:
    line = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    shown = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in shown.stdout.splitlines() if "::" in name]


def test_a_sample_the_whole_and_a_case_by_name() -> None:
    whole, sample = collected("--whole", TEST), collected(TEST)
    assert len(whole) == 3 and len(sample) == 1
    other = next(name for name in whole if name not in sample)
    assert collected(other) == [other]
    assert collected(TEST, "-k", other.partition("[")[2].rstrip("]")) == [other]


def test_of_variants_of_one_thing_so_many_are_run() -> None:
    file = "tests/lab/operations/test_faults_in_a_turn.py"
    whole, sample = collected("--whole", file), collected(file)
    assert len(sample) == 2 < len(whole)

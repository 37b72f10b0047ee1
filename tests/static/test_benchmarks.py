"""The tables of `make bench`: each has a program and a place in the documentation, and a missed target is seen."""

from __future__ import annotations

import importlib

import pytest

from benchmarks import table
from benchmarks.__main__ import TABLES
from tests.static.repository import ROOT


@pytest.mark.parametrize("name", TABLES)
def test_each_has_its_program_and_its_place_in_the_documentation(name):
    assert callable(importlib.import_module(f"benchmarks.{name}").measure)
    assert f"\n`{name}`: " in (ROOT / "docs/benchmarks.md").read_text()


@pytest.mark.parametrize(
    ("row", "told", "target", "met"),
    [
        (table.at_most("it", 5.0, 5, "s"), "5.00 s", "≤ 5 s", "yes"),
        (table.at_most("it", 5.01, 5, "s"), "5.01 s", "≤ 5 s", "**no**"),
        (table.at_least("it", 20.4, 20, "×", "9 s"), "20.4 × (9 s)", "≥ 20 ×", "yes"),
        (table.at_least("it", 19.9, 20, "×"), "19.9 ×", "≥ 20 ×", "**no**"),
        (table.Row("it", table.seconds(123.4)), "123 s", "", ""),
    ],
)
def test_a_row_says_whether_its_target_is_met(row, told, target, met):
    assert row.cells() == ("it", told, target, met)
    assert f"| it | {told} | {target} | {met} |" in table.markdown([row]).splitlines()

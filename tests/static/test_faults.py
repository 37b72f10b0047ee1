"""docs/faults.md says what tests prove: each row has its test, each test of a fault has its row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.static.repository import ROOT

TABLE = ROOT / "docs/faults.md"
FOLDER = ROOT / "tests/lab/operations"
COLUMNS = ["fault", "when it strikes", "what the run does", "rc", "what is left", "test"]


class Row(NamedTuple):
    fault: str
    when: str
    run: str
    rc: str
    left: str
    test: str


def rows(text: str) -> list[Row]:
    """The rows of the tables with these columns."""
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line] for line in lines]
    assert [len(line) for line in cells if len(line) != len(COLUMNS)] == []
    return [Row(*line) for line in cells if line != COLUMNS]


def known_tests() -> dict[str, ast.FunctionDef]:
    found = [node for file in FOLDER.glob("test_*.py") for node in ast.parse(file.read_text()).body]
    return {node.name: node for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def fault_tests() -> Iterator[str]:
    """All in the files for them, and those elsewhere that set a fault."""
    for file in FOLDER.glob("test_faults_*.py"):
        yield from re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    yield from (name for name, test in known_tests().items() if re.search(r"\.fault\(", ast.unparse(test)))


def exit_codes(test: ast.FunctionDef) -> set[str]:
    """What a test compares the `rc` of its runs with."""
    return set(re.findall(r"\.rc == (\d+)", ast.unparse(test)))


ROWS = rows(TABLE.read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fault}, {row.when}")
def test_row_has_its_test(row: Row) -> None:
    assert all(row)
    name = row.test.strip("`")
    assert name in known_tests()
    assert row.rc in exit_codes(known_tests()[name])


def test_every_test_of_a_fault_has_its_row() -> None:
    found = set(fault_tests())
    assert found and sorted(found - {row.test.strip("`") for row in ROWS}) == []


def test_no_row_stands_twice() -> None:
    keys = [(row.fault, row.when) for row in ROWS]
    assert len(keys) == len(set(keys))


# --- they catch what they are for ---


def test_rows_are_read_as_they_stand() -> None:
    head = "| " + " | ".join(COLUMNS) + " |\n|---|---|---|---|---|---|\n"
    assert rows(head + "| a | b | c | 2 | d | `test_x` |\n") == [Row("a", "b", "c", "2", "d", "`test_x`")]
    with pytest.raises(AssertionError):
        rows(head + "| a | b | 2 | d | `test_x` |\n")


def test_exit_codes_are_found() -> None:
    (test,) = ast.parse("def test_x(lab):\n    assert run.rc == 4, run.output\n    assert again.rc == 0 and True").body
    assert isinstance(test, ast.FunctionDef)
    assert exit_codes(test) == {"4", "0"}

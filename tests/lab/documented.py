# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of documentation that tests write: what stands between two comments is what was observed."""

from __future__ import annotations

import pytest

from tests.static.repository import ROOT


def table(head: list[str], rows: list[list[str]]) -> str:
    assert rows
    lines = [" | ".join(cells) for cells in [head, *rows]]
    return "\n".join([f"| {lines[0]} |", "|---" * len(head) + "|", *(f"| {line} |" for line in lines[1:])])


def hold(page: str, name: str, text: str, config: pytest.Config) -> None:
    """The part of that name is this text; with --write-docs it becomes it."""
    path = ROOT / page
    begin, end = f"<!-- {name}: written by a test -->\n", f"\n<!-- end of {name} -->"
    before, mark, rest = path.read_text().partition(begin)
    stands, closed, after = rest.partition(end)
    assert mark and closed, f"{page} has no part {name}"
    if config.getoption("--write-docs"):
        path.write_text(before + begin + text + end + after)
    else:
        assert stands == text, f"{page}, {name}: run this test again with --write-docs, and look at what it changed"

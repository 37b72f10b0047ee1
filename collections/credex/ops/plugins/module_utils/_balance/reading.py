# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Asking the two spaces about balances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._balance import statements, usage
from ansible_collections.credex.ops.plugins.module_utils._balance.daynodes import Days, RefusedError, days
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE
from ansible_collections.credex.ops.plugins.module_utils._neo4j.spaces import SPACES, Space

Spaces = Mapping[str, Space]
Row = dict[str, Any]

SAMPLES = 20  # of entities that a result names


def read_days(spaces: Spaces) -> Days:
    """Raises RefusedError for what no balance may be scaled by, wrong addresses first."""
    rows = spaces["ledger"].rows(statements.DAYNODES)
    if spaces["search"].rows(statements.ANY_DAYNODE):
        others = "" if rows else "none "
        raise RefusedError(
            f"There are Daynodes in {spaces['search']}, and {others}in {spaces['ledger']}. They belong into "
            "LedgerSpace alone: are the two addresses swapped, or the same?"
        )
    return days(rows)


def read_groups(spaces: Spaces, rates: Mapping[str, float], until: str | None = None) -> list[Row]:
    """All entities of both spaces in groups, see usage.py; sums of what had been created by then."""
    return [
        {"space": kind.space, "kind": kind.name, **row}
        for kind in TABLE
        for row in spaces[kind.space].rows(statements.groups(kind), rates=dict(rates), until=until)
    ]


def read_stragglers(spaces: Spaces, date: str) -> list[Row]:
    """Some of each kind that are flagged and not in that day's CXX."""
    return [
        {"entity": usage.title(kind), **row}
        for kind in TABLE
        for row in spaces[kind.space].rows(statements.stragglers(kind), date=date, samples=SAMPLES)
    ]


def read_strangers(spaces: Spaces) -> list[Row]:
    """Amounts of kinds that the table does not know, and flags where no amounts are known."""
    return [{"space": space, **row} for space in SPACES for row in spaces[space].rows(statements.strangers(space))]


def missing_schema(space: Space) -> dict[str, str]:
    """Name to statement of the indexes, and on Enterprise the constraints, that this space does not have."""
    wanted = statements.indexes(space.name)
    present = {row["name"] for row in space.rows(statements.INDEXES)}
    if space.edition == "enterprise":
        wanted = {**wanted, **statements.constraints()}
        present |= {row["name"] for row in space.rows(statements.CONSTRAINTS)}
    return {name: statement for name, statement in wanted.items() if name not in present}

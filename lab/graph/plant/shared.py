# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements that several kinds need."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lab.graph.plant.choice import Choice

# Credexes as SearchSpace has them, on one anchor
ON_ANCHOR = """
MATCH (issuer:Account)-[out]->(anchor)-[into]->(acceptor:Account), (credex:Credex)-[:SEARCH_SECURED]->(anchor)
WHERE type(out) = type(into)
"""
KEY_AND_TOUCHES = "credex.credexID AS key, [anchor.searchAnchorID] AS touches"
TIDY = """
MATCH (anchor) WHERE anchor.searchAnchorID IN $anchors
OPTIONAL MATCH (credex:Credex)-[:SEARCH_SECURED]->(anchor)
WITH anchor, min(credex.dueDate) AS earliest
FOREACH (_ IN CASE WHEN earliest IS NULL THEN [] ELSE [1] END | SET anchor.earliestDueDate = earliest)
FOREACH (_ IN CASE WHEN earliest IS NULL THEN [1] ELSE [] END | DETACH DELETE anchor)
"""


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["key"] for row in rows]


def planted(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """What a planter returns of the places that it chose: their ids, under the name of the property."""
    return [{key: row["key"]} for row in rows]


def tidy(choice: Choice, rows: list[dict[str, Any]]) -> None:
    """Anchors that a row touched: without credexes they go, and the others get the earliest date that is left."""
    choice.search.run(TIDY, anchors=[anchor for row in rows for anchor in row["touches"]])


def owed(choice: Choice, count: int, where: str = "true", only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Credexes of SearchSpace that nothing was done to yet."""
    query = f"{ON_ANCHOR} AND ({where}) RETURN {KEY_AND_TOUCHES}"
    return choice.choose(choice.search, query, count, only)


def untouched(choice: Choice, count: int, where: str = "true") -> list[dict[str, Any]]:
    """Credexes that are owed, and that no loop has reduced."""
    query = (
        "MATCH (:Account)-[:OWES]->(credex:Credex)-[:OWES]->(:Account) "
        f"WHERE credex.RedeemedAmount = 0 AND ({where}) RETURN credex.credexID AS key"
    )
    return owed(choice, count, only={row["key"] for row in choice.ledger.stream(query)})


def take_out(choice: Choice, rows: list[dict[str, Any]]) -> None:
    """Delete credexes from SearchSpace, and their anchors when nothing else is on them."""
    choice.search.run("MATCH (c:Credex) WHERE c.credexID IN $keys DETACH DELETE c", keys=keys(rows))
    tidy(choice, rows)

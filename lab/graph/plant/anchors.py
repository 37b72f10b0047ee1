# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The topology of SearchSpace: anchors, what they join, and what is on them."""

from __future__ import annotations

from typing import Any

from lab.graph.plant.choice import Choice
from lab.graph.plant.shared import ON_ANCHOR, keys, owed, planted, tidy

_OFF = "MATCH (c:Credex)-[r:SEARCH_SECURED]->() WHERE c.credexID IN $keys DELETE r"
# Another anchor of the same type, between other accounts
_SECOND = """
UNWIND $pairs AS pair
MATCH (c:Credex {credexID: pair.key})
MATCH (s {searchAnchorID: pair.anchor})
CREATE (c)-[:SEARCH_SECURED]->(s)
"""
_OTHER_TYPE = """
MATCH (i:Account)-[]->(old)-[]->(a:Account), (c:Credex)-[r:SEARCH_SECURED]->(old) WHERE c.credexID IN $keys
MERGE (i)-[:XAU_SECURED]->(s:XAU_SECURED)-[:XAU_SECURED]->(a) ON CREATE SET s.searchAnchorID = randomUUID()
CREATE (c)-[:SEARCH_SECURED]->(s)
DELETE r
RETURN s.searchAnchorID AS anchor
"""
_OTHER_ACCOUNTS = """
MATCH (i:Account)-[:UNSECURED]->(old)-[:UNSECURED]->(:Account), (c:Credex)-[r:SEARCH_SECURED]->(old)
WHERE c.credexID IN $keys
MATCH (x:Account {accountID: $other})
MERGE (i)-[:UNSECURED]->(s:UNSECURED)-[:UNSECURED]->(x) ON CREATE SET s.searchAnchorID = randomUUID()
CREATE (c)-[:SEARCH_SECURED]->(s)
DELETE r
RETURN s.searchAnchorID AS anchor
"""
_IDLE = "MATCH (a:Account) WHERE NOT (a)--() RETURN a.accountID AS key"
_EMPTY = """
UNWIND $rows AS row
MATCH (i:Account {accountID: row.key})
MATCH (a:Account {accountID: $acceptor})
CREATE (i)-[:USD_SECURED]->(s:USD_SECURED {searchAnchorID: randomUUID(), earliestDueDate: date()})-[:USD_SECURED]->(a)
RETURN s.searchAnchorID AS searchAnchorID
"""
_SHARED = f"""
{ON_ANCHOR} AND anchor:UNSECURED
WITH anchor, collect(credex.credexID) AS credexes WHERE size(credexes) > 1
RETURN anchor.searchAnchorID AS key, credexes AS touches
"""
_PARALLEL = """
UNWIND $rows AS row
MATCH (i:Account)-[:UNSECURED]->(old {searchAnchorID: row.key})-[:UNSECURED]->(a:Account)
MATCH (c:Credex {credexID: row.touches[0]})-[r:SEARCH_SECURED]->(old)
CREATE (i)-[:UNSECURED]->(s:UNSECURED {searchAnchorID: randomUUID()})-[:UNSECURED]->(a)
CREATE (c)-[:SEARCH_SECURED]->(s)
DELETE r
RETURN s.searchAnchorID AS anchor
"""


def none(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count)
    choice.search.run(_OFF, keys=keys(rows))
    tidy(choice, rows)
    return planted(rows, "credexID")


def two(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count, "anchor:UNSECURED")
    others = owed(choice, count, "anchor:UNSECURED")
    pairs = [{"key": row["key"], "anchor": other["touches"][0]} for row, other in zip(rows, others, strict=True)]
    choice.search.run(_SECOND, pairs=pairs)
    tidy(choice, others)
    return planted(rows, "credexID")


def type_(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count, "NOT anchor:XAU_SECURED")
    _move(choice, rows, _OTHER_TYPE)
    return planted(rows, "credexID")


def accounts(choice: Choice, count: int) -> list[dict[str, Any]]:
    """To an account that nobody owes anything yet."""
    rows = owed(choice, count, "anchor:UNSECURED")
    (idle,) = choice.choose(choice.search, _IDLE, 1)
    _move(choice, rows, _OTHER_ACCOUNTS, other=idle["key"])
    return planted(rows, "credexID")


def _move(choice: Choice, rows: list[dict[str, Any]], query: str, **parameters: Any) -> None:
    moved = choice.search.run(query, keys=keys(rows), **parameters)
    tidy(choice, [*rows, {"touches": [row["anchor"] for row in moved]}])


def empty(choice: Choice, count: int) -> list[dict[str, Any]]:
    acceptor, *rows = choice.choose(choice.search, _IDLE, count + 1)
    return choice.search.run(_EMPTY, rows=rows, acceptor=acceptor["key"])


def duplicate(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.search, _SHARED, count)
    made = choice.search.run(_PARALLEL, rows=rows)
    both = [[row["key"], other["anchor"]] for row, other in zip(rows, made, strict=True)]
    tidy(choice, [{"touches": anchors} for anchors in both])
    return [{"searchAnchorIDs": anchors} for anchors in both]


def due_date(choice: Choice, count: int) -> list[dict[str, Any]]:
    anchors = [row["touches"][0] for row in owed(choice, count)]
    choice.search.run(
        "MATCH (s) WHERE s.searchAnchorID IN $anchors SET s.earliestDueDate = s.earliestDueDate - duration({days: 10})",
        anchors=anchors,
    )
    return [{"searchAnchorID": anchor} for anchor in anchors]


PLANTS = {
    "anchor_none": none,
    "anchor_two": two,
    "anchor_type": type_,
    "anchor_accounts": accounts,
    "anchor_empty": empty,
    "anchor_duplicate": duplicate,
    "anchor_due_date": due_date,
}

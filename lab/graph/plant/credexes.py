# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credexes there are, and those that wait for the minute queue."""

from __future__ import annotations

import datetime
from typing import Any

from lab.graph.model import PENDING_CREDEX, new_id
from lab.graph.plant.accounts import OLD, YOUNG
from lab.graph.plant.choice import Choice
from lab.graph.plant.shared import keys, owed, planted, take_out, untouched

_SETTLED = """
MATCH (i:Account)-[:CLEARED|CANCELLED]->(c:Credex)-[:CLEARED|CANCELLED]->(a:Account)
WHERE NOT ()-[:SECURES]->(c)
RETURN c.credexID AS key, i.accountID AS issuer, a.accountID AS acceptor,
       c {.credexID, .Denomination, .CXXmultiplier, .dueDate, outstandingAmount: c.InitialAmount} AS properties
"""
_PUT_BACK = """
UNWIND $rows AS row
MATCH (i:Account {accountID: row.issuer})
MATCH (a:Account {accountID: row.acceptor})
MERGE (i)-[:UNSECURED]->(s:UNSECURED)-[:UNSECURED]->(a)
ON CREATE SET s.searchAnchorID = randomUUID()
CREATE (c:Credex)-[:SEARCH_SECURED]->(s) SET c = row.properties
SET s.earliestDueDate = CASE WHEN s.earliestDueDate < c.dueDate THEN s.earliestDueDate ELSE c.dueDate END
"""
# Everything that the original has, its CREATED_ON among it
_DUPLICATE = """
MATCH (i:Account)-[:OWES]->(c:Credex)-[:OWES]->(a:Account), (c)-[:CREATED_ON]->(d) WHERE c.credexID IN $keys
CREATE (i)-[:OWES]->(x:Credex)-[:OWES]->(a), (i)-[:OFFERED]->(x)-[:OFFERED]->(a), (x)-[:CREATED_ON]->(d)
SET x = properties(c)
"""


def missing(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = owed(choice, count)
    take_out(choice, rows)
    return planted(rows, "credexID")


def orphan(choice: Choice, count: int) -> list[dict[str, Any]]:
    """On the anchor of another credex, and as due as that."""
    rows = [row | {"id": new_id(choice.chance)} for row in owed(choice, count)]
    choice.search.run(
        "UNWIND $rows AS row MATCH (c:Credex {credexID: row.key})-[:SEARCH_SECURED]->(s) "
        "CREATE (x:Credex)-[:SEARCH_SECURED]->(s) SET x = c {.*, credexID: row.id}",
        rows=rows,
    )
    return [{"credexID": row["id"]} for row in rows]


def settled(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, _SETTLED, count)
    choice.search.run(_PUT_BACK, rows=rows)
    return planted(rows, "credexID")


def pending(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _wait(choice, count, YOUNG)


def stuck(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _wait(choice, count, OLD)


def _wait(choice: Choice, count: int, age: datetime.timedelta) -> list[dict[str, Any]]:
    rows = untouched(choice, count)
    take_out(choice, rows)
    _mark_pending(choice, rows, age)
    return planted(rows, "credexID")


def unmarked(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = untouched(choice, count)
    _mark_pending(choice, rows, OLD)
    return planted(rows, "credexID")


def _mark_pending(choice: Choice, rows: list[dict[str, Any]], age: datetime.timedelta) -> None:
    choice.ledger.run(
        "MATCH (c:Credex) WHERE c.credexID IN $keys SET c.queueStatus = $status, c.acceptedAt = $accepted",
        keys=keys(rows),
        status=PENDING_CREDEX,
        accepted=datetime.datetime.now(datetime.UTC) - age,
    )


def duplicate(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = untouched(choice, count, "NOT ()-[:SECURES]->(credex)")
    choice.ledger.run(_DUPLICATE, keys=keys(rows))
    return planted(rows, "credexID")


PLANTS = {
    "credex_missing": missing,
    "credex_orphan": orphan,
    "credex_settled": settled,
    "credex_pending": pending,
    "credex_stuck": stuck,
    "credex_unmarked": unmarked,
    "credex_duplicate": duplicate,
}

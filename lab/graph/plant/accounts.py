# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts."""

from __future__ import annotations

import datetime
from typing import Any

from lab.graph.model import PENDING_ACCOUNT, new_id
from lab.graph.plant.choice import Choice
from lab.graph.plant.shared import keys, planted

YOUNG, OLD = datetime.timedelta(minutes=1), datetime.timedelta(hours=3)
# Without credexes, so that nothing else is lost with it
_IDLE = "MATCH (a:Account) WHERE NOT (a)--() RETURN a.accountID AS key"
_ANY = "MATCH (a:Account {queueStatus: 'PROCESSED'}) RETURN a.accountID AS key"
_CREATE = """
MATCH (d:Daynode {Active: true})
MATCH (m:Member) WITH d, m ORDER BY m.memberID LIMIT 1
UNWIND $rows AS row
CREATE (m)-[:OWNS]->(a:Account)-[:CREATED_ON]->(d), (m)-[:AUTHORIZED_FOR]->(a)-[:SEND_OFFERS_TO]->(m)
SET a = row
"""


def missing(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.search, _IDLE, count)
    choice.search.run("MATCH (a:Account) WHERE a.accountID IN $keys DETACH DELETE a", keys=keys(rows))
    return planted(rows, "accountID")


def orphan(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = [{"accountID": new_id(choice.chance), "accountName": f"Nobody {number}"} for number in range(count)]
    choice.search.run("UNWIND $rows AS row CREATE (a:Account) SET a = row", rows=rows)
    return rows


def name(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, _ANY, count)
    choice.ledger.run(
        "MATCH (a:Account) WHERE a.accountID IN $keys "
        "SET a.accountName = a.accountName + ' & Sons', a.updatedAt = datetime()",
        keys=keys(rows),
    )
    return planted(rows, "accountID")


def pending(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _create(choice, count, YOUNG)


def stuck(choice: Choice, count: int) -> list[dict[str, Any]]:
    return _create(choice, count, OLD)


def unmarked(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, _ANY, count)
    choice.ledger.run(
        "MATCH (a:Account) WHERE a.accountID IN $keys SET a.queueStatus = $status",
        keys=keys(rows),
        status=PENDING_ACCOUNT,
    )
    return planted(rows, "accountID")


def _create(choice: Choice, count: int, age: datetime.timedelta) -> list[dict[str, Any]]:
    created = datetime.datetime.now(datetime.UTC) - age
    rows = [_account(choice, created) for _ in range(count)]
    choice.ledger.run(_CREATE, rows=rows)
    return [{"accountID": row["accountID"]} for row in rows]


def _account(choice: Choice, created: datetime.datetime) -> dict[str, Any]:
    id_ = new_id(choice.chance)
    return {
        "accountID": id_,
        "accountHandle": f"new{id_[:8]}",
        "accountName": f"New {id_[:8]}",
        "accountType": "PERSONAL_CONSUMPTION",
        "defaultDenom": "USD",
        "DCOgiveInCXX": 1.0,
        "DCOdenom": "CAD",
        "queueStatus": PENDING_ACCOUNT,
        "createdAt": created,
        "updatedAt": created,
    }


PLANTS = {
    "account_missing": missing,
    "account_orphan": orphan,
    "account_name": name,
    "account_pending": pending,
    "account_stuck": stuck,
    "account_unmarked": unmarked,
}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Daynodes, their rates and their flags."""

from __future__ import annotations

from typing import Any

from lab.graph.plant.choice import Choice, PlantError

# In the middle: neither the first day nor one of the last two
_INNER = """
MATCH (:Daynode)-[:NEXT_DAY]->(d:Daynode)-[:NEXT_DAY]->(next:Daynode {Active: false})
RETURN toString(d.Date) AS key, [toString(next.Date)] AS touches
"""


def _set_active(change: str) -> Any:
    def plant(choice: Choice, _: int) -> list[dict[str, Any]]:
        day = choice.active_day()
        choice.ledger.run(f"MATCH (d:Daynode {{Active: true}}) SET {change}")
        return [{"Date": day["Date"].iso_format()}]

    return plant


def two_active(choice: Choice, _: int) -> list[dict[str, Any]]:
    date = choice.previous_day()["Date"]
    choice.ledger.run("MATCH (d:Daynode {Date: $date}) SET d.Active = true", date=date)
    return [{"Date": date.iso_format()}]


def gap(choice: Choice, count: int) -> list[dict[str, Any]]:
    """What was created on that day is on the day before: no night ran in between."""
    rows = choice.choose(choice.ledger, _INNER, count)
    for row in rows:
        choice.ledger.run(
            "MATCH (before:Daynode)-[:NEXT_DAY]->(d:Daynode {Date: date($date)})-[:NEXT_DAY]->(next:Daynode) "
            "CREATE (before)-[:NEXT_DAY]->(next) WITH before, d "
            "MATCH (c)-[:CREATED_ON]->(d) CREATE (c)-[:CREATED_ON]->(before)",
            date=row["key"],
        )
        choice.ledger.run("MATCH (d:Daynode {Date: date($date)}) DETACH DELETE d", date=row["key"])
    return [{"Date": row["key"]} for row in rows]


def unlinked(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, _INNER, count)
    done = choice.ledger.run(
        "UNWIND $dates AS date MATCH (d:Daynode {Date: date(date)})-[r:NEXT_DAY]->() DELETE r RETURN count(r) AS cut",
        dates=[row["key"] for row in rows],
    )
    if done[0]["cut"] != count:
        raise PlantError(f"{count} NEXT_DAY should have been cut, and it were {done[0]['cut']}")
    return [{"Date": row["key"]} for row in rows]


PLANTS = {
    "mtq_flag_null": _set_active("d.MTQrunningNow = null"),
    "mtq_flag_stuck": _set_active("d.MTQrunningNow = true"),
    "dco_flag_stuck": _set_active("d.DCOrunningNow = true"),
    "daynode_two_active": two_active,
    "daynode_none_active": _set_active("d.Active = false"),
    "daynode_gap": gap,
    "daynode_unlinked": unlinked,
    "rate_missing": _set_active("d.USD = null"),
    "rate_not_positive": _set_active("d.USD = 0.0"),
    "rate_not_finite": _set_active("d.CXXprior_CXXcurrent = 0.0 / 0.0"),
}

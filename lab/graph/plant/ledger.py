# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold within LedgerSpace."""

from __future__ import annotations

from typing import Any

from lab.graph.plant.choice import Choice
from lab.graph.plant.shared import keys, planted, untouched

_REDUCED = """
MATCH (credex:Credex)-[:REDEEMED]->(loop:LoopAnchor)
RETURN credex.credexID AS key, collect(loop.loopID) AS touches
"""
LOOPS = """
MATCH (loop:LoopAnchor)<-[:REDEEMED]-(credex:Credex)
RETURN loop.loopID AS key, collect(credex.credexID) AS touches
"""


def balance(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = untouched(choice, count)
    choice.ledger.run(
        "MATCH (c:Credex) WHERE c.credexID IN $keys SET c.InitialAmount = c.InitialAmount * 1.1", keys=keys(rows)
    )
    return planted(rows, "credexID")


def redeemed(choice: Choice, count: int) -> list[dict[str, Any]]:
    """The credex's own balance still holds."""
    rows = choice.choose(choice.ledger, _REDUCED, count)
    choice.ledger.run(
        "MATCH (c:Credex) WHERE c.credexID IN $keys WITH c, c.RedeemedAmount * 0.1 AS more "
        "SET c.RedeemedAmount = c.RedeemedAmount + more, c.InitialAmount = c.InitialAmount + more",
        keys=keys(rows),
    )
    return planted(rows, "credexID")


def loop_amount(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, LOOPS, count)
    choice.ledger.run(
        "MATCH (l:LoopAnchor) WHERE l.loopID IN $keys SET l.LoopedAmount = l.LoopedAmount * 0.9", keys=keys(rows)
    )
    return planted(rows, "loopID")


def loop_count(choice: Choice, count: int) -> list[dict[str, Any]]:
    rows = choice.choose(choice.ledger, LOOPS, count)
    choice.ledger.run(
        "UNWIND $keys AS key CALL (key) { MATCH ()-[x:CREDLOOP {loopID: key}]->() "
        "WITH x ORDER BY x.credloopRelID LIMIT 1 DELETE x }",
        keys=keys(rows),
    )
    return planted(rows, "loopID")


PLANTS = {
    "ledger_balance": balance,
    "ledger_redeemed": redeemed,
    "loop_amount": loop_amount,
    "loop_count": loop_count,
}

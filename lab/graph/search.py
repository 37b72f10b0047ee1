# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SearchSpace that belongs to a LedgerSpace, as the minute queue and LoopFinder would have left it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from lab.graph.ledger import Ledger
from lab.graph.model import Circle, Credex, Properties, new_id


@dataclass(slots=True)
class Anchor:
    """One for each ordered pair of accounts and type; the type is its label and that of its two relationships."""

    type: str
    issuer: int  # number of the account in its circle, or FOUNDATION
    acceptor: int
    properties: Properties
    credexes: list[Properties] = field(default_factory=list)


@dataclass(slots=True)
class SearchCircle:
    number: int
    accounts: list[Properties]
    anchors: list[Anchor]


def derive(ledger: Ledger, circle: Circle) -> SearchCircle:
    """A circle of the ledger as SearchSpace has it."""
    chance = Random(f"{ledger.seed}/{circle.number}/search")
    anchors: dict[tuple[int, int, str], Anchor] = {}
    for credex in circle.credexes:
        if credex.is_owed:
            key = credex.issuer, credex.acceptor, credex.search_type
            if key not in anchors:
                anchors[key] = Anchor(credex.search_type, *key[:2], {"searchAnchorID": new_id(chance)})
            anchors[key].credexes.append(_credex(ledger, credex))
    for anchor in anchors.values():
        anchor.properties["earliestDueDate"] = min(credex["dueDate"] for credex in anchor.credexes)
    accounts = [
        {name: account.properties[name] for name in ("accountID", "accountName")} for account in circle.accounts
    ]
    return SearchCircle(circle.number, accounts, list(anchors.values()))


def _credex(ledger: Ledger, credex: Credex) -> Properties:
    rate = ledger.days[-1].rates[credex.denomination]
    return {
        "credexID": credex.properties["credexID"],
        # Not the ledger's subtraction: the last bit differs here and there, as it does after nightly updates
        "outstandingAmount": credex.outstanding * rate,
        "Denomination": credex.denomination,
        "CXXmultiplier": rate,
        # LoopFinder gives what is secured the day on which it was accepted
        "dueDate": credex.due or ledger.days[credex.day].date,
    }

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What the nightly balance update scales: the one table. A new kind of entity with amounts in CXX is a new row here.

The flag: a node has the label CxxScaled, and a node or a relationship has the property lastScaled, the date of the
Daynode that its amounts are in. A relationship has no other flag, as it can have no label. The decision record on the
flag of the balance update tells why.
"""

from __future__ import annotations

from dataclasses import dataclass

LABEL = "CxxScaled"
DATE = "lastScaled"
CXX = "CXX"

# How the factor of an entity is found
BY_DENOMINATION = "by_denomination"  # CXX: the CXX rates of the days that passed; else the new rate over CXXmultiplier
BY_CXX_RATE = "by_cxx_rate"  # always in CXX, whatever the entity says


@dataclass(frozen=True)
class Kind:
    """A label of nodes, or a type of relationships, with amounts in CXX."""

    space: str
    name: str
    is_node: bool
    amounts: tuple[str, ...]
    rule: str
    key: str  # what names an entity to a person
    lasting: tuple[str, ...] = ()  # those amounts whose face value nothing ever changes once they are written
    created: str = "createdAt"  # since when an entity is there


TABLE = (
    Kind(
        "ledger",
        "Credex",
        True,
        ("InitialAmount", "OutstandingAmount", "RedeemedAmount", "DefaultedAmount", "WrittenOffAmount"),
        BY_DENOMINATION,
        "credexID",
        lasting=("InitialAmount",),
    ),
    Kind(
        "ledger",
        "LoopAnchor",
        True,
        ("LoopedAmount",),
        BY_CXX_RATE,
        "loopID",
        lasting=("LoopedAmount",),
        created="loopedAt",
    ),
    Kind(
        "ledger",
        "REDEEMED",
        False,
        ("AmountRedeemed", "AmountOutstandingNow"),
        BY_DENOMINATION,
        "redeemedRelID",
        lasting=("AmountRedeemed", "AmountOutstandingNow"),
    ),
    Kind(
        "ledger",
        "CREDLOOP",
        False,
        ("AmountRedeemed", "AmountOutstandingNow"),
        BY_DENOMINATION,
        "credloopRelID",
        lasting=("AmountRedeemed", "AmountOutstandingNow"),
    ),
    Kind("search", "Credex", True, ("outstandingAmount",), BY_DENOMINATION, "credexID"),
)


def of(space: str) -> list[Kind]:
    """The kinds of one space, in the order in which they are scaled."""
    return [kind for kind in TABLE if kind.space == space]

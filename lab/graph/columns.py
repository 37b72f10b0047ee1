# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties on their way to a server: a list of values for each entity, and names in the statement alone.

Packing is what loading spends its time on. Names with every row would double it, and the driver takes longer over one
datetime than over all the rest of a credex, so that times go as text.
"""

from __future__ import annotations

import datetime
from typing import Any

from lab.graph.model import Properties

Names = tuple[str, ...]

_AMOUNTS = ("AmountRedeemed", "AmountOutstandingNow", "Denomination", "CXXmultiplier", "createdAt")
MEMBER: Names = (
    *("memberID", "memberHandle", "phone", "firstname", "lastname", "memberTier", "defaultDenom"),
    *("createdAt", "updatedAt"),
)
ACCOUNT: Names = (
    *("accountID", "accountHandle", "accountName", "accountType", "defaultDenom", "DCOgiveInCXX", "DCOdenom"),
    *("queueStatus", "createdAt", "updatedAt"),
)
CREDEX: Names = (
    *("credexID", "credexType", "Denomination", "CXXmultiplier", "queueStatus", "dueDate"),
    *("InitialAmount", "OutstandingAmount", "RedeemedAmount", "DefaultedAmount", "WrittenOffAmount"),
    *("createdAt", "acceptedAt", "cancelledAt", "declinedAt", "DateRedeemed"),
)
LOOP: Names = ("loopID", "loopedAt", "LoopedAmount", "CXXmultiplier", "Denomination")
REDEEMED: Names = (*_AMOUNTS, "redeemedRelID")
CREDLOOP: Names = (*_AMOUNTS, "loopID", "credloopRelID")
SEARCH_ACCOUNT: Names = ("accountID", "accountName")
SEARCH_CREDEX: Names = ("credexID", "outstandingAmount", "Denomination", "CXXmultiplier", "dueDate")
ANCHOR: Names = ("searchAnchorID", "earliestDueDate")

# How the statement reads what went as text
_READERS = dict.fromkeys(("dueDate", "earliestDueDate"), "date") | dict.fromkeys(
    ("createdAt", "updatedAt", "acceptedAt", "cancelledAt", "declinedAt", "DateRedeemed", "loopedAt"), "datetime"
)


def of_row(names: Names, first: int = 0) -> str:
    """The map in Cypher that gives a row's values their names; one that is null becomes no property."""
    entries = []
    for position, name in enumerate(names, first):
        reader = _READERS.get(name, "")
        entries.append(f"{name}: {reader}(row[{position}])" if reader else f"{name}: row[{position}]")
    return f"{{{', '.join(entries)}}}"


def values(names: Names, properties: Properties) -> list[Any]:
    """What goes into a row. A property that has no column would be lost, and is an error."""
    row = [properties.get(name) for name in names]
    if sum(value is not None for value in row) != len(properties):
        raise ValueError(f"no column for {', '.join(set(properties) - set(names))}")
    return [value.isoformat() if isinstance(value, datetime.date) else value for value in row]

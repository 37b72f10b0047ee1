# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a generated LedgerSpace consists of. Properties are as Bolt takes them and as the application writes them."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any

Properties = dict[str, Any]

# In place of an account's number in its circle: the foundation, which trades with all circles
FOUNDATION = -1
PENDING_ACCOUNT, PENDING_CREDEX, PROCESSED = "PENDING_ACCOUNT", "PENDING_CREDEX", "PROCESSED"


@dataclass(slots=True)
class Account:
    properties: Properties
    owner: int  # number of the member in the circle
    day: int  # number of the Daynode it was created on
    is_audited: bool = False


@dataclass(slots=True)
class Credex:
    """Amounts are kept in units of the denomination, and become CXX by the day's rate when all is told."""

    number: int  # in its circle
    properties: Properties
    issuer: int  # number of the account in its circle, or FOUNDATION
    acceptor: int
    denomination: str
    is_secured: bool
    day: int  # number of the Daynode it was created on
    # How the credex began, for ever: OFFERED or REQUESTED
    record: str
    # How it stands: OFFERS, REQUESTS, OWES, CLEARED, CANCELLED, DECLINED; None: an offer that has expired
    standing: str | None
    initial: float
    outstanding: float
    redeemed: float = 0.0
    due: datetime.date | None = None
    defaulted_on: int | None = None

    @property
    def is_owed(self) -> bool:
        return self.standing == "OWES"

    @property
    def search_type(self) -> str:
        """Label and relationship type of its anchor in SearchSpace."""
        return f"{self.denomination}_SECURED" if self.is_secured else "UNSECURED"


@dataclass(slots=True)
class Redemption:
    """A credex's part in a loop: its REDEEMED to the loop's anchor and its CREDLOOP to the next credex."""

    credex: int  # its number in the circle
    redeemed: Properties
    credloop: Properties


@dataclass(slots=True)
class Loop:
    properties: Properties
    day: int
    parts: list[Redemption]


@dataclass(slots=True)
class Circle:
    """Some accounts and all that they did among themselves: the piece that is generated and loaded at once."""

    number: int
    members: list[Properties] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    credexes: list[Credex] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


def new_id(chance: Random) -> str:
    """As randomUUID() would make one, but the same for the same seed."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A LedgerSpace of any size from a seed, circle by circle: memory does not grow with its size."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from lab.graph.days import DENOMINATIONS, Day, history
from lab.graph.model import PROCESSED, Account, Circle, Properties, new_id
from lab.graph.trade import Trade

TODAY = datetime.date(2026, 3, 31)
CIRCLE_CREDEXES = 400
CIRCLE_ACCOUNTS = 20
# These have traded with nobody yet
IDLE_ACCOUNTS = 4
CIRCLE_MEMBERS = 14

_FIRST_NAMES = ("Tariro", "Chipo", "Ryan", "Zoë", "Nyasha", "O'Brien", "Thandiwe", "José", "Farai", "Miriam")
_LAST_NAMES = ("Moyo", "Ncube", "Watson", "D'Souza", "Ğül", "Dube", "van der Merwe", "Sibanda", "Okafor", "Лебедев")
_ODD = ("'", '"', "\\", "`", "é", "漢", " ", "$x")


@dataclass(frozen=True)
class Ledger:
    """The source of truth. The same arguments give the same graph, whatever else was generated before."""

    credexes: int = 1000
    seed: int = 1
    # The share of all credexes that are owed, and hence in SearchSpace
    outstanding: float = 0.45
    # Daynodes, the last one is today's and active
    day_count: int = 120
    today: datetime.date = TODAY
    # Quotes, back-ticks and letters of other alphabets in ids, where the application has UUIDs
    odd_ids: bool = False

    def __post_init__(self) -> None:
        if self.credexes < 1:
            raise ValueError(f"credexes is {self.credexes}: one is the least")
        if not 0.2 <= self.outstanding <= 0.9:
            raise ValueError(f"outstanding is {self.outstanding}: loops leave between 0.2 and 0.9 of all credexes owed")
        if self.day_count < 60:
            raise ValueError(
                f"day_count is {self.day_count}: credexes need 60 days or more to become due and to default"
            )

    @cached_property
    def days(self) -> list[Day]:
        return history(self.day_count, self.today, self.seed)

    @cached_property
    def foundation(self) -> Circle:
        """The foundation's member and account, which was there before anybody else."""
        circle, chance = Circle(number=-1), Random(f"{self.seed}/foundation")
        created = self.days[0].moment(chance)
        circle.members.append(_member(chance, created, "credexfoundation", "Credex", "Foundation"))
        account = _account(chance, created, "credexfoundation", "Credex Foundation", "CREDEX_FOUNDATION")
        circle.accounts.append(Account(account, owner=0, day=0))
        return circle

    @property
    def circle_count(self) -> int:
        return -(-self.credexes // CIRCLE_CREDEXES)

    def circles(self) -> Iterator[Circle]:
        for number in range(self.circle_count):
            yield self.circle(number)

    def circle(self, number: int) -> Circle:
        chance = Random(f"{self.seed}/{number}")
        circle = Circle(number)
        for member in range(CIRCLE_MEMBERS):
            names = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
            created = self.days[0].moment(chance)
            circle.members.append(_member(chance, created, f"member{number}x{member}", *names))
        circle.accounts = [self._account(circle, chance, account) for account in range(CIRCLE_ACCOUNTS)]
        size = min(CIRCLE_CREDEXES, self.credexes - number * CIRCLE_CREDEXES)
        Trade(self.days, chance, circle, CIRCLE_ACCOUNTS - IDLE_ACCOUNTS, self.outstanding).happen(size)
        if self.odd_ids:
            _make_odd(circle, chance)
        return circle

    def _account(self, circle: Circle, chance: Random, number: int) -> Account:
        owner = number % CIRCLE_MEMBERS
        day = chance.randrange(5)
        name = f"{circle.members[owner]['firstname']} {circle.members[owner]['lastname']} {number}"
        kind = "PERSONAL_CONSUMPTION" if number < CIRCLE_MEMBERS else chance.choice(("TRUST", "OPERATIONS"))
        handle = f"account{circle.number}x{number}"
        properties = _account(chance, self.days[day].moment(chance), handle, name, kind)
        return Account(properties, owner, day, is_audited=number == 0)


def _member(chance: Random, created: datetime.datetime, handle: str, first: str, last: str) -> Properties:
    return {
        "memberID": new_id(chance),
        "memberHandle": handle,
        "phone": f"263{chance.getrandbits(48)}",
        "firstname": first,
        "lastname": last,
        "memberTier": chance.randint(1, 5),
        "defaultDenom": chance.choice(DENOMINATIONS),
        "createdAt": created,
        "updatedAt": created,
    }


def _account(chance: Random, created: datetime.datetime, handle: str, name: str, kind: str) -> Properties:
    return {
        "accountID": new_id(chance),
        "accountHandle": handle,
        "accountName": name,
        "accountType": kind,
        "defaultDenom": chance.choice(DENOMINATIONS),
        "DCOgiveInCXX": 1.0 if kind == "PERSONAL_CONSUMPTION" else 0.0,
        "DCOdenom": "CAD",
        "queueStatus": PROCESSED,
        "createdAt": created,
        "updatedAt": created,
    }


def _make_odd(circle: Circle, chance: Random) -> None:
    """Every third id ends with what a statement or a URL that is put together by hand would trip over."""
    for entity in circle.accounts[::3]:
        entity.properties["accountID"] += chance.choice(_ODD)
    for credex in circle.credexes[::3]:
        credex.properties["credexID"] += chance.choice(_ODD)

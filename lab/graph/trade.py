# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the accounts of a circle did: credexes in every state, and the loops that cleared some of them."""

from __future__ import annotations

import datetime
from itertools import pairwise
from random import Random

from lab.graph.days import CXX, DENOMINATIONS, Day
from lab.graph.model import (
    FOUNDATION,
    PENDING_CREDEX,
    PROCESSED,
    Circle,
    Credex,
    Loop,
    Properties,
    Redemption,
    new_id,
)

# credspan, in days
_SHORTEST, _LONGEST = 7, 35
# The application's amounts are faces of this size
_FACES = {CXX: 120, "CAD": 90, "USD": 80, "XAU": 0.05, "ZWG": 1800}
_DECIMALS = {CXX: 4, "CAD": 2, "USD": 2, "XAU": 6, "ZWG": 2}
_DENOMINATION_WEIGHTS = (15, 30, 30, 5, 20)
# What happens, and how often: some loops that leave something open, then what the share of what is owed asks for
_LOOP_CHANCE = 0.06
_LOOPS = {"loop": 4, "two_loops": 1}
_OWED = {"owed": 80, "given": 8, "received": 8, "defaulted": 4}
_SETTLED = {"even_loop": 25, "cancelled": 25, "declined": 15, "offered": 12, "requested": 8, "expired": 15}
# The most credexes that one of them brings
_LARGEST = 8


class Trade:
    """Fills a circle's credexes and loops."""

    def __init__(self, days: list[Day], chance: Random, circle: Circle, traders: int, outstanding: float) -> None:
        self._days = days
        self._chance = chance
        self._circle = circle
        self._traders = traders
        self._outstanding = outstanding
        self._last = len(days) - 1

    def happen(self, credexes: int) -> None:
        """Exactly so many credexes; the last ones are single, since a loop would not fit."""
        circle, owed = self._circle, 0
        while len(circle.credexes) < credexes:
            before = len(circle.credexes)
            is_owed_next = owed < self._outstanding * (before + 1)
            getattr(self, f"_{self._story(is_owed_next, credexes - before)}")()
            owed += sum(credex.is_owed for credex in circle.credexes[before:])
        for credex in circle.credexes:
            self._settle(credex)

    def _story(self, is_owed_next: bool, room: int) -> str:
        if room < _LARGEST:
            return "owed" if is_owed_next else "cancelled"
        stories = _OWED if is_owed_next else _SETTLED
        if self._chance.random() < _LOOP_CHANCE:
            stories = _LOOPS
        return self._chance.choices(list(stories), list(stories.values()))[0]

    # --- stories of one credex ---

    def _owed(self) -> None:
        secured = self._chance.random() < 0.3
        # What is unsecured and was due before today has defaulted
        earliest = 5 if secured else self._last - _LONGEST + 1
        self._between_neighbours(self._chance.randint(earliest, self._last), secured, "OWES")

    def _defaulted(self) -> None:
        latest = self._last - _LONGEST
        self._between_neighbours(self._chance.randint(5, latest), is_secured=False, standing="OWES")

    def _offered(self) -> None:
        self._between_neighbours(self._last, self._chance.random() < 0.3, "OFFERS")

    def _requested(self) -> None:
        self._between_neighbours(self._last, self._chance.random() < 0.3, "REQUESTS", record="REQUESTED")

    def _expired(self) -> None:
        self._between_neighbours(self._chance.randint(5, self._last - 2), self._chance.random() < 0.3, None)

    def _cancelled(self) -> None:
        self._withdrawn("CANCELLED", "cancelledAt")

    def _declined(self) -> None:
        self._withdrawn("DECLINED", "declinedAt")

    def _withdrawn(self, standing: str, moment: str) -> None:
        credex = self._between_neighbours(self._chance.randint(5, self._last), self._chance.random() < 0.3, standing)
        credex.properties[moment] = credex.properties["createdAt"] + datetime.timedelta(minutes=7)
        credex.outstanding = 0.0

    def _given(self) -> None:
        """What a participant gives to the daily credcoin offering."""
        day = self._chance.randint(5, self._last)
        credex = self._credex(self._trader(), FOUNDATION, day, True, "CAD", 1.0, "OWES")
        credex.properties["credexType"] = "DCO_GIVE"

    def _received(self) -> None:
        day = self._chance.randint(5, self._last)
        credex = self._credex(FOUNDATION, self._trader(), day, True, CXX, 1.0, "OWES")
        credex.properties["credexType"] = "DCO_RECEIVE"

    # --- loops ---

    def _loop(self) -> None:
        """A ring of accounts, each of which owes the next: its smallest credex is cleared, the others are reduced."""
        self._ring(self._recent(), self._chance.randint(2, 5))

    def _even_loop(self) -> None:
        """All owe the same, and all are cleared."""
        accounts = self._chance.sample(range(self._traders), self._chance.randint(2, 5))
        day, denomination, size = self._recent(), self._denomination(), self._chance.uniform(0.1, 2.0)
        secured = self._chance.random() < 0.3
        ring = [
            self._credex(issuer, acceptor, day, secured, denomination, size, "OWES")
            for issuer, acceptor in pairwise([*accounts, accounts[0]])
        ]
        self._close(ring, day)

    def _two_loops(self) -> None:
        """A credex that the first loop leaves open takes part in a second one."""
        day = self._recent()
        ring = self._ring(day, self._chance.randint(2, 4))
        largest = max(ring, key=lambda credex: credex.outstanding * self._days[-1].worth(credex.denomination))
        others = [number for number in range(self._traders) if number not in (largest.issuer, largest.acceptor)]
        stops = [largest.acceptor, *self._chance.sample(others, 2), largest.issuer]
        self._close([largest, *self._chain(stops, day, largest.is_secured, largest.denomination)], day)

    def _ring(self, day: int, length: int) -> list[Credex]:
        accounts = self._chance.sample(range(self._traders), length)
        # In a secured loop all credexes are secured in one denomination
        secured = self._chance.random() < 0.3
        ring = self._chain([*accounts, accounts[0]], day, secured, self._denomination())
        self._close(ring, day)
        return ring

    def _chain(self, stops: list[int], day: int, is_secured: bool, denomination: str) -> list[Credex]:
        """Each stop owes the next one."""
        return [
            self._credex(
                issuer,
                acceptor,
                max(5, day - self._chance.randrange(_SHORTEST)),
                is_secured,
                denomination if is_secured else self._denomination(),
                self._chance.uniform(0.1, 2.0),
                "OWES",
            )
            for issuer, acceptor in pairwise(stops)
        ]

    def _close(self, ring: list[Credex], day: int) -> None:
        """What LoopFinder does: take the smallest outstanding amount, in CXX of that day, off each credex."""
        worths = [self._days[day].worth(credex.denomination) for credex in ring]
        amounts = [credex.outstanding * worth for credex, worth in zip(ring, worths, strict=True)]
        smallest = min(amounts)
        accepted = max(credex.properties["acceptedAt"] for credex in ring)
        moment = max(self._moment(day), accepted + datetime.timedelta(minutes=1))
        loop_id = new_id(self._chance)
        parts = []
        for credex, worth, amount in zip(ring, worths, amounts, strict=True):
            units = credex.outstanding if amount == smallest else smallest / worth
            parts.append(self._redeem(credex, units, moment, loop_id))
        properties = {
            "loopID": loop_id,
            "loopedAt": moment,
            "LoopedAmount": smallest / self._days[day].growth,
            "CXXmultiplier": 1,
            "Denomination": CXX,
        }
        self._circle.loops.append(Loop(properties, day, parts))

    def _redeem(self, credex: Credex, units: float, moment: datetime.datetime, loop_id: str) -> Redemption:
        credex.redeemed += units
        credex.outstanding = max(0.0, credex.outstanding - units)
        if credex.outstanding == 0:
            credex.standing = "CLEARED"
            credex.properties["DateRedeemed"] = moment
        rate = self._days[-1].rates[credex.denomination]
        amounts: Properties = {
            "AmountRedeemed": units * rate,
            "AmountOutstandingNow": credex.outstanding * rate,
            "Denomination": credex.denomination,
            "CXXmultiplier": rate,
            "createdAt": moment,
        }
        return Redemption(
            credex.number,
            amounts | {"redeemedRelID": new_id(self._chance)},
            amounts | {"loopID": loop_id, "credloopRelID": new_id(self._chance)},
        )

    # --- what all have in common ---

    def _between_neighbours(self, day: int, is_secured: bool, standing: str | None, record: str = "OFFERED") -> Credex:
        """People trade again and again with the same few: an anchor in SearchSpace holds several credexes."""
        issuer = self._trader()
        acceptor = (issuer + self._chance.choice((1, 1, 1, 2, 3))) % self._traders
        face = self._chance.lognormvariate(0, 1)
        return self._credex(issuer, acceptor, day, is_secured, self._denomination(), face, standing, record)

    def _credex(
        self,
        issuer: int,
        acceptor: int,
        day: int,
        is_secured: bool,
        denomination: str,
        size: float,
        standing: str | None,
        record: str = "OFFERED",
    ) -> Credex:
        face = max(round(size * _FACES[denomination], _DECIMALS[denomination]), 10.0 ** -_DECIMALS[denomination])
        created = self._moment(day)
        credex = Credex(
            number=len(self._circle.credexes),
            properties={"credexID": new_id(self._chance), "credexType": "PURCHASE", "createdAt": created},
            issuer=issuer,
            acceptor=acceptor,
            denomination=denomination,
            is_secured=is_secured,
            day=day,
            record=record,
            standing=standing,
            initial=face,
            outstanding=face,
        )
        if standing == "OWES":
            credex.properties["acceptedAt"] = created + datetime.timedelta(minutes=self._chance.randint(1, 60))
        if not is_secured:
            span = datetime.timedelta(days=self._chance.randint(_SHORTEST, _LONGEST))
            credex.due = self._days[day].date + span
        self._circle.credexes.append(credex)
        return credex

    def _settle(self, credex: Credex) -> None:
        """Default what is overdue, and write down the amounts in CXX of today."""
        today, rate = self._days[-1].date, self._days[-1].rates[credex.denomination]
        defaulted = 0.0
        if credex.is_owed and credex.due and credex.due <= today:
            credex.defaulted_on = self._last - (today - credex.due).days
            defaulted = credex.outstanding * rate
        waits = credex.standing in ("OFFERS", "REQUESTS", None)
        credex.properties |= {
            "Denomination": credex.denomination,
            "CXXmultiplier": rate,
            "InitialAmount": credex.initial * rate,
            "OutstandingAmount": credex.initial * rate - credex.redeemed * rate if credex.outstanding else 0.0,
            "RedeemedAmount": credex.redeemed * rate,
            "DefaultedAmount": defaulted,
            "WrittenOffAmount": 0.0,
            "queueStatus": PENDING_CREDEX if waits else PROCESSED,
        }
        if credex.due:
            credex.properties["dueDate"] = credex.due

    def _trader(self) -> int:
        return self._chance.randrange(self._traders)

    def _recent(self) -> int:
        """More in the last weeks than before: otherwise most of what loops leave open would have defaulted."""
        return int(self._chance.triangular(5, self._last, self._last))

    def _denomination(self) -> str:
        return self._chance.choices(DENOMINATIONS, _DENOMINATION_WEIGHTS)[0]

    def _moment(self, day: int) -> datetime.datetime:
        return self._days[day].moment(self._chance)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Months of Daynodes: what one unit of each denomination was worth, in CXX, on every day."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Any

CXX = "CXX"
DENOMINATIONS = (CXX, "CAD", "USD", "XAU", "ZWG")
# Day zero sets 1 CXX = 1 CAD
_FIRST_RATES = {"CAD": 1.0, "USD": 1.37, "XAU": 2900.0, "ZWG": 0.051}
# CXXprior_CXXcurrent of the last day, from the application's own example. With 1, no mistake of an update would show
_LAST_STEP = 1.25


@dataclass(frozen=True)
class Day:
    """A Daynode."""

    date: datetime.date
    # CXX of this day for one unit of each denomination, as the Daynode has it
    rates: dict[str, float]
    # CXXprior_CXXcurrent: by this every CXX amount was divided when the day began
    step: float
    # CXX of this day that one CXX of the active day is
    growth: float
    is_active: bool

    def worth(self, denomination: str) -> float:
        """CXX of this day for one unit; a unit of CXX is one of the active day."""
        return self.growth if denomination == CXX else self.rates[denomination]

    def moment(self, chance: random.Random) -> datetime.datetime:
        """Some second of its first twenty-two hours, so that what follows within minutes is of the same day."""
        midnight = datetime.datetime.combine(self.date, datetime.time(), datetime.UTC)
        return midnight + datetime.timedelta(seconds=chance.randrange(22 * 3600))

    @property
    def properties(self) -> dict[str, Any]:
        return {
            "Date": self.date,
            "Active": self.is_active,
            "DCOrunningNow": False,
            "MTQrunningNow": False,
            "CXXprior_CXXcurrent": self.step,
            **self.rates,
        }


def history(count: int, today: datetime.date, seed: int) -> list[Day]:
    """So many days, the last of which is today and active."""
    chance = random.Random(f"{seed}/days")
    steps = [1.0] + [chance.uniform(0.9, 1.11) for _ in range(count - 2)] + [_LAST_STEP]
    growths = [1.0]
    for step in reversed(steps[1:]):
        growths.append(growths[-1] * step)
    growths.reverse()
    rates, days = _FIRST_RATES, []
    for number, (step, growth) in enumerate(zip(steps, growths, strict=True)):
        if number:
            rates = {name: rate / step * chance.uniform(0.99, 1.01) for name, rate in rates.items()}
        date = today - datetime.timedelta(days=count - 1 - number)
        days.append(Day(date, {CXX: 1.0, **rates}, step, growth, is_active=date == today))
    return days

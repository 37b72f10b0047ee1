# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What LedgerSpace's Daynodes say: rates, growth, and what is wrong with them. Pure.

A day is a row of the statement DAYNODES. Rates are CXX for one unit of a denomination; CXXprior_CXXcurrent (the step)
is what all CXX amounts were divided by when the day began.
"""

from __future__ import annotations

import datetime
import math
import typing as t

from .finding import Finding, number

Day = t.Mapping[str, t.Any]
STEP = "CXXprior_CXXcurrent"


class Days(t.NamedTuple):
    """`rates` has the usable ones of the one active day alone; without exactly one active day it is empty."""

    rates: dict[str, float]
    denominations: list[str]
    step: float | None
    growth: dict[str, float]
    today: str | None
    findings: list[Finding]


def read(days: t.Sequence[Day]) -> Days:
    active = [day for day in days if day["active"]]
    denominations = sorted({name for day in days for name in day["properties"] if _is_rate(name)})
    findings = [*_active(days, active), *_chain(days)]
    if len(active) != 1:
        return Days({}, denominations, None, {}, None, findings)
    properties = active[0]["properties"]
    findings += _rates(active[0], denominations)
    rates = {name: properties[name] for name in denominations if _usable(properties.get(name))}
    step = properties.get(STEP)
    growth = {} if any(f["kind"].startswith(("daynode", "rate")) for f in findings) else _growth(days)
    return Days(rates, denominations, step if _usable(step) else None, growth, active[0]["date"], findings)


def _is_rate(name: str) -> bool:
    """Denominations are codes of three capital letters."""
    return len(name) == 3 and name.isalpha() and name.isupper()


def _usable(value: t.Any) -> bool:
    return number(value) is not None and value > 0


def _active(days: t.Sequence[Day], active: t.Sequence[Day]) -> list[Finding]:
    if not active:
        return [Finding(kind="daynode_none_active", key="", detail=f"{len(days)} Daynodes, none of them active")]
    return [
        Finding(kind="daynode_two_active", key=day["date"], detail=f"active beside {active[-1]['date']}")
        for day in active[:-1]
    ]


def _chain(days: t.Sequence[Day]) -> list[Finding]:
    """Every date once, each linked to the following one."""
    found: list[Finding] = []
    for day, following in zip(days, days[1:]):
        missing = (_date(following) - _date(day)).days - 1
        if missing > 0:
            lost = _date(day) + datetime.timedelta(days=1)
            found.append(
                Finding(kind="daynode_gap", key=str(lost), detail=f"{missing} dates before {following['date']}")
            )
        if day["next"] != [following["date"]]:
            told = ", ".join(day["next"]) or "nothing"
            detail = f"NEXT_DAY leads to {told}, and {following['date']} follows"
            found.append(Finding(kind="daynode_unlinked", key=day["date"], detail=detail))
    return found


def _date(day: Day) -> datetime.date:
    return datetime.date.fromisoformat(day["date"][:10])


def _rates(day: Day, denominations: t.Sequence[str]) -> list[Finding]:
    found: list[Finding] = []
    for name in (*denominations, STEP):
        value = day["properties"].get(name)
        if value is None:
            found.append(Finding(kind="rate_missing", key=name, detail=f"Daynode {day['date']} has no {name}"))
        elif not isinstance(value, (int, float)) or not math.isfinite(value):
            found.append(Finding(kind="rate_not_finite", key=name, detail=f"Daynode {day['date']}: {value}"))
        elif value <= 0:
            found.append(Finding(kind="rate_not_positive", key=name, detail=f"Daynode {day['date']}: {value}"))
    return found


def _growth(days: t.Sequence[Day]) -> dict[str, float]:
    """CXX of each date for one CXX of today: the product of all later steps."""
    growth, found = 1.0, {}
    for day in reversed(days):
        found[day["date"]] = growth
        step = day["properties"].get(STEP)
        if not _usable(step):
            break
        growth *= step
    return found

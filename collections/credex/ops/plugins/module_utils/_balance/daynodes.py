# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The Daynodes: which day it is, its rates, and the factors that lead from earlier days' CXX to this one's. Pure.

The worth of a CXX changes each night: an amount in CXX is divided by the new Daynode's CXXprior_CXXcurrent. What was
last scaled some days ago is caught up with by the product of these days' factors, in the order of NEXT_DAY.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._balance.table import CXX
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError

PRIOR_CURRENT = "CXXprior_CXXcurrent"
# What a Daynode has beside its rates
_NO_RATES = ("Date", "Active", "DCOrunningNow", "MTQrunningNow", PRIOR_CURRENT)
_ODD_NUMBERS = ("NaN", "Infinity", "-Infinity")  # as they come out of JSON

Row = Mapping[str, Any]


class RefusedError(Neo4jOpsError):
    """Nothing was written, and why."""


@dataclass(frozen=True)
class Days:
    """What the Daynodes say."""

    active: str  # date, ISO 8601
    running: bool  # the nightly run is at work, says any of them
    rates: dict[str, float]  # of the active one, by denomination
    prior_current: float  # by which the last night divided amounts in CXX
    history: dict[str, dict[str, Any]]  # date -> rates, as they were read
    factors: dict[str, float]  # date -> factor from its CXX to the active one's
    chain_ends: str  # why the factors go no further back


def positive(value: Any) -> bool:
    """A number that amounts may be multiplied with."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def days(rows: Sequence[Row]) -> Days:
    """Of the rows of the statement DAYNODES. Raises RefusedError for what no balance may be scaled by."""
    active = _only_active(rows)
    if not active["dated"]:
        raise RefusedError(f"Date of the active Daynode is {active['date']!r}, and no DATE. Correct it")
    factors, chain_ends = _factors(active, rows)
    return Days(
        active=active["date"],
        running=any(row["running"] is True for row in rows),
        rates=_valid_rates(active),
        prior_current=float(active["rates"][PRIOR_CURRENT]),
        history={row["date"]: _rates(row) for row in rows},
        factors=factors,
        chain_ends=chain_ends,
    )


def _only_active(rows: Sequence[Row]) -> Row:
    active = {row["date"]: row for row in rows if row["active"] is True}
    if len(active) != 1:
        dates = ", ".join(sorted(map(str, active))) or "none"
        raise RefusedError(
            f"{len(active)} Daynodes are active ({dates}), and exactly one must be. Find out which day it is, and set "
            "Active to false on the others"
        )
    return next(iter(active.values()))


def _rates(row: Row) -> dict[str, Any]:
    return {
        name: value
        for name, value in row["rates"].items()
        if name not in _NO_RATES and (value in _ODD_NUMBERS or isinstance(value, (int, float)))
    }


def _valid_rates(active: Row) -> dict[str, float]:
    rates = _rates(active)
    wrong = [f"{name} is {value!r}" for name, value in sorted(rates.items()) if not positive(value)]
    if CXX not in rates or rates[CXX] != 1:
        wrong.append(f"{CXX} is {rates.get(CXX)!r}, and must be 1")
    prior_current = active["rates"].get(PRIOR_CURRENT)
    if not positive(prior_current):
        wrong.append(f"{PRIOR_CURRENT} is {prior_current!r}")
    if wrong:
        raise RefusedError(
            f"Rates of the active Daynode {active['date']} cannot be used: {'; '.join(wrong)}. Each must be a finite "
            "number above 0. Correct the Daynode, then run again"
        )
    return {name: float(value) for name, value in rates.items()}


def _factors(active: Row, rows: Sequence[Row]) -> tuple[dict[str, float], str]:
    """From the active Daynode backwards, until the chain ends; and why it ends there."""
    by_date: dict[str, list[Row]] = {}
    for row in rows:
        by_date.setdefault(row["date"], []).append(row)
    date, factor, factors = active["date"], 1.0, {active["date"]: 1.0}
    while True:
        here = by_date[date]
        before = [row["previous"] for row in here if row["previous"]]
        if len(before) != 1 or before[0] in factors:
            return factors, f"{len(before)} Daynodes lead to the one of {date} by NEXT_DAY"
        if not positive(here[0]["rates"].get(PRIOR_CURRENT)):
            return factors, f"{PRIOR_CURRENT} of the Daynode of {date} is {here[0]['rates'].get(PRIOR_CURRENT)!r}"
        factor /= here[0]["rates"][PRIOR_CURRENT]
        date = before[0]
        factors[date] = factor

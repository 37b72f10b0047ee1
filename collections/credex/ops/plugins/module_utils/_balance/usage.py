# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What may be scaled and flagged, judged from groups of entities. Pure.

A group, as the statement `groups` answers it, with its `space` and `kind`: how many entities of that kind are flagged,
or are not, in one denomination and of one date, and what their multipliers and amounts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._balance.daynodes import Days, positive
from ansible_collections.credex.ops.plugins.module_utils._balance.statements import TOLERANCE
from ansible_collections.credex.ops.plugins.module_utils._balance.table import BY_DENOMINATION, CXX, TABLE, Kind

Group = Mapping[str, Any]
Counts = dict[str, int]


def title(kind: Kind) -> str:
    """How a kind is called in results: `ledger Credex`."""
    return f"{kind.space} {kind.name}"


def of(kind: Kind, groups: Iterable[Group]) -> list[Group]:
    """The groups of that kind."""
    return [group for group in groups if (group["space"], group["kind"]) == (kind.space, kind.name)]


def count(groups: Iterable[Group], name: str = "entities") -> int:
    return sum(group[name] for group in groups)


def is_due(group: Group, days: Days) -> bool:
    return group["flagged"] and group["since"] is not None and group["since"] < days.active


def due(groups: Sequence[Group], days: Days) -> Counts:
    """How many entities of each kind the update would scale."""
    return {title(kind): count(g for g in of(kind, groups) if is_due(g, days)) for kind in TABLE}


def refusals(groups: Sequence[Group], days: Days) -> list[str]:
    """Why these groups must not be scaled to the active Daynode."""
    flagged = [(kind, group) for kind in TABLE for group in of(kind, groups) if group["flagged"]]
    return [reason for kind, group in flagged for reason in _refusals(kind, group, days)]


def _refusals(kind: Kind, group: Group, days: Days) -> Iterable[str]:
    since, denomination = group["since"], group["denomination"]
    who = f"{group['entities']} {title(kind)} in {denomination}"
    if kind.rule == BY_DENOMINATION and denomination is not None and denomination not in days.rates:
        yield f"{who}: the Daynode of {days.active} has no rate {denomination}. Add it"
    if since is None:
        return
    if since > days.active:
        yield f"{who} are scaled to {since} already, and the active Daynode is that of {days.active}. Which day is it"
    elif since not in days.factors:
        yield f"{who} were last scaled on {since}, and nothing leads from there: {days.chain_ends}. Mend the chain"
    elif is_due(group, days) and _scaled_by_another(kind, group, days):
        yield (
            f"{who} are dated {since}, and have the rate of {days.active} already: another statement has scaled them. "
            "Date them again with neo4j_balance_flags, restamp=true"
        )


def _scaled_by_another(kind: Kind, group: Group, days: Days) -> bool:
    """Only a currency shows it: its rate is the active one, and its own day had another."""
    if kind.rule != BY_DENOMINATION or group["denomination"] == CXX:
        return False
    now = days.rates.get(group["denomination"])
    then = days.history.get(group["since"], {}).get(group["denomination"])
    return positive(then) and not same(then, now) and (same(group["lowest"], now) or same(group["highest"], now))


def same(one: Any, other: Any) -> bool:
    """Two numbers that differ in their last bits at most."""
    if not (isinstance(one, (int, float)) and isinstance(other, (int, float))):
        return False
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def to_flag(groups: Sequence[Group]) -> Counts:
    """How many entities of each kind the back-fill would flag."""
    return {title(kind): count((g for g in of(kind, groups) if not g["flagged"]), "current") for kind in TABLE}


def to_restamp(groups: Sequence[Group], days: Days) -> Counts:
    """How many flagged entities have an earlier date, or none, and yet the active rate."""
    return {title(kind): count(_outdated(kind, groups, days), "current") for kind in TABLE}


def _outdated(kind: Kind, groups: Sequence[Group], days: Days) -> list[Group]:
    return [g for g in of(kind, groups) if g["flagged"] and (g["since"] is None or g["since"] < days.active)]


def stale(groups: Sequence[Group], restamp: bool, days: Days) -> list[str]:
    """What has another rate than the active one, so that nobody knows to which day it was scaled."""
    found = []
    for kind in TABLE:
        concerned = [g for g in of(kind, groups) if not g["flagged"]] + (
            _outdated(kind, groups, days) if restamp else []
        )
        entities = count(concerned) - count(concerned, "current")
        if entities:
            found.append(f"{entities} {title(kind)}")
    return found

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Are the balances of both spaces what the Daynodes say? From one reading, and an earlier one's sums. Pure.

A reading is what neo4j_balance_info returns. An amount in another denomination has a face value, itself over its
CXXmultiplier, that no night changes, so these must still add up to the same. Of amounts in CXX the sums must be those
of before times the factor of the nights between, and not a power of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._balance import usage
from ansible_collections.credex.ops.plugins.module_utils._balance.table import BY_CXX_RATE, CXX, TABLE, Kind

Reading = Mapping[str, Any]
Check = dict[str, Any]

SNAPSHOT = "balance.snapshot"
SHOWN = 5  # of what is wrong, in a sentence; the evidence has more


# What to do when a check fails; docs/runbooks/balance_update.md says more
NEXT = {
    "balance.quiet": "Wait for its end; if no task of credex-core runs, its flag is stuck.",
    "balance.rates": "Run credex.ops.neo4j_balance_update again: it scales what is behind, and nothing twice.",
    "balance.stragglers": "Mend those without a rate or a denomination, then run the update again.",
    "balance.flags": "Run dco_flags.yml, on the same day; then mend the place in credex-core that creates without.",
    "balance.amounts": "Restore these from a backup: a rate that was missing or NaN took their amounts.",
    "balance.spaces": "Where a factor is told, run the update again; else verify_spaces.yml names the credexes.",
    "balance.damage": "Keep this report, and divide the amounts of each by its factor.",
    "balance.sums": "Find what changed amounts or entities beside the nightly run.",
}


def checks(reading: Reading, before: Reading | None = None) -> list[Check]:
    """What was verified, for the report; with what an earlier run's snapshot tells, if there is one."""
    found = [
        _quiet(reading),
        _check("balance.rates", "Every multiplier is the active Daynode's rate", _rates(reading)),
        _check("balance.stragglers", "Everything flagged is scaled to the active Daynode", _stragglers(reading)),
        _flags(reading),
        _check("balance.amounts", "Every entity has amounts, and all are finite numbers", _amounts(reading)),
        _check("balance.spaces", "Both spaces hold the same of what is owed", _spaces(reading)),
        _check("balance.damage", "What was looped is the same on both sides of each loop", _damage(reading)),
        _sums(reading, before),
    ]
    return [*found, _kept(reading, before, {check["id"] for check in found if check["status"] == "failed"})]


def _check(name: str, title: str, wrong: Sequence[str], good: str = "") -> Check:
    detail = "; ".join([*wrong[:SHOWN], *([f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else [])])
    status = "failed" if wrong else "passed"
    told = {"id": name, "title": title, "phase": "verify", "status": status, "detail": detail or good}
    return {**told, "follow_up": NEXT[name]} if wrong else told


def _quiet(reading: Reading) -> Check:
    running = ["DCOrunningNow is true: verify when the nightly run has ended"] if reading["running"] else []
    return _check("balance.quiet", "The nightly run is not at work", running, f"the day is {reading['date']}")


def _each(reading: Reading) -> Iterable[tuple[Kind, usage.Group]]:
    return ((kind, group) for kind in TABLE for group in usage.of(kind, reading["groups"]))


def _rates(reading: Reading) -> list[str]:
    if not reading["groups"]:
        return ["nothing has amounts, in neither space: are these the right databases?"]
    return [
        f"{group['entities'] - group['current']} of {group['entities']} {usage.title(kind)} in {group['denomination']} "
        f"have {_range(group)} and not {reading['rates'].get(group['denomination'], 'a rate that the Daynode has')}"
        for kind, group in _each(reading)
        if group["current"] != group["entities"]
    ]


def _range(group: usage.Group) -> str:
    low, high = group["lowest"], group["highest"]
    if low is None:
        return "no multiplier"
    return f"{low}" if low == high else f"{low} to {high}"


def _stragglers(reading: Reading) -> list[str]:
    late = [
        f"{group['entities']} {usage.title(kind)} in {group['denomination']} are dated {group['since'] or 'never'}"
        for kind, group in _each(reading)
        if group["flagged"] and group["since"] != reading["date"]
    ]
    named = [f"{s['entity']} {s['key']}" for s in reading["stragglers"][:SHOWN]]
    return [*late, *([f"among them {', '.join(named)}"] if named else [])]


def _flags(reading: Reading) -> Check:
    """Until the flags are introduced there is nothing to say about them."""
    title = "Everything with amounts has the flag, and nothing else"
    if not any(group["flagged"] for _kind, group in _each(reading)):
        text = "nothing is flagged yet: introduce the flags with dco_flags.yml"
        return {**_check("balance.flags", title, []), "status": "skipped", "required": False, "detail": text}
    bare = [
        f"{group['entities']} {usage.title(kind)} in {group['denomination']} have no flag"
        for kind, group in _each(reading)
        if not group["flagged"]
    ]
    strangers = [
        f"{row['entities']} {row['space']} {':'.join(sorted(row['names']))} have "
        + ("a flag, and no amounts that are known" if row["flagged"] else "a CXXmultiplier, and are of no known kind")
        for row in reading["strangers"]
    ]
    return _check("balance.flags", title, [*bare, *strangers])


def _amounts(reading: Reading) -> list[str]:
    return [
        f"{group[what]} {usage.title(kind)} in {group['denomination']} have {words}"
        for kind, group in _each(reading)
        for what, words in (("empty", "no amounts"), ("odd", "amounts that are NaN or infinite"))
        if group[what]
    ]


def _spaces(reading: Reading) -> list[str]:
    ledger, search = ({row["denomination"]: row for row in reading[name]} for name in ("owed", "searched"))
    nothing = {"entities": 0, "owed": 0.0}
    return [
        text
        for denomination in sorted({*ledger, *search}, key=str)
        for text in _space(denomination, ledger.get(denomination, nothing), search.get(denomination, nothing))
    ]


def _space(denomination: str, ledger: Reading, search: Reading) -> Iterable[str]:
    if ledger["entities"] != search["entities"]:
        yield f"{denomination}: {ledger['entities']} credexes in LedgerSpace, {search['entities']} in SearchSpace"
    elif not usage.same(ledger["owed"], search["owed"]):
        factor = search["owed"] / ledger["owed"] if ledger["owed"] else math.inf
        yield (
            f"{denomination}: {ledger['owed']} CXX in LedgerSpace, {search['owed']} in SearchSpace, which is "
            f"{factor:.9g} times as much"
        )


def _damage(reading: Reading) -> list[str]:
    return [
        f"{row['entities']} {row['kind']} are {_times(row, reading)} what they should be, such as "
        + ", ".join(f"{sample['key']} ({sample['factor']:.6g})" for sample in row["samples"][:3])
        for row in reading["damage"]
    ]


def _times(row: Reading, reading: Reading) -> str:
    small, large = row["smallest"], row["largest"]
    if not math.isclose(small, large, rel_tol=1e-6):
        return f"{small:.6g} to {large:.6g} times"
    power = exponent(large, 1 / reading["prior_current"])
    if power is None:
        return f"{large:.6g} times"
    return f"{large:.6g} times (scaled {power + 1} times in the last night, and not once)"


def exponent(factor: float, base: float) -> int | None:
    """The whole number n with factor = base ** n, if there is one that is not too large to be seen."""
    if factor <= 0 or base <= 0 or usage.same(base, 1.0):
        return None
    power = math.log(factor) / math.log(base)
    return round(power) if abs(power - round(power)) < 1e-4 else None


# While one of these fails, the sums are not those of a day that has ended well
_BASIS = {"balance.quiet", "balance.rates", "balance.stragglers", "balance.sums"}


def _kept(reading: Reading, before: Reading | None, failed: set[str]) -> Check:
    """The sums of this run, or still those of the last good one: a night is compared with the day before it."""
    title = "The sums for the next run to compare with"
    if not failed & _BASIS:
        return {**_check(SNAPSHOT, title, [], f"of {reading['date']}"), "evidence": snapshot(reading)}
    if before:
        return {**_check(SNAPSHOT, title, [], f"still those of {before['date']}"), "evidence": dict(before)}
    text = "none yet: there must first be a run in which rates and flags are right"
    return {**_check(SNAPSHOT, title, []), "status": "skipped", "required": False, "detail": text}


def snapshot(reading: Reading) -> dict[str, Any]:
    """What a later run compares with."""
    return {
        "at": reading["at"],
        "date": reading["date"],
        "sums": [_summed(kind, reading["groups"], *which) for kind, *which in _denominations(reading["groups"])],
    }


def last_snapshot(report: Reading | None) -> Reading | None:
    """What the last report of this verification kept for this run."""
    found = [check.get("evidence") for check in (report or {}).get("checks", []) if check["id"] == SNAPSHOT]
    return found[-1] or None if found else None


def _denominations(groups: Sequence[usage.Group]) -> list[tuple[Kind, Any]]:
    return [
        (kind, denomination)
        for kind in TABLE
        if kind.lasting
        for denomination in sorted({group["denomination"] for group in usage.of(kind, groups)}, key=str)
    ]


def _summed(kind: Kind, groups: Sequence[usage.Group], denomination: Any) -> dict[str, Any]:
    own = [group for group in usage.of(kind, groups) if group["denomination"] == denomination]
    return {
        "kind": usage.title(kind),
        "denomination": denomination,
        "entities": sum(group["summed"] for group in own),
        "cxx": {amount: sum(group[f"cxx_{amount}"] for group in own) for amount in kind.lasting},
        "face": {amount: sum(group[f"face_{amount}"] for group in own) for amount in kind.lasting},
    }


def _sums(reading: Reading, before: Reading | None) -> Check:
    title = "Sums are those of the last run, scaled once a night"
    if not before:
        text = "no earlier run of this verification to compare with"
        return {**_check("balance.sums", title, []), "status": "skipped", "required": False, "detail": text}
    good = f"compared with {before['date']}, {before['at']}"
    factor = reading["factors"].get(before["date"])
    if factor is None:
        return _check("balance.sums", title, [f"the last run saw {before['date']}, and {reading['chain_ends']}"])
    now = {
        (usage.title(kind), denomination): _summed(kind, reading["compared"], denomination)
        for kind, denomination in _denominations(reading["compared"])
    }
    wrong = [
        text for row in before["sums"] for text in _compare(row, now.get((row["kind"], row["denomination"])), factor)
    ]
    return _check("balance.sums", title, wrong, good)


_ALWAYS_CXX = [usage.title(kind) for kind in TABLE if kind.rule == BY_CXX_RATE]


def _compare(before: Reading, now: Reading | None, factor: float) -> Iterable[str]:
    who = f"{before['kind']} in {before['denomination']}"
    if now is None or now["entities"] != before["entities"]:
        yield f"{who}: {before['entities']} entities before, of which {now['entities'] if now else 0} are left"
        return
    in_cxx = before["denomination"] == CXX or before["kind"] in _ALWAYS_CXX
    unit, scale = ("cxx", factor) if in_cxx else ("face", 1.0)
    for amount, was in before[unit].items():
        found, wanted = now[unit][amount], was * scale
        if not usage.same(found, wanted):
            yield f"{who}: {amount} was {was}, is {found}, should be {wanted}{_power(found, was, scale)}"


def _power(now: float, was: float, scale: float) -> str:
    """How often the factor was applied, where that tells it."""
    power = exponent(now / was, scale) if was > 0 else None
    return "" if power is None else f" (as if scaled {power} times, and not once)"

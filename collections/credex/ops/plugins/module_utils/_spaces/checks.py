# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A comparison and a repair as checks of a report that a manager can read. Pure."""

from __future__ import annotations

import typing as t

from .kinds import ERROR, KINDS

Item = dict[str, t.Any]
AREAS = {
    "accounts": "Every account is in both spaces, under one name",
    "presence": "Every credex that is owed is in SearchSpace, and no other",
    "values": "Amounts, multipliers, denominations and due dates agree",
    "topology": "Every credex hangs on the one anchor between its accounts",
    "identity": "Every credex has an id of its own",
    "queue": "Nothing waits for the minute queue longer than it may",
    "flags": "The minute queue and the nightly run can run",
    "days": "The Daynodes are an unbroken chain with one active day and all rates",
    "ledger": "LedgerSpace's own sums hold",
    "balance": "Everything has the multiplier of the active day",
}
_WHAT_NEXT = {
    "search": "sync_spaces.yml makes SearchSpace what LedgerSpace says.",
    "unblock": "sync_spaces.yml with sync_spaces_mode=unblock; see the runbook first.",
    "": "No repair is safe here: decide by the samples. LedgerSpace is never written by this.",
}


def comparison(result: t.Mapping[str, t.Any], allowed: t.Mapping[str, int]) -> list[Item]:
    """Each area, and each kind that was found; more of a kind than allowed makes the run fail."""
    found = {entry["kind"]: entry for entry in result["differences"]}
    bad_areas = {entry["area"] for entry in found.values()}
    good = [
        _check(f"area.{area}", title, "passed", "no difference")
        for area, title in AREAS.items()
        if area not in bad_areas
    ]
    return [_compared(result), _in_flight(result), *(_difference(entry, allowed) for entry in found.values()), *good]


def _check(name: str, title: str, status: str, detail: str, **more: t.Any) -> Item:
    return {"id": f"spaces.{name}", "title": title, "status": status, "detail": detail, "phase": "verify", **more}


def _compared(result: t.Mapping[str, t.Any]) -> Item:
    """Two empty spaces agree in everything, and prove nothing."""
    told = result["compared"]
    rows = {name: told[name] for name in ("accounts", "credexes")}
    detail = "; ".join(f"{name}: {each['ledger']:,} and {each['search']:,}" for name, each in rows.items())
    is_empty = not any(each[side] for each in rows.values() for side in ("ledger", "search"))
    unseen = told.get("beyond_limit", 0)
    return _check(
        "compared",
        "Both spaces were compared",
        "unknown" if is_empty or unseen else "passed",
        f"LedgerSpace and SearchSpace have {detail}. Amounts within {result['tolerance']:g} (relative) are equal. "
        f"Daynode {result['daynode'] or 'unknown'}; {told['seconds']} s"
        + (f"; {unseen} keys beyond the limit were counted without a second look" if unseen else ""),
        evidence=dict(told),
    )


def _in_flight(result: t.Mapping[str, t.Any]) -> Item:
    detail = f"{result['in_flight']} things are in flight: they wait for the minute queue, or were just changed"
    return _check("in_flight", "What is in flight is no difference", "passed", detail)


def _difference(entry: t.Mapping[str, t.Any], allowed: t.Mapping[str, int]) -> Item:
    limit = allowed.get(entry["kind"], 0)
    return _check(
        entry["kind"],
        entry["title"],
        "passed" if entry["count"] <= limit else "failed",
        f"{entry['count']:,} found"
        + (f", {limit:,} are allowed" if limit else "")
        + f". Known cause: {entry['cause']}",
        required=entry["severity"] == ERROR,
        evidence={"samples": entry["samples"]},
        follow_up=_WHAT_NEXT[entry["repair"]],
    )


def repair(result: t.Mapping[str, t.Any], check_mode: bool) -> Item:
    """What was written, or would be."""
    sent = result["executed_statements"]
    if check_mode:
        title, phase = "What would be written", "plan"
        detail = f"{len(sent)} transactions" if sent else "nothing to do"
    else:
        title, phase = "What differed was written", "change"
        detail = "; ".join(
            [f"{name} {count:,}" for name, count in result["written"].items()] + list(result.get("reasons", []))
        )
    left = result.get("left_alone") or {}
    if left:
        detail += f"; left alone, because changed meanwhile: {sum(left.values()):,}"
    shown = [each["statement"] for each in sent]
    return {
        **_check("written", title, "passed", detail or "nothing to do", evidence={"statements": sorted(set(shown))}),
        "phase": phase,
    }


def kinds() -> dict[str, str]:
    """Every kind with its severity, for figures that must be there at zero, too."""
    return {name: kind.severity for name, kind in KINDS.items()}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which hosts of servers are patched and rebooted, why, and whether they were. Pure: plain dicts in and out."""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]
_INSTALLER = {"apt": "dpkg", "dnf": "rpm"}


def needs_reboot(updates: Item, policy: str) -> str:
    """Why a host is rebooted (C(updates) of M(credex.ops.os_update_info)), or an empty text."""
    if policy == "never":
        return ""
    if updates["reboot_needed"]:
        return "; ".join(updates["reboot_reasons"])
    if policy == "always" and updates["changed_since_boot"]:
        return f"packages changed since it booted at {_short(updates['booted_at'])}"
    return ""


def plan_server(observed: Item, policy: str) -> Item:
    """Whether one host has work, as a check for the report that says which.

    C(observed): host, service (M(credex.ops.neo4j_service_info)), updates (M(credex.ops.os_update_info)).
    """
    updates, service = observed["updates"], observed["service"]
    work = [*_packages(updates), *_reboot(updates, policy)]
    if service["state"] != "running":
        work.append(f"start Neo4j: it is {service['state']}")
    return {
        "host": observed["host"],
        "due": bool(work),
        "check": {
            "id": "patching.plan",
            "title": "What is upgraded, and whether it is rebooted",
            "server": observed["host"],
            "phase": "plan",
            "status": "passed",
            "detail": ". ".join(work or ["nothing to do"]) + _remarks(updates, policy),
            "evidence": {"changes": _planned(updates)} if work else {},
        },
    }


def _packages(updates: Item) -> list[str]:
    if updates["unfinished"]:
        who, what = _INSTALLER[updates["manager"]], ", ".join(updates["unfinished"])
        return [f"finish what {who} left half done ({what}), then upgrade what is due"]
    if not updates["updates"]:
        return []
    changes = [f"{one['name']} {one['installed'] or 'new'} -> {one['candidate']}" for one in updates["updates"]]
    security = sum(one["security"] for one in updates["updates"])
    return [f"upgrade {', '.join(changes)} ({security} of {len(changes)} for security)"]


def _reboot(updates: Item, policy: str) -> list[str]:
    why = needs_reboot(updates, policy)
    return [f"reboot: {why}"] if why else []


def _remarks(updates: Item, policy: str) -> str:
    """What is known and left alone."""
    left = [f"left alone: newer {', '.join(updates['left_alone'])}"] if updates["left_alone"] else []
    if updates["reboot_needed"] and policy == "never":
        left.append(f"it waits for a reboot, which nobody wants now: {'; '.join(updates['reboot_reasons'])}")
    return "".join(f" ({one})" for one in left)


def _planned(updates: Item) -> list[Item]:
    return [_change(one["name"], one["installed"], one["candidate"]) for one in updates["updates"]]


def _change(what: str, before: str, after: str) -> Item:
    return {"what": what, "before": before or "not installed", "after": after or "not installed"}


def shared_machines(machines: t.Mapping[str, str], controller: str) -> list[str]:
    """Who cannot be patched alone. C(machines) is host to the C(boot_id) of its kernel, which no two machines share."""
    found = []
    for host, boot_id in machines.items():
        others = [other for other, one in machines.items() if one == boot_id and other != host]
        if boot_id == controller:
            others.insert(0, "the controller of this run")
        if others:
            found.append(f"{host} is one machine with {', '.join(others)}")
    return found


def proof(host: str, before: Item, after: Item, policy: str) -> Item:
    """The proof that a host has what was planned, as a check for the report. Both: M(credex.ops.os_update_info)."""
    problems = _problems(before, after, policy)
    changes = _planned({"updates": [one for one in before["updates"] if not _is_due(one, after)]})
    if before["booted_at"] != after["booted_at"]:
        changes.append(_change("Boot", _short(before["booted_at"]), _short(after["booted_at"])))
    return {
        "id": "patching.proof",
        "title": "Its packages are current, and it waits for no reboot",
        "server": host,
        "phase": "change",
        "status": "failed" if problems else "passed",
        "detail": "; ".join(problems or [f"{one['what']}: {one['before']} -> {one['after']}" for one in changes])
        or "its packages were current already",
        "evidence": {"changes": changes},
    }


def _problems(before: Item, after: Item, policy: str) -> list[str]:
    found = [
        f"{one['name']} is still {one['installed'] or 'missing'}" for one in before["updates"] if _is_due(one, after)
    ]
    if after["unfinished"]:
        found.append(f"{_INSTALLER[after['manager']]} left half done: {', '.join(after['unfinished'])}")
    if after["excluded"] != before["excluded"]:
        found.append(
            f"packages that this operation must leave alone changed: {after['excluded']}, not {before['excluded']}"
        )
    why = needs_reboot(after, policy)
    return [*found, f"it should have been rebooted: {why}"] if why else found


def _is_due(update: Item, after: Item) -> bool:
    return update["name"] in {one["name"] for one in after["updates"]}


def _short(moment: str) -> str:
    """To the second, as all moments of a report."""
    return f"{moment[:19]}Z"

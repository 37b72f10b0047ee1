# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a license renewal has to do on each server, and whether it worked. Pure: plain dicts in and out."""

from __future__ import annotations

import datetime
import os
import typing as t

from . import license as neo4j_license

Item = dict[str, t.Any]

NAMES = {"gds": "Graph Data Science", "bloom": "Bloom", "other": "The product"}


def plan_server(
    observed: Item, wanted: t.Sequence[Item], wanted_agreement: str, answer: Item, now: datetime.datetime
) -> Item:
    """The steps for one server.

    C(wanted_agreement): what the inventory says. C(answer): one entry of M(credex.ops.neo4j_license_info).
    C(observed): host, ownership (owner, group, mode), service (M(credex.ops.neo4j_service_info)), and files, what
    lies there
    (M(credex.ops.neo4j_license_file_info)) in the order of C(wanted): product, license (what the new file shows),
    accept, restart (the product reads the file only when the server starts).
    """
    service, files = observed["service"], observed["files"]
    paths = {f["path"] for f, w in zip(files, wanted) if w["restart"]}
    due = {c["path"] for c in service["changed_since"]}
    steps = [_step(dict(w, **observed["ownership"]), present, service, now) for w, present in zip(wanted, files)]
    agreement = {"present": _accepted_here(answer, service), "wanted": wanted_agreement}
    place = any(s["place"] for s in steps)
    replaced = {s["path"] for s in steps if s["place"]} & paths
    accept = _agreement_due(**agreement)
    objection = neo4j_license.agreement_objection(**agreement)
    return {
        "host": observed["host"],
        "steps": steps,
        "agreement": agreement,
        "accept": accept,
        "place": place,
        "restart": accept or bool(replaced | due & paths),
        "start": service["state"] != "running",
        "also_in_force": sorted(due - paths),
        "refused": [
            *(r for s in steps for r in s["refused"]),
            *([objection] if objection else []),
            *_unread(steps, answer),
        ],
    }


def _accepted_here(answer: Item, service: Item) -> str:
    """A stopped server cannot be asked; it may be one that never starts for want of an agreement."""
    present = accepted(answer)
    return "not_accepted" if present == "unknown" and service["state"] != "running" else present


def _unread(steps: t.Sequence[Item], answer: Item) -> list[str]:
    """A file that the server does not read proves nothing, however well it is placed."""
    configured = answer["license_paths"] if answer["reachable"] else {}
    return [
        f"{step['path']} is not the file that the server reads, which is {configured[step['product']]} (neo4j.conf)"
        for step in steps
        if configured.get(step["product"])
        and os.path.normpath(configured[step["product"]]) != os.path.normpath(step["path"])
    ]


def accepted(answer: Item) -> str:
    """The status of the agreement that a server tells, V(unknown) when it does not answer."""
    return str(answer["agreement"]["status"]) if answer["reachable"] else "unknown"


def _agreement_due(present: str, wanted: str) -> bool:
    """Unknown is no reason to accept anything: the server is down, and says so itself once it is back."""
    return present not in (wanted, "unknown")


def is_due(server: Item) -> bool:
    return server["place"] or server["restart"] or server["start"]


def _step(wanted: Item, present: Item, service: Item, now: datetime.datetime) -> Item:
    earlier = _kept_since_start(present, service)
    differs = not present["exists"] or present["license"]["fingerprint"] != wanted["license"]["fingerprint"]
    return {
        "product": wanted["product"],
        "path": present["path"],
        "present": present["license"],
        "wanted": wanted["license"],
        "place": differs or _owned_otherwise(wanted, present),
        # Only what this run places, or an earlier one placed and never brought into force, may be taken back
        "undo": differs or bool(earlier),
        "undo_fingerprint": _undo_fingerprint(present, differs, earlier),
        "refused": _refused(wanted, present, now) if differs else [],
    }


def _owned_otherwise(wanted: Item, present: Item) -> bool:
    modes = [int(mode, 8) if mode else None for mode in (wanted["mode"], present["mode"])]
    return modes[0] != modes[1] or any(wanted[key] and wanted[key] != present[key] for key in ("owner", "group"))


def _kept_since_start(present: Item, service: Item) -> list[str]:
    """What a run replaced that was killed before it could restart the server, the latest first."""
    since = service["started_at"]
    if not present["exists"] or since is None:
        return []
    own = present["license"]["fingerprint"]
    # Whole seconds on both sides: what was kept within the second of the start counts
    return [k["fingerprint"] for k in present["kept"] if k["kept_at"][:19] >= since[:19] and k["fingerprint"] != own]


def _undo_fingerprint(present: Item, differs: bool, earlier: t.Sequence[str]) -> str | None:
    """What to go back to: the present file, or what an earlier run kept when it placed the new one."""
    if differs:
        return present["license"]["fingerprint"] if present["exists"] else None
    return next(iter(earlier), None)


def _refused(wanted: Item, present: Item, now: datetime.datetime) -> list[str]:
    old = _license_file(present["license"]) if present["exists"] else None
    found = neo4j_license.objections(_license_file(wanted["license"]), wanted["product"], old, now, wanted["accept"])
    return [f"{present['path']}: {objection}" for objection in found]


def _license_file(shown: Item) -> neo4j_license.LicenseFile:
    return neo4j_license.LicenseFile(
        shown["fingerprint"], shown["opaque"], shown["product"], neo4j_license.parse_timestamp(shown["expires"])
    )


def table(servers: t.Sequence[Item], order: t.Sequence[str]) -> list[str]:
    """The plan as aligned lines, in the order of the work; servers with nothing to do at the end."""
    by_host = {s["host"]: s for s in servers}
    rest = [s["host"] for s in servers if s["host"] not in order]
    rows = [
        (
            host,
            step["product"],
            _short(step["present"]),
            "->",
            _short(step["wanted"]),
            _work(by_host[host], step, host, order),
        )
        for host in [*order, *rest]
        for step in by_host[host]["steps"]
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(6)] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _short(shown: Item | None) -> str:
    if shown is None:
        return "no file"
    until = shown["expires"][:10] if shown["expires"] else "end unknown (opaque)"
    return f"{shown['fingerprint']} until {until}"


def _work(server: Item, step: Item, host: str, order: t.Sequence[str]) -> str:
    if host not in order:
        return "nothing to do"
    words = [f"accept {server['agreement']['wanted']}"] if server["accept"] else []
    words += ["place"] if step["place"] else []
    words += ["restart"] if server["restart"] else []
    words += ["start"] if server["start"] and not server["restart"] else []
    return ", ".join(words) + (" (canary)" if host == order[0] else "")


def plan_checks(servers: t.Sequence[Item], order: t.Sequence[str]) -> list[Item]:
    """The plan as checks for a report: failed where a file is refused, passed otherwise."""
    return [
        {
            "id": f"license.plan.{step['product']}",
            "title": f"What the license file of {NAMES[step['product']]} needs",
            "server": server["host"],
            "phase": "plan",
            "status": "failed" if step["refused"] else "passed",
            "detail": "; ".join(step["refused"]) or _plan_detail(server, step, order),
            "evidence": {"changes": [_change(step)] if step["place"] else []},
        }
        for server in servers
        for step in server["steps"]
    ]


def _change(step: Item) -> Item:
    return {
        "what": f"License of {NAMES[step['product']]}",
        "before": _short(step["present"]),
        "after": _short(step["wanted"]),
    }


def _plan_detail(server: Item, step: Item, order: t.Sequence[str]) -> str:
    work = f"{_short(step['present'])} -> {_short(step['wanted'])}: {_work(server, step, server['host'], order)}"
    others = (
        f"; the restart also brings into force {', '.join(server['also_in_force'])}" if server["also_in_force"] else ""
    )
    return work + (others if server["restart"] else "")


def verdicts(host: str, answer: Item, wanted: t.Sequence[Item], agreement: str, now: datetime.datetime) -> list[Item]:
    """Checks: is the agreement the wanted one, and does each product say that it is licensed until the placed date?

    C(answer): one entry of M(credex.ops.neo4j_license_info). C(wanted): as for plan_server.
    """
    return [_agreement_verdict(host, answer, agreement), *(_verdict(host, answer, w, now) for w in wanted)]


def _agreement_verdict(host: str, answer: Item, wanted: str) -> Item:
    present = accepted(answer)
    status = {wanted: "passed", "unknown": "unknown"}.get(present, "failed")
    return {
        "id": "license.agreement",
        "title": f"The server runs under the {wanted} agreement",
        "server": host,
        "phase": "verify",
        "status": status,
        "detail": _days(answer["agreement"])
        if present != "unknown"
        else "the server does not say what it has accepted",
        "evidence": {"answer": answer["agreement"] if answer["reachable"] else None},
    }


def _days(agreement: Item) -> str:
    """Days only run in an evaluation; a commercial agreement has no end that a server knows."""
    if agreement["days_left"] is None:
        return f"it is {agreement['status']}"
    return f"it is {agreement['status']}, {agreement['days_left']} of {agreement['total_days']} days left"


def _verdict(host: str, answer: Item, wanted: Item, now: datetime.datetime) -> Item:
    status, detail = _judge(answer, wanted, now)
    return {
        "id": f"license.{wanted['product']}",
        "title": f"{NAMES[wanted['product']]} answers with the placed license",
        "server": host,
        "phase": "verify",
        "status": status,
        "detail": detail,
        "evidence": {
            "answer": answer["products"].get(wanted["product"]) if answer["reachable"] else None,
            "placed": wanted["license"],
        },
    }


def _judge(answer: Item, wanted: Item, now: datetime.datetime) -> tuple[str, str]:
    if not answer["reachable"]:
        return "failed", f"{answer['uri']} does not answer: {answer['cause']}: {answer['message']}"
    product = answer["products"].get(wanted["product"])
    if product is None:
        return "unknown", f"nothing asks the product {wanted['product']} for its license"
    if not product["installed"]:
        return "failed", f"{NAMES[wanted['product']]} is not installed on {answer['uri']}, so its license is in no use"
    if product["licensed"] is None:
        return "unknown", f"it could not be asked: {product['message']}"
    if not product["licensed"]:
        return "failed", f"it refuses the license: {product['message']}"
    return _judge_end(product, neo4j_license.parse_timestamp(wanted["license"]["expires"]), now)


def _judge_end(product: Item, wanted: datetime.datetime | None, now: datetime.datetime) -> tuple[str, str]:
    says = product["expires"] or f"{product['days_left']} days left"
    if wanted is None:
        return "passed", f"licensed, {says}; the placed file does not show its own end"
    if product["expires"]:
        same = product["expires"] == neo4j_license.timestamp(wanted)
    else:
        same = product["days_left"] is not None and abs(product["days_left"] - (wanted - now).days) <= 1
    if same:
        return "passed", f"licensed until {says}"
    placed = neo4j_license.timestamp(wanted)
    return "failed", f"it is licensed until {says}, but the placed file ends at {placed}: another is in force"

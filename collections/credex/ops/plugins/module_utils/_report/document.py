# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks in, one document out: what a report says, before anybody chose how it looks. Pure.

A check: ``{id, title, server, phase, status, required, detail, evidence, at}``, and, where it applies, ``event``: what
happened to the server at that moment (``down``: taken out of service, ``back``: proven back, ``undone``, ``kept``).
Evidence may hold, for the table of servers, ``canary: true`` and ``changes: [{what, before, after}]``; and once for the
run ``order: [server, ...]``.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._report import times

SCHEMA = 1
PHASES = ("preflight", "plan", "change", "verify", "report")
STATUSES = ("passed", "failed", "skipped", "unknown")
EVENTS = ("down", "back", "undone", "kept")
GREEN = ("passed", "nothing_to_do", "planned")
# The worst first: the first that applies is the verdict
VERDICTS = ("running", "interrupted", "failed", "incomplete", "nothing_to_do", "planned", "passed")


class CheckError(ValueError):
    """A check is not as described above; the text says which one and what is wrong."""


def normalized(check: dict[str, Any], at: str) -> dict[str, Any]:
    """The check with its defaults filled in. Raises CheckError for one that could be misread later."""
    for name in ("id", "status"):
        if not check.get(name):
            raise CheckError(f"A check without {name}: {check}.")
    whole: dict[str, Any] = {
        "title": check["id"], "server": "", "phase": "change", "required": True, "detail": "", "evidence": {}, "at": at,
        **{name: value for name, value in check.items() if value is not None},
    }  # fmt: skip
    _one_of(whole, "phase", PHASES)
    _one_of(whole, "status", STATUSES)
    if "event" in whole:
        _one_of(whole, "event", EVENTS)
    if times.parse(whole["at"]) is None:
        raise CheckError(f"Check {whole['id']}: at is {whole['at']!r}, expected an ISO 8601 time.")
    return whole


def build(
    run: dict[str, Any],
    checks: list[dict[str, Any]],
    finished: dict[str, Any] | None = None,
    interrupted: bool = False,
    now: str | None = None,
) -> dict[str, Any]:
    """The document. *finished* is {at, failure, nothing_to_do}; without it the run still runs, or was *interrupted*."""
    end = (finished or {}).get("at") or (checks[-1].get("at") if checks and interrupted else now) or run.get("started")
    failure = (finished or {}).get("failure") or ""
    servers = _servers(run, checks)
    findings = _findings(checks, servers, failure)
    verdict = _verdict(run, checks, finished, interrupted, failure, findings)
    return {
        "schema": SCHEMA,
        "run": {**run, "title": _title(run), "finished": end, "duration_s": _seconds(run.get("started"), end)},
        "verdict": verdict,
        "green": verdict in GREEN,
        "summary": _summary(verdict, checks, servers),
        "failure": failure,
        "findings": findings,
        "counts": _counts(checks),
        "servers": servers,
        "checks": checks,
    }


def _one_of(check: dict[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    if check[name] not in allowed:
        raise CheckError(f"Check {check['id']}: {name} is {check[name]!r}, expected one of {', '.join(allowed)}.")


def _title(run: dict[str, Any]) -> str:
    operation = str(run.get("operation") or "run").replace("_", " ").strip().capitalize()
    return run.get("title") or operation


def _seconds(start: Any, end: Any) -> int | None:
    begun, ended = times.parse(start), times.parse(end)
    return round((ended - begun).total_seconds()) if begun and ended else None


def _counts(checks: list[dict[str, Any]]) -> dict[str, int]:
    return {"total": len(checks), **{status: sum(c["status"] == status for c in checks) for status in STATUSES}}


def _is_required(check: dict[str, Any]) -> bool:
    return bool(check.get("required", True))


# Servers


def _servers(run: dict[str, Any], checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    expected = list(run.get("servers") or [])
    names = list(dict.fromkeys([*_order(checks), *expected, *(c["server"] for c in checks if c.get("server"))]))
    return [_server(name, name in expected, [c for c in checks if c.get("server") == name]) for name in names]


def _order(checks: list[dict[str, Any]]) -> list[str]:
    orders = [c["evidence"]["order"] for c in checks if isinstance(_evidence(c).get("order"), list)]
    return [str(name) for name in orders[-1]] if orders else []


def _server(name: str, expected: bool, own: list[dict[str, Any]]) -> dict[str, Any]:
    evidence = [_evidence(check) for check in own]
    turn = [check["at"] for check in own if check.get("phase") == "change" and check.get("at")]
    events = [{"event": c["event"], "at": c["at"], "detail": c.get("detail", "")} for c in own if c.get("event")]
    down = _outages(events)
    return {
        "name": name,
        "expected": expected,
        "silent": expected and not any(check["status"] in ("passed", "failed") for check in own),
        "canary": any(item.get("canary") is True for item in evidence),
        "changes": [change for item in evidence for change in _changes(item)],
        "counts": _counts(own),
        "turn": {"from": turn[0], "to": turn[-1]} if turn else None,
        "events": events,
        "outages": down,
        "down_s": sum(o["seconds"] for o in down if o["seconds"] is not None) if down else None,
        "outcome": _outcome(own, events, expected),
    }


def _evidence(check: dict[str, Any]) -> dict[str, Any]:
    evidence = check.get("evidence")
    return evidence if isinstance(evidence, dict) else {}


def _changes(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    changes = evidence.get("changes")
    return [c for c in changes if isinstance(c, dict) and "what" in c] if isinstance(changes, list) else []


def _outages(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From each `down` to the next `back` or `undone`; one that never came back has no end."""
    outages: list[dict[str, Any]] = []
    for event in events:
        if event["event"] == "down":
            outages.append({"from": event["at"], "to": None, "seconds": None})
        elif event["event"] in ("back", "undone") and outages and outages[-1]["to"] is None:
            seconds = _seconds(outages[-1]["from"], event["at"])
            outages[-1] = {**outages[-1], "to": event["at"], "seconds": seconds}
    return outages


def _outcome(own: list[dict[str, Any]], events: list[dict[str, Any]], expected: bool) -> str:
    """One word for the table: failed, down, undone, kept, silent, not_proven, done, or untouched."""
    happened = [event["event"] for event in events]
    required = [check for check in own if _is_required(check)]
    if happened and happened[-1] == "down":
        return "down"
    for outcome in ("undone", "kept"):
        if outcome in happened:
            return outcome
    if any(check["status"] == "failed" for check in required):
        return "failed"
    if expected and not any(check["status"] in ("passed", "failed") for check in own):
        return "silent"
    if any(check["status"] in ("skipped", "unknown") for check in required):
        return "not_proven"
    return "done" if any(check.get("phase") == "change" for check in own) else "untouched"


# The verdict


def _findings(checks: list[dict[str, Any]], servers: list[dict[str, Any]], failure: str) -> list[str]:
    """Every reason why this run is not green, in words; empty means green."""
    findings = [failure] if failure else []
    findings += [
        _sentence(c) for status in ("failed", "unknown", "skipped") for c in checks if _counts_against(c, status)
    ]
    findings += [
        f"{server['name']}: expected, but no check of it gave an answer" for server in servers if server["silent"]
    ]
    if not checks:
        findings.append("No check was recorded")
    return findings


def _counts_against(check: dict[str, Any], status: str) -> bool:
    return check["status"] == status and _is_required(check)


def _sentence(check: dict[str, Any]) -> str:
    where = f"{check['server']}: " if check.get("server") else ""
    detail = f": {check['detail']}" if check.get("detail") else ""
    return f"{where}{check.get('title') or check['id']} {check['status']}{detail}"


def _verdict(
    run: dict[str, Any],
    checks: list[dict[str, Any]],
    finished: dict[str, Any] | None,
    interrupted: bool,
    failure: str,
    findings: list[str],
) -> str:
    applies = {
        "running": finished is None and not interrupted,
        "interrupted": finished is None and interrupted,
        "failed": bool(failure) or any(_counts_against(check, "failed") for check in checks),
        "incomplete": bool(findings),
        "nothing_to_do": bool((finished or {}).get("nothing_to_do")),
        "planned": bool(run.get("check_mode")),
        "passed": True,
    }
    return next(verdict for verdict in VERDICTS if applies[verdict])


def _summary(verdict: str, checks: list[dict[str, Any]], servers: list[dict[str, Any]]) -> str:
    counts = _counts(checks)
    done = sum(server["outcome"] == "done" for server in servers)
    sentences = {
        "running": "The run has not ended yet.",
        "interrupted": "The run ended without a word: it was killed, or its machine was lost. Run it again.",
        "failed": "The run failed.",
        "incomplete": "Nothing failed, but not everything that had to be proven was proven.",
        "planned": "Check mode: this is what a run would do. Nothing was changed.",
        "nothing_to_do": "Everything was already as wanted. Nothing was changed.",
        "passed": "Everything was done and proven.",
    }
    tally = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    about = (
        f" {done} of {len(servers)} servers done."
        if servers and verdict in ("failed", "interrupted", "running")
        else ""
    )
    return f"{sentences[verdict]}{about} Checks: {tally or 'none'}."


def to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"

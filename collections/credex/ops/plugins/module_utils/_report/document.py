# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks in, one document out: what a report says, before anybody chose how it looks. Pure.

A check: ``{id, title, server, phase, status, required, detail, evidence, at}``. Two kinds of evidence also fill the
report's table and picture of servers:

- ``changes: [{what, before, after}]``, or ``present: {...}`` and ``wanted: {...}`` of the same thing;
- how a server's turn went, in one check of it: ``state``, ``canary`` (bool), and the moments ``began``, ``down``,
  ``back``, ``ended`` (ISO 8601, UTC; null for what did not happen).

A check may also belong to a ``group`` (a case of a validation, a step of a drill), of which the report tells how it
ended as a whole, and say with ``follow_up`` what to do when it did not pass. Groups are in the order of their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._report import times

SCHEMA = 1
PHASES = ("preflight", "plan", "change", "verify", "report")
TEXTS = ("id", "title", "server", "phase", "status", "detail", "group", "follow_up", "at")
STATUSES = ("passed", "failed", "skipped", "unknown")
WARNING = "warning"
SHOWN = ("passed", "failed", WARNING, "skipped", "unknown")
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
        "group": "", "follow_up": "",
        **{name: value for name, value in check.items() if value is not None},
    }  # fmt: skip
    for name in TEXTS:
        if not isinstance(whole[name], str):
            raise CheckError(f"Check {whole['id']}: {name} is {whole[name]!r}, expected text.")
    _one_of(whole, "phase", PHASES)
    _one_of(whole, "status", STATUSES)
    _one_of(whole, "required", (True, False))
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
    end = _end(run, checks, finished, interrupted, now)
    failure = (finished or {}).get("failure") or ""
    servers = _servers(run, checks, ended=finished is not None)
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
        "groups": _groups(checks),
        "servers": servers,
        "checks": checks,
    }


def _one_of(check: dict[str, Any], name: str, allowed: tuple[object, ...]) -> None:
    if check[name] not in allowed:
        raise CheckError(
            f"Check {check['id']}: {name} is {check[name]!r}, expected one of {', '.join(map(str, allowed))}."
        )


def _end(
    run: dict[str, Any],
    checks: list[dict[str, Any]],
    finished: dict[str, Any] | None,
    interrupted: bool,
    now: str | None,
) -> Any:
    """When the run ended; of an interrupted one the last that is known, of a running one what was asked with *now*."""
    if finished:
        return finished.get("at")
    last = checks[-1].get("at") if checks else None
    return (last if interrupted else now) or run.get("started")


def _title(run: dict[str, Any]) -> str:
    operation = str(run.get("operation") or "run").replace("_", " ").strip().capitalize()
    return run.get("title") or operation


def _seconds(start: Any, end: Any) -> int | None:
    begun, ended = times.parse(start), times.parse(end)
    return round((ended - begun).total_seconds()) if begun and ended else None


def shown(check: dict[str, Any]) -> str:
    """The check's status; what fails and is not required is a warning."""
    return WARNING if check["status"] == "failed" and not _is_required(check) else str(check["status"])


def tally(counts: dict[str, int]) -> list[tuple[str, str]]:
    """What there is of each, with the count in words."""
    words = {name: f"{counts[name]} {name}" for name in SHOWN if counts[name]}
    if counts[WARNING] > 1:
        words[WARNING] += "s"
    return list(words.items())


def _counts(checks: list[dict[str, Any]]) -> dict[str, int]:
    return {"total": len(checks), **{name: sum(shown(check) == name for check in checks) for name in SHOWN}}


def _is_required(check: dict[str, Any]) -> bool:
    return bool(check.get("required", True))


# Groups


def _groups(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = sorted({check["group"] for check in checks if check.get("group")})
    return [_group(name, [check for check in checks if check.get("group") == name]) for name in names]


def _group(name: str, own: list[dict[str, Any]]) -> dict[str, Any]:
    """A group is as good as its worst required check; what is not required speaks only where nothing else does."""
    deciding = [check for check in own if _is_required(check)] or own
    status = next(s for s in ("failed", "unknown", "skipped", "passed") if any(c["status"] == s for c in deciding))
    open_ = [check for check in own if check["status"] != "passed"]
    return {
        "name": name,
        "status": status,
        "counts": _counts(own),
        "reasons": _unlike(
            {
                "status": check["status"],
                "required": _is_required(check),
                "text": f"{_where(check)}{check.get('detail') or check['title']}",
            }
            for check in open_
        ),
        "follow_up": list(dict.fromkeys(check["follow_up"] for check in open_ if check.get("follow_up"))),
    }


def _unlike(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in entries:
        if entry not in found:
            found.append(entry)
    return found


# Servers


def _servers(run: dict[str, Any], checks: list[dict[str, Any]], ended: bool) -> list[dict[str, Any]]:
    """Every server that was expected or spoken of: first those that had a turn, in its order, then the others."""
    expected = list(run.get("servers") or [])
    names = list(dict.fromkeys([*expected, *(c["server"] for c in checks if c.get("server"))]))
    servers = [_server(name, name in expected, ended, [c for c in checks if c.get("server") == name]) for name in names]
    return sorted(servers, key=lambda server: (server["turn"]["began"] if server["turn"] else None) or "~")


def _server(name: str, expected: bool, ended: bool, own: list[dict[str, Any]]) -> dict[str, Any]:
    turn = next((_turn(_evidence(check)) for check in reversed(own) if "state" in _evidence(check)), None)
    silent = expected and not any(check["status"] in ("passed", "failed") for check in own)
    return {
        "name": name,
        "expected": expected,
        "silent": silent,
        "canary": any(_evidence(check).get("canary") is True for check in own),
        "outcome": _outcome(own, turn, silent, ended),
        "turn": turn,
        "changes": _latest(change for check in own for change in _changes(_evidence(check))),
        "counts": _counts(own),
    }


def _evidence(check: dict[str, Any]) -> dict[str, Any]:
    evidence = check.get("evidence")
    return evidence if isinstance(evidence, dict) else {}


def _turn(evidence: dict[str, Any]) -> dict[str, Any]:
    moments = {name: times.parse(evidence.get(name)) for name in ("began", "down", "back", "ended")}
    down, back = moments["down"], moments["back"]
    return {
        "state": str(evidence["state"]),
        **{name: times.to_text(moment) if moment else None for name, moment in moments.items()},
        "down_s": round((back - down).total_seconds()) if down and back and back >= down else None,
    }


def _changes(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    changes = evidence.get("changes")
    if isinstance(changes, list):
        return [change for change in changes if isinstance(change, dict) and "what" in change]
    before, after = evidence.get("present"), evidence.get("wanted")
    if not isinstance(after, dict) or not isinstance(before, (dict, type(None))):
        return []
    return _differences(before or {}, after)


def _latest(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of one thing the last word: what was done to it, and no more what was planned."""
    return list({str(change["what"]): change for change in changes}.values())


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the two descriptions differ; the fingerprint only where nothing that says more does."""
    names = [name for name in after if before.get(name) != after[name] and not isinstance(after[name], (dict, list))]
    names = [name for name in names if name != "fingerprint"] or names
    prefix = f"{after['product']} " if after.get("product") else ""
    return [{"what": prefix + name, "before": before.get(name), "after": after[name]} for name in names]


# What the state of a turn means for the reader; a state may carry its reason behind a colon
OUTCOMES = {
    "done": "done",
    "unchanged": "unchanged",
    "waiting": "not_reached",
    "begun": "held_back",
    "undone": "undone",
    "kept": "kept",
    "undo failed": "failed",
}


def _outcome(own: list[dict[str, Any]], turn: dict[str, Any] | None, silent: bool, ended: bool) -> str:
    """How it is with the server; checked: it had no turn; unknown: a run without an end may have touched it."""
    if turn is None and (silent or not ended):
        return "silent" if ended else "unknown"
    required = [check["status"] for check in own if _is_required(check)]
    from_turn = OUTCOMES.get(turn["state"].partition(":")[0], "unknown") if turn else "checked"
    if from_turn not in ("done", "unchanged", "checked"):
        return from_turn
    if "failed" in required:
        return "failed"
    if "unknown" in required or "skipped" in required:
        return "not_proven"
    return from_turn


# The verdict


def _findings(checks: list[dict[str, Any]], servers: list[dict[str, Any]], failure: str) -> list[str]:
    """Every reason why this run is not green, in words; empty means green.

    What a failed run did not come to is a consequence, and no reason of its own.
    """
    counting = ("failed", "unknown") if failure else ("failed", "unknown", "skipped")
    findings = [failure] if failure else []
    findings += [_sentence(check) for status in counting for check in checks if _counts_against(check, status)]
    if not failure:
        findings += [f"{s['name']}: expected, but no check of it gave an answer" for s in servers if s["silent"]]
    if not checks:
        findings.append("No check was recorded")
    return findings


def _counts_against(check: dict[str, Any], status: str) -> bool:
    return check["status"] == status and _is_required(check)


def _sentence(check: dict[str, Any]) -> str:
    detail = f": {check['detail']}" if check.get("detail") else ""
    return f"{_where(check)}{check['title']} ({check['status']}){detail}"


def _where(check: dict[str, Any]) -> str:
    return f"{check['server']}: " if check.get("server") else ""


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
    done = sum(server["outcome"] in ("done", "unchanged") for server in servers)
    sentences = {
        "running": "The run has not ended yet.",
        "interrupted": "The run ended without a word: it was killed, or its machine was lost. Run it again.",
        "failed": "The run failed.",
        "incomplete": "Nothing failed, but not everything that had to be proven was proven.",
        "planned": "Check mode: this is what a run would do. Nothing was changed.",
        "nothing_to_do": "Everything was already as wanted. Nothing was changed.",
        "passed": "Done and proven, but for what the warnings say."
        if counts[WARNING]
        else "Everything was done and proven.",
    }
    told = ", ".join(words for _name, words in tally(counts))
    partial = servers and verdict in ("failed", "interrupted", "running")
    about = f" Done: {done} of {len(servers)} servers." if partial else ""
    return f"{sentences[verdict]}{about} Checks: {told or 'none'}."


def to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page shows, in words and percentages: the report document made ready for its template. Pure."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._report import times
from ansible_collections.credex.ops.plugins.module_utils._report.document import PHASES, shown, tally

# Symbol, word and tone; the tone colours, the other two say the same without colour
VERDICTS = {
    "passed": ("✔", "Passed", "good"),
    "nothing_to_do": ("✔", "Nothing to do", "good"),
    "planned": ("◇", "Planned", "calm"),
    "incomplete": ("▲", "Incomplete", "warn"),
    "running": ("●", "Running", "calm"),
    "interrupted": ("■", "Interrupted", "bad"),
    "failed": ("✖", "Failed", "bad"),
}
OUTCOMES = {
    "done": ("✔", "Done and proven", "good"),
    "unchanged": ("✔", "Nothing to do", "good"),
    "checked": ("✔", "Checked", "good"),
    "held_back": ("○", "Held back, unchanged", "calm"),
    "not_reached": ("○", "Not reached, unchanged", "calm"),
    "undone": ("↺", "Undone, as before", "warn"),
    "kept": ("▲", "Changed and kept", "warn"),
    "not_proven": ("▲", "Not proven", "warn"),
    "silent": ("?", "Silent", "bad"),
    "unknown": ("?", "Unknown, look at it", "bad"),
    "failed": ("✖", "Failed", "bad"),
}
STATUS = {
    "passed": ("✔", "passed", "good"),
    "failed": ("✖", "failed", "bad"),
    "warning": ("▲", "warning", "warn"),
    "skipped": ("○", "skipped", "calm"),
    "unknown": ("?", "unknown", "warn"),
}
PHASE_TITLES = {
    "preflight": ("Preflight", "Right account, whole fleet, right hour, lock"),
    "plan": ("Plan", "What is, and what is to be"),
    "change": ("Change", "One server at a time, each behind a gate"),
    "verify": ("Verify", "What the servers themselves answer"),
    "report": ("Report", "The record of the run"),
}
ONE_AT_A_TIME = "Never more than one server was out of service at a time."
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# A phase with more checks than this is folded when all of them have passed
MANY = 30


def view(document: dict[str, Any]) -> dict[str, Any]:
    run = document["run"]
    return {
        "title": run["title"],
        "environment": run.get("environment") or "",
        "verdict": label(VERDICTS, document["verdict"]),
        "summary": document["summary"],
        "findings": document["findings"],
        "facts": _facts(document),
        "timeline": timeline(document),
        "groups": groups(document),
        "servers": [_server(document, server) for server in document["servers"]],
        "tally": [(STATUS[name][0], words, STATUS[name][2]) for name, words in tally(document["counts"])],
        "phases": [phase for phase in (_phase(document, name) for name in PHASES) if phase["checks"]],
        "run_id": run.get("id") or "",
    }


def groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **group,
            "label": label(STATUS, group["status"]),
            "reasons": [{"label": label(STATUS, shown(r)), "text": r["text"]} for r in group["reasons"]],
        }
        for group in document.get("groups") or []
    ]


def label(labels: dict[str, tuple[str, str, str]], name: str) -> dict[str, str]:
    symbol, word, tone = labels[name]
    return {"symbol": symbol, "word": word, "tone": tone}


def _facts(document: dict[str, Any]) -> list[tuple[str, str]]:
    run = document["run"]
    facts = [
        ("When", when(run, document["verdict"])),
        ("Took", times.in_words(run.get("duration_s"))),
        ("Run by", run.get("holder")),
        ("Servers", str(len(document["servers"])) if document["servers"] else ""),
        ("Mode", "check mode" if run.get("check_mode") else ""),
    ]
    return [(name, str(value)) for name, value in facts if value]


def when(run: dict[str, Any], verdict: str) -> str:
    began, ended = _time(run.get("started")), _time(run.get("finished"))
    if verdict == "running":
        return f"{_day(run.get('started'))}, since {began} UTC"
    last_sign = " (last sign of life)" if verdict == "interrupted" else ""
    return f"{_day(run.get('started'))}, {began} to {ended} UTC{last_sign}"


def _outcome(document: dict[str, Any], server: dict[str, Any]) -> dict[str, str]:
    if document["run"].get("check_mode") and server["outcome"] == "done":
        return {"symbol": "◇", "word": "Would be changed", "tone": "calm"}
    if document["verdict"] == "running" and server["outcome"] == "unknown":
        return {"symbol": "●", "word": "Not known yet", "tone": "calm"}
    return label(OUTCOMES, server["outcome"])


def _server(document: dict[str, Any], server: dict[str, Any]) -> dict[str, Any]:
    counts = server["counts"]
    return {
        "name": server["name"],
        "canary": server["canary"],
        "outcome": _outcome(document, server),
        "reason": (server["turn"] or {}).get("state", "").partition(": ")[2],
        "changes": [
            {"what": change["what"], "before": _value(change.get("before")), "after": _value(change.get("after"))}
            for change in server["changes"]
        ],
        "in_force": server["outcome"] in ("done", "kept") and not document["run"].get("check_mode"),
        "down": _out_of_service(server),
        "checks": f"{counts['passed']} of {counts['total']}",
    }


def _value(value: Any) -> str:
    """A value for people: a moment as date and time, nothing as a word, anything odd as JSON."""
    if value is None or value == "":
        return "none"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    moment = times.parse(value) if MOMENT.fullmatch(value) else None
    if moment is None:
        return value
    return f"{moment:%Y-%m-%d}" if value.endswith("T00:00:00Z") else f"{moment:%Y-%m-%d %H:%M} UTC"


def _out_of_service(server: dict[str, Any]) -> str:
    turn = server["turn"]
    if turn and turn["down"]:
        return times.in_words(turn["down_s"]) if turn["down_s"] is not None else "not seen back"
    return "unknown" if server["outcome"] in ("unknown", "silent") else "not taken down"


def _phase(document: dict[str, Any], name: str) -> dict[str, Any]:
    checks = [check for check in document["checks"] if check["phase"] == name]
    passed = sum(check["status"] == "passed" for check in checks)
    title, subtitle = PHASE_TITLES[name]
    return {
        "title": title,
        "subtitle": subtitle,
        "tally": f"{passed} of {len(checks)} passed",
        "open": len(checks) <= MANY or passed < len(checks),
        "checks": [_check(check) for check in checks],
    }


def _check(check: dict[str, Any]) -> dict[str, Any]:
    evidence = check.get("evidence")
    return {
        "status": label(STATUS, shown(check)),
        "title": check["title"],
        "server": check.get("server") or "",
        "detail": check.get("detail") or "",
        "follow_up": (check.get("follow_up") or "") if check["status"] != "passed" else "",
        "optional": not check.get("required", True),
        "at": _time(check.get("at")),
        "evidence": json.dumps(evidence, indent=2, ensure_ascii=False, default=str) if evidence else "",
    }


def _day(text: Any) -> str:
    moment = times.parse(text)
    return f"{moment.day} {moment:%B %Y}" if moment else "unknown"


def _time(text: Any) -> str:
    moment = times.parse(text)
    return f"{moment:%H:%M:%S}" if moment else ""


# The picture


def timeline(document: dict[str, Any]) -> dict[str, Any] | None:
    """Rows of segments, in percent of the time from the first turn to the run's end; None where nothing had a turn."""
    turns = [server for server in document["servers"] if server["turn"] and server["turn"]["began"]]
    end = times.parse(document["run"].get("finished"))
    if not turns or end is None or document["run"].get("check_mode"):
        return None
    begin = min(_moment(server["turn"]["began"]) for server in turns)
    scale = _Scale(begin, max([end, *(_moment(s["turn"]["ended"]) for s in turns if s["turn"]["ended"])]))
    return {
        "rows": [_row(document, server, scale) for server in document["servers"]],
        "ticks": scale.ticks(),
        "summary": _most_at_once([server["turn"] for server in turns], scale.end),
    }


def _most_at_once(turns: list[dict[str, Any]], end: datetime) -> str:
    """How many servers were out of service at the same time, at worst."""
    steps = []
    for turn in turns:
        if turn["down"]:
            back = _moment(turn["back"]) if turn["back"] else end
            steps += [(_moment(turn["down"]), 1), (max(back, _moment(turn["down"])), -1)]
    most = now_down = 0
    for _moment_of_step, step in sorted(steps):
        now_down += step
        most = max(most, now_down)
    if not steps:
        return "No server was out of service."
    return ONE_AT_A_TIME if most == 1 else f"Up to {most} servers were out of service at the same time."


class _Scale:
    """Moments as percentages of the picture's width."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.begin = begin
        self.end = max(end, begin + timedelta(seconds=1))

    def percent(self, moment: datetime) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def span(self, begin: datetime, end: datetime) -> dict[str, float]:
        left = self.percent(begin)
        return {"x": left, "width": round(max(self.percent(end) - left, 0.6), 2)}

    def ticks(self) -> list[dict[str, Any]]:
        step = (self.end - self.begin) / 4
        anchors = ["start", "middle", "middle", "middle", "end"]
        moments = [self.begin + number * step for number in range(5)]
        return [
            {"x": 25 * number, "anchor": anchor, "text": f"{moment:%H:%M:%S}"}
            for number, (anchor, moment) in enumerate(zip(anchors, moments))
        ]


def _row(document: dict[str, Any], server: dict[str, Any], scale: _Scale) -> dict[str, Any]:
    turn = server["turn"]
    segments = _segments(turn, scale) if turn and turn["began"] else []
    return {
        "name": server["name"],
        "canary": server["canary"],
        "outcome": _outcome(document, server),
        "segments": segments,
        "gates": _gates(turn, scale) if segments else [],
        "note": _note(turn),
    }


def _segments(turn: dict[str, Any], scale: _Scale) -> list[dict[str, Any]]:
    """The turn: at the gate, out of service, being proven. What has no end goes on to the picture's edge."""
    began, ended = _moment(turn["began"]), _moment(turn["ended"]) if turn["ended"] else scale.end
    if not turn["down"]:
        return [{"kind": "work", "label": "at work, in service", **scale.span(began, ended)}]
    down, back = _moment(turn["down"]), _moment(turn["back"]) if turn["back"] else scale.end
    segments = [
        {"kind": "work", "label": "gate and change, in service", **scale.span(began, down)},
        {"kind": "down", "label": "out of service", **scale.span(down, back)},
    ]
    if turn["back"]:
        segments.append({"kind": "work", "label": "back, being proven", **scale.span(back, max(ended, back))})
    return segments


def _gates(turn: dict[str, Any], scale: _Scale) -> list[dict[str, Any]]:
    """Where the gate was passed: it may go down, it is back. A turn that only began was held back there."""
    if turn["state"].partition(":")[0] == "begun":
        return [{"x": scale.percent(_moment(turn["ended"]) if turn["ended"] else scale.end), "kind": "held"}]
    return [{"x": scale.percent(_moment(turn[name])), "kind": "open"} for name in ("down", "back") if turn[name]]


def _note(turn: dict[str, Any] | None) -> str:
    if not turn or not turn["began"]:
        return "in service all the time"
    if not turn["down"]:
        held = ", held back" if turn["state"].partition(":")[0] == "begun" else ""
        return f"from {_time(turn['began'])}{held}, in service all the time"
    if not turn["back"]:
        return f"out of service since {_time(turn['down'])}, not seen back"
    return f"out of service {_time(turn['down'])} to {_time(turn['back'])}, {times.in_words(turn['down_s'])}"


def _moment(text: str) -> datetime:
    return times.from_text(text)

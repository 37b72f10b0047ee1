# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""How a rolling operation ended, told from the facts that each server's turn left behind. Pure.

C(neo4j_rolling_state) of a server passes waiting (not set), begun, touched, done; and on failure undoing, undone,
C(undo failed: why), or C(kept: why).
"""

from __future__ import annotations

import re
import typing as t

from . import cluster

Vars = t.Mapping[str, t.Any]

IN_TURN = ("begun", "touched")
# What ansible-core says around the sentence of a filter of ours that refuses its input
_AROUND_A_FILTER = re.compile(r"^.*?The filter plugin 'credex\.ops\.\w+' failed: ", re.DOTALL)


def failure(controller: Vars, servers: t.Sequence[Vars], in_turns: bool = True) -> str:
    """One sentence: who failed, in which task, and why. A lost server runs no rescue, so it is not alive."""
    lost = [s["inventory_hostname"] for s in servers if not s.get("neo4j_rolling_alive")]
    in_turn = [s for s in servers if s.get("neo4j_rolling_state") in IN_TURN]
    failed = [s for s in servers if s.get("ansible_failed_task")]
    culprit = next(iter([*in_turn, *failed]), None)
    if culprit is not None and culprit["inventory_hostname"] not in lost:
        return _sentence(culprit)
    if lost:
        when = " in its turn" if culprit is not None else " before any change" if in_turns else ""
        return f"{', '.join(lost)}: lost (unreachable){when}"
    return _sentence(controller)


def _sentence(host: Vars) -> str:
    task, result = host.get("ansible_failed_task") or {}, host.get("ansible_failed_result") or {}
    return f"{host['inventory_hostname']}: {task.get('name', 'unknown task')}: {message(result)}"


def message(result: Vars) -> str:
    """What a failed task said; of a loop, what its failed items said."""
    said = [str(item.get("msg")) for item in result.get("results") or [] if item.get("failed")]
    return _AROUND_A_FILTER.sub("", "; ".join(said) or str(result.get("msg", "no message")))


def outcome(
    servers: t.Sequence[Vars], order: t.Sequence[str], problem: str, check_mode: bool
) -> list[dict[str, t.Any]]:
    """One check for each server: how it ended, with the times of its turn as evidence. None is told twice."""
    untold = [s for s in servers if s.get("neo4j_rolling_told") != _state(s)]
    return [_outcome(s, order, problem, check_mode) for s in _sorted(untold, order)]


def _sorted(servers: t.Sequence[Vars], order: t.Sequence[str]) -> list[Vars]:
    place = {host: number for number, host in enumerate(order)}
    return sorted(servers, key=lambda s: place.get(s["inventory_hostname"], len(place)))


def _state(server: Vars) -> str:
    return str(server.get("neo4j_rolling_state") or "waiting")


def _outcome(server: Vars, order: t.Sequence[str], problem: str, check_mode: bool) -> dict[str, t.Any]:
    host = server["inventory_hostname"]
    state = _state(server)
    status, detail = _judge(state, host in order, problem, check_mode)
    return {
        "id": "rolling.server",
        "title": "How the server ended",
        "server": host,
        "phase": "change",
        "status": status,
        "detail": detail,
        "evidence": {
            "state": state if host in order else "unchanged",
            "canary": bool(order) and host == order[0],
            **{key: server.get(f"neo4j_rolling_{key}") for key in ("began", "down", "back", "ended")},
        },
    }


def _judge(state: str, in_order: bool, problem: str, check_mode: bool) -> tuple[str, str]:
    if not in_order:
        return ("skipped", "not reached: the run ended before the work") if problem else ("passed", "nothing to do")
    if state == "done":
        return "passed", "would be changed" if check_mode else "changed and proven"
    if state == "waiting":
        return "skipped", "not reached, unchanged"
    if state == "begun":
        return "skipped", "held back before the work, unchanged"
    if state == "undone":
        return "failed", "its turn failed, it was undone, and the server is back"
    if state.startswith("kept"):
        return "failed", f"changed, proven and kept; it was not undone: {state[len('kept: ') :]}"
    if state.startswith("undo failed"):
        return "failed", f"{state}. Look at this server first"
    return "unknown", f"{state} when contact was lost: look at this server first, then run again"


def serving(
    reading: t.Sequence[cluster.Entry], members: t.Sequence[dict[str, str]], policy: cluster.Policy
) -> list[dict[str, t.Any]]:
    """One check for each member: does it serve all that it should, as its own cluster sees it?"""
    clusters = {m["cluster"]: [e for e in reading if e["uri"] in _uris(members, m["cluster"])] for m in members}
    return [_serving(m["host"], cluster.is_back(clusters[m["cluster"]], m["uri"], policy)) for m in members]


def _uris(members: t.Sequence[dict[str, str]], name: str) -> set[str]:
    return {m["uri"] for m in members if m["cluster"] == name}


def _serving(host: str, verdict: cluster.Verdict) -> dict[str, t.Any]:
    return {
        "id": "rolling.serving",
        "title": "It serves all that it should",
        "server": host,
        "phase": "verify",
        "status": "passed" if verdict.open else "failed",
        "detail": "; ".join(verdict.reasons) or "it answers, and its databases are online",
    }

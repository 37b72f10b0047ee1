# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which servers a rolling restart restarts, and why. Pure: plain dicts in and out."""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]


def plan_server(observed: Item, started_before: str) -> Item:
    """Whether one server is due, as a check for the report that says why.

    C(observed): host, service (M(credex.ops.neo4j_service_info), asked with C(started_before)), objection (what
    speaks against its configuration, or an empty text).
    """
    service = observed["service"]
    due = service["restart_needed"] or service["state"] != "running"
    refused = f"it would not come up again: {observed['objection']}" if due and observed["objection"] else ""
    return {
        "host": observed["host"],
        "due": due,
        "refused": refused,
        "check": {
            "id": "restart.plan",
            "title": "Whether it is restarted, and why",
            "server": observed["host"],
            "phase": "plan",
            "status": "failed" if refused else "passed",
            "detail": refused or _why(service, started_before),
            "evidence": {"changes": _changes(service)} if due else {},
        },
    }


def _why(service: Item, started_before: str) -> str:
    if service["state"] != "running":
        return f"start: it is {service['state']} ({service['message']})"
    process = f"its process {_process(service)}"
    if service["changed_since"]:
        return f"restart: {process} has not read {', '.join(file['path'] for file in service['changed_since'])}"
    if service["restart_needed"]:
        return f"restart: {process} began before {started_before}"
    return f"nothing to do: {process} has read what lies there"


def _changes(service: Item) -> list[Item]:
    process = {"what": "Process", "before": _process(service), "after": "a new one"}
    return [process, *(_file_change(file, service["started_at"]) for file in service["changed_since"])]


def _file_change(file: Item, started_at: str) -> Item:
    """A file as the running process has read it, and as it lies there."""
    return {
        "what": file["path"],
        "before": f"as of {_short(started_at)}",
        "after": f"as of {_short(file['changed_at'])}",
    }


def _process(service: Item) -> str:
    """Its number, and since when it runs."""
    return f"{service['pid']} since {_short(service['started_at'])}" if service["pid"] else "none"


def _short(moment: str) -> str:
    """To the second, as all moments of a report."""
    return f"{moment[:19]}Z"


def proof(host: str, before: Item, after: Item) -> Item:
    """The proof that a server runs with another process than before, as a check for the report."""
    is_new = after["pid"] is not None and after["started_at"] != before["started_at"]
    change = {"what": "Process", "before": _process(before), "after": _process(after)}
    return {
        "id": "restart.process",
        "title": "It runs with a new process",
        "server": host,
        "phase": "change",
        "status": "passed" if is_new else "failed",
        "detail": f"process {change['before']} -> {change['after']}",
        "evidence": {"changes": [change]},
    }

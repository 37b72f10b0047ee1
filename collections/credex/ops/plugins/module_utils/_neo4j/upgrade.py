# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a server needs to become another version, whether it may, and whether it is. Pure: plain dicts in and out."""

from __future__ import annotations

import posixpath
import re
import typing as t

from . import breaking, conf_file, settings
from .versions import version_tuple

Item = dict[str, t.Any]

OLDEST = (5, 26)
CALENDAR = (2025,)
_DATA, _TRANSACTIONS = "server.directories.data", "server.directories.transaction.logs.root"
_VERSION = re.compile(r"\d+(\.\d+){2,}$")


def kind(present: str, wanted: str) -> str:
    """C(none), C(patch), C(minor) between calendar versions, C(series) from 5.26 to them."""
    before, after = version_tuple(present), version_tuple(wanted)
    if before == after:
        return "none"
    if before[:2] == after[:2]:
        return "patch"
    return "series" if before < CALENDAR <= after else "minor"


def refusal(present: str, wanted: str) -> str:
    """Why no operation takes a server from one to the other; empty where one does."""
    if not _VERSION.fullmatch(wanted):
        return f"neo4j_version is {wanted!r}: write all of its numbers, such as 5.26.30."
    before, after = version_tuple(present), version_tuple(wanted)
    if after < before:
        return (
            f"Neo4j {present} ran here, and {wanted} is older: it does not start on what a newer one has written. "
            "The way back is a restore of a backup that was made with it."
        )
    if before < OLDEST:
        return (
            f"Neo4j {present} is older than 5.26, which this collection begins with and which every way to calendar "
            "versions leads through: bring it to 5.26 by Neo4j's upgrade guide first."
        )
    return ""


def configuration(content: str, table: t.Mapping[str, t.Any], wanted: str, edition: str) -> str:
    """A neo4j.conf with the names that the wanted version has for its settings, and the rest to the byte."""
    rows = settings.known(table)
    return conf_file.brought_in(content, breaking.migrated(conf_file.values(content), rows, wanted, edition))


def data_folders(content: str, home: str) -> list[str]:
    """Where a server with this configuration keeps its data."""
    values = conf_file.values(content)
    data = posixpath.join(home, values.get(_DATA, ["data"])[-1])
    elsewhere = values.get(_TRANSACTIONS, [])
    return [data, *(posixpath.join(data, path) for path in elsewhere[-1:])]


def plan_server(observed: Item, answer: Item, wanted: Item, table: t.Mapping[str, t.Any], backup: str = "") -> Item:
    """What one server needs.

    C(observed): host, service (M(credex.ops.neo4j_service_info)), installed (names of what is installed, with their
    versions), name (what would be), mark (what a run left that did not end), before and content (its neo4j.conf as it
    is and as it would be), problems (what speaks against it on the host), fingerprint (of its neo4j.conf), plugins
    (their jars), home. C(answer): one entry of M(credex.ops.neo4j_cluster_info). C(wanted): version and edition.
    C(backup): what is said of the backup.
    """
    present = _present(observed, answer)
    is_running = observed["service"]["state"] == "running"
    is_there = observed["installed"] == [observed["name"]]
    due = not (is_there and is_running and answer["reachable"] and present == wanted["version"])
    refused, known = _judge(observed, answer, wanted, table, present) if due else ([], [])
    plan = {
        "host": observed["host"],
        "due": due,
        "kind": kind(present, wanted["version"]) if present else "none",
        "origin": _origin(observed, present, wanted["version"], is_running),
        "folders": data_folders(observed["before"], observed["home"]),
        "refused": refused,
        "to_know": known,
    }
    plan["way_back"] = _way_back(plan["origin"], backup)
    return {**plan, "check": _plan_check(observed, present, wanted["version"], plan)}


def _present(observed: Item, answer: Item) -> str:
    """The version that has run on this server's data last; what is installed may be newer than that."""
    if answer["reachable"]:
        return str(answer["version"])
    if _is_unfinished(observed):
        return str(observed["mark"]["from"])
    found = _VERSION.search(observed["installed"][0]) if observed["installed"] else None
    return found.group() if found else ""


def _is_unfinished(observed: Item) -> bool:
    """Whether a run was killed that had taken this server down."""
    return bool(observed["mark"].get("from")) and observed["service"]["state"] != "running"


def _origin(observed: Item, present: str, wanted: str, is_running: bool) -> Item:
    """What to go back to. It is written to the host; one of a run that did not end is kept as it is."""
    if _is_unfinished(observed) and observed["mark"].get("to") == wanted:
        return dict(observed["mark"])
    return {
        "from": present,
        "to": wanted,
        "configuration": observed["fingerprint"],
        "plugins": observed["plugins"],
        "since": observed["service"]["started_at"] if is_running else None,
    }


def _judge(
    observed: Item, answer: Item, wanted: Item, table: t.Mapping[str, t.Any], present: str
) -> tuple[list[str], list[str]]:
    """What speaks against it, and what is to be known."""
    if not observed["installed"]:
        return ["Neo4j was installed in a way that this collection does not know; site.yml installs servers."], []
    no_way = refusal(present, wanted["version"])
    if no_way:
        return [no_way], []
    refused = list(observed["problems"])
    if answer["reachable"] and answer["edition"] != wanted["edition"]:
        refused.append(f"It is {answer['edition']} edition, and an upgrade does not make it {wanted['edition']}.")
    must, known = breaking.found(conf_file.values(observed["before"]), present, wanted["version"])
    rows, values = settings.known(table), conf_file.values(observed["content"] or "")
    gone = breaking.lost(values, rows, present, wanted["version"], wanted["edition"])
    refused += must + [
        f"{name} is no setting of Neo4j {wanted['version']} any more: null in neo4j_server_settings takes it out."
        for name in gone
    ]
    return refused, known


def _way_back(origin: Item, backup: str) -> str:
    """What a person does with a server that is not put back by itself."""
    return (
        f"Neo4j {origin['to']} has opened the data, and {origin['from']} may not start on it any more. To go on, mend "
        f"what keeps it from serving, and run the upgrade again. To go back, stop it, install {origin['from']} again, "
        f"and restore {backup or 'a backup that was made before'}; one server of a cluster is better replaced, and "
        "copies the data from the others."
    )


def _plan_check(observed: Item, present: str, wanted: str, plan: Item) -> Item:
    return {
        "id": "upgrade.plan",
        "title": "What becomes of it",
        "server": observed["host"],
        "phase": "plan",
        "status": "failed" if plan["refused"] else "passed",
        "detail": " ".join(plan["refused"]) or _detail(observed, present, wanted, plan),
        "evidence": {"changes": _changes(observed, present, wanted) if plan["due"] else [], "path": plan["kind"]},
    }


def _detail(observed: Item, present: str, wanted: str, plan: Item) -> str:
    if not plan["due"]:
        return f"nothing to do: it is Neo4j {wanted}"
    words = [f"{plan['kind']}: {present} -> {wanted}" if plan["kind"] != "none" else f"start it as {wanted} again"]
    if observed["service"]["state"] != "running":
        words.append(f"it is {observed['service']['state']}")
    words += [f"to know: {sentence}" for sentence in plan["to_know"]]
    return "; ".join(words)


def _changes(observed: Item, present: str, wanted: str) -> list[Item]:
    before, after = (conf_file.values(observed[name] or "") for name in ("before", "content"))
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    version = [{"what": "Neo4j", "before": present, "after": wanted}] if present != wanted else []
    return version + [
        {"what": name, "before": _shown(name, before.get(name)), "after": _shown(name, after.get(name))}
        for name in names
    ]


def _shown(name: str, texts: t.Sequence[str] | None) -> str:
    return settings.shown(name, None if texts is None else " ".join(texts))


def verdict(host: str, answer: Item, peers: t.Sequence[Item], wanted: str) -> Item:
    """The proof that a server is the wanted version, in its own words and in those of C(peers), who list servers."""
    status, detail = _judge_answer(answer, peers, wanted)
    return {
        "id": "upgrade.version",
        "title": "It is the wanted version",
        "server": host,
        "phase": "verify",
        "status": status,
        "detail": detail,
        "evidence": {"wanted": wanted},
    }


def _judge_answer(answer: Item, peers: t.Sequence[Item], wanted: str) -> tuple[str, str]:
    if not answer["reachable"]:
        return "failed", f"{answer['uri']} does not answer: {answer['cause']}: {answer['message']}"
    if answer["version"] != wanted:
        return "failed", f"it says that it is Neo4j {answer['version']}, wanted {wanted}"
    views = [view for view in peers if view["reachable"]]
    listed = [row["version"] for view in views for row in view["servers"] if row["address"] == answer["address"]]
    others = sorted({version for version in listed if version != wanted})
    if others:
        return "failed", f"its cluster (SHOW SERVERS) lists it as Neo4j {', '.join(others)}, wanted {wanted}"
    seen = f", and {len(listed)} of its cluster list it so" if listed else ""
    return "passed", f"it says that it is Neo4j {wanted}{seen}"

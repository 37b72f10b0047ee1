# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A cluster that has lost servers: what is lost, and the steps of Neo4j's manual that bring it back. Pure.

A reading is what M(credex.ops.neo4j_cluster_info) returns under C(servers), of all members of one cluster that the
inventory still has, each asked over C(bolt://). A step that cannot be taken back has a word of its own, and is ready
only when that word was given; a server leaves after every database of it that has to be recreated.
"""

from __future__ import annotations

import json
import typing as t

from . import lost_database, members
from .errors import InvalidOptionError
from .members import CORDONED, DEALLOCATED, DEALLOCATING, ENABLED, SYSTEM, Cluster

Entry = dict[str, t.Any]

CORDON, RECREATE, DROP = "cordon", "recreate", "drop"
READY, WAITING, BLOCKED = "ready", "waiting", "blocked"


def plan(
    reading: t.Sequence[Entry], words: t.Sequence[str] = (), seeds: t.Mapping[str, str] | None = None
) -> dict[str, t.Any]:
    """What was found, why nothing can be done, or the steps. C(seeds): database to the address of a backup."""
    given = {" ".join(str(word).split()) for word in words}
    views = [entry for entry in reading if entry["reachable"]]
    problems = _problems(reading, views)
    if problems:
        return _nothing(problems, views)
    writer = t.cast(Entry, system_writer(views))
    cluster = Cluster(writer["servers"], writer["databases"])
    databases = [lost_database.state(cluster, name) for name in lost_database.names(cluster)]
    steps = _steps(cluster, databases, dict(seeds or {}))
    return {
        "problems": [],
        "via": writer["uri"],
        "servers": [_server(row) for row in lost_database.lost_servers(cluster)],
        "databases": databases,
        "steps": _released(steps, given),
        "system": _last_transactions(views),
        "unused": sorted(given - {step["word"] for step in steps}),
    }


def _nothing(problems: list[str], views: t.Sequence[Entry]) -> dict[str, t.Any]:
    return {
        **{name: [] for name in ("servers", "databases", "steps", "unused")},
        "problems": problems,
        "via": None,
        "system": _last_transactions(views),
    }


# Why nothing can be done


def _problems(reading: t.Sequence[Entry], views: t.Sequence[Entry]) -> list[str]:
    if not views:
        asked = ", ".join(entry["uri"] for entry in reading) or "nobody"
        return [f"no server answers ({asked}): start Neo4j on every server that can be started, then look again"]
    doubts = _doubts(views)
    if doubts:
        return doubts
    if system_writer(views) is None:
        return [_unbind(views)]
    return []


def _doubts(views: t.Sequence[Entry]) -> list[str]:
    """What one sees and another does not: a network that is split must be mended, and nothing be given up for it."""
    answering = {view["address"] for view in views}
    doubts = [doubt for view in views for row in view["servers"] for doubt in _doubt(view, row, answering)]
    return list(dict.fromkeys(doubts))


def _doubt(view: Entry, row: Entry, answering: t.Collection[str]) -> list[str]:
    where, answers = f"{row['name']} ({row['address']})", row["address"] in answering
    # A new server may have the address of one that is lost
    is_replaced = any(_is_reached(other) and other["address"] == row["address"] for other in view["servers"])
    if lost_database.is_lost(row) and answers and not is_replaced:
        return [f"{where} answers here, and {view['uri']} does not reach it: mend the network first"]
    if _is_reached(row) and row["state"] in (ENABLED, CORDONED, DEALLOCATING) and not answers:
        return [f"{where} gives no answer here, and {view['uri']} reaches it: is it in the inventory, may it be asked?"]
    return []


def _is_reached(row: Entry) -> bool:
    return bool(row["health"] == "Available")


def system_writer(views: t.Sequence[Entry]) -> Entry | None:
    """The member that writes system, if system takes writes: the status check of each member has to say so too."""
    writing = [view for view in views if any(_writes_here(copy, view) for copy in view["databases"])]
    checks = [row for view in views for row in view["status_check"] or () if row["database"] == SYSTEM]
    is_replicated = not checks or any(row["replication_successful"] is True for row in checks)
    return writing[0] if writing and is_replicated else None


def _writes_here(copy: Entry, view: Entry) -> bool:
    return copy["name"] == SYSTEM and copy["writer"] and copy["address"] == view["address"]


def _last_transactions(views: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    """Of system, as each server that answers tells it of itself."""
    return [
        {"address": copy["address"], "last_committed_txn": copy["last_committed_txn"]}
        for view in views
        for copy in view["databases"]
        if copy["name"] == SYSTEM and copy["address"] == view["address"]
    ]


def _unbind(views: t.Sequence[Entry]) -> str:
    told = ", ".join(f"{row['address']}: {row['last_committed_txn']}" for row in _last_transactions(views))
    return (
        "the database system takes no writes, so that nothing can be changed in this cluster, and this operation does "
        "not go on by itself. First start Neo4j on every server that can be started. If system still takes no writes: "
        "stop Neo4j on all servers; on each, neo4j-admin dbms unbind-system-db; on each, neo4j-admin database info "
        "system, and compare lastCommittedTransaction; where it is highest, neo4j-admin database dump system "
        "--to-path=FOLDER; add a server without constraints for each that is lost; on each, neo4j-admin database load "
        "system --from-path=FOLDER --overwrite-destination=true; look at the discovery settings; start all, and run "
        f"this again. The last transactions of system, as the servers that answer tell them: {told or 'none'}"
    )


# The steps


def _steps(cluster: Cluster, databases: t.Sequence[Entry], seeds: dict[str, str]) -> list[Entry]:
    lost = lost_database.lost_servers(cluster)
    cordons = [_cordon(row) for row in lost if row["state"] == ENABLED]
    recreated = [found for found in databases if found["case"] in lost_database.RECREATED and found["lost_on"]]
    after = _afterwards(cluster, recreated)
    return [
        *cordons,
        *(_recreate(cluster, found, seeds.get(found["name"])) for found in recreated),
        *(_drop(after, row, recreated) for row in after.servers if lost_database.is_lost(row)),
    ]


def _step(kind: str, target: str, detail: str, blocked: str = "", **more: t.Any) -> Entry:
    return {
        "kind": kind,
        "target": target,
        "word": "" if kind == CORDON else f"{kind} {target}",
        "detail": detail,
        "blocked": blocked,
        "after": [],
        **more,
    }


def _cordon(row: Entry) -> Entry:
    return _step(CORDON, row["name"], "so that it gets nothing new; ENABLE SERVER takes that back", server=_server(row))


def _recreate(cluster: Cluster, found: Entry, seed: str | None) -> Entry:
    what = f"recreate it {lost_database.loss(found)}"
    if found["case"] == lost_database.ALL:
        what = f"no copy of it is left: recreate it from {seed or 'a backup'}; {lost_database.loss(found)}"
    return _step(RECREATE, found["name"], what, _refusal(lost_database.refuse, cluster, found, seed, True), seed=seed)


def _drop(after: Cluster, row: Entry, recreated: t.Sequence[Entry]) -> Entry:
    going = after.hosted(row)
    blocked = "" if row["state"] in (DEALLOCATING, DEALLOCATED) else _refusal(members.refuse_deallocation, after, row)
    moved = f"make its copies of {', '.join(going)} anew on others, then " if going else ""
    detail = f"{moved}take it out of the cluster; with the data that it has it can never come back"
    first = [f"{RECREATE} {found['name']}" for found in recreated if row["name"] in found["lost_on"]]
    return _step(DROP, row["name"], detail, blocked, server=_server(row), after=first)


def _refusal(refuse: t.Callable[..., None], *arguments: t.Any) -> str:
    try:
        refuse(*arguments)
    except InvalidOptionError as error:
        return str(error.args[0])
    return ""


def _afterwards(cluster: Cluster, recreated: t.Sequence[Entry]) -> Cluster:
    """The cluster once lost servers are cordoned, and databases recreated: these have nothing on them any more."""
    names = {found["name"] for found in recreated}
    lost = {row["server_id"] for row in lost_database.lost_servers(cluster)}
    return Cluster(
        [_without(row, names) if row["server_id"] in lost else row for row in cluster.servers],
        [copy for copy in cluster.databases if not (copy["name"] in names and copy["server_id"] in lost)],
    )


def _without(row: Entry, names: t.Collection[str]) -> Entry:
    left = {key: [name for name in row[key] if name not in names] for key in ("hosting", "requested_hosting")}
    return {**row, **left, "state": CORDONED if row["state"] == ENABLED else row["state"]}


def _released(steps: t.Sequence[Entry], given: t.Collection[str]) -> list[Entry]:
    """Each with its state, and what it still comes after."""
    released: list[Entry] = []
    for step in steps:
        after = [before["word"] for before in released if before["word"] in step["after"] and before["state"] != READY]
        is_free = not after and (not step["word"] or step["word"] in given)
        released.append(
            {**step, "after": after, "state": BLOCKED if step["blocked"] else READY if is_free else WAITING}
        )
    return released


def _server(row: Entry) -> dict[str, t.Any]:
    return {key: row[key] for key in ("name", "server_id", "address", "state")}


# What is told


def checks(found: Entry, phase: str, command: str) -> list[Entry]:
    """For the report: what was found, then each step. C(command) is the run without its words."""
    if found["problems"]:
        return [_check("judged", "The cluster can be recovered", phase, "failed", why) for why in found["problems"]]
    return [
        _servers_check(found, phase),
        *(_database_check(row, phase) for row in found["databases"]),
        *(_step_check(step, phase, _command(found, step, command)) for step in found["steps"] if phase == "plan"),
        *_unused_checks(found, phase),
    ]


def _command(found: Entry, step: Entry, command: str) -> str:
    """With the words of all that is ready, and this step's own."""
    words = [ready["word"] for ready in found["steps"] if ready["state"] == READY and ready["word"]] + [step["word"]]
    return f"{command} -e '{json.dumps({'recover_cluster_words': words}, ensure_ascii=False)}'"


def _servers_check(found: Entry, phase: str) -> Entry:
    named = [f"{row['name']} ({row['address']}, {row['state']})" for row in found["servers"]]
    advice = "Can one of them be started again? Then start it, and nothing is given up"
    detail = f"lost: {', '.join(named)}. {advice}" if named else "none is lost"
    return _check("servers", "Servers that the cluster lists", phase, "failed" if named else "passed", detail)


_SAID = {
    lost_database.WHOLE: "nothing of it is lost, and it takes writes",
    lost_database.MINORITY: "it takes writes; its copies on {lost} are made anew when these leave",
    lost_database.MAJORITY: "it has lost the majority of its primaries, and takes no writes; left are {left}",
    lost_database.ALL: "no copy of it is left that could be used; lost are those on {lost}{quarantined}",
    lost_database.STOPPED: "it is stopped, so that it can be neither judged nor moved; lost are those on {lost}",
    lost_database.DOWN: "it takes no writes, though a majority of it is there: {left}{quarantined}. See the logs there",
}


def _database_check(row: Entry, phase: str) -> Entry:
    left = [
        f"{each['server']} ({each['role']}, {each['status']}, last transaction {each['last_committed_txn']})"
        for each in row["survivors"]
    ]
    quarantined = f"; quarantined on {', '.join(row['quarantined'])}" if row["quarantined"] else ""
    said = _SAID[row["case"]].format(
        lost=", ".join(row["lost_on"]) or "no server", left=", ".join(left) or "none", quarantined=quarantined
    )
    is_fine = row["case"] == lost_database.WHOLE or (row["case"] == lost_database.STOPPED and not row["lost_on"])
    check = _check("database", f"Database {row['name']}", phase, "passed" if is_fine else "failed", said)
    is_required = phase == "verify" and row["case"] == lost_database.DOWN
    evidence = {key: row[key] for key in ("case", "survivors", "lost_on")}
    return {**check, "required": is_required, "evidence": evidence}


def _step_check(step: Entry, phase: str, command: str) -> Entry:
    detail = step["detail"]
    if step["state"] == BLOCKED:
        detail = f"{detail}. Not yet possible: {step['blocked']}"
    elif step["state"] == WAITING:
        goes_on = f"Comes after: {', '.join(step['after'])}" if step["after"] else f"If that is meant: {command}"
        detail = f"{detail}. {goes_on}"
    status = "passed" if step["state"] == READY else "failed"
    check = _check(f"step.{step['kind']}", f"Step: {step['kind']} {step['target']}", phase, status, detail)
    return {**check, "evidence": {"state": step["state"]}}


def _unused_checks(found: Entry, phase: str) -> list[Entry]:
    if not found["unused"] or phase != "plan":
        return []
    detail = f"no step has them, or it is done: {', '.join(found['unused'])}"
    return [_check("words", "Words that are not needed", phase, "passed", detail)]


def _check(name: str, title: str, phase: str, status: str, detail: str) -> Entry:
    """What is open is a warning: the run did what it was allowed to do. That nothing can be done is a failure."""
    return {
        "id": f"recovery.{name}",
        "title": title,
        "phase": phase,
        "status": status,
        "required": name == "judged",
        "detail": detail,
    }

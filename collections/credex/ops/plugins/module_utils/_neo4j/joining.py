# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A server that joins its cluster: how far it is, what is to be done, and what speaks against it. Pure.

A reading is what M(credex.ops.neo4j_cluster_info) returns under C(servers), of all hosts of one cluster, the new one
among them; C(members) are these hosts, {host, uri}, in the same order. C(newcomer): {host, runs, has_data, has_volume},
its service, whether its data directory is that of a server that was started, and whether a volume that holds something
is still to be mounted there. A member at the same address whose data are not there is lost; it is given up by its id
alone.
"""

from __future__ import annotations

import typing as t

from . import databases, leaving, lost_member
from .errors import InvalidOptionError
from .members import CORDONED, DEALLOCATED, DEALLOCATING, DROPPED, ENABLED, FREE, Cluster, refuse_deallocation

Entry = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]

LEAVING = (CORDONED, DEALLOCATING, DEALLOCATED)
ENDPOINTS = ("dbms.cluster.endpoints", "dbms.cluster.discovery.v2.endpoints")


class Scene(t.NamedTuple):
    """What is seen: the server by the others (C(mine) is null when it is no member), and the cluster without it."""

    host: str
    address: str
    mine: Entry | None
    # At its address, too, and their data are not those of the host; and whom it replaces
    lost: list[Entry]
    given_up: Entry | None
    answer: Entry
    others: list[tuple[Vars, Entry]]
    view: Entry

    @property
    def state(self) -> str:
        return str(self.mine["state"]) if self.mine else leaving.GONE


def plan(
    reading: t.Sequence[Entry],
    members: t.Sequence[Vars],
    newcomer: Vars,
    counts: Vars,
    wanted: t.Sequence[str],
    options: Vars | None = None,
    leaves: str = "",
    gives_up: str = "",
) -> Entry:
    """What is to be done. C(counts): the cluster's primaries and secondaries; C(wanted): the databases of its spaces;
    C(leaves): the host that is to leave afterwards; C(gives_up): the id of a lost server that it takes the place of."""
    uris = {member["host"]: member["uri"] for member in members}
    # Who was dropped, and still runs, knows no cluster any more
    staying = [pair for pair in zip(members, reading) if pair[0]["host"] != leaves]
    me = leaving.observed([entry for _member, entry in staying], uris[newcomer["host"]])
    scene = _scene(staying, newcomer, me["address"], gives_up)
    topologies = _topologies(scene.view, counts, wanted)
    install = not newcomer["runs"] or scene.mine is None
    needed = install or bool(scene.lost or topologies) or scene.state != ENABLED
    against = _own_obstacles(scene, newcomer) + _lost_obstacles(scene) + _given_up_obstacles(scene, newcomer, gives_up)
    checks = [_check(scene, install, topologies)]
    if needed:
        servers = _with_new(scene, options or {})
        against += _silent(members, reading, newcomer["host"]) + _obstacles(scene, topologies, servers)
        if leaves:
            stays = _stay(scene, leaving.observed(reading, uris[leaves])["address"], servers)
            checks, against = [*checks, _may_leave(leaves, stays)], against + stays
    return {
        **me,
        "state": scene.state,
        "server": scene.mine["server_id"] if scene.mine else "",
        "lost": [{key: row[key] for key in ("server_id", "state")} for row in scene.lost],
        "install": install,
        "needed": needed,
        "obstacles": list(dict.fromkeys(against)),
        "checks": checks,
    }


def _scene(pairs: t.Sequence[tuple[Vars, Entry]], newcomer: Vars, address: str, gives_up: str) -> Scene:
    others = [pair for pair in pairs if pair[0]["host"] != newcomer["host"]]
    [answer] = [entry for member, entry in pairs if member["host"] == newcomer["host"]]
    view = next(entry for _member, entry in others if entry["reachable"])
    given_up = lost_member.find(view, gives_up)
    mine, lost = _told_apart(view, address, newcomer, given_up)
    return Scene(newcomer["host"], address, mine, lost, given_up, answer, others, view)


def _told_apart(view: Entry, address: str, newcomer: Vars, given_up: Entry | None) -> tuple[Entry | None, list[Entry]]:
    """The server that its host's data are those of, and those that are lost: at the same address, or given up.

    Without data it is none of them. With data that never ran, a single one is it; of several, the one that is there.
    """
    rows = [row for row in view["servers"] if row["address"] == address and row["state"] != DROPPED]
    rows = [row for row in rows if row is not given_up]
    lost = [given_up] if given_up else []
    if not (newcomer["has_data"] or newcomer["runs"] or newcomer.get("has_volume")):
        return None, lost + rows
    rows = sorted(rows, key=lambda row: (row["health"] != "Available", row["state"] in LEAVING, row["state"] != FREE))
    return (rows[0], lost + rows[1:]) if rows else (None, lost)


def _topologies(view: Entry, counts: Vars, wanted: t.Sequence[str]) -> list[tuple[Entry | None, Entry]]:
    """Databases whose declared numbers are not those of the cluster: as they are, and as they are to be."""
    there = {each["name"]: each for each in databases.databases(view["databases"])}
    numbers = {mode: int(counts.get(mode) or 0) for mode in ("primaries", "secondaries")}
    pairs = [
        (databases.declared(there.get(name.lower())), {"name": name.lower(), "status": databases.ONLINE, **numbers})
        for name in wanted
    ]
    return [(now, after) for now, after in pairs if now != after]


def _check(scene: Scene, install: bool, topologies: t.Sequence[tuple[Entry | None, Entry]]) -> Entry:
    """The plan as a check for the report, with what changes."""
    before = scene.state if scene.mine else "no member"
    changes = [{"what": "Member", "before": before, "after": ENABLED}] if scene.state != ENABLED else []
    changes += [
        {"what": f"lost server {row['server_id']}", "before": row["state"], "after": DROPPED} for row in scene.lost
    ]
    changes += [
        {"what": f"database {after['name']}", "before": _numbers(now), "after": _numbers(after)}
        for now, after in topologies
    ]
    steps = ["installed where it is not, and started"] if install else []
    steps += [f"{change['what']}: {change['before']} -> {change['after']}" for change in changes]
    steps += lost_member.meanwhile(scene.view, scene.given_up)
    return {
        "id": "membership.join_plan",
        "title": "What it takes until the server takes part",
        "server": scene.host,
        "phase": "plan",
        "status": "passed",
        "detail": "; ".join(steps) or "it takes part already",
        "evidence": {"changes": changes},
    }


def _may_leave(host: str, stays: t.Sequence[str]) -> Entry:
    return {
        "id": "membership.may_leave",
        "title": "It can leave once the new one takes part",
        "server": host,
        "phase": "plan",
        "status": "failed" if stays else "passed",
        "detail": "; ".join(stays) or "yes",
    }


def _numbers(declared: Entry | None) -> str:
    if declared is None:
        return "none"
    primaries, secondaries = (declared[mode] or 0 for mode in ("primaries", "secondaries"))
    return f"{primaries} primaries, {secondaries} secondaries, {declared['status']}"


# What speaks against it


def _own_obstacles(scene: Scene, newcomer: Vars) -> list[str]:
    """A server is known by its data directory, so that the data must be those of the member, or none."""
    known = {entry.get("address") for _member, entry in scene.others if entry["reachable"]}
    listed = {row["address"] for row in scene.answer.get("servers") or ()}
    reason = ""
    if scene.state in LEAVING:
        reason = f"is {scene.state}, on its way out of the cluster: scale_in.yml finishes that"
    elif _is_place_of_given_up(scene) and newcomer["has_data"] and not newcomer["runs"]:
        reason = (
            "still has the data of the server that is to be given up. A new server begins with an empty data "
            "directory: move what it holds away, and keep it until all is well"
        )
    elif scene.mine is None and newcomer["has_data"] and not newcomer["runs"]:
        reason = (
            "has the data of a server that its cluster does not know, dropped from it perhaps. A new server begins "
            "with an empty data directory: look what it holds, and move it away"
        )
    elif scene.mine is None and scene.answer["reachable"] and not known & listed:
        reason = "runs a server that is in no cluster with the others: see what it holds, and stop it"
    return [f"{scene.host} {reason}"] if reason else []


def _is_place_of_given_up(scene: Scene) -> bool:
    """Whether the server that is given up is all that the cluster lists there."""
    return scene.given_up is not None and scene.given_up["address"] == scene.address and scene.mine is None


def _lost_obstacles(scene: Scene) -> list[str]:
    return [
        f"{scene.host} has no data of the server that its cluster knows at {scene.address} ({row['state']}). Is its "
        "volume attached and mounted? If its data are lost, let a new server take its place: replace_server.yml "
        f"-e replace_server_strategy=in_place -e replace_server_new={scene.host} "
        f"-e replace_server_gives_up={row['server_id']}"
        for row in scene.lost
        if row is not scene.given_up
    ]


def _given_up_obstacles(scene: Scene, newcomer: Vars, gives_up: str) -> list[str]:
    if not gives_up or (scene.given_up is None and scene.mine):
        return []
    found = lost_member.problems(scene.view, scene.given_up, gives_up)
    if _is_place_of_given_up(scene):
        if newcomer["runs"]:
            found.append(
                f"{scene.host} runs, and its cluster lists no server there but the one to be given up: stop it first "
                "(-e replace_server_stop=true), or, if it is a new one, wait until it is listed"
            )
        elif newcomer.get("has_volume"):
            found.append(f"{scene.host} has a volume that holds something and is not mounted: mount it, or clear it")
    return found


def _silent(members: t.Sequence[Vars], reading: t.Sequence[Entry], newcomer: str) -> list[str]:
    return [
        f"{member['host']} does not answer: {entry['message']}"
        for member, entry in zip(members, reading)
        if member["host"] != newcomer and not entry["reachable"]
    ]


def _obstacles(
    scene: Scene, topologies: t.Sequence[tuple[Entry | None, Entry]], servers: t.Sequence[Entry]
) -> list[str]:
    found = [
        f"{member['host']} advertises {scene.address} already: correct server.bolt.advertised_address"
        for member, entry in scene.others
        if entry["reachable"] and entry.get("address") == scene.address
    ]
    found += [
        f"the server at {row['address']} is {row['state']}: somebody takes it out of the cluster, finish that first"
        for row in scene.view["servers"]
        if row["address"] != scene.address and row["state"] in LEAVING and row is not scene.given_up
    ]
    found += [reason for now, after in topologies for reason in _refusal(now, after, servers)]
    if scene.given_up:
        found += _stays(scene.given_up, servers, scene.view["databases"])
    return found


def _stay(scene: Scene, address: str, servers: t.Sequence[Entry]) -> list[str]:
    rows = [row for row in scene.view["servers"] if row["address"] == address]
    return [reason for row in rows for reason in _stays(row, servers, scene.view["databases"])]


def _with_new(scene: Scene, options: Vars) -> list[Entry]:
    """The servers as they would be with the new one enabled, and without who had its address."""
    new: Entry = {
        "server_id": "",
        "name": "",
        "address": scene.address,
        "state": ENABLED,
        "health": "Available",
        "hosting": [],
        "allowed_databases": options.get("allowed_databases"),
        "denied_databases": options.get("denied_databases"),
        "mode_constraint": str(options.get("mode_constraint") or "NONE").upper(),
    }
    staying = [row for row in scene.view["servers"] if row["address"] != scene.address and row is not scene.given_up]
    return [*staying, new]


def _stays(row: Entry, servers: t.Sequence[Entry], copies: t.Sequence[Entry]) -> list[str]:
    """Why the server could not leave once the new one takes part."""
    if row["state"] not in (ENABLED, CORDONED):
        return []
    try:
        refuse_deallocation(Cluster([each for each in servers if each is not row] + [row], list(copies)), row)
    except InvalidOptionError as error:
        return [error.message.rstrip(".")]
    return []


def _refusal(now: Entry | None, after: Entry, servers: t.Sequence[Entry]) -> list[str]:
    try:
        databases.refuse_topology(now, after, servers)
    except InvalidOptionError as error:
        return [error.message.rstrip(".")]
    return []


# Afterwards


def endpoints_check(answers: t.Sequence[Entry], members: t.Sequence[Vars], address: str) -> Entry:
    """Whether the others would look for it at their next start. C(answers): of M(credex.ops.neo4j_setting_info)."""
    host = address.rpartition(":")[0]
    without = [
        member["host"]
        for member, answer in zip(members, answers)
        if answer["reachable"] and (found := _endpoints(answer["settings"])) and host not in found
    ]
    return {
        "id": "membership.endpoints",
        "title": "The others look for it when they start",
        "phase": "verify",
        "status": "failed" if without else "passed",
        "required": False,
        "detail": f"not among the endpoints of {', '.join(without)}, which found it all the same" if without else "yes",
        "follow_up": "ansible-playbook configure_neo4j.yml writes them anew, one server at a time." if without else "",
    }


def _endpoints(settings: Vars) -> list[str]:
    """The hosts that a server names; none where it finds the others in another way."""
    values = [str((settings.get(name) or {}).get("value") or "") for name in ENDPOINTS]
    return [part.strip().rpartition(":")[0] for value in values for part in value.split(",") if part.strip()]

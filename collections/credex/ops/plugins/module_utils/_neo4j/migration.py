# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Databases of single servers that a cluster takes over: what speaks against it, what is done, what is proven. Pure.

Views are what M(credex.ops.neo4j_cluster_info) returns under C(servers), by address as it was asked.
"""

from __future__ import annotations

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._fingerprint import fingerprint
from ansible_collections.credex.ops.plugins.module_utils._neo4j import databases
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import version_tuple

Entry = dict[str, t.Any]
OLDEST = (5,)


class Fleet(t.NamedTuple):
    """Everybody whom it is about: `members` as rolling_members tells them, what they said, and what lies there."""

    target: str
    members: t.Sequence[Entry]
    views: t.Mapping[str, Entry]
    found: t.Mapping[str, t.Any]  # host: of which databases there are `dumps`, `begun` ones, and `data`

    def of(self, cluster: str) -> list[Entry]:
        return [member for member in self.members if member["cluster"] == cluster]

    def view(self, member: Entry) -> Entry:
        return self.views.get(member["uri"], {"reachable": False, "message": "was not asked"})


def plan(sources: t.Sequence[Entry], fleet: Fleet) -> Entry:
    """`problems` in words, which end the run, and one of `entries` for each source."""
    problems = [*_given(sources, fleet), *_target(fleet)]
    if problems:
        return {"problems": problems, "entries": []}
    entries = [_entry(source, fleet) for source in sources]
    problems = [said for entry in entries for said in _against(entry, fleet)]
    return {"problems": problems, "entries": [{**entry, "steps": _steps(entry)} for entry in entries]}


def _given(sources: t.Sequence[Entry], fleet: Fleet) -> list[str]:
    """What is wrong with what was written."""
    if not sources:
        return ["no source is named"]
    hosts = {member["host"]: member for member in fleet.members}
    names = [str(source.get("as", "")) for source in sources]
    said = [f"two sources have the name {name}" for name in sorted(set(names)) if names.count(name) > 1]
    for source in sources:
        host = hosts.get(source.get("server"))
        said += [f"{source.get('server')} is no server of this inventory"] if host is None else _single(host, fleet)
        said += _name(source.get("as"))
    return said


def _single(host: Entry, fleet: Fleet) -> list[str]:
    if host["cluster"] == fleet.target:
        return [f"{host['host']} is a member of {fleet.target} itself"]
    others = len(fleet.of(host["cluster"])) - 1
    return [f"{host['host']} is no single server: {others} others are in {host['cluster']}"] if others else []


def _name(name: t.Any) -> list[str]:
    try:
        valid = databases.valid_name(str(name or ""))
    except InvalidOptionError as error:
        return [str(error)]
    return [] if valid == name else [f"{name!r}: write it in lower case, as Neo4j does"]


def _target(fleet: Fleet) -> list[str]:
    members = fleet.of(fleet.target)
    if not members:
        return [f"no server of this inventory is in the cluster {fleet.target}"]
    views = [(member, fleet.view(member)) for member in members]
    silent = [f"{member['host']} does not answer: {view['message']}" for member, view in views if not view["reachable"]]
    if silent:
        return silent
    editions = [member["host"] for member, view in views if view["edition"] != "enterprise"]
    return [f"{', '.join(editions)}: Community Edition has no clusters"] if editions else []


def _entry(source: Entry, fleet: Fleet) -> Entry:
    host = next(member for member in fleet.members if member["host"] == source["server"])
    members = fleet.of(fleet.target)
    seed = _seed(source["as"], fleet)
    exists = any(copy["name"] == source["as"] for copy in fleet.view(members[0])["databases"])
    return {
        "host": host["host"],
        "uri": host["uri"],
        "database": source.get("database") or "neo4j",
        "name": source["as"],
        "cluster_uri": _writer(source["as"], fleet) or (seed or members[0])["uri"],
        "seed": seed,
        "runs": fleet.view(host)["reachable"],
        "exists": exists,
        "dumped": source["as"] in _lie(fleet, host["host"], "dumps"),
        "begun": source["as"] in _lie(fleet, host["host"], "begun"),
    }


def _lie(fleet: Fleet, host: str, what: str) -> list[str]:
    names: list[str] = (fleet.found.get(host) or {}).get(what) or []
    return names


def _writer(name: str, fleet: Fleet) -> str | None:
    """Who has it online and writes it, to be asked over bolt://."""
    for member in fleet.of(fleet.target):
        view = fleet.view(member)
        copies = [copy for copy in view["databases"] if copy["name"] == name and copy["address"] == view["address"]]
        if any(copy["writer"] for copy in copies):
            uri: str = member["uri"]
            return uri
    return None


def _seed(name: str, fleet: Fleet) -> Entry | None:
    """The first server that may have the database as a primary: its host, address and id."""
    for member in fleet.of(fleet.target):
        view = fleet.view(member)
        for row in view["servers"]:
            able = row["state"] == databases.ENABLED and row["health"] == "Available" and databases.permits(row, name)
            if row["address"] == view["address"] and able and row["mode_constraint"] != "SECONDARY":
                return {"host": member["host"], "uri": member["uri"], "server_id": row["server_id"]}
    return None


def _against(entry: Entry, fleet: Fleet) -> list[str]:
    """What is wrong with what is there."""
    source = fleet.view(entry)
    said = _source(entry, source, fleet)
    if not entry["exists"]:
        seed = entry["seed"]
        if seed is None:
            said.append(f"no server of {fleet.target} is Enabled, Available and allowed to have {entry['name']}")
        elif entry["name"] in set(_lie(fleet, seed["host"], "data")) - set(_lie(fleet, seed["host"], "dumps")):
            said.append(
                f"{seed['host']} has files of a database {entry['name']}, which {fleet.target} does not have, and they "
                "are not this operation's: move them away first"
            )
    return said


def _source(entry: Entry, view: Entry, fleet: Fleet) -> list[str]:
    name = f"{entry['database']} on {entry['host']}"
    if not view["reachable"]:
        if entry["exists"]:
            lacking = f"{entry['host']}, which it would be compared with, does not answer ({view['message']})"
            return [f"{fleet.target} has {entry['name']} already, and {lacking}"]
        # A run that was killed may have left it stopped
        return [] if entry["dumped"] or entry["begun"] else [f"{entry['host']} does not answer: {view['message']}"]
    if entry["database"] not in [copy["name"] for copy in view["databases"]]:
        return [f"there is no {name}"]
    target = fleet.view(fleet.of(fleet.target)[0])["version"]
    if version_tuple(view["version"]) < OLDEST:
        return [f"{name} is of Neo4j {view['version']}: bring that server to 5.26 first"]
    if version_tuple(view["version"]) > version_tuple(target):
        return [f"{name} is of Neo4j {view['version']}, and {fleet.target} is {target}, which cannot read it"]
    return []


def _steps(entry: Entry) -> list[str]:
    """What is done for it, in words. Nothing, where nobody can be its seed: that ends the run."""
    if entry["exists"] or not entry["seed"]:
        return []
    dumped = [f"stop {entry['host']}", f"dump {entry['database']}", f"start {entry['host']}"]
    loaded = [f"copy the dump to {entry['seed']['host']}", f"load it there as {entry['name']}"]
    return [*([] if entry["dumped"] else dumped), *loaded, f"create database {entry['name']} from it", "compare both"]


def proof(entry: Entry, source: Entry, cluster: Entry, phase: str) -> Entry:
    """The check that both hold the same, with the counts of both as evidence."""
    names = (f"{entry['database']} on {entry['host']}", entry["name"])
    said = fingerprint.differences(source, cluster, names)
    rows = [
        {"what": f"{kind} {' and '.join(group)}", names[0]: one, names[1]: other}
        for kind, group, one, other in _counts(source, cluster)
    ]
    counts = ", ".join(f"{count} {kind}" for kind, count in cluster["counts"].items())
    equal = f"{counts}, {len(cluster['indexes'])} indexes; checksum {cluster['checksum'][:16]}"
    return {
        "id": "migration.equal",
        "title": f"{names[1]} holds what {names[0]} holds",
        "phase": phase,
        "status": "failed" if said else "passed",
        "detail": "; ".join(said) or equal,
        "evidence": {"rows": rows},
    }


def _counts(source: Entry, cluster: Entry) -> t.Iterator[tuple[str, list[str], int, int]]:
    for kind, key in (("nodes", "labels"), ("relationships", "type")):
        sides = [{str(group[key]): group for group in side[kind]} for side in (source, cluster)]
        for name in sorted(sides[0].keys() | sides[1].keys()):
            group = (sides[0].get(name) or sides[1][name])[key]
            counts = [side.get(name, {"count": 0})["count"] for side in sides]
            yield kind, group if isinstance(group, list) else [group], counts[0], counts[1]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""From running servers to a formed cluster: what speaks against it, what is to be done, and whether it is done. Pure.

C(hosts) are {host, uri, cluster} as P(credex.ops.rolling_members#filter) lists them; C(answers) what
M(credex.ops.neo4j_cluster_info) says of each, in the same order; C(clusters) and C(spaces) the facts of the fleet.
"""

from __future__ import annotations

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import addresses, cluster, databases
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import COMMUNITY

Entry = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]
# A host of the inventory and what its server said
Pair = tuple[Vars, Entry]

TAKES_PART = ("Free", "Enabled")


def plan(
    answers: t.Sequence[Entry], hosts: t.Sequence[Vars], clusters: Vars, spaces: Vars, options: Vars
) -> list[Entry]:
    """One entry a cluster. C(options): host to the options with which its server is enabled."""
    named = [*clusters, *(each["cluster"] for each in (*hosts, *spaces.values()))]
    return [_plan(name, _of(name, answers, hosts), clusters, spaces, options) for name in dict.fromkeys(named)]


def _of(name: str, answers: t.Sequence[Entry], hosts: t.Sequence[Vars]) -> list[Pair]:
    return [(host, answer) for host, answer in zip(hosts, answers) if host["cluster"] == name]


def _plan(name: str, own: t.Sequence[Pair], clusters: Vars, spaces: Vars, options: Vars) -> Entry:
    counts = _counts(clusters.get(name) or {})
    wanted = list(dict.fromkeys(space["database"].lower() for space in spaces.values() if space["cluster"] == name))
    problems = _problems(name, own, counts) or _topology_problems(own, counts, wanted, options)
    warning = databases.even_warning(counts["primaries"] or None)
    servers = [(host, row) for host, answer in own for row in _rows(own, answer)]
    return {
        "name": name,
        "uri": addresses.routed(own[0][0]["uri"]) if own else None,
        "edition": next((answer["edition"] for _host, answer in own if answer["reachable"]), None),
        **counts,
        "databases": wanted,
        "servers": [
            {"host": host["host"], "server": row["server_id"], "options": options.get(host["host"], {})}
            for host, row in servers
            if row["state"] == databases.FREE or host["host"] in options
        ],
        "problems": problems,
        "warnings": [f"cluster {name}: {warning}"] if warning else [],
    }


def _counts(declared: Vars) -> dict[str, int]:
    return {mode: int(declared.get(mode) or 0) for mode in ("primaries", "secondaries")}


def _rows(own: t.Sequence[Pair], answer: Entry) -> list[Entry]:
    """The server's row in the first view: the same in all, once nothing speaks against the cluster."""
    view = next((each for _host, each in own if each["reachable"]), None)
    return (
        [row for row in view["servers"] if answer["reachable"] and row["address"] == answer["address"]] if view else []
    )


# What speaks against it


def _problems(name: str, own: t.Sequence[Pair], counts: dict[str, int]) -> list[str]:
    size = sum(counts.values())
    few = [f"cluster {name} has {len(own)} hosts, and neo4j_clusters asks for {size}"] if len(own) < size else []
    few += [] if counts["primaries"] else [f"neo4j_clusters says no number of primaries for cluster {name}"]
    silent = [f"{host['host']} does not answer: {answer['message']}" for host, answer in own if not answer["reachable"]]
    there = [(host, answer) for host, answer in own if answer["reachable"]]
    return few + silent + (_addresses(there) or _discovery(there) + _states(there))


def _addresses(own: t.Sequence[Pair]) -> list[str]:
    found: dict[str | None, list[str]] = {}
    for host, answer in own:
        found.setdefault(answer["address"], []).append(host["host"])
    unknown = [
        f"{host} does not say its server.bolt.advertised_address: may the user SHOW SETTING?"
        for host in found.pop(None, [])
    ]
    return unknown + [
        f"{' and '.join(same)} both advertise {address}: set server.bolt.advertised_address"
        for address, same in found.items()
        if len(same) > 1
    ]


def _discovery(own: t.Sequence[Pair]) -> list[str]:
    """Every server must see every other, and itself."""
    community = [host["host"] for host, answer in own if answer["edition"] == COMMUNITY]
    if community:
        return [f"{name} is Neo4j Community, which forms no clusters" for name in community] if len(own) > 1 else []
    return [
        f"{seer['host']} does not see {host['host']} ({answer['address']}) in its cluster: did they find each other? "
        "Compare dbms.cluster.endpoints (5.26: dbms.cluster.discovery.v2.endpoints), and the ports 6000 and 7000"
        for seer, view in own
        for host, answer in own
        if answer["address"] not in [row["address"] for row in view["servers"]]
    ]


def _states(own: t.Sequence[Pair]) -> list[str]:
    """A server that somebody takes out of the cluster is not taken in again."""
    found = [(host, row) for host, answer in own for row in _rows(own, answer)]
    return [
        f"the server of {host['host']} is {row['state']}: somebody takes it out of the cluster. Enable it "
        "(credex.ops.neo4j_cluster_member), or take the host out of the inventory"
        for host, row in found
        if row["state"] not in TAKES_PART
    ]


def _topology_problems(
    own: t.Sequence[Pair], counts: dict[str, int], wanted: t.Sequence[str], options: Vars
) -> list[str]:
    """What M(credex.ops.neo4j_database) would refuse, with every host enabled."""
    view = next((answer for _host, answer in own if answer["reachable"]), None)
    if not view or not view["servers"]:
        return []
    hosts = {row["address"]: options.get(host["host"], {}) for host, answer in own for row in _rows(own, answer)}
    servers = [{**row, **hosts.get(row["address"], {})} for row in view["servers"]]
    servers = [{**row, "mode_constraint": str(row["mode_constraint"] or "NONE").upper()} for row in servers]
    there = {each["name"]: each for each in databases.databases(view["databases"])}
    found = []
    for name in wanted:
        try:
            current = databases.declared(there.get(databases.valid_name(name)))
            after = {"name": name, "status": databases.ONLINE, **counts}
            databases.refuse_topology(current, after, servers, TAKES_PART)
        except InvalidOptionError as error:
            found.append(error.message.rstrip("."))
    return found


# Whether it is done


def missing(answers: t.Sequence[Entry], hosts: t.Sequence[Vars], clusters: Vars, spaces: Vars) -> list[str]:
    """What is not yet as it should be in the eyes of any member: hosts that take part, spaces that are whole."""
    found = []
    for name in dict.fromkeys(host["cluster"] for host in hosts):
        own = _of(name, answers, hosts)
        found += [reason for pair in own for reason in _member_missing(own, pair)]
        for space in spaces.values():
            if space["cluster"] == name:
                found += _database_missing(own, space["database"].lower(), _counts(clusters[name]))
    return list(dict.fromkeys(found))


def _member_missing(own: t.Sequence[Pair], pair: Pair) -> list[str]:
    host, answer = pair
    verdict = cluster.is_back([each for _host, each in own], host["uri"])
    free = [f"{host['host']} is {row['state']}" for row in _rows(own, answer) if row["state"] != databases.ENABLED]
    return [*free, *verdict.reasons]


def _database_missing(own: t.Sequence[Pair], name: str, counts: dict[str, int]) -> list[str]:
    found = []
    for _host, answer in own:
        view = [row for row in answer["databases"] if row["name"] == name] if answer["reachable"] else []
        if not view:
            found.append(f"database {name} is not there")
            continue
        [database] = databases.databases(view)
        declared = databases.declared(database) or {}
        wanted = {"name": name, "status": databases.ONLINE, **counts}
        if declared != wanted:
            found.append(f"database {name} was asked for as {_told(declared)}, wanted {_told(wanted)}")
        found += database["waits_for"]
    return found


def _told(declared: Vars) -> str:
    return f"{declared['primaries']} primaries and {declared['secondaries']} secondaries, {declared['status']}"

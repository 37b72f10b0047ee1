# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""From bare hosts to a cluster: what speaks against it, what became of each host, and what the clusters say. Pure.

Each function returns checks for the report.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict

from .._validation import machines, resources
from . import cluster
from .contract import Contract

Item = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]


def plan_checks(hosts: t.Sequence[Vars], clusters: Vars, forks: int) -> list[Item]:
    """What the inventory says of hosts and clusters. C(hosts): {host, cluster, address, manager}."""
    return [_own_addresses(hosts), _started_at_once(hosts, forks), *(_odd(name, clusters[name]) for name in clusters)]


def _check(name: str, title: str, passed: bool, detail: str, **more: t.Any) -> Item:
    status = "passed" if passed else "failed"
    required = {"id": f"site.{name}", "title": title, "phase": "plan", "required": True}
    return {**required, "status": status, "detail": detail, **more}


def _own_addresses(hosts: t.Sequence[Vars]) -> Item:
    """Servers that call themselves the same find themselves instead of the others."""
    named: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        named[str(host["address"])].append(host["host"])
    twice = [f"{address} is {' and '.join(same)}" for address, same in named.items() if len(same) > 1]
    return _check(
        "addresses",
        "Every server advertises an address of its own",
        not twice,
        "; ".join(twice) or f"{len(named)} different ones",
        follow_up="Correct neo4j_server_advertised_address.",
    )


def _started_at_once(hosts: t.Sequence[Vars], forks: int) -> Item:
    """The tarball's command returns when its cluster is formed, so that all of one cluster must be started together."""
    waiting = len([host for host in hosts if host["manager"] == "home"])
    return _check(
        "forks",
        "All servers that wait for each other can be started at once",
        waiting <= forks,
        f"{waiting} servers are started by bin/neo4j, and Ansible works on {forks} hosts at once",
        follow_up=f"Run it with --forks {waiting}.",
    )


def _odd(name: str, counts: Vars) -> Item:
    """An even number bears the loss of no more servers than the odd one below it. A warning, no more."""
    primaries = int(counts.get("primaries") or 0)
    bears = max((primaries - 1) // 2, 0)
    return _check(
        "primaries",
        f"Cluster {name} has an odd number of primaries",
        primaries % 2 == 1,
        f"{primaries} primaries bear the loss of {bears}" + ("" if primaries % 2 else f", as {primaries - 1} do"),
        required=False,
    )


def contract_checks(
    hosts: t.Sequence[Vars], contract: Contract, environment: str, instances: t.Sequence[Vars], types: t.Sequence[Vars]
) -> list[Item]:
    """Whether the contract allows these machines. C(hosts): {host, instance_id}; the rest is amazon.aws's."""
    own = machines.own_machines([machines.machine(i) for i in instances], environment)
    found = [
        machines.count(own, environment, contract),
        *resources.checks(own, resources.types(types), list(map(dict, hosts)), [], contract),
    ]
    # As checks of a plan, and of no case of a validation
    return [{"required": True, **c, "id": f"contract.{c['id'].rpartition('.')[2]}", "group": "", "phase": "plan"} for c in found]


def server_check(host: str, before: Vars, after: Vars, wanted: str) -> Item:
    """What became of one host. C(before), C(after): M(credex.ops.neo4j_service_info), and C(installed), a text."""
    changes = [
        {"what": what, "before": old, "after": new}
        for what, old, new in (
            ("Neo4j", before["installed"] or "none", wanted),
            ("Process", _process(before), _process(after)),
        )
        if old != new
    ]
    changed = ", ".join(file["path"] for file in after["changed_since"])
    return {
        "id": "site.server",
        "title": "Installed, configured and started",
        "server": host,
        "phase": "change",
        "status": "failed" if after["restart_needed"] else "passed",
        "required": not after["restart_needed"],
        "detail": f"runs since {after['started_at']}" + (f", before {changed} changed" if changed else ""),
        "follow_up": "It was not restarted: ansible-playbook restart_neo4j.yml." if after["restart_needed"] else "",
        "evidence": {"changes": changes, "state": "done" if changes else "unchanged"},
    }


def _process(service: Vars) -> str:
    """Its number, and since when it runs, to the second."""
    return f"{service['pid']} since {service['started_at'][:19]}Z" if service["pid"] else "none"


def verify_checks(answers: t.Sequence[Item], hosts: t.Sequence[Vars], clusters: Vars, spaces: Vars) -> list[Item]:
    """What the servers say. C(answers): M(credex.ops.neo4j_cluster_info), in the order of C(hosts): {host, cluster}."""
    return [check for name in clusters for check in _cluster(name, answers, hosts, clusters, spaces)]


def _cluster(name: str, answers: t.Sequence[Item], hosts: t.Sequence[Vars], clusters: Vars, spaces: Vars) -> list[Item]:
    own = [(answer, host["host"]) for answer, host in zip(answers, hosts) if host["cluster"] == name]
    members = [answer for answer, _host in own]
    databases = dict.fromkeys(space["database"] for space in spaces.values() if space["cluster"] == name)
    return [
        *(_member(members, member, host) for member, host in own),
        *(_database(members, database, int(clusters[name]["primaries"])) for database in databases),
    ]


def _member(members: t.Sequence[Item], member: Item, host: str) -> Item:
    verdict = cluster.is_back(list(members), member["uri"])
    seen = {row["state"] for row in member.get("servers", []) if row["address"] == member.get("address")}
    reasons = [*verdict.reasons, *(f"it is {state}" for state in seen if state != "Enabled")]
    return {
        **_check("member", "Enabled, available, and hosts what it should", not reasons, "; ".join(reasons)),
        "server": host,
        "phase": "verify",
        "evidence": {"hosts": sorted({row["name"] for row in _copies(member) if row["address"] == member["address"]})},
    }


def _copies(member: Item) -> list[Item]:
    return member["databases"] if member["reachable"] else []


def _database(members: t.Sequence[Item], name: str, primaries: int) -> Item:
    """In the eyes of every member that answers."""
    views = [[row for row in _copies(member) if row["name"] == name] for member in members if member["reachable"]]
    online = [[row for row in view if row["current_status"] == "online"] for view in views]
    least = min((len([row for row in view if row["role"] == "primary"]) for view in online), default=0)
    has_writer = bool(online) and all(any(row["writer"] for row in view) for view in online)
    detail = f"{least} of {primaries} primaries are online" + ("" if has_writer else ", and nobody writes it")
    return {
        **_check("database", f"Database {name} is online everywhere", least == primaries and has_writer, detail),
        "phase": "verify",
    }

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""From bare hosts to a cluster: what speaks against it, and what became of each host, as checks of a report. Pure."""

from __future__ import annotations

import typing as t
from collections import defaultdict

from .._validation import machines, resources
from . import databases
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
    twice = [f"{address} is {' and '.join(sorted(same))}" for address, same in named.items() if len(same) > 1]
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
    return _check(
        "primaries",
        f"Cluster {name} has an odd number of primaries",
        primaries % 2 == 1,
        databases.bears(primaries),
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
    return [
        {"required": True, **c, "id": f"contract.{c['id'].rpartition('.')[2]}", "group": "", "phase": "plan"}
        for c in found
    ]


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

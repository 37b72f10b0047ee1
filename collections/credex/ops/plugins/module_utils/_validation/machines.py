# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 2: the EC2 instances that the contract counts, and whether every server is on one of them. Pure.

A machine is one instance, as machine() makes it from what M(amazon.aws.ec2_instance_info) returned.
"""

from __future__ import annotations

import typing as t

from .._neo4j.contract import Contract
from .case import Item, check

# A stopped instance is a machine of the contract, because it can start again at any moment
STATES = ("pending", "running", "stopping", "stopped")


def machine(instance: t.Mapping[str, t.Any]) -> Item:
    """What counts of an instance."""
    tags = instance.get("tags") or {}
    cpu = instance.get("cpu_options") or {}
    return {
        "id": instance["instance_id"],
        "name": tags.get("Name", ""),
        "environment": tags.get("Environment", ""),
        "is_neo4j": any("neo4j" in str(tags.get(tag, "")).lower() for tag in ("Name", "Role")),
        "state": instance["state"]["name"],
        "type": instance["instance_type"],
        "addresses": [instance[k] for k in ("private_ip_address", "private_dns_name") if instance.get(k)],
        "cores": cpu.get("core_count"),
        "threads_per_core": cpu.get("threads_per_core"),
    }


def own_machines(machines: t.Sequence[Item], environment: str) -> list[Item]:
    return [m for m in machines if m["is_neo4j"] and m["environment"] == environment and m["state"] in STATES]


def checks(machines: t.Sequence[Item], environment: str, contract: Contract, clusters: t.Sequence[Item]) -> list[Item]:
    """Not more machines than allowed, none that nobody claims, and no server on a machine that nobody sees."""
    return [
        count(own_machines(machines, environment), environment, contract),
        _unclaimed(machines),
        _unexplained(machines, clusters),
    ]


def count(own: t.Sequence[Item], environment: str, contract: Contract) -> Item:
    found, limit = len(own), contract.machines
    return check(
        2,
        "count",
        f"At most {limit} machines of {environment}",
        "passed" if found <= limit else "failed",
        f"{found} instances run or can start again, {limit} are allowed",
        evidence={"instances": {m["id"]: f"{m['name']}, {m['state']}, {m['type']}" for m in own}, "allowed": limit},
        follow_up=f"Terminate {found - limit} of them (a stopped one counts too), or extend the contract.",
    )


def _unclaimed(machines: t.Sequence[Item]) -> Item:
    found = [m for m in machines if m["is_neo4j"] and not m["environment"] and m["state"] in STATES]
    return check(
        2,
        "unclaimed",
        "Every instance that is called Neo4j belongs to an environment",
        "failed" if found else "passed",
        f"without tag Environment: {_listed(found)}" if found else "all have a tag Environment",
        evidence={"instances": [m["id"] for m in found]},
        follow_up="Tag them with their Environment, so that they count somewhere, or terminate them.",
    )


def _listed(machines: t.Sequence[Item]) -> str:
    return ", ".join(f"{m['id']} ({m['name'] or 'no name'})" for m in machines)


def _unexplained(machines: t.Sequence[Item], clusters: t.Sequence[Item]) -> Item:
    """Servers that the clusters know, at addresses that no instance has."""
    known = {address for m in machines for address in m["addresses"]}
    views = [row for view in clusters if view["reachable"] for row in view["servers"]]
    seen = sorted({row["address"] for row in views if row["state"] != "Dropped"})
    strangers = [address for address in seen if address.rpartition(":")[0] not in known]
    return check(
        2,
        "unexplained",
        "Every server of a cluster runs on an instance of this account",
        "failed" if strangers else "passed" if seen else "unknown",
        _about(strangers, seen),
        evidence={"servers": seen},
        follow_up="Find the machine behind the address: it counts as well. Is it in another account or region?"
        if strangers
        else "Allow SHOW SERVERS; Community Edition does not have it.",
    )


def _about(strangers: t.Sequence[str], seen: t.Sequence[str]) -> str:
    if strangers:
        return f"no instance has the address of: {', '.join(strangers)}"
    return f"{len(seen)} servers, all explained" if seen else "no server tells which servers its cluster has"

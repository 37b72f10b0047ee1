# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is this the whole fleet, and the right one? Checks over what the inventory found. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Check = dict


def findings(
    hosts: Sequence[Mapping[str, Any]], clusters: Mapping[str, Any], account_id: str = "", region: str = ""
) -> list[Check]:
    """Checks of the preflight. A host: {name, cluster, instance_id, address, account_id, region}, null if unknown."""
    return [
        _not_empty(hosts),
        _clusters_named(clusters),
        *(_complete(name, _expected(counts), hosts) for name, counts in clusters.items()),
        _all_belong(hosts, clusters),
        _one_machine_each(hosts, "instance_id", "instance id"),
        _one_machine_each(hosts, "address", "address"),
        _same_everywhere(hosts, "account_id", "AWS account", account_id),
        _same_everywhere(hosts, "region", "AWS region", region),
    ]


def _check(name: str, title: str, passed: bool, detail: str, evidence: Any = None, **more: Any) -> Check:
    status = "passed" if passed else "failed"
    return {
        "id": f"inventory.{name}", "title": title, "server": "", "phase": "preflight", "status": status,
        "required": True, "detail": detail, "evidence": evidence or {}, **more,
    }  # fmt: skip


def _not_empty(hosts: Sequence[Mapping[str, Any]]) -> Check:
    names = [host["name"] for host in hosts]
    detail = (
        f"{len(names)} servers."
        if names
        else "No host in group neo4j: the filters match nothing, or AWS was not asked."
    )
    return _check("not_empty", "The inventory found servers", bool(names), detail, {"servers": names})


def _clusters_named(clusters: Mapping[str, Any]) -> Check:
    named = ", ".join(f"{name} with {_expected(counts)}" for name, counts in clusters.items())
    detail = f"{named}." if named else "neo4j_clusters is empty: say how many servers each cluster has."
    return _check("clusters_named", "The expected clusters are written down", bool(clusters), detail)


def _expected(counts: Any) -> int:
    """The number of servers; 0 for what is no number, which is refused."""
    wanted = counts if isinstance(counts, Mapping) else {}
    numbers = [wanted.get(kind) or 0 for kind in ("primaries", "secondaries")]
    return sum(map(int, numbers)) if all(str(number).isdecimal() for number in numbers) else 0


def _complete(cluster: str, expected: int, hosts: Sequence[Mapping[str, Any]]) -> Check:
    found = sorted(host["name"] for host in hosts if host.get("cluster") == cluster)
    if not expected:
        detail = f"neo4j_clusters names no number of servers for {cluster}: write its primaries and secondaries."
    elif len(found) < expected:
        detail = f"{len(found)} of {expected} servers found: a half-read inventory, or machines that do not run."
    elif len(found) > expected:
        detail = f"{len(found)} servers found, {expected} expected: correct neo4j_clusters, or a foreign tag."
    else:
        detail = f"{expected} of {expected} servers found."
    evidence = {"expected": expected, "found": found}
    title = f"Cluster {cluster} is complete in the inventory"
    return _check("cluster_complete", title, 0 < expected == len(found), detail, evidence)


def _all_belong(hosts: Sequence[Mapping[str, Any]], clusters: Mapping[str, Any]) -> Check:
    strangers = {host["name"]: host.get("cluster") for host in hosts if host.get("cluster") not in clusters}
    listed = ", ".join(f"{name} ({cluster or 'no neo4j_cluster_name'})" for name, cluster in strangers.items())
    detail = f"In no cluster of neo4j_clusters: {listed}." if strangers else "Every server belongs to one."
    return _check("all_belong", "Every server belongs to an expected cluster", not strangers, detail, strangers)


def _one_machine_each(hosts: Sequence[Mapping[str, Any]], key: str, noun: str) -> Check:
    names: dict[Any, list[str]] = defaultdict(list)
    for host in hosts:
        names[host.get(key)].append(host["name"])
    title = f"Every server has its own {noun}"
    missing = names.pop(None, [])
    if not names:
        return _check(key, title, True, f"No host has an {noun}.", status="skipped", required=False)
    twice = {value: same for value, same in names.items() if len(same) > 1}
    parts = [f"{value} is {' and '.join(same)}" for value, same in twice.items()]
    parts += [f"no {noun}: {', '.join(missing)}"] if missing else []
    return _check(key, title, not parts, "; ".join(parts) or f"{len(names)} different ones.", twice)


def _same_everywhere(hosts: Sequence[Mapping[str, Any]], key: str, noun: str, wanted: str) -> Check:
    title = f"Every server is in the {noun} of this environment"
    known = {host["name"]: str(host[key]) for host in hosts if host.get(key) is not None}
    if not known or not wanted:
        reason = f"No host says its {noun}." if wanted else f"The environment names no {noun}."
        return _check(key, title, True, reason, status="skipped", required=False)
    wrong = {name: value for name, value in known.items() if value != str(wanted)}
    listed = ", ".join(f"{name} in {value}" for name, value in wrong.items())
    return _check(key, title, not wrong, f"Expected {wanted}: {listed}." if wrong else f"All in {wanted}.", wrong)

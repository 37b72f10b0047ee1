# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 3: what a machine has by its EC2 specification, and what Neo4j is configured to use. Pure.

C(types): instance type to {cores, vcpus, memory_mib}. C(members): {host, uri, cluster, instance_id}. C(answers):
entries of M(credex.ops.neo4j_license_info), in the order of the members.
"""

from __future__ import annotations

import typing as t

from .._neo4j.contract import Contract
from .case import Item, check

GIB = 2**30


def types(described: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, Item]:
    """What counts of the answer of M(amazon.aws.ec2_instance_type_info)."""
    return {
        d["instance_type"]: {
            "cores": d["v_cpu_info"]["default_cores"],
            "vcpus": d["v_cpu_info"]["default_v_cpus"],
            "memory_mib": d["memory_info"]["size_in_mi_b"],
        }
        for d in described
    }


def checks(
    machines: t.Sequence[Item],
    types: t.Mapping[str, Item],
    members: t.Sequence[Item],
    answers: t.Sequence[Item],
    contract: Contract,
) -> list[Item]:
    """Each machine by its EC2 specification, and each server by its configuration. C(machines): own_machines()."""
    hosts = {member["instance_id"]: member["host"] for member in members}
    checks = [
        c
        for m in machines
        for c in (_specified_cpu(m, types, hosts, contract), _specified_memory(m, types, hosts, contract))
    ]
    threads = {m["id"]: _threads_per_core(m, types) for m in machines}
    for member, answer in zip(members, answers):
        if answer["reachable"]:
            checks += _configured(member, answer, threads.get(member["instance_id"]), contract)
    return checks


def _specified_cpu(m: Item, types: t.Mapping[str, Item], hosts: t.Mapping[str, str], contract: Contract) -> Item:
    title = f"At most {contract.max_cpu} {contract.count_cpu_as} by the EC2 specification"
    count = _cpus(m, types, contract.count_cpu_as)
    if count is None:
        return _unspecified("cpu", title, m, hosts)
    return check(
        3,
        "cpu",
        title,
        "passed" if count <= contract.max_cpu else "failed",
        f"{m['type']} ({m['id']}) has {count} {contract.count_cpu_as}",
        server=hosts.get(m["id"], ""),
        evidence={"type": m["type"], "cores": _cores(m, types), "threads_per_core": _threads_per_core(m, types)},
        follow_up="Take a smaller instance type, or start it with CpuOptions that switch cores off.",
    )


def _unspecified(name: str, title: str, m: Item, hosts: t.Mapping[str, str]) -> Item:
    why = f"AWS does not describe the type {m['type']} of {m['id']}"
    return check(
        3, name, title, "unknown", why, server=hosts.get(m["id"], ""), follow_up="Allow ec2:DescribeInstanceTypes."
    )


def _cores(m: Item, types: t.Mapping[str, Item]) -> int | None:
    """CpuOptions say what this instance really has; the type says what it has without them."""
    return m["cores"] or (types[m["type"]]["cores"] if m["type"] in types else None)


def _threads_per_core(m: Item, types: t.Mapping[str, Item]) -> int | None:
    if m["threads_per_core"]:
        return int(m["threads_per_core"])
    known = types.get(m["type"])
    return known["vcpus"] // known["cores"] if known and known["cores"] else None


def _cpus(m: Item, types: t.Mapping[str, Item], word: str) -> int | None:
    cores, threads = _cores(m, types), _threads_per_core(m, types)
    if cores is None or threads is None:
        return None
    return cores if word == "cores" else cores * threads


def _specified_memory(m: Item, types: t.Mapping[str, Item], hosts: t.Mapping[str, str], contract: Contract) -> Item:
    title = f"At most {contract.max_memory} of memory by the EC2 specification"
    if m["type"] not in types:
        return _unspecified("memory", title, m, hosts)
    mebibytes = types[m["type"]]["memory_mib"]
    status, words = _memory(mebibytes, contract)
    return check(
        3,
        "memory",
        title,
        status,
        f"{m['type']} ({m['id']}) has {words}",
        server=hosts.get(m["id"], ""),
        evidence={"memory_mib": mebibytes},
        follow_up=_ABOUT_MEMORY[status],
    )


_ABOUT_MEMORY = {
    "passed": "",
    "failed": "Take a smaller instance type: the contract counts the machine, not what Neo4j uses of it.",
    "unknown": "Ask the licensor whether GB means 10^9 or 2^30 bytes, and write the unit into max_memory.",
}


def _memory(mebibytes: int, contract: Contract) -> tuple[str, str]:
    """GB is a decimal unit, and machines are sold in GiB: between the two nobody but the licensor knows."""
    size = mebibytes * 2**20
    words = f"{size / GIB:.4g} GiB = {size / 10**9:.4g} GB"
    if size <= contract.max_bytes:
        return "passed", words
    if size <= contract.max_bytes_if_binary:
        return "unknown", f"{words}: over {contract.max_memory} to the letter, within it if GiB is meant"
    return "failed", f"{words}, over {contract.max_memory}"


def _configured(member: Item, answer: Item, threads: int | None, contract: Contract) -> list[Item]:
    return [_configured_memory(member, answer, contract), _seen_processors(member, answer, threads, contract)]


def _configured_memory(member: Item, answer: Item, contract: Contract) -> Item:
    title = f"At most {contract.max_memory} configured (heap and page cache)"
    heap, cache = answer["memory"]["heap_max_mib"], answer["memory"]["page_cache_mib"]
    missing = [name for name, value in (("heap", heap), ("page cache", cache)) if value is None]
    if missing:
        return check(
            3,
            "configured_memory",
            title,
            "unknown",
            f"{' and '.join(missing)}: not configured, or not told; Neo4j then takes a share of the machine",
            server=member["host"],
            follow_up="Set server.memory.heap.max_size and server.memory.pagecache.size; allow SHOW SETTING.",
        )
    status, words = _memory(heap + cache, contract)
    return check(
        3,
        "configured_memory",
        title,
        status,
        words,
        server=member["host"],
        evidence=answer["memory"],
        follow_up="Lower server.memory.heap.max_size or server.memory.pagecache.size.",
    )


def _seen_processors(member: Item, answer: Item, threads: int | None, contract: Contract) -> Item:
    """The JVM sees threads. A contract that counts cores is compared with what they are of."""
    title = f"At most {contract.max_cpu} {contract.count_cpu_as} seen by its JVM"
    seen = answer["processors"]
    if seen is None or (threads is None and contract.count_cpu_as == "cores"):
        why = "the server does not tell its processors" if seen is None else "nobody tells how many threads a core has"
        return check(
            3,
            "processors",
            title,
            "unknown",
            why,
            server=member["host"],
            follow_up="Allow dbms.queryJmx and ec2:DescribeInstanceTypes.",
        )
    counted = seen if contract.count_cpu_as == "vcpus" else -(-seen // (threads or 1))
    return check(
        3,
        "processors",
        title,
        "passed" if counted <= contract.max_cpu else "failed",
        f"{seen} processors, {counted} {contract.count_cpu_as}",
        server=member["host"],
        evidence={"processors": seen, "threads_per_core": threads},
        follow_up="Take a smaller machine, or limit the JVM (server.jvm.additional=-XX:ActiveProcessorCount=...).",
    )

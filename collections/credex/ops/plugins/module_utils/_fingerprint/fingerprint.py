# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The fingerprint of a graph: counts and sums that do not depend on the order in which it is read, nor on element ids.

What is alike is one group: nodes of the same labels, relationships of the same type. A group has a count, a sum of
hashes of its members, and the same for each property, so that a difference can be named. A relationship's hash holds
those of its two ends; `structure` adds up each node with the relationships around it, so that what hangs on another of
two nodes that look alike is seen as well. Graphs that only differ further away from such twins are not told apart.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Group = dict[str, Any]
_MODULUS = 1 << 64


class Tally:
    """Nodes first, then relationships. Keeps two numbers for each node, and nothing else that grows."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, ...], _Sums] = {}
        self._relationships: dict[str, _Sums] = {}
        self._hashes: dict[str, int] = {}
        self._around: dict[str, int] = {}

    def add_node(self, element: str, labels: Iterable[str], properties: Mapping[str, Any]) -> None:
        group = tuple(sorted(labels))
        number = _hash(group, _written(properties))
        self._hashes[element] = number
        self._nodes.setdefault(group, _Sums()).add(number, properties)

    def add_relationship(self, start: str, end: str, kind: str, properties: Mapping[str, Any]) -> None:
        """KeyError where a node was not there when nodes were read."""
        number = _hash(kind, self._hashes[start], self._hashes[end], _written(properties))
        self._relationships.setdefault(kind, _Sums()).add(number, properties)
        for side, element in (("out", start), ("in", end)):
            self._around[element] = (self._around.get(element, 0) + _hash(side, number)) % _MODULUS

    def fingerprint(self, indexes: Iterable[Mapping[str, Any]], constraints: Iterable[Mapping[str, Any]]) -> Group:
        found: Group = {
            "nodes": [{"labels": list(group), **sums.shown()} for group, sums in sorted(self._nodes.items())],
            "relationships": [{"type": kind, **sums.shown()} for kind, sums in sorted(self._relationships.items())],
            "structure": _hex(sum(_hash(self._hashes[name], around) for name, around in self._around.items())),
            "indexes": sorted(map(_schema, indexes)),
            "constraints": sorted(map(_schema, constraints)),
        }
        checksum = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
        return {**found, "counts": _counts(found), "checksum": checksum}


class _Sums:
    """Of one group."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = 0
        self._properties: dict[str, list[int]] = {}

    def add(self, number: int, properties: Mapping[str, Any]) -> None:
        self._count += 1
        self._sum += number
        for name, value in properties.items():
            sums = self._properties.setdefault(name, [0, 0])
            sums[0] += 1
            sums[1] += zlib.crc32(repr(value).encode())

    def shown(self) -> Group:
        properties = {
            name: {"count": count, "digest": _hex(total)} for name, (count, total) in sorted(self._properties.items())
        }
        return {"count": self._count, "digest": _hex(self._sum), "properties": properties}


def _written(properties: Mapping[str, Any]) -> str:
    """The driver's types write themselves with all that they hold, and no two types alike: 1, 1.0, True, '1'."""
    return repr(sorted(properties.items(), key=lambda item: item[0]))


def _hash(*parts: Any) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def _hex(number: int) -> str:
    return f"{number % _MODULUS:016x}"


def _schema(row: Mapping[str, Any]) -> str:
    """As in `account_id: RANGE on NODE Account (accountID)`."""
    names = "|".join(row["labelsOrTypes"] or ["every"])
    return f"{row['name']}: {row['type']} on {row['entityType']} {names} ({', '.join(row['properties'] or [])})"


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    groups = found["nodes"] + found["relationships"]
    values = (each["count"] for group in groups for each in group["properties"].values())
    counts = {kind: sum(group["count"] for group in found[kind]) for kind in ("nodes", "relationships")}
    return {**counts, "properties": sum(values)}


# Comparing two


def differences(one: Mapping[str, Any], other: Mapping[str, Any], names: Sequence[str] = ("one", "other")) -> list[str]:
    """What differs, in words. Empty for two that are equal."""
    if one["checksum"] == other["checksum"]:
        return []
    nodes = _groups(_by_labels(one), _by_labels(other), names, "the same values on other nodes")
    # A node that changed changes the hashes of what hangs on it as well, and is told alone
    ends = "" if nodes else "other ends"
    found = [
        *nodes,
        *_groups(_by_type(one), _by_type(other), names, ends),
        *_lists("index", one["indexes"], other["indexes"], names),
        *_lists("constraint", one["constraints"], other["constraints"], names),
    ]
    return found or ["every node and relationship has its equal, but they hang together in another way"]


def _by_labels(found: Mapping[str, Any]) -> dict[str, Group]:
    return {f"nodes {':'.join(group['labels']) or 'without labels'}": group for group in found["nodes"]}


def _by_type(found: Mapping[str, Any]) -> dict[str, Group]:
    return {f"relationships {group['type']}": group for group in found["relationships"]}


_NONE: Group = {"count": 0, "digest": "", "properties": {}}


def _groups(ones: Mapping[str, Group], others: Mapping[str, Group], names: Sequence[str], otherwise: str) -> list[str]:
    pairs = [(name, ones.get(name, _NONE), others.get(name, _NONE)) for name in sorted(ones.keys() | others.keys())]
    told = [
        (name, _difference(one, other, names) or otherwise)
        for name, one, other in pairs
        if one["digest"] != other["digest"]
    ]
    return [f"{name}: {words}" for name, words in told if words]


def _difference(one: Group, other: Group, names: Sequence[str]) -> str:
    if one["count"] != other["count"]:
        return f"{names[0]} has {one['count']}, {names[1]} has {other['count']}"
    keys = one["properties"].keys() | other["properties"].keys()
    unequal = sorted(key for key in keys if one["properties"].get(key) != other["properties"].get(key))
    return f"as many ({one['count']}), but other values of {', '.join(unequal)}" if unequal else ""


def _lists(kind: str, ones: Sequence[str], others: Sequence[str], names: Sequence[str]) -> list[str]:
    single = [(names[0], each) for each in ones if each not in others]
    single += [(names[1], each) for each in others if each not in ones]
    return [f"{kind} that only {name} has: {each}" for name, each in single]

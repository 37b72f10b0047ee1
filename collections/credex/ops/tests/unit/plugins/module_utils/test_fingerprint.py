# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fingerprints: what does not count, what does, and how it is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._fingerprint.fingerprint import Tally, differences
from neo4j.spatial import CartesianPoint, WGS84Point
from neo4j.time import Date, DateTime, Duration
from pytz import FixedOffset

Graph = dict[str, list[list[Any]]]

INDEX = {"name": "id", "type": "RANGE", "entityType": "NODE", "labelsOrTypes": ["Account"], "properties": ["id"]}
LOOKUP = {"name": "any", "type": "LOOKUP", "entityType": "NODE", "labelsOrTypes": None, "properties": None}
GRAPH: Graph = {
    "nodes": [
        ["4:x:0", ["Account"], {"id": "a", "name": "Ann"}],
        ["4:x:1", ["Account"], {"id": "b", "name": "Ben"}],
        ["4:x:2", ["Credex", "Open"], {"amount": 2.5}],
        ["4:x:3", [], {}],
    ],
    "relationships": [["4:x:0", "4:x:2", "OWES", {"at": 1}], ["4:x:2", "4:x:1", "OWES", {"at": 2}]],
    "indexes": [INDEX, LOOKUP],
    "constraints": [INDEX],
}


def fingerprint(graph: Graph) -> dict[str, Any]:
    tally = Tally()
    for node in graph["nodes"]:
        tally.add_node(*node)
    for relationship in graph["relationships"]:
        tally.add_relationship(*relationship)
    return tally.fingerprint(graph["indexes"], graph["constraints"])


@pytest.fixture
def graph() -> Graph:
    return copy.deepcopy(GRAPH)


def compared(graph: Graph) -> list[str]:
    return differences(fingerprint(GRAPH), fingerprint(graph), ("source", "cluster"))


def test_order_and_element_ids_do_not_count(graph):
    for rows in graph.values():
        rows.reverse()
    for node in graph["nodes"]:
        node[0] = f"4:other:{node[0]}"
        node[1].reverse()
        node[2] = dict(reversed(node[2].items()))
    for relationship in graph["relationships"]:
        relationship[:2] = [f"4:other:{element}" for element in relationship[:2]]
    assert fingerprint(graph) == fingerprint(GRAPH) and not compared(graph)


def test_what_is_told():
    told = fingerprint(GRAPH)
    assert told["counts"] == {"nodes": 4, "relationships": 2, "properties": 7}
    assert [(group["labels"], group["count"]) for group in told["nodes"]] == [
        ([], 1),
        (["Account"], 2),
        (["Credex", "Open"], 1),
    ]
    assert told["indexes"] == ["any: LOOKUP on NODE every ()", "id: RANGE on NODE Account (id)"]


def change(graph: Graph, kind: str, row: int, column: int, value: Any) -> None:
    graph[kind][row][column] = value


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda g: g["nodes"][0][2].update(name="Anna"), ["nodes Account: as many (2), but other values of name"]),
        (lambda g: g["nodes"][0][2].update(age=1), ["nodes Account: as many (2), but other values of age"]),
        (lambda g: g["nodes"].pop(), ["nodes without labels: source has 1, cluster has 0"]),
        (
            lambda g: change(g, "nodes", 3, 1, ["Open"]),
            ["nodes Open: source has 0, cluster has 1", "nodes without labels: source has 1, cluster has 0"],
        ),
        (
            lambda g: (g["nodes"][0][2].update(name="Ben"), g["nodes"][1][2].update(name="Ann")),
            ["nodes Account: the same values on other nodes"],
        ),
        (lambda g: g["relationships"].pop(), ["relationships OWES: source has 2, cluster has 1"]),
        (
            lambda g: change(g, "relationships", 0, 2, "OWED"),
            ["relationships OWED: source has 0, cluster has 1", "relationships OWES: source has 2, cluster has 1"],
        ),
        (
            lambda g: g["relationships"][0][3].update(at=3),
            ["relationships OWES: as many (2), but other values of at"],
        ),
        (lambda g: change(g, "relationships", 0, 0, "4:x:1"), ["relationships OWES: other ends"]),
        (
            lambda g: g["indexes"].pop(),
            ["index that only source has: any: LOOKUP on NODE every ()"],
        ),
        (
            lambda g: g["constraints"].append(LOOKUP),
            ["constraint that only cluster has: any: LOOKUP on NODE every ()"],
        ),
    ],
)
def test_a_difference_is_named(graph, spoil, said):
    spoil(graph)
    assert compared(graph) == said


def test_a_relationship_that_turned_round_is_seen(graph):
    row = graph["relationships"][0]
    row[0], row[1] = row[1], row[0]
    assert compared(graph) == ["relationships OWES: other ends"]


def test_twins_that_share_what_hung_on_one_of_them_are_seen():
    twins = {"nodes": [["a", ["A"], {}], ["b", ["A"], {}], ["c", ["C"], {}]], "indexes": [], "constraints": []}
    one = {**twins, "relationships": [["a", "c", "R", {}], ["a", "c", "R", {}]]}
    other = {**twins, "relationships": [["a", "c", "R", {}], ["b", "c", "R", {}]]}
    assert differences(fingerprint(one), fingerprint(other)) == [
        "every node and relationship has its equal, but they hang together in another way"
    ]


VALUES = [
    1,
    1.0,
    True,
    "1",
    [1],
    [1.0],
    ["1"],
    b"1",
    0.1 + 0.2,
    0.3,
    float("nan"),
    -0.0,
    0.0,
    Date(2026, 1, 1),
    "2026-01-01",
    DateTime(2026, 1, 1, 0, 0, 0, 1),
    DateTime(2026, 1, 1, 0, 0, 0, 2),
    DateTime(2026, 1, 1, 0, 0, 0, 1, FixedOffset(60)),
    DateTime(2026, 1, 1, 0, 0, 0, 1, FixedOffset(120)),
    Duration(months=1),
    Duration(days=30),
    CartesianPoint((1.0, 2.0)),
    WGS84Point((1.0, 2.0)),
]


def test_no_two_values_are_alike():
    checksums = set()
    for value in VALUES:
        tally = Tally()
        tally.add_node("x", ["A"], {"value": value})
        checksums.add(tally.fingerprint([], [])["checksum"])
    assert len(checksums) == len(VALUES)

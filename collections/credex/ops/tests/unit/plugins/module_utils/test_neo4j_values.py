# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cypher's values as JSON, with the driver's own types where it has them."""

from __future__ import annotations

import datetime
import json

import neo4j.graph
import neo4j.spatial
import neo4j.time
import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.values import plain


@pytest.fixture
def graph():
    """Two nodes and what connects them, as the driver gives them."""
    graph = neo4j.graph.Graph()
    account = neo4j.graph.Node(graph, "4:x:0", 0, {"Account"}, {"since": neo4j.time.Date(2026, 1, 2)})
    member = neo4j.graph.Node(graph, "4:x:1", 1, {"Person", "Member"}, {"name": "Ada"})
    owns = graph.relationship_type("OWNS")(graph, "5:x:7", 7, {"share": 0.5})
    owns._start_node, owns._end_node = member, account
    return {"account": account, "member": member, "owns": owns, "path": neo4j.graph.Path(member, owns)}


@pytest.mark.parametrize("value", [None, True, 0, -7, 1.5, "text", [], {}, [1, ["a", {"b": None}]]])
def test_json_stays_as_it_is(value):
    assert plain(value) == value
    assert type(plain(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (neo4j.time.Date(2026, 11, 23), "2026-11-23"),
        (neo4j.time.Time(1, 2, 3), "01:02:03.000000000"),
        (neo4j.time.DateTime(2026, 11, 23, 1, 2, 3, tzinfo=datetime.UTC), "2026-11-23T01:02:03.000000000+00:00"),
        (neo4j.time.Duration(days=1, hours=2), "P1DT2H"),
        (datetime.date(2026, 11, 23), "2026-11-23"),
        (neo4j.spatial.CartesianPoint((1.0, 2.0)), {"srid": 7203, "coordinates": [1.0, 2.0]}),
        (neo4j.spatial.WGS84Point((1.0, 2.0, 3.0)), {"srid": 4979, "coordinates": [1.0, 2.0, 3.0]}),
        (b"\x00\xff", "AP8="),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ((1, float("inf")), [1, "Infinity"]),
        ({1: {"a": (1,)}}, {"1": {"a": [1]}}),
    ],
)
def test_other_values(value, shown):
    assert plain(value) == shown
    json.dumps(plain(value), allow_nan=False)


def test_a_node(graph):
    assert plain(graph["member"]) == {
        "element_id": "4:x:1",
        "labels": ["Member", "Person"],
        "properties": {"name": "Ada"},
    }
    assert plain(graph["account"])["properties"] == {"since": "2026-01-02"}


def test_a_relationship(graph):
    assert plain(graph["owns"]) == {
        "element_id": "5:x:7",
        "type": "OWNS",
        "start": "4:x:1",
        "end": "4:x:0",
        "properties": {"share": 0.5},
    }


def test_a_path(graph):
    shown = plain([graph["path"]])[0]
    assert [node["element_id"] for node in shown["nodes"]] == ["4:x:1", "4:x:0"]
    assert [relationship["type"] for relationship in shown["relationships"]] == ["OWNS"]

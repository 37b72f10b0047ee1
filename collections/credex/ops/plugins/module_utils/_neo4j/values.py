# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Values of Cypher as plain JSON: the one place that decides how a date, a point or a node looks in a result.

The driver's types are told apart by what they offer, not by their classes, so that this file needs no driver.
"""

from __future__ import annotations

import base64
import math
from typing import Any


def plain(value: Any) -> Any:
    """Temporal values as ISO 8601 text, points, nodes, relationships and paths as dicts, bytes as base64 text.

    NaN and the infinities become the texts `NaN`, `Infinity` and `-Infinity`, which JSON has no numbers for.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return _structure(value)


def _number(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _structure(value: Any) -> Any:
    for telltale, shape in _SHAPES:
        if hasattr(value, telltale):
            return shape(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return str(value)


def _node(node: Any) -> dict[str, Any]:
    return {
        "element_id": node.element_id,
        "labels": sorted(node.labels),
        "properties": {key: plain(item) for key, item in node.items()},
    }


def _relationship(relationship: Any) -> dict[str, Any]:
    return {
        "element_id": relationship.element_id,
        "type": relationship.type,
        "start": relationship.start_node.element_id,
        "end": relationship.end_node.element_id,
        "properties": {key: plain(item) for key, item in relationship.items()},
    }


def _path(path: Any) -> dict[str, Any]:
    return {
        "nodes": [_node(node) for node in path.nodes],
        "relationships": [_relationship(relationship) for relationship in path.relationships],
    }


# Looked up in this order. A path has start_node too, so it comes before the relationship
_SHAPES = (
    ("iso_format", lambda value: value.iso_format()),
    ("isoformat", lambda value: value.isoformat()),
    ("srid", lambda value: {"srid": value.srid, "coordinates": [plain(number) for number in value]}),
    ("to_native", lambda value: plain(value.to_native())),
    ("labels", _node),
    ("relationships", _path),
    ("start_node", _relationship),
)

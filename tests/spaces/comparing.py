"""What the tests of comparison and repair share: the two modules called as functions, and digests of whole spaces."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ansible_collections.credex.ops.plugins.modules import neo4j_space_diff, neo4j_space_repair

from lab.community.pair import Pair
from lab.community.server import USER
from lab.graph import Space

_EVERYTHING = """
MATCH (n)
OPTIONAL MATCH (n)-[r]->(m)
WITH n, collect([type(r), properties(r), properties(m)]) AS out
RETURN labels(n) AS labels, properties(n) AS properties, out
"""
DEFAULTS: dict[str, Any] = {
    "username": USER,
    "ca_certificate": None,
    "timeout": 120.0,
    "full": False,
    "tolerance": 1e-8,
    "epsilon": 1e-9,
    "grace": 900.0,
    "stuck_after": 1.0,
    "samples": 5,
    "limit": 20000,
    "invariants": True,
    "allow_empty_ledger": False,
    "hold_queue": False,
    "hold_seconds": 60,
    "hold_wait": 5.0,
    "run_id": "test",
    "mode": "repair",
    "batch": 1000,
    "no_task_runs": False,
}


def parameters(pair: Pair, **more: Any) -> dict[str, Any]:
    return {
        **DEFAULTS,
        "password": pair.ledger.password,
        "ledger": {"uris": [pair.ledger.uri], "database": "neo4j"},
        "search": {"uris": [pair.search.uri], "database": "neo4j"},
        **more,
    }


def compare(pair: Pair, **more: Any) -> dict[str, Any]:
    return neo4j_space_diff.compare(parameters(pair, **more), False)


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {entry["kind"]: entry["count"] for entry in result["differences"]}


def repair(pair: Pair, check_mode: bool = False, **more: Any) -> tuple[bool, dict[str, Any]]:
    return neo4j_space_repair.work(parameters(pair, **more), check_mode)


def digest(space: Space) -> str:
    """Of every node, relationship and property; equal only when nothing at all was written."""
    rows = sorted(json.dumps(row, sort_keys=True, default=str) for row in space.stream(_EVERYTHING))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module on emulated servers with a node or two; tests/contract runs it on real ones."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._fingerprint import reading
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import parse_address
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.modules import neo4j_fingerprint_info, neo4j_query

PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"
PLACE = reading.Place(parse_address("bolt://10.0.0.1"), "ledgerspace")


def test_what_a_database_holds(run_module, enterprise, login):
    asked = {"uri": enterprise.uris[0].replace("bolt", "neo4j"), "database": "neo4j", **login}
    with enterprise.running():
        before = run_module(neo4j_fingerprint_info, **asked)
        run_module(neo4j_query, query=PROBE, parameters={"name": "x", "at": "now"}, **asked)
        after = run_module(neo4j_fingerprint_info, **asked)
        nobody = run_module(neo4j_fingerprint_info, **{**asked, "database": "nobody"})
    assert not before["changed"] and before["fingerprint"]["constraints"] == []
    counts = [each["fingerprint"]["counts"]["nodes"] for each in (before, after)]
    assert counts[1] == counts[0] + 1
    assert after["fingerprint"]["checksum"] != before["fingerprint"]["checksum"]
    assert nobody["failed"] and "nobody" in nobody["msg"] and nobody["server"] == asked["uri"]


def test_a_node_that_comes_meanwhile(monkeypatch):
    rows = {reading.statements.NODES: [["a", [], {}]], reading.statements.RELATIONSHIPS: [["a", "b", "KNOWS", {}]]}

    class Feed:
        def __init__(self, _place, statement, _parameters):
            self.rows = rows[statement]

        def __iter__(self):
            return iter(self.rows)

        def close(self):
            self.rows = None

    monkeypatch.setattr(reading, "Feed", Feed)
    with pytest.raises(Neo4jOpsError, match=r"a node of database ledgerspace on .* came while it was read"):
        reading.read(PLACE)

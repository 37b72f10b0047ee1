# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a database holds, as neo4j_fingerprint_info reads it: probes, and the node with the flags."""

from __future__ import annotations

from typing import Any

from lab.server.statements.gate import ANSWERS
from lab.server.statements.probe import LABEL
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_SCAN = ("Projection", "AllNodesScan")


@statement(
    "MATCH (n) RETURN [elementId(n), labels(n), properties(n)] AS row", verbatim=True, on_system=False, operators=_SCAN
)
def nodes(call: Call) -> Answer:
    found = _nodes(call) if call.access.reads(call.database) else []
    return Answer(("row",), [[[f"4:emulated:{number}", *node]] for number, node in enumerate(found)])


def _nodes(call: Call) -> list[list[Any]]:
    cluster = call.instance.cluster
    found: list[list[Any]] = [[[LABEL], {"name": name, "at": at}] for name, at in cluster.probes(call.database).items()]
    flag = cluster.flag(call.database)
    if flag is not None:
        busy = ANSWERS[flag]
        flags = {} if busy is None else {"DCOrunningNow": busy, "MTQrunningNow": busy}
        found.append([["Daynode"], {"Active": True, **flags}])
    return found


@statement(
    "MATCH (a)-[r]->(b) RETURN [elementId(a), elementId(b), type(r), properties(r)] AS row",
    verbatim=True,
    on_system=False,
    operators=("Projection", "DirectedAllRelationshipsScan"),
)
def relationships(_: Call) -> Answer:
    return Answer(("row",))


_SCHEMA = ("name", "type", "entityType", "labelsOrTypes", "properties")
# As every new database has them
_LOOKUPS = (("index_343aff4e", "LOOKUP", "NODE", None, None), ("index_f7700477", "LOOKUP", "RELATIONSHIP", None, None))


@statement(f"SHOW INDEXES YIELD {', '.join(_SCHEMA)}", verbatim=True, on_system=False)
def indexes(call: Call) -> Answer:
    call.access.require("SHOW INDEX", database=call.database)
    return Answer(_SCHEMA, _LOOKUPS)


@statement(f"SHOW CONSTRAINTS YIELD {', '.join(_SCHEMA)}", verbatim=True, on_system=False)
def constraints(call: Call) -> Answer:
    call.access.require("SHOW CONSTRAINT", database=call.database)
    return Answer(_SCHEMA)

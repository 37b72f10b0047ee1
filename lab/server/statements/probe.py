# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one write that the emulator takes into a user database, and its reading: it proves who is the writer."""

from __future__ import annotations

from lab.server import texts
from lab.server.access import State
from lab.server.errors import forbidden
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

LABEL = "CredexOpsProbe"


@statement(
    "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name",
    verbatim=True,
    kind="rw",
    writes=True,
    on_system=False,
    columns=("name",),
    operators=("Projection", "SetProperty", "Merge", "Filter", "NodeByLabelScan"),
)
def write_probe(call: Call) -> Answer:
    cluster, name, at = call.instance.cluster, str(call.parameters["name"]), str(call.parameters["at"])
    counters = {"contains-updates": True, "properties-set": 1}
    # A node that the user may not read is not found, so MERGE makes another one
    is_new = not cluster.has_probe(call.database, name) or not call.access.reads(call.database)
    _check(call, is_new)
    if is_new:
        counters |= {"nodes-created": 1, "labels-added": 1, "properties-set": 2}
    return Answer(("name",), [[name]], counters=counters, effect=lambda: cluster.add_probe(call.database, name, at))


@statement(
    "MATCH (p:CredexOpsProbe {name: $name}) RETURN p.at AS at",
    verbatim=True,
    on_system=False,
    operators=("Projection", "Filter", "NodeByLabelScan"),
)
def read_probe(call: Call) -> Answer:
    at = call.instance.cluster.probe(call.database, str(call.parameters["name"]))
    return Answer(("at",), [[at]] if at is not None and call.access.reads(call.database) else [])


@statement("MATCH (n) RETURN count(n) AS nodes", verbatim=True, on_system=False, operators=("NodeCountFromCountStore",))
def count_nodes(call: Call) -> Answer:
    """The probes, and the node that carries the flags of the nightly run, where there is one."""
    cluster = call.instance.cluster
    there = cluster.probe_count(call.database) + (cluster.flag(call.database) is not None)
    return Answer(("nodes",), [[there if call.access.reads(call.database) else 0]])


def _check(call: Call, is_new: bool) -> None:
    """In the order in which Neo4j comes to it: names that the database has not seen, the node, its properties."""
    who, database = call.access.who, call.database
    if not call.instance.cluster.has_probe(database):
        for kind, text in _NAMES:
            state = call.access.state(kind, database)
            if state != State.GRANTED:
                raise forbidden(text % (database, "denied" if state == State.DENIED else "not allowed", who, database))
    if not call.access.allows("WRITE", database):
        raise forbidden(
            texts.CREATE_NODE % (LABEL, database, who) if is_new else texts.SET_PROPERTY % ("at", database, who)
        )


_NAMES = (
    ("CREATE NEW NODE LABEL", texts.CREATE_LABEL),
    ("CREATE NEW PROPERTY NAME", texts.CREATE_PROPERTY_NAME),
)

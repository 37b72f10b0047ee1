# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one write that the emulator takes into a user database: it proves who is the writer, and stores a name."""

from __future__ import annotations

from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer


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
    cluster, name = call.instance.cluster, str(call.parameters["name"])
    counters = {"contains-updates": True, "properties-set": 1}
    if not cluster.has_probe(call.database, name):
        counters |= {"nodes-created": 1, "labels-added": 1, "properties-set": 2}
    return Answer(("name",), [[name]], counters=counters, effect=lambda: cluster.add_probe(call.database, name))

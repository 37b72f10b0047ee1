# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate queries of this project's inventories, verbatim: is a nightly run or a minute queue at work?

They are answered from a flag (`python -m lab flag`), in the databases that have one; elsewhere the node that carries
the answer does not exist, and there is no row.
"""

from __future__ import annotations

from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

# busy and stuck differ in how long they last, which only the asking side can know
ANSWERS = {"quiet": False, "busy": True, "stuck": True, "null": None}
_PLAN = ("Projection", "Filter", "NodeByLabelScan")


@statement(
    "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS busy",
    verbatim=True,
    on_system=False,
    operators=_PLAN,
)
def nightly_run(call: Call) -> Answer:
    return _busy(call)


@statement(
    "MATCH (d:Daynode {Active: true}) RETURN d.MTQrunningNow AS busy",
    verbatim=True,
    on_system=False,
    operators=_PLAN,
)
def minute_queue(call: Call) -> Answer:
    return _busy(call)


def _busy(call: Call) -> Answer:
    """What a user may not read is not there for it."""
    flag = call.instance.cluster.flag(call.database) if call.access.reads(call.database) else None
    return Answer(("busy",), [] if flag is None else [[ANSWERS[flag]]])

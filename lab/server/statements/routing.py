# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routing table as a procedure: what a driver is told when it asks where a database is."""

from __future__ import annotations

from lab.server.errors import no_routing_table
from lab.server.snapshot import ROUTING_TTL_SECONDS
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer


@statement("CALL dbms.routing.getRoutingTable ( <context:value> , <database:value> ) <tail:tail>", kind="s")
def routing_table(call: Call) -> Answer:
    name = (call.slots["database"] or call.instance.home_database(call.user)).lower()
    database = call.snapshot.database(name)
    if database is None:
        raise no_routing_table(name)
    columns = ("ttl", "servers")
    return call.table(columns, columns, [{"ttl": ROUTING_TTL_SECONDS, "servers": database.routes}])

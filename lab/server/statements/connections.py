# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is connected to a server. Who is no administrator sees what is his own, as the manual has it."""

from __future__ import annotations

from datetime import UTC, datetime

from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_COLUMNS = (
    "connectionId",
    "connectTime",
    "connector",
    "username",
    "userAgent",
    "serverAddress",
    "clientAddress",
)


@statement("CALL dbms.listConnections [( )] <tail:tail>", kind="s")
def list_connections(call: Call) -> Answer:
    """Those that have logged in."""
    sees_all = call.access.allows("ALL DBMS PRIVILEGES")
    rows = [
        {
            "connectionId": session.connection_id,
            "connectTime": datetime.fromtimestamp(session.since, UTC).isoformat(timespec="milliseconds"),
            "connector": "bolt",
            "username": session.user.name,
            "userAgent": session.agent,
            "serverAddress": session.addresses[0],
            "clientAddress": session.addresses[1],
        }
        for session in call.instance.sessions
        if session.user is not None and (sees_all or session.user.name == call.user.name)
    ]
    return call.table(_COLUMNS, _COLUMNS, rows)

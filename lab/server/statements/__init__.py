# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the emulated server understands: one file for each family of statements.

A statement is a pattern and a function; a new one needs nothing else. Whatever matches none is refused by name.
"""

from __future__ import annotations

from lab.server.statements import (  # noqa: F401
    allocation_defaults,
    allocations,
    connections,
    databases,
    gate,
    graph,
    licensing,
    privileges,
    probe,
    procedures,
    recovery,
    roles,
    routing,
    server_states,
    servers,
    settings,
    users,
)
from lab.server.statements.registry import STATEMENTS, Outcome, check_database, run

__all__ = ["STATEMENTS", "Outcome", "check_database", "run"]

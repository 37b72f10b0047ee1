# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading and changing what the database `system` holds: users, roles, privileges and databases.

All of it is asked of the server that writes `system`, over a login of its own for each statement: another member may
not know yet what was changed a moment ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import databases, queries, reading, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import SYSTEM, Target, ask_server
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    NotSupportedError,
    StatementRefusedError,
    UnreachableError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step

# The code is ArgumentError, and the GQL status that of a password that is too short as well
_SAME_PASSWORD = "Old password and new password cannot be the same"


def rows(asked: Target, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement that reads."""
    return ask_server(asked, lambda server: server.run(statement, parameters, SYSTEM, write=True)).rows


def find_databases(asked: Target) -> list[dict[str, Any]]:
    """The databases that the user may see, as M(credex.ops.neo4j_database_info) returns them."""
    return databases.databases(reading.named(rows(asked, statements.DATABASES), reading.DATABASE_COLUMNS))


def of_enterprise(asked: Target, otherwise: str, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement that Community does not have; what its refusal means is said before it."""
    try:
        return rows(asked, statement, **parameters)
    except NotSupportedError as error:
        said = f"{otherwise}: {error.args[0]}"
        raise NotSupportedError(said, asked.uri, error.cause, error.code, error.gql_status) from error


def carry_out(asked: Target, steps: Sequence[Step]) -> list[Step]:
    """Send each, once and in order; those that changed something."""
    return [step for step in steps if _changed(asked, step)]


def _changed(asked: Target, step: Step) -> bool:
    """A password that the user has already is no change."""
    try:
        queries.write(asked, step.statement, step.parameters, SYSTEM)
    except StatementRefusedError as error:
        if step.statement == statements.SET_PASSWORD and _SAME_PASSWORD in error.message:
            return False
        raise
    return True


def has_password(asked: Target, user: str, password: str) -> bool:
    """Whether it is the password that the user has, found out by one login, over bolt://, which names why one fails.

    A wrong one counts: the third in a row locks the user for some seconds. Not for a suspended user, who is refused
    with the right one as well.
    """
    probe = replace(asked, username=user, password=password, routed=False)
    try:
        ask_server(probe, lambda server: server.rows(statements.CURRENT_USER))
    except UnreachableError as error:
        if error.cause is Cause.AUTHENTICATION:
            return False
        if error.cause is Cause.CREDENTIALS_EXPIRED:
            return True
        error.message = f"Whether {user} has this password already could not be seen: {error.message}"
        raise
    return True

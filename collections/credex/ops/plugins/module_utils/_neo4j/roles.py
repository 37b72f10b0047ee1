# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What Neo4j says of roles, and what is refused of them before anything is changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import PUBLIC

ADMIN = "admin"
# What a new cluster has
BUILT_IN = (PUBLIC, "reader", "editor", "publisher", "architect", ADMIN)


class Held(NamedTuple):
    """The privileges of a role as commands; what is immutable is nobody's to change here."""

    privileges: list[str]
    immutable: list[str]


def members(asked: Target) -> dict[str, list[str]]:
    """Who has each role."""
    found: dict[str, list[str]] = {}
    for row in _rows(asked, statements.ROLE_MEMBERS):
        found.setdefault(row["role"], []).extend([row["member"]] if row["member"] else [])
    return {role: sorted(found[role]) for role in sorted(found)}


def names(asked: Target) -> list[str]:
    return [row["role"] for row in _rows(asked, statements.ROLES)]


def held(asked: Target, role: str) -> Held:
    """Of a role that is not there, nothing."""
    rows = _rows(asked, statements.ROLE_PRIVILEGES, role=role)
    kinds: tuple[list[str], list[str]] = ([], [])
    for row in rows:
        kinds[bool(row["immutable"])].append(row["command"])
    return Held(*(sorted(commands) for commands in kinds))


def _rows(asked: Target, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    otherwise = "this server has no roles and privileges, which only Neo4j Enterprise has"
    return administration.of_enterprise(asked, otherwise, statement, **parameters)


def refuse_end(asked: Target, role: str) -> None:
    """A role that Neo4j brings, and one that this module logs in with, stay."""
    if role in BUILT_IN:
        raise InvalidOptionError(
            f"{role} is a role that Neo4j brings, and others expect it to be there, so it is not dropped. Take its "
            "privileges from it, or its members, instead"
        )
    for user in administration.rows(asked, statements.CURRENT_USER):
        if role in (user["roles"] or ()):
            raise InvalidOptionError(
                f"{user['user']}, who this module logs in as, has the role {role}, which would be dropped: log in as "
                "another user"
            )


def refuse_loss(role: str, revoked: list[str]) -> None:
    """An administrator who lost a privilege may be the last one who could give it back."""
    if role == ADMIN and revoked:
        raise InvalidOptionError(
            f"nothing is taken from the role {ADMIN}, and this would be: {'; '.join(revoked)}. Add it to privileges, "
            "or set append"
        )

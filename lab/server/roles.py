# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles and their privileges in the cluster's file; a new one has the built-in roles, as the manual lists them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from lab.server.privileges import EVERY, HOME, Privilege

PUBLIC = "PUBLIC"
GRANT, DENY = "GRANT", "DENY"

SCHEMA = """
CREATE TABLE role (name TEXT PRIMARY KEY);
CREATE TABLE privilege (
    role TEXT NOT NULL REFERENCES role ON DELETE CASCADE, access TEXT NOT NULL, kind TEXT NOT NULL,
    target TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (role, access, kind, target, detail));
"""

_READER = (
    Privilege("ACCESS", EVERY),
    Privilege("MATCH {*}", EVERY, "NODE"),
    Privilege("MATCH {*}", EVERY, "RELATIONSHIP"),
    Privilege("SHOW CONSTRAINT", EVERY),
    Privilege("SHOW INDEX", EVERY),
)
_EDITOR = (*_READER, Privilege("WRITE", EVERY))
_PUBLISHER = (*_EDITOR, Privilege("NAME MANAGEMENT", EVERY))
_ARCHITECT = (*_PUBLISHER, Privilege("CONSTRAINT MANAGEMENT", EVERY), Privilege("INDEX MANAGEMENT", EVERY))
BUILT_IN = {
    PUBLIC: (
        Privilege("ACCESS", HOME),
        Privilege("EXECUTE FUNCTION", detail="*"),
        Privilege("EXECUTE PROCEDURE", detail="*"),
        Privilege("LOAD"),
    ),
    "reader": _READER,
    "editor": _EDITOR,
    "publisher": _PUBLISHER,
    "architect": _ARCHITECT,
    "admin": (
        *_ARCHITECT,
        Privilege("ALL DBMS PRIVILEGES"),
        Privilege("LOAD"),
        Privilege("START", EVERY),
        Privilege("STOP", EVERY),
        Privilege("TRANSACTION MANAGEMENT (*)", EVERY),
    ),
}


@dataclass(frozen=True)
class Assigned:
    """A privilege that a role has, or is denied."""

    role: str
    access: str
    privilege: Privilege


class Roles:
    """The roles of a cluster."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def create_built_in(self) -> None:
        for role, privileges in BUILT_IN.items():
            self.create(role)
            self.assign(GRANT, [role], privileges)

    def names(self) -> list[str]:
        return [row["name"] for row in self.connection.execute("SELECT name FROM role ORDER BY name")]

    def create(self, name: str, like: str | None = None) -> None:
        """A role, with the privileges of another one if it is to be a copy."""
        self.connection.execute("INSERT INTO role VALUES (?)", (name,))
        self.connection.execute(
            "INSERT INTO privilege SELECT ?, access, kind, target, detail FROM privilege WHERE role = ?", (name, like)
        )

    def drop(self, name: str) -> None:
        self.connection.execute("DELETE FROM role WHERE name = ?", (name,))
        for row in self.connection.execute("SELECT name, roles FROM user").fetchall():
            left = [role for role in json.loads(row["roles"]) if role != name]
            self.connection.execute("UPDATE user SET roles = ? WHERE name = ?", (json.dumps(left), row["name"]))

    # Privileges

    def assign(self, access: str, roles: Iterable[str], privileges: Iterable[Privilege]) -> None:
        rows = [(role, access, each.kind, each.target, each.detail) for role in roles for each in privileges]
        self.connection.executemany("INSERT OR IGNORE INTO privilege VALUES (?, ?, ?, ?, ?)", rows)

    def revoke(self, access: str, roles: Iterable[str], privileges: Iterable[Privilege]) -> None:
        rows = [(role, access, each.kind, each.target, each.detail) for role in roles for each in privileges]
        self.connection.executemany(
            "DELETE FROM privilege WHERE role = ? AND access = ? AND kind = ? AND target = ? AND detail = ?", rows
        )

    def forget_database(self, name: str) -> None:
        """A database of the same name begins without the privileges of the one that is dropped."""
        self.connection.execute("DELETE FROM privilege WHERE target = ?", (name,))

    def assigned(self, roles: Iterable[str] | None = None) -> list[Assigned]:
        """What these roles have and are denied, or all roles."""
        rows = self.connection.execute("SELECT * FROM privilege ORDER BY role, kind, target, detail")
        wanted = None if roles is None else set(roles)
        return [
            Assigned(row["role"], row["access"], Privilege(row["kind"], row["target"], row["detail"]))
            for row in rows
            if wanted is None or row["role"] in wanted
        ]

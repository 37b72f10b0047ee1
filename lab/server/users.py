# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users in the cluster's file, and the server's own guard against guessing."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass

from lab.server import errors
from lab.server.cluster import Cluster


@dataclass(frozen=True)
class User:
    name: str
    change_required: bool
    roles: list[str]


class Users:
    """The users of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.connection = cluster.connection

    def all(self) -> list[User]:
        rows = self.connection.execute("SELECT * FROM user ORDER BY name")
        return [User(row["name"], bool(row["change_required"]), json.loads(row["roles"])) for row in rows]

    def find(self, name: str) -> User | None:
        return next((user for user in self.all() if user.name == name), None)

    def create(self, name: str, password: str, change_required: bool, roles: list[str]) -> None:
        self.connection.execute(
            "INSERT INTO user VALUES (?, ?, ?, ?)", (name, hashed(password), change_required, json.dumps(roles))
        )

    def drop(self, name: str) -> None:
        self.connection.execute("DELETE FROM user WHERE name = ?", (name,))

    def set_password(self, name: str, password: str, change_required: bool) -> None:
        self.connection.execute(
            "UPDATE user SET credentials = ?, change_required = ? WHERE name = ?",
            (hashed(password), change_required, name),
        )

    def has_password(self, name: str, password: str) -> bool:
        row = self.connection.execute("SELECT credentials FROM user WHERE name = ?", (name,)).fetchone()
        return row is not None and hmac.compare_digest(row["credentials"], hashed(password, row["credentials"]))


def hashed(password: str, like: str | None = None) -> str:
    """`salt:hash`; with the salt of another one to compare with it."""
    salt = like.split(":")[0] if like else os.urandom(8).hex()
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), 1024)
    return f"{salt}:{digest.hex()}"


class Guard:
    """Who may log in to one server.

    After some wrong passwords in a row an account is locked for some seconds, for the right password too, and after
    that each further wrong one locks it again. Nobody else is affected, and a name that is no user is never locked
    (measured on real servers).
    """

    def __init__(self, users: Users, max_failed_attempts: int, lock_seconds: float) -> None:
        self.users = users
        self.max_failed_attempts = max_failed_attempts
        self.lock_seconds = lock_seconds
        self._failures: dict[str, tuple[int, float]] = {}

    def login(self, name: str, password: str) -> User:
        count, last = self._failures.get(name, (0, 0.0))
        if count >= self.max_failed_attempts and time.monotonic() - last < self.lock_seconds:
            raise errors.rate_limited()
        user = self.users.find(name)
        if user is None:
            raise errors.unauthorized()
        if not self.users.has_password(name, password):
            self._failures[name] = (count + 1, time.monotonic())
            raise errors.unauthorized()
        self._failures.pop(name, None)
        return user

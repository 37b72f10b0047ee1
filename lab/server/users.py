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

MINIMUM_PASSWORD_LENGTH = 8
MAX_FAILED_ATTEMPTS = 3
LOCK_SECONDS = 5.0


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
    """Who may log in to one server. The third wrong password in a row locks the account there for some seconds,
    for the right password too; other users are not affected (measured on a real server)."""

    def __init__(self, users: Users) -> None:
        self.users = users
        self.failures: dict[str, tuple[int, float]] = {}

    def login(self, name: str, password: str) -> User:
        count, last = self.failures.get(name, (0, 0.0))
        if count >= MAX_FAILED_ATTEMPTS:
            if time.monotonic() - last < LOCK_SECONDS:
                raise errors.rate_limited()
            count = 0
        user = self.users.find(name)
        if user is not None and self.users.has_password(name, password):
            self.failures.pop(name, None)
            return user
        self.failures[name] = (count + 1, time.monotonic())
        raise errors.rate_limited() if count + 1 >= MAX_FAILED_ATTEMPTS else errors.unauthorized()

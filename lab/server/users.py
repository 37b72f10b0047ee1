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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lab.server import errors
from lab.server.cluster import Cluster
from lab.server.roles import PUBLIC


@dataclass(frozen=True)
class User:
    name: str
    change_required: bool
    # Beside PUBLIC, which everybody has
    own_roles: tuple[str, ...]
    is_suspended: bool = False
    # Home database; None is the default database
    home: str | None = None
    has_password: bool = True
    # The user's id with each provider beside the password
    auth: Mapping[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> list[str]:
        """As SHOW USERS shows them."""
        return [*self.own_roles, PUBLIC]

    @property
    def effective_roles(self) -> list[str]:
        """Who is suspended while logged in has none, not even PUBLIC."""
        return [] if self.is_suspended else self.roles


class Users:
    """The users of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.connection = cluster.connection

    def all(self) -> list[User]:
        rows = self.connection.execute("SELECT * FROM user ORDER BY name")
        return [
            User(
                row["name"],
                bool(row["change_required"]),
                tuple(sorted(set(json.loads(row["roles"])) - {PUBLIC})),
                bool(row["suspended"]),
                row["home"],
                bool(row["credentials"]),
                json.loads(row["auth"]),
            )
            for row in rows
        ]

    def find(self, name: str) -> User | None:
        return next((user for user in self.all() if user.name == name), None)

    def create(self, name: str, password: str | None, change_required: bool, roles: Iterable[str] = ()) -> None:
        self.connection.execute(
            "INSERT INTO user (name, credentials, change_required, roles) VALUES (?, ?, ?, ?)",
            (name, "" if password is None else hashed(password), change_required, json.dumps(list(roles))),
        )

    def drop(self, name: str) -> None:
        self.connection.execute("DELETE FROM user WHERE name = ?", (name,))

    def rename(self, name: str, new: str) -> None:
        self.connection.execute("UPDATE user SET name = ? WHERE name = ?", (new, name))

    def set_password(self, name: str, password: str) -> None:
        self.set_credentials(name, hashed(password))

    def set_credentials(self, name: str, credentials: str) -> None:
        """A password of which only the hash is known."""
        self.connection.execute("UPDATE user SET credentials = ? WHERE name = ?", (credentials, name))

    def set_change_required(self, name: str, is_required: bool) -> None:
        self.connection.execute("UPDATE user SET change_required = ? WHERE name = ?", (is_required, name))

    def set_suspended(self, name: str, is_suspended: bool) -> None:
        self.connection.execute("UPDATE user SET suspended = ? WHERE name = ?", (is_suspended, name))

    def set_home(self, name: str, database: str | None) -> None:
        self.connection.execute("UPDATE user SET home = ? WHERE name = ?", (database, name))

    def set_auth(self, name: str, auth: Mapping[str, str]) -> None:
        self.connection.execute("UPDATE user SET auth = ? WHERE name = ?", (json.dumps(auth), name))

    def who_is(self, provider: str, identity: str) -> str | None:
        """The user whom a provider knows under this id."""
        return next((user.name for user in self.all() if user.auth.get(provider) == identity), None)

    def set_roles(self, name: str, roles: Iterable[str]) -> None:
        self.connection.execute("UPDATE user SET roles = ? WHERE name = ?", (json.dumps(sorted(roles)), name))

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
        if user.is_suspended:
            raise errors.unauthorized()
        return user

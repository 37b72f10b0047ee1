# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Using what only Enterprise Edition has, once, and leaving nothing: a second database, an enforced role, a cluster.

Everything made here has a name that begins with one of the prefixes below, so that the leftovers of a killed run can be
known, and removed, by the next one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target, ask_server
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    Neo4jOpsError,
    NotSupportedError,
    StatementRefusedError,
    UnreachableError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster

Row = dict[str, Any]

# What Neo4j allows in the name of a database, and in that of a role or user
DATABASE_PREFIX = "credexops-validation-"
ROLE_PREFIX = "credexops_validation_"
ONLINE_SECONDS = 60


class NotEnforcedError(Neo4jOpsError):
    """Something was allowed that should have been refused."""

    advice = "Is dbms.security.auth_enabled true, and does PUBLIC have more than its default privileges?"


class EnterpriseUse:
    """One use, in one cluster: its steps in order, each a sentence on success and an error otherwise."""

    def __init__(self, targets: Sequence[Target], workers: int) -> None:
        self._targets = list(targets)
        token = secrets.token_hex(4)
        self._database, self._role = f"{DATABASE_PREFIX}{token}", f"{ROLE_PREFIX}{token}"
        self._password = secrets.token_urlsafe(18)
        self._members = read_cluster(self._targets, workers)
        found = [(member, target) for member, target in zip(self._members, self._targets) if member["reachable"]]
        if not found:
            silent = "; ".join(f"{member['uri']}: {member['message']}" for member in self._members)
            raise UnreachableError(f"no server of the cluster answers: {silent}", cause=Cause.UNAVAILABLE)
        self._by_address = {member["address"]: target for member, target in found}
        self._first = found[0][1]
        self._admin = self._writer_of("system")

    def run(self) -> dict[str, Any]:
        leftovers = self._remove_all()
        try:
            steps = self._in_order(self._steps())
        finally:
            removed = self._in_order([("dropped", "What was made is dropped again", self._drop)])
        return {"steps": [*steps, *removed], "leftovers": leftovers}

    def _steps(self) -> list[tuple[str, str, Callable[[], str]]]:
        several = [("cluster", "The servers are one cluster", self._form_a_cluster)] if len(self._targets) > 1 else []
        return [
            *several,
            ("created", "A second database can be created", self._create_database),
            ("used", "It takes a write", self._write_as_administrator),
            ("role", "A role and a user can be created", self._create_role),
            ("denied", "Without a privilege the user is refused", self._without_privilege),
            ("granted", "With ACCESS the user is let in", self._with_access),
            ("enforced", "Without WRITE the user's write is refused", self._without_write),
        ]

    def _in_order(self, steps: Sequence[tuple[str, str, Callable[[], str]]]) -> list[Row]:
        """After the first failure the others were not tried, and nobody knows."""
        found: list[Row] = []
        for name, title, action in steps:
            if found and found[-1]["status"] != "passed":
                status, detail = "unknown", "not tried, because a step before it failed"
            else:
                status, detail = _tried(action)
            found.append({"name": name, "title": title, "status": status, "detail": detail})
        return found

    # The steps

    def _form_a_cluster(self) -> str:
        view = next(member for member in self._members if member["uri"] == self._first.uri)
        rows = [row for row in view["servers"] if row["state"] == "Enabled" and row["health"] == "Available"]
        serving = {row["address"] for row in rows}
        strangers = [member["uri"] for member in self._members if member["address"] not in serving]
        if strangers:
            raise UnreachableError(f"{', '.join(strangers)} does not serve in the cluster that {view['uri']} knows")
        return f"{len(serving)} servers are Enabled and Available"

    def _create_database(self) -> str:
        self._administer(statements.CREATE_DATABASE, database=self._database)
        self._wait_until_online()
        return f"{self._database} is online"

    def _write_as_administrator(self) -> str:
        self._write(self._home())
        return "a node was written"

    def _create_role(self) -> str:
        self._administer(statements.CREATE_ROLE, role=self._role)
        self._administer(statements.CREATE_USER, user=self._role, password=self._password)
        self._administer(statements.GRANT_ROLE, role=self._role, user=self._role)
        return f"{self._role}, granted to a user of that name"

    def _without_privilege(self) -> str:
        return self._refused(lambda: self._ask(self._second_user(), statements.ANYTHING), "read without ACCESS")

    def _with_access(self) -> str:
        self._administer(statements.GRANT_ACCESS, database=self._database, role=self._role)
        self._ask(self._second_user(), statements.ANYTHING)
        return "a statement was answered"

    def _without_write(self) -> str:
        return self._refused(lambda: self._write(self._second_user()), "write without WRITE")

    def _drop(self) -> str:
        removed = self._remove_all()
        left = self._present()
        if left:
            raise StatementRefusedError(f"still there: {', '.join(left)}", self._admin.uri)
        return f"removed: {', '.join(removed)}" if removed else "there was nothing to remove"

    # What they are made of

    def _refused(self, action: Callable[[], Any], what: str) -> str:
        """The server's own code for its refusal."""
        try:
            action()
        except Neo4jOpsError as error:
            if error.code is None or not error.code.startswith("Neo.ClientError."):
                raise
            return error.code
        raise NotEnforcedError(f"a user could {what} on {self._database}", self._admin.uri)

    def _second_user(self) -> Target:
        return replace(self._home(), username=self._role, password=self._password)

    def _home(self) -> Target:
        """The server that writes the new database."""
        return self._writer_of(self._database)

    def _writer_of(self, database: str) -> Target:
        rows = ask_server(self._first, lambda server: server.rows(statements.DATABASES))
        writers = [row["address"] for row in rows if row["name"] == database and row["writer"]]
        for address in writers:
            if address in self._by_address:
                return self._by_address[address]
        who = f"{writers[0]}, which was not asked or is silent," if writers else "nobody"
        raise UnreachableError(
            f"{who} writes database {database}, by what {self._first.uri} knows",
            cause=Cause.UNAVAILABLE,
        )

    def _wait_until_online(self) -> None:
        """The statement waits itself; on a member that learns of it a moment later this one does."""
        deadline = time.monotonic() + ONLINE_SECONDS
        while True:
            try:
                self._home()
                return
            except UnreachableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _ask(self, target: Target, statement: str) -> None:
        ask_server(target, lambda server: server.run(statement, {}, self._database))

    def _write(self, target: Target) -> None:
        parameters = {"name": self._role, "at": 0}
        ask_server(target, lambda server: server.run(statements.PROBE, parameters, self._database, write=True))

    def _administer(self, statement: str, **parameters: Any) -> None:
        ask_server(self._admin, lambda server: server.run(statement, parameters, "system", write=True))

    def _remove_all(self) -> list[str]:
        """Of this run or an earlier one; the names that were there."""
        found = self._present()
        for name in found:
            kind, _dummy, bare = name.partition(" ")
            self._administer(_DROP[kind], **{kind: bare})
        return found

    def _present(self) -> list[str]:
        def listed(server: Any) -> list[str]:
            databases = {row["name"] for row in server.rows(statements.DATABASES)}
            found = [f"database {name}" for name in sorted(databases) if name.startswith(DATABASE_PREFIX)]
            users = [row["user"] for row in server.rows(statements.USERS)]
            roles = _unless_unsupported(lambda: [row["role"] for row in server.rows(statements.ROLES)])
            found += [f"user {name}" for name in users if name.startswith(ROLE_PREFIX)]
            return found + [f"role {name}" for name in roles if name.startswith(ROLE_PREFIX)]

        return ask_server(self._admin, listed)


_DROP = {"database": statements.DROP_DATABASE, "user": statements.DROP_USER, "role": statements.DROP_ROLE}


def _tried(action: Callable[[], str]) -> tuple[str, str]:
    try:
        return "passed", action()
    except Neo4jOpsError as error:
        return "failed", str(error)


def _unless_unsupported(action: Callable[[], list[str]]) -> list[str]:
    """Community has no roles, so none of ours either. Who may not see roles would leave them behind unseen."""
    try:
        return action()
    except NotSupportedError:
        return []

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster with a second user, whose roles are what a test is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from neo4j.exceptions import ClientError

from tests.lab.access_data import BOTH, GRANTS, GRAPH, Granted
from tests.lab.emulated import ALL, PROBE, Answer, Emulated

FORBIDDEN = "Neo.ClientError.Security.Forbidden"
SECRET = "longer-than-8"


class SecondUser:
    """joe, who has no role at first, and neo4j, who gives him some."""

    def __init__(self, servers: Emulated) -> None:
        self.servers = servers
        self.admin("CREATE USER joe SET PASSWORD $password CHANGE NOT REQUIRED", password=SECRET)

    def writer(self, database: str = "system") -> str:
        return self.servers.writers(ALL[0])[database]

    def admin(self, text: str, **parameters: Any) -> Answer:
        return self.servers.ask(self.writer(), text, **parameters)

    def joe(self, text: str, database: str | None = "system", **parameters: Any) -> Answer:
        """Asks the writer of the database; of none, that of his home."""
        return self.servers.ask_as(("joe", SECRET), self.writer(database or "neo4j"), text, database, **parameters)

    def probe(self, database: str = "ledgerspace", name: str = "joe") -> Answer:
        return self.joe(PROBE, database, name=name, at="now")

    def grant(self, *commands: str, role: str = "test") -> None:
        """A role with these privileges, and joe has it."""
        self.admin(f"CREATE ROLE {role} IF NOT EXISTS")
        self.admin(f"GRANT ROLE {role} TO joe")
        for command in commands:
            self.admin(f"{command} TO {role}")

    def operate(self, *missing: Granted, roles: Iterable[str] = BOTH) -> None:
        """joe has these roles of operations, but for what is missing, and nothing that every user has."""
        for held in self.admin("SHOW ROLE PUBLIC PRIVILEGES AS REVOKE COMMANDS").rows:
            self.admin(held["command"])
        for role in roles:
            self.grant(role=role)
        for granted in GRANTS:
            if granted.role in roles and granted not in missing:
                self.admin(granted.query, graph=GRAPH)


def refusal(call: Any, *arguments: Any) -> tuple[str, str]:
    """Code and message of the refusal of a call."""
    with pytest.raises(ClientError) as refused:
        call(*arguments)
    return str(refused.value.code), str(refused.value.message)


def commands(answer: Answer) -> list[str]:
    return [row["command"] for row in answer.rows]

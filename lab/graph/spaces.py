# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to a pair of spaces, and what is done with a space as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity

# As the application's DBinitialization makes them. There is none on LedgerSpace's credexID
LEDGER_CONSTRAINTS = (
    ("daynodeDate_unique", "Daynode", "Date"),
    ("memberID_unique", "Member", "memberID"),
    ("memberHandle_unique", "Member", "memberHandle"),
    ("memberPhone_unique", "Member", "phone"),
    ("accountID_unique", "Account", "accountID"),
    ("accountHandle_unique", "Account", "accountHandle"),
)
SEARCH_CONSTRAINTS = (("accountID_unique", "Account", "accountID"), ("credexID_unique", "Credex", "credexID"))
_WIPE = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 20000 ROWS"
# Neither a constraint's own nor the two that every database has
_OTHER_INDEXES = """
SHOW INDEXES YIELD name, type, owningConstraint
WHERE type <> 'LOOKUP' AND owningConstraint IS NULL
RETURN name
"""


@dataclass(frozen=True)
class Space:
    """A database. Every statement is a transaction of its own."""

    driver: Driver
    database: str
    constraints: tuple[tuple[str, str, str], ...]

    def run(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        with self.driver.session(database=self.database) as session:
            return session.run(query, parameters).data()

    def stream(self, query: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Row by row, for answers that do not fit into memory."""
        with self.driver.session(database=self.database, fetch_size=5000) as session:
            for record in session.run(query, parameters):
                yield record.data()

    def empty(self) -> None:
        """Without nodes, and with the application's own constraints alone."""
        self.run(_WIPE)
        own = {name for name, _, _ in self.constraints}
        there = {row["name"] for row in self.run("SHOW CONSTRAINTS YIELD name")}
        for name in there - own:
            self.run(f"DROP CONSTRAINT `{name}`")
        for row in self.run(_OTHER_INDEXES):
            self.run(f"DROP INDEX `{row['name']}`")
        for name, label, key in self.constraints:
            if name not in there:
                self.run(f"CREATE CONSTRAINT {name} FOR (n:{label}) REQUIRE n.{key} IS UNIQUE")


@dataclass(frozen=True)
class Spaces:
    ledger: Space
    search: Space

    def empty(self) -> None:
        self.ledger.empty()
        self.search.empty()


@contextmanager
def connect(
    ledger: str, search: str, username: str, password: str, databases: tuple[str, str] = ("neo4j", "neo4j")
) -> Iterator[Spaces]:
    """The pair behind two addresses, `bolt://host:7687`."""
    options: dict[str, Any] = {
        "auth": (username, password),
        "telemetry_disabled": True,
        "notifications_min_severity": NotificationMinimumSeverity.OFF,
    }
    with GraphDatabase.driver(ledger, **options) as one, GraphDatabase.driver(search, **options) as other:
        yield Spaces(Space(one, databases[0], LEDGER_CONSTRAINTS), Space(other, databases[1], SEARCH_CONSTRAINTS))

"""One server under comparison, and what it answers to a call, reduced to what another one can be compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import neo4j
from neo4j import Query
from neo4j.exceptions import Neo4jError


@dataclass(frozen=True)
class Endpoint:
    uri: str
    user: str
    password: str = field(repr=False)

    @property
    def host(self) -> str:
        host = urlsplit(self.uri).hostname
        assert host
        return host

    def rows(self, statement: str, database: str = "system") -> list[dict[str, Any]]:
        with neo4j.GraphDatabase.driver(self.uri, auth=(self.user, self.password)) as driver:
            return [record.data() for record in driver.execute_query(Query(statement), database_=database).records]

    def answer(
        self,
        statement: str,
        parameters: Mapping[str, Any],
        database: str,
        writes: bool = True,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        """One call over a connection of its own."""
        mode = neo4j.WRITE_ACCESS if writes else neo4j.READ_ACCESS
        with (
            neo4j.GraphDatabase.driver(self.uri, auth=login or (self.user, self.password)) as driver,
            driver.session(database=database, default_access_mode=mode) as session,
        ):
            try:
                result = session.run(Query(statement), dict(parameters))
                columns, rows, summary = list(result.keys()), result.values(), result.consume()
            except Neo4jError as error:
                return Answer(error=Refusal(type(error).__name__, error.code, error.gql_status, error.message))
        return Answer(
            columns=columns,
            types=types_of(columns, rows),
            row_count=len(rows),
            query_type=summary.query_type,
            counters={name: value for name, value in vars(summary.counters).items() if value and name[0] != "_"},
            has_plan=summary.plan is not None,
        )


@dataclass(frozen=True)
class Refusal:
    """The driver's exception, and what Neo4j put into it."""

    kind: str
    code: str | None
    gql_status: str | None
    message: str | None = field(compare=False)


@dataclass(frozen=True)
class Answer:
    columns: list[str] = field(default_factory=list)
    # column -> names of the Python types of its values; only what shows something: no nulls, no empty lists
    types: dict[str, set[str]] = field(default_factory=dict)
    row_count: int = 0
    query_type: str | None = None
    counters: dict[str, Any] = field(default_factory=dict)
    has_plan: bool = False
    error: Refusal | None = None


def types_of(columns: list[str], rows: list[list[Any]]) -> dict[str, set[str]]:
    return {
        column: {type_name(row[index]) for row in rows if row[index] is not None and row[index] != []}
        for index, column in enumerate(columns)
    }


def type_name(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {', '.join(sorted({type_name(item) for item in value}))}"
    return type(value).__name__


def differences(emulated: Answer, real: Answer, counted: bool) -> list[str]:
    """What a client could notice. A column of nulls on one side shows nothing about its type."""
    found = [
        f"{name}: {ours!r}, and really {theirs!r}"
        for name, ours, theirs in (
            ("refusal", emulated.error, real.error),
            ("columns", emulated.columns, real.columns),
            ("query type", emulated.query_type, real.query_type),
            ("counters", emulated.counters, real.counters),
            ("a plan", emulated.has_plan, real.has_plan),
            *([("rows", emulated.row_count, real.row_count)] if counted else []),
        )
        if ours != theirs
    ]
    for column in set(emulated.types) & set(real.types):
        ours, theirs = emulated.types[column], real.types[column]
        if ours and theirs and not ours <= theirs:
            found.append(f"type of {column}: {sorted(ours)}, and really {sorted(theirs)}")
    return found

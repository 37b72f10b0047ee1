# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""One statement of a user's: whether it only reads, as Neo4j itself classifies it, and sending it.

Neo4j's classification is asked for with EXPLAIN, which runs nothing. It tells data apart well (r, w, rw, s), but gives
`s` to every statement of administration, SHOW USERS and DROP USER alike, and `r` to TERMINATE TRANSACTIONS. So these
are judged by the plan and by their words; and whatever passes runs in read access mode, in which the server refuses to
write (`Neo.ClientError.Statement.AccessMode`). Measured on 5.26.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import (
    Result,
    Server,
    Target,
    ask_server,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    StatementRefusedError,
    UnreachableError,
)

# Procedures of administration that change nothing. Neo4j classifies all of them as `s`, like those that do
READING_PROCEDURES = frozenset(
    (
        "db.info",
        "db.ping",
        "dbms.cluster.checkConnectivity",
        "dbms.cluster.showParallelDiscoveryState",
        "dbms.cluster.statusCheck",
        "dbms.components",
        "dbms.info",
        "dbms.licenseAgreementDetails",
        "dbms.listActiveLocks",
        "dbms.listCapabilities",
        "dbms.listConfig",
        "dbms.listConnections",
        "dbms.listPools",
        "dbms.queryJmx",
        "dbms.routing.getRoutingTable",
        "dbms.showCurrentUser",
        "dbms.showTopologyGraphConfig",
    )
)
# What may surround such a call
_HARMLESS_OPERATORS = frozenset(("ProduceResults", "EmptyResult", "Filter", "Projection", "Sort", "Limit"))

# Comments, texts and quoted names: nothing in them is a keyword
_QUOTED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:``|[^`])*`""",
    re.DOTALL,
)


def reads(explained: Result, query: str) -> bool:
    """Whether the statement only reads, judged by the answer to its EXPLAIN."""
    operators = list(_operators(explained.plan))
    if explained.query_type == "r":
        return not any(name == "TerminateTransactions" for name, _details in operators)
    if explained.query_type == "s":
        return _shows(query) or _calls_readers(operators)
    return False


def _operators(plan: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Name and details of each operator of a plan. `ProcedureCall@neo4j` is the operator, then the database."""
    if plan:
        yield plan["operatorType"].partition("@")[0], str(plan["args"].get("Details") or "")
        for child in plan.get("children", ()):
            yield from _operators(child)


def _shows(query: str) -> bool:
    r"""A SHOW command. Cypher reads \u escapes before anything else, so that one could hide a keyword from us."""
    words = _words(query)
    return words[:1] == ["SHOW"] and "TERMINATE" not in words and "\\u" not in query.lower()


def _words(query: str) -> list[str]:
    """The words of a statement in upper case, without comments, quoted ones, and the language version before it."""
    words = re.findall(r"\w+", _QUOTED.sub(" ", query).upper())
    return words[2:] if words[:1] == ["CYPHER"] and words[1:2] in (["5"], ["25"]) else words


def _calls_readers(operators: list[tuple[str, str]]) -> bool:
    """On system a call's operator is the procedure's name; elsewhere it is ProcedureCall, with the name as details."""
    calls = [
        details.partition("(")[0] if name == "ProcedureCall" else name
        for name, details in operators
        if name not in _HARMLESS_OPERATORS
    ]
    return bool(calls) and READING_PROCEDURES.issuperset(calls)


def explain(asked: Target, query: str, parameters: dict[str, Any], database: str | None) -> Result:
    """What Neo4j says of a statement without running it: its type, columns and notifications."""
    return ask_server(asked, lambda server: server.run(f"EXPLAIN {query}", parameters, database))


def read(asked: Target, query: str, parameters: dict[str, Any], database: str | None) -> Result:
    """Run a statement that only reads; any other is refused before it runs."""

    def question(server: Server) -> Result:
        if _words(query)[:1] != ["EXPLAIN"]:  # which runs nothing
            _refuse_change(server.run(f"EXPLAIN {query}", parameters, database), query, asked.uri)
        return server.run(query, parameters, database)

    return ask_server(asked, question)


def _refuse_change(explained: Result, query: str, uri: str) -> None:
    if not reads(explained, query):
        raise StatementRefusedError(
            f"not run, because the statement does not only read (Neo4j's query type for it is "
            f"{explained.query_type}): {query}. What changes something is sent with credex.ops.neo4j_query",
            uri,
        )


def write(asked: Target, query: str, parameters: dict[str, Any], database: str | None) -> Result:
    """Run a statement, once. A lost answer is not a lost write, and the error says so."""
    try:
        return ask_server(asked, lambda server: server.run(query, parameters, database, write=True))
    except UnreachableError as error:
        if error.cause in (Cause.TIMEOUT, Cause.UNAVAILABLE):
            error.message += " Whether the statement took effect is unknown: read before it is sent again."
        raise

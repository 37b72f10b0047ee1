# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Neo4j as an application meets it: the address as it was given, sessions with bookmarks, units of work.

Everything else in this collection asks servers directly. Here the driver finds them, as it does in the application.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import (
    Target,
    driver_options,
    load_driver,
    typed_errors,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.values import plain

ADDRESS_SECONDS = 5.0  # as docs/application/neo4j.ts
_OPTIONS = {
    "name": {"type": "str", "required": True},
    "uri": {"type": "str", "required": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "database": {"type": "str"},
}


def client_argument_spec(**own: Any) -> dict[str, Any]:
    """Options of a module that does as an application does, with the module's own ones added."""
    login = connection.address_argument_spec()
    return {
        "connections": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": _OPTIONS,
            "required_together": connection.LOGIN_RULES["required_together"],
        },
        **{name: login[name] for name in ("username", "password", "ca_certificate", "timeout")},
        **own,
    }


@dataclass(frozen=True)
class Given:
    """What an application is given: an address with a login, and the database to ask there (None: the user's home)."""

    name: str
    target: Target
    database: str | None

    @property
    def uri(self) -> str:
        return self.target.uri

    @property
    def timeout(self) -> float:
        return self.target.timeout


def given(params: dict[str, Any]) -> list[Given]:
    """What the parameters of a module name."""
    if not params["connections"]:
        raise InvalidOptionError("connections names none: an empty list would read as an application that is well")
    names = [entry["name"] for entry in params["connections"]]
    if len(set(names)) < len(names):
        raise InvalidOptionError(f"connections has a name twice: {', '.join(names)}")
    return [_given(entry, params) for entry in params["connections"]]


def _given(entry: dict[str, Any], params: dict[str, Any]) -> Given:
    address = connection.parse_address(entry["uri"])
    own = {key: entry[key] for key in ("username", "password")} if entry["username"] else {}
    # An application's own trust is no business of ours; a CA is for those who verify
    authority = params["ca_certificate"] if address.tls == "s" else None
    target = connection.with_login(address, {**params, **own, "ca_certificate": authority})
    # Of several addresses one may be gone without a word, and the next one shall have its turn
    patient = replace(target, address_timeout=min(ADDRESS_SECONDS, target.timeout / 2))
    return Given(entry["name"], patient, entry["database"] or None)


class Served(NamedTuple):
    """A unit of work that was done: what it found, who did it, and where the next one may go on."""

    rows: list[dict[str, Any]]
    server: str
    database: str | None
    bookmarks: Any
    milliseconds: float


class Client:
    """One driver, as an application keeps it."""

    def __init__(self, driver: Any, neo4j: Any, asked: Given) -> None:
        self._driver = driver
        self._neo4j = neo4j
        self._given = asked

    def read(self, statement: str, bookmarks: Any = None, **parameters: Any) -> Served:
        """A unit of work on any member, which the driver may do again."""
        return self._work("execute_read", statement, bookmarks, parameters)

    def write(self, statement: str, bookmarks: Any = None, **parameters: Any) -> Served:
        """A unit of work on the writer, which the driver may do again."""
        return self._work("execute_write", statement, bookmarks, parameters)

    def _work(self, kind: str, statement: str, bookmarks: Any, parameters: dict[str, Any]) -> Served:
        began = time.monotonic()
        session = self._driver.session(database=self._given.database, bookmarks=bookmarks)
        with typed_errors(self._neo4j, self._given.target), session:
            rows, summary = getattr(session, kind)(_transaction, statement, parameters)
            seen = session.last_bookmarks()
        took = round((time.monotonic() - began) * 1000, 1)
        host, port = summary.server.address[:2]
        return Served(rows, f"{host}:{port}", summary.database, seen, took)


def _transaction(transaction: Any, statement: str, parameters: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
    result = transaction.run(statement, parameters)
    columns: Sequence[str] = result.keys()
    rows = [dict(zip(columns, plain(row))) for row in result.values()]
    return rows, result.consume()


@contextmanager
def client(asked: Given, **limits: Any) -> Iterator[Client]:
    """The driver of an application; `limits` are options of the driver. Without them nothing is done a second time."""
    neo4j = load_driver()
    options = {**driver_options(neo4j, asked.target), "max_connection_pool_size": 5, **limits}
    with typed_errors(neo4j, asked.target):
        driver = neo4j.GraphDatabase.driver(asked.target.driver_uri, **options)
    try:
        yield Client(driver, neo4j, asked)
    finally:
        driver.close()


def directly(target: Target, address: str | None = None) -> Target:
    """The same login at this very server, over `bolt://` with the same TLS; without an address, the one it has."""
    if address is None:
        return replace(target, routed=False)
    found = connection.parse_address(address)
    return replace(target, uri=address, host=found.host, port=found.port, routed=False)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client's session: which message is allowed when, and what it is answered. No sockets here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any

from lab.server import errors, statements
from lab.server.errors import Neo4jError
from lab.server.instance import Instance
from lab.server.packstream import Structure
from lab.server.snapshot import ROUTING_TTL_SECONDS
from lab.server.statements import Outcome
from lab.server.tables import Wait
from lab.server.users import User
from lab.server.versions import before

HELLO, LOGON, LOGOFF, GOODBYE, RESET = 0x01, 0x6A, 0x6B, 0x02, 0x0F
RUN, PULL, DISCARD, BEGIN, COMMIT, ROLLBACK = 0x10, 0x3F, 0x2F, 0x11, 0x12, 0x13
ROUTE, TELEMETRY = 0x66, 0x54
SUCCESS, RECORD, IGNORED, FAILURE = 0x70, 0x71, 0x7E, 0x7F
# What the fields of each message are, and those of their entries that are read here
_FIELDS: dict[int, tuple[type | UnionType, ...]] = {
    **dict.fromkeys((HELLO, LOGON, PULL, DISCARD, BEGIN), (dict,)),
    **dict.fromkeys((LOGOFF, COMMIT, ROLLBACK, RESET, GOODBYE), ()),
    RUN: (str, dict, dict),
    ROUTE: (dict, list, dict | None),
    TELEMETRY: (int,),
}
_ENTRIES: dict[str, type | UnionType] = {
    **dict.fromkeys(("scheme", "principal", "credentials", "mode"), str),
    **dict.fromkeys(("db", "imp_user"), str | None),
    **dict.fromkeys(("n", "qid"), int),
}


class Result:
    """Rows that wait to be pulled."""

    def __init__(self, outcome: Outcome, database: str) -> None:
        self.outcome = outcome
        self.database = database
        self.rows = [] if outcome.is_explained else list(outcome.answer.rows)
        # Until then the rows are not known
        self.wait: Wait | None = outcome.answer.wait
        self.until = time.monotonic() + self.wait.seconds if self.wait else 0.0

    @property
    def is_waiting(self) -> bool:
        return self.wait is not None and time.monotonic() < self.until and not self.wait.is_over()

    def settle(self) -> None:
        """Make the rows of a statement that has waited."""
        if self.wait is not None:
            self.outcome.answer.rows, self.wait = self.wait.rows(), None
            self.rows = list(self.outcome.answer.rows)


class Transaction:
    """Open results, and writes that wait for the commit. An auto-commit statement is a transaction of its own."""

    def __init__(self, database: str, read_only: bool, is_explicit: bool) -> None:
        self.database = database
        self.read_only = read_only
        self.is_explicit = is_explicit
        self.results: dict[int, Result] = {}
        self.writes: list[Outcome] = []
        self.last_query = -1


class Session:
    """A connection after its handshake."""

    def __init__(self, instance: Instance, version: tuple[int, int], addresses: tuple[str, str] = ("", "")) -> None:
        self.instance = instance
        # The server's end and the client's, each host:port
        self.addresses = addresses
        self.since = time.time()
        self.agent = ""
        self.connection_id = ""
        self.version = version
        self.user: User | None = None
        self.transaction: Transaction | None = None
        self.has_failed = False
        self.is_closing = False
        # Whether the client has a routing table: it gives its context with the first message
        self.is_routed = False

    def must_wait(self, message: Structure) -> bool:
        """Whether this message can be answered only when something has happened in the cluster."""
        if message.tag not in (PULL, DISCARD, COMMIT) or self.transaction is None or self.has_failed:
            return False
        return any(result.is_waiting for result in self.transaction.results.values())

    def handle(self, message: Structure) -> list[Structure]:
        """The answers to one message."""
        if message.tag == GOODBYE:
            self.is_closing = True
            return []
        if message.tag == RESET:
            self.has_failed, self.transaction = False, None
            return [_success()]
        if self.has_failed:
            return [Structure(IGNORED, ())]
        try:
            _check_shape(message)
            return self._handlers(message)(*message.fields)
        except Neo4jError as error:
            return self._failed(error)

    def _handlers(self, message: Structure) -> Callable[..., list[Structure]]:
        open_to_all = {HELLO: self._hello, LOGON: self._logon}
        if message.tag in open_to_all:
            return open_to_all[message.tag]
        handlers: dict[int, Callable[..., list[Structure]]] = {
            LOGOFF: self._logoff,
            TELEMETRY: lambda _: [_success()],
            BEGIN: self._begin,
            RUN: self._run,
            PULL: self._pull,
            DISCARD: self._discard,
            COMMIT: self._commit,
            ROLLBACK: self._rollback,
            ROUTE: self._route,
        }
        if message.tag not in handlers:
            raise errors.invalid_request(f"Message {message.tag:02X} is not known")
        if self.user is None:
            raise errors.invalid_request("The connection is not authenticated")
        return handlers[message.tag]

    def _failed(self, error: Neo4jError) -> list[Structure]:
        self.has_failed, self.transaction = True, None
        # As the real one: a connection that failed to log in ends
        self.is_closing = self.user is None
        if self.version < (5, 7):
            return [Structure(FAILURE, ({"code": error.code, "message": error.message},))]
        failure = {
            "neo4j_code": error.code,
            "message": error.message,
            "gql_status": error.gql_status_5 if before(self.instance.version, 2025) else error.gql_status,
            "description": error.message,
            "diagnostic_record": {"OPERATION": "", "OPERATION_CODE": "0", "CURRENT_SCHEMA": "/"},
        }
        return [Structure(FAILURE, (failure,))]

    # Who it is

    def _hello(self, extra: Mapping[str, Any]) -> list[Structure]:
        if self.version < (5, 1):
            self._login(extra)
        self.is_routed = extra.get("routing") is not None
        self.agent = str(extra.get("user_agent") or "")
        self.connection_id = self.instance.next_connection_id()
        hints = {"connection.recv_timeout_seconds": 120, "telemetry.enabled": False}
        return [_success(server=f"Neo4j/{self.instance.version}", connection_id=self.connection_id, hints=hints)]

    def _logon(self, token: Mapping[str, Any]) -> list[Structure]:
        self._login(token)
        return [_success()]

    def _login(self, token: Mapping[str, Any]) -> None:
        if not self.instance.config.is_on("dbms.security.auth_enabled"):
            self.user = User("", False, ())
        elif token.get("scheme") == "basic":
            self.user = self.instance.guard.login(str(token.get("principal")), str(token.get("credentials")))
        else:
            raise errors.unauthorized()

    def _logoff(self) -> list[Structure]:
        self.user = None
        return [_success()]

    # Transactions

    def _begin(self, extra: Mapping[str, Any]) -> list[Structure]:
        self.transaction = Transaction(self._database(extra), extra.get("mode") == "r", is_explicit=True)
        access = self.instance.access(self._current_user())
        snapshot, name = self.instance.cluster.snapshot(), self.transaction.database
        statements.check_database(self.instance, snapshot, access, name, self.is_routed)
        return [_success(**self._resolved_database())]

    def _database(self, extra: Mapping[str, Any]) -> str:
        """The database that was asked for, or the user's home."""
        if extra.get("imp_user"):
            raise errors.unknown_statement("impersonation")
        return (extra.get("db") or self.instance.home_database(self._current_user())).lower()

    def _current_user(self) -> User:
        """Asked again each time: password, roles and status may have been changed since the login."""
        assert self.user is not None
        return self.instance.users.find(self.user.name) or self.user

    def _resolved_database(self) -> dict[str, str]:
        """From Bolt 5.8 on the driver is told its home database."""
        return {"db": self.transaction.database} if self.transaction and self.version >= (5, 8) else {}

    def _run(self, text: str, parameters: Mapping[str, Any], extra: Mapping[str, Any]) -> list[Structure]:
        if self.transaction is None or not self.transaction.is_explicit:
            self.transaction = Transaction(self._database(extra), extra.get("mode") == "r", is_explicit=False)
        transaction = self.transaction
        outcome = self._outcome(transaction, text, parameters)
        transaction.last_query += 1
        transaction.results[transaction.last_query] = Result(outcome, transaction.database)
        if outcome.answer.wait:
            self._carry_out(outcome)
        elif outcome.writes:
            transaction.writes.append(outcome)
        query = {"qid": transaction.last_query} if transaction.is_explicit else self._resolved_database()
        return [_success(fields=list(outcome.answer.columns), t_first=0, **query)]

    def _outcome(self, transaction: Transaction, text: str, parameters: Mapping[str, Any]) -> Outcome:
        user = self._current_user()
        try:
            outcome = statements.run(
                self.instance, user, transaction.database, text, parameters, transaction.read_only, self.is_routed
            )
        except Neo4jError as error:
            self.instance.log_refused(user.name, transaction.database, text, error)
            raise
        self.instance.log_query(user.name, transaction.database, outcome.logged)
        return outcome

    def _commit(self) -> list[Structure]:
        return [_success(bookmark=self._committed())]

    def _committed(self) -> str:
        """Carry out what waited for the commit, and the bookmark after it."""
        if self.transaction is None:
            raise errors.invalid_request("There is no transaction to commit")
        transaction, self.transaction = self.transaction, None
        for outcome in transaction.writes:
            self._carry_out(outcome)
        return f"lab:{transaction.database}:{self.instance.next_bookmark()}"

    def _carry_out(self, outcome: Outcome) -> None:
        if outcome.answer.effect:
            outcome.answer.effect()
        self.instance.committed(outcome)

    def _rollback(self) -> list[Structure]:
        self.transaction = None
        return [_success()]

    # Results

    def _pull(self, extra: Mapping[str, Any]) -> list[Structure]:
        result, taken = self._take(extra)
        return [*(Structure(RECORD, (list(row),)) for row in taken), self._after_rows(result, extra)]

    def _discard(self, extra: Mapping[str, Any]) -> list[Structure]:
        result, _ = self._take(extra)
        return [self._after_rows(result, extra)]

    def _take(self, extra: Mapping[str, Any]) -> tuple[Result, list[Any]]:
        """The next `n` rows of a result (-1: all)."""
        if self.transaction is None:
            raise errors.invalid_request("There is no result to pull")
        query = extra.get("qid", -1)
        result = self.transaction.results.get(self.transaction.last_query if query == -1 else query)
        if result is None:
            raise errors.invalid_request(f"There is no result {query}")
        result.settle()
        count = extra.get("n", -1)
        cut = len(result.rows) if count < 0 else count
        taken, result.rows = result.rows[:cut], result.rows[cut:]
        return result, taken

    def _after_rows(self, result: Result, extra: Mapping[str, Any]) -> Structure:
        if result.rows:
            return _success(has_more=True)
        outcome = result.outcome
        summary: dict[str, Any] = {"type": outcome.kind, "t_last": 0, "db": result.database}
        if outcome.answer.counters and not outcome.is_explained:
            summary["stats"] = dict(outcome.answer.counters)
        if outcome.is_explained:
            summary["plan"] = _plan(outcome)
        if self.version >= (5, 6):
            summary["statuses"] = [_gql_status(outcome)]
        if self.transaction and not self.transaction.is_explicit:
            summary["bookmark"] = self._committed()
        return _success(**summary)

    # Routing

    def _route(self, _: Mapping[str, Any], __: list[str], extra: Mapping[str, Any] | None) -> list[Structure]:
        snapshot, name = self.instance.cluster.snapshot(), self._database(extra or {})
        database = snapshot.database(name)
        if database is None:
            raise errors.no_routing_table(name)
        return [_success(rt={"ttl": ROUTING_TTL_SECONDS, "db": name, "servers": database.routes})]


def _check_shape(message: Structure) -> None:
    """Refuse a known message that is not made as Bolt says; who asked for what comes later."""
    expected = _FIELDS.get(message.tag)
    if expected is None:
        return
    is_right = len(message.fields) == len(expected) and all(map(isinstance, message.fields, expected))
    options = message.fields[-1] if is_right and message.fields and isinstance(message.fields[-1], dict) else {}
    if not is_right or not all(isinstance(options[name], _ENTRIES[name]) for name in options.keys() & _ENTRIES.keys()):
        raise errors.invalid_request(f"Message {message.tag:02X} is malformed")


def _success(**metadata: Any) -> Structure:
    return Structure(SUCCESS, (metadata,))


def _gql_status(outcome: Outcome) -> dict[str, Any]:
    if outcome.is_explained or not outcome.answer.columns:
        return {"gql_status": "00001", "status_description": "note: successful completion - omitted result"}
    if outcome.answer.rows:
        return {"gql_status": "00000", "status_description": "note: successful completion"}
    return {"gql_status": "02000", "status_description": "note: no data"}


def _plan(outcome: Outcome) -> dict[str, Any]:
    """The operators one below the other; only their names are as on a real server."""
    details = f"{outcome.procedure}()" if outcome.procedure else ", ".join(outcome.answer.columns)
    plan: dict[str, Any] = {}
    for operator in reversed(outcome.plan):
        children = {"children": [plan]} if plan else {}
        plan = {"operatorType": operator, "identifiers": [], "args": {"Details": details}, **children}
    return plan

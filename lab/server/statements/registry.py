# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of statements, and how one of them is carried out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.server import errors, grammar
from lab.server.access import UNLIMITED, Access
from lab.server.instance import Instance
from lab.server.lexer import Token, spelled, tokens
from lab.server.snapshot import SYSTEM, Database, Snapshot
from lab.server.tables import Answer, select
from lab.server.users import User
from lab.server.versions import before

SYSTEM_UPDATE = {"contains-system-updates": True, "system-updates": 1}


@dataclass
class Call:
    """One statement on its way: who asks whom, and what its pattern found."""

    instance: Instance
    snapshot: Snapshot
    user: User
    access: Access
    database: str
    text: str
    parameters: Mapping[str, Any]
    slots: Mapping[str, Any]
    given: set[str]

    def table(self, columns: Sequence[str], default: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Answer:
        """Rows as the statement's tail wants them."""
        return select(rows, columns, default, self.slots["tail"], self.parameters)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Statement:
    """`kind` is Neo4j's type of query: r, rw or s. On `system` everything is s; elsewhere s is administration."""

    text: str
    handler: Handler
    pattern: grammar.Pattern | None
    # Set for a statement that must be this text token by token
    verbatim: tuple[Token, ...] | None
    kind: str
    writes: bool
    on_system: bool
    columns: tuple[str, ...]
    # Of its plan on a user database, from the top
    operators: tuple[str, ...]
    # Its strings may be passwords
    obfuscated: bool
    # The only kind that a user with an expired password may run
    changes_own_password: bool
    # Of a procedure: only for administrators
    is_admin: bool
    # Community does not have it
    is_enterprise: bool
    # Of a write: it changes the server that is asked, whoever writes the database
    is_local: bool

    def match(self, found: list[Token], parameters: Mapping[str, Any]) -> grammar.Match | None:
        if self.verbatim is not None:
            return grammar.Match() if tuple(found) == self.verbatim else None
        return self.pattern.match(found, parameters) if self.pattern else None

    def plan(self, database: str) -> list[str]:
        """The operators of its plan, from the top, as real servers name them."""
        if database == SYSTEM or (self.kind == "s" and self.procedure is None):
            return [f"{self.procedure or 'AdministrationCommand'}@{SYSTEM}"]
        below = self.operators or (("ProcedureCall",) if self.procedure else ())
        return [f"{operator}@{database}" for operator in ("ProduceResults", *below)]

    @property
    def procedure(self) -> str | None:
        """The name of the procedure that it calls."""
        return self.text.split()[1] if self.text.startswith("CALL ") else None


STATEMENTS: list[Statement] = []


def statement(
    text: str,
    *,
    kind: str = "r",
    writes: bool = False,
    on_system: bool = True,
    verbatim: bool = False,
    columns: Sequence[str] = (),
    operators: Sequence[str] = (),
    obfuscated: bool = False,
    changes_own_password: bool = False,
    is_admin: bool = False,
    is_enterprise: bool = False,
    is_local: bool = False,
) -> Callable[[Handler], Handler]:
    """Enter a handler into the table. `columns` are those of a write, which EXPLAIN shows without running it;
    `operators` are those of its plan, where they do not follow from its text."""

    def enter(handler: Handler) -> Handler:
        STATEMENTS.append(
            Statement(
                text=text,
                handler=handler,
                pattern=None if verbatim else grammar.pattern(text),
                verbatim=tuple(tokens(text)) if verbatim else None,
                kind=kind,
                writes=writes,
                on_system=on_system,
                columns=tuple(columns),
                operators=tuple(operators),
                obfuscated=obfuscated,
                changes_own_password=changes_own_password,
                is_admin=is_admin,
                is_enterprise=is_enterprise,
                is_local=is_local,
            )
        )
        return handler

    return enter


@dataclass
class Outcome:
    """An answer, with what the session must know beside it."""

    answer: Answer
    kind: str
    writes: bool
    is_explained: bool
    plan: list[str]
    # What a CALL calls
    procedure: str | None
    # The statement as it may be logged
    logged: str
    # Where a write goes
    target: str


def run(
    instance: Instance,
    user: User,
    database: str,
    text: str,
    parameters: Mapping[str, Any],
    read_only: bool,
    is_routed: bool = False,
) -> Outcome:
    """Carry out one statement, up to the effect of a write, which waits for its commit."""
    found, is_explained = _without_prefix(tokens(text), instance.version)
    known, match, parameters = _recognized(instance, found, parameters, text, is_explained)
    if user.change_required and not known.changes_own_password:
        raise errors.credentials_expired()
    snapshot, access = instance.cluster.snapshot(), instance.access(user)
    check_database(instance, snapshot, access, database, is_routed)
    if database == SYSTEM and not known.on_system:
        raise errors.only_on_user_database(text)
    _check_edition(known, instance, text)
    _check_tail(known, match, database, instance.version)
    target = SYSTEM if known.kind == "s" else database
    if known.writes and is_explained:
        answer = Answer(known.columns)
    else:
        if known.writes and not known.is_local:
            _check_may_write(instance, snapshot, target, read_only, is_routed)
        # What is only explained is carried out by nobody, so anybody may
        allowed = UNLIMITED if is_explained else access
        if known.procedure:
            allowed.call(known.procedure, known.is_admin)
        call = Call(instance, snapshot, user, allowed, database, text, parameters, match.slots, match.given)
        answer = known.handler(call)
    kind = "s" if database == SYSTEM else known.kind
    return Outcome(
        answer=answer,
        kind=kind,
        writes=known.writes and not is_explained,
        is_explained=is_explained,
        plan=known.plan(database),
        procedure=known.procedure,
        logged=spelled(found, known.obfuscated),
        target=target,
    )


def _without_prefix(found: list[Token], version: str) -> tuple[list[Token], bool]:
    """The statement without CYPHER 5|25 and EXPLAIN; and whether it is only to be explained."""
    is_explained = False
    while found:
        if found[0].is_word("EXPLAIN"):
            found, is_explained = found[1:], True
        elif found[0].is_word("CYPHER") and len(found) > 1 and found[1].kind == "number":
            _check_language(found[1].value, version)
            found = found[2:]
        else:
            break
    return found, is_explained


def _check_language(language: str, version: str) -> None:
    """Cypher 25 came with 2025.06."""
    valid = ["5"] if before(version, 2025, 6) else ["25", "5"]
    if language not in valid:
        raise errors.unknown_language(language, ", ".join(valid))


def _recognized(
    instance: Instance, found: list[Token], parameters: Mapping[str, Any], text: str, is_explained: bool
) -> tuple[Statement, grammar.Match, Mapping[str, Any]]:
    """The statement, its match, and its parameters, of which one that is only explained may lack some."""
    missing = [token.value for token in found if token.kind == "parameter" and token.value not in parameters]
    complete = dict.fromkeys(missing) | dict(parameters)
    for known in STATEMENTS:
        match = known.match(found, complete)
        if match is not None:
            if missing and not is_explained:
                raise errors.parameter_missing(", ".join(missing))
            return known, match, complete
    raise _refusal(instance, found, text)


# Where Neo4j, its plugins and APOC have procedures; nobody else's exist in the lab
_NAMESPACES = ("apoc", "bloom", "db", "dbms", "gds", "genai", "internal", "tx")
_PLUGINS = ("bloom", "gds")


def _refusal(instance: Instance, found: list[Token], text: str) -> errors.Neo4jError:
    """A procedure that a real server would not have either is refused as the real one does."""
    name = _called(found)
    namespace = name.partition(".")[0]
    is_plugin_there = namespace not in _PLUGINS or namespace in instance.products
    if name and (namespace not in _NAMESPACES or not is_plugin_there):
        return errors.procedure_not_found(name)
    return errors.unknown_statement(text)


def _called(found: list[Token]) -> str:
    """The dotted name of the procedure that is called."""
    if not found or not found[0].is_word("CALL"):
        return ""
    rest = [token.value for token in found[1:]]
    end = next((at for at, word in enumerate(rest) if at % 2 == 1 and word != "."), len(rest))
    return "".join(rest[:end])


def _check_edition(known: Statement, instance: Instance, text: str) -> None:
    """Community refuses what only Enterprise has, also when it is only to be explained."""
    if instance.edition == "enterprise" or not known.is_enterprise:
        return
    if known.procedure:
        raise errors.procedure_not_found(known.procedure)
    sent = re.sub(r"^\s*(EXPLAIN\s+|CYPHER\s+\d+\s+)+", "", text, flags=re.IGNORECASE)
    odd = known.text.startswith("SHOW SERVER") and before(instance.version, 2025)
    raise errors.not_in_community(sent, "NotSystemDatabaseError" if odd else "UnsupportedAdministrationCommand")


def _check_tail(known: Statement, match: grammar.Match, database: str, version: str) -> None:
    """What follows a CALL may have less than what follows a SHOW."""
    tail = match.slots.get("tail") or []
    if known.procedure is None or not any(token.is_word("WHERE") for token in tail):
        return
    if not any(token.is_word("RETURN") for token in tail):
        raise errors.syntax_error(
            "Cannot use standalone call with WHERE (instead use: `CALL ... WITH * WHERE ... RETURN *`)"
        )
    if database == SYSTEM and before(version, 2025):
        raise errors.unsupported_clauses("WITH")


def check_database(instance: Instance, snapshot: Snapshot, access: Access, name: str, is_routed: bool = False) -> None:
    """A database answers where it is allocated and online, to who may use it. Over neo4j:// what is asked of one that
    is elsewhere is passed on (server-side routing, which is on by default); over bolt:// nothing is."""
    database = snapshot.database(name)
    place = database.on(instance.name) if database else None
    if place is None and not _passed_on(database, instance, is_routed):
        raise errors.database_not_found(name)
    access.enter(name)
    if place and not place.is_online:
        raise errors.database_unavailable(name)


def _passed_on(database: Database | None, instance: Instance, is_routed: bool) -> bool:
    """Whether the writer of a database that is not here answers in our place."""
    return is_routed and database is not None and database.writer is not None and not database.on(instance.name)


def _check_may_write(
    instance: Instance, snapshot: Snapshot, database: str, read_only: bool, is_routed: bool = False
) -> None:
    if read_only:
        raise errors.read_access_mode(database)
    target = snapshot.database(database)
    if target is None or (target.writer != instance.name and not _passed_on(target, instance, is_routed)):
        raise errors.not_a_leader(database, target.writer if target else None)

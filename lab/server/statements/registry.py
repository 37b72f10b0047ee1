# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of statements, and how one of them is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.server import errors, grammar
from lab.server.cluster import SYSTEM, Snapshot
from lab.server.instance import Instance
from lab.server.lexer import Token, spelled, tokens
from lab.server.tables import Answer, select
from lab.server.users import User

SYSTEM_UPDATE = {"contains-system-updates": True, "system-updates": 1}


@dataclass
class Call:
    """One statement on its way: who asks whom, and what its pattern found."""

    instance: Instance
    snapshot: Snapshot
    user: User
    database: str
    parameters: Mapping[str, Any]
    slots: Mapping[str, Any]
    given: set[str]

    def table(self, columns: Sequence[str], default: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Answer:
        """Rows as the statement's tail wants them."""
        return select(rows, columns, default, self.slots["tail"], self.parameters)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Statement:
    text: str
    handler: Handler
    pattern: grammar.Pattern | None
    # Set for a statement that must be this text token by token
    verbatim: tuple[Token, ...] | None
    kind: str
    on_system: bool
    columns: tuple[str, ...]
    # Its strings may be passwords
    obfuscated: bool
    # The only kind that a user with an expired password may run
    changes_own_password: bool

    def match(self, found: list[Token], parameters: Mapping[str, Any]) -> grammar.Match | None:
        if self.verbatim is not None:
            return grammar.Match() if tuple(found) == self.verbatim else None
        return self.pattern.match(found, parameters) if self.pattern else None

    @property
    def procedure(self) -> str | None:
        """The name of the procedure that it calls."""
        return self.text.split()[1] if self.text.startswith("CALL ") else None


STATEMENTS: list[Statement] = []


def statement(
    text: str,
    *,
    kind: str = "r",
    on_system: bool = True,
    verbatim: bool = False,
    columns: Sequence[str] = (),
    obfuscated: bool = False,
    changes_own_password: bool = False,
) -> Callable[[Handler], Handler]:
    """Enter a handler into the table. `columns` are those of a write, which EXPLAIN shows without running it."""

    def enter(handler: Handler) -> Handler:
        STATEMENTS.append(
            Statement(
                text=text,
                handler=handler,
                pattern=None if verbatim else grammar.pattern(text),
                verbatim=tuple(tokens(text)) if verbatim else None,
                kind=kind,
                on_system=on_system,
                columns=tuple(columns),
                obfuscated=obfuscated,
                changes_own_password=changes_own_password,
            )
        )
        return handler

    return enter


@dataclass
class Outcome:
    """An answer, with what the session must know beside it."""

    answer: Answer
    # The statement as it may be logged
    logged: str
    is_explained: bool = False


def run(
    instance: Instance,
    user: User,
    database: str,
    text: str,
    parameters: Mapping[str, Any],
    read_only: bool,
) -> Outcome:
    """Carry out one statement, up to the effect of a write, which waits for its commit."""
    found, is_explained = _without_prefix(tokens(text), instance.version)
    parameters = _complete(found, parameters, is_explained)
    known, match = _recognized(found, parameters, text)
    if user.change_required and not known.changes_own_password:
        raise errors.credentials_expired()
    snapshot = instance.cluster.snapshot()
    check_database(instance, snapshot, database)
    if database == SYSTEM and not known.on_system:
        raise errors.only_on_user_database(text)
    logged = spelled(found, known.obfuscated)
    if known.kind != "r" and is_explained:
        return Outcome(Answer(known.columns, kind=known.kind), logged, is_explained)
    if known.kind != "r":
        _check_may_write(instance, snapshot, database if known.kind == "rw" else SYSTEM, read_only)
    answer = known.handler(Call(instance, snapshot, user, database, parameters, match.slots, match.given))
    answer.kind = known.kind
    return Outcome(answer, logged, is_explained)


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


def _complete(found: list[Token], parameters: Mapping[str, Any], is_explained: bool) -> Mapping[str, Any]:
    """The parameters of a statement; one that is only explained may lack some."""
    missing = [token.value for token in found if token.kind == "parameter" and token.value not in parameters]
    if missing and not is_explained:
        raise errors.parameter_missing(", ".join(missing))
    return dict.fromkeys(missing) | dict(parameters)


def _check_language(language: str, version: str) -> None:
    has_25 = not version.startswith(("5.", "2025.01", "2025.02", "2025.03", "2025.04", "2025.05"))
    valid = ["5", "25"] if has_25 else ["5"]
    if language not in valid:
        raise errors.syntax_error(f"Invalid Cypher version '{language}'. Valid Cypher versions are: {', '.join(valid)}")


def _recognized(found: list[Token], parameters: Mapping[str, Any], text: str) -> tuple[Statement, grammar.Match]:
    for known in STATEMENTS:
        match = known.match(found, parameters)
        if match is not None:
            return known, match
    raise errors.unknown_statement(text)


def check_database(instance: Instance, snapshot: Snapshot, name: str) -> None:
    """A database answers where it is allocated and online; over bolt:// nothing is passed on to another server."""
    database = snapshot.database(name)
    place = database.on(instance.name) if database else None
    if place is None:
        raise errors.database_not_found(name)
    if not place.is_online:
        raise errors.database_unavailable(name)


def _check_may_write(instance: Instance, snapshot: Snapshot, database: str, read_only: bool) -> None:
    if read_only:
        raise errors.read_access_mode()
    target = snapshot.database(database)
    if target is None or target.writer != instance.name:
        raise errors.not_a_leader(database, target.writer if target else None)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Privileges: which there are, how they are written, and which one includes which.

The table holds what operations grant, in the words of Neo4j's manual; what is not in it is refused by name, above all
whatever is finer than a whole graph: labels, relationship types, single properties. Which privilege includes which is
from the published source of both editions (PrivilegeAction), the names in refusals likewise (AdministrationAction).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lab.server import grammar
from lab.server.lexer import Token

EVERY, HOME = "*", "HOME"


@dataclass(frozen=True)
class Kind:
    """One row of the table: a privilege as it is shown, what SHOW PRIVILEGES calls its action, how it is written."""

    name: str
    action: str
    # What follows ON: DATABASE, GRAPH, DBMS or ALL DATA
    on: str
    words: str

    @property
    def segment(self) -> str:
        """What a name in its command restricts: the names of procedures, functions, settings."""
        return _SEGMENTS.get(self.name, "")

    @property
    def has_elements(self) -> bool:
        """Whether it is shown once for nodes and once for relationships."""
        return self.name in ("TRAVERSE", "READ {*}", "MATCH {*}")


_SEGMENTS = {
    "EXECUTE PROCEDURE": "PROCEDURE",
    "EXECUTE BOOSTED PROCEDURE": "PROCEDURE",
    "EXECUTE FUNCTION": "FUNCTION",
    "EXECUTE BOOSTED FUNCTION": "FUNCTION",
    "SHOW SETTING": "SETTING",
}

# name, action, words where they differ from the name
_DATABASE = (
    ("ACCESS", "access", ""),
    ("START", "start_database", ""),
    ("STOP", "stop_database", ""),
    ("CREATE INDEX", "create_index", "CREATE INDEX|INDEXES"),
    ("DROP INDEX", "drop_index", "DROP INDEX|INDEXES"),
    ("SHOW INDEX", "show_index", "SHOW INDEX|INDEXES"),
    ("INDEX MANAGEMENT", "index", "INDEX|INDEXES [MANAGEMENT]"),
    ("CREATE CONSTRAINT", "create_constraint", "CREATE CONSTRAINT|CONSTRAINTS"),
    ("DROP CONSTRAINT", "drop_constraint", "DROP CONSTRAINT|CONSTRAINTS"),
    ("SHOW CONSTRAINT", "show_constraint", "SHOW CONSTRAINT|CONSTRAINTS"),
    ("CONSTRAINT MANAGEMENT", "constraint", "CONSTRAINT|CONSTRAINTS [MANAGEMENT]"),
    ("CREATE NEW NODE LABEL", "create_label", "CREATE NEW [NODE] LABEL|LABELS"),
    ("CREATE NEW RELATIONSHIP TYPE", "create_reltype", "CREATE NEW [RELATIONSHIP] TYPE|TYPES"),
    ("CREATE NEW PROPERTY NAME", "create_propertykey", "CREATE NEW [PROPERTY] NAME|NAMES"),
    ("NAME MANAGEMENT", "token", "NAME [MANAGEMENT]"),
    ("SHOW TRANSACTION (*)", "show_transaction", "SHOW TRANSACTION|TRANSACTIONS [( * )]"),
    ("TERMINATE TRANSACTION (*)", "terminate_transaction", "TERMINATE TRANSACTION|TRANSACTIONS [( * )]"),
    ("TRANSACTION MANAGEMENT (*)", "transaction_management", "TRANSACTION [MANAGEMENT] [( * )]"),
    ("ALL DATABASE PRIVILEGES", "database_actions", "ALL [[DATABASE] PRIVILEGES]"),
)
_GRAPH = (
    ("TRAVERSE", "traverse", ""),
    ("READ {*}", "read", "READ { * }"),
    ("MATCH {*}", "match", "MATCH { * }"),
    ("WRITE", "write", ""),
    ("ALL GRAPH PRIVILEGES", "graph_actions", "ALL [[GRAPH] PRIVILEGES]"),
)
_DBMS = (
    ("CREATE ROLE", "create_role", ""),
    ("RENAME ROLE", "rename_role", ""),
    ("DROP ROLE", "drop_role", ""),
    ("ASSIGN ROLE", "assign_role", ""),
    ("REMOVE ROLE", "remove_role", ""),
    ("SHOW ROLE", "show_role", ""),
    ("ROLE MANAGEMENT", "role_management", ""),
    ("CREATE USER", "create_user", ""),
    ("RENAME USER", "rename_user", ""),
    ("SET PASSWORD", "set_passwords", "SET PASSWORD|PASSWORDS"),
    ("SET AUTH", "set_auth", ""),
    ("SET USER STATUS", "set_user_status", ""),
    ("SET USER HOME DATABASE", "set_user_home_database", ""),
    ("ALTER USER", "alter_user", ""),
    ("DROP USER", "drop_user", ""),
    ("SHOW USER", "show_user", ""),
    ("USER MANAGEMENT", "user_management", ""),
    ("CREATE DATABASE", "create_database", ""),
    ("DROP DATABASE", "drop_database", ""),
    ("SET DATABASE ACCESS", "set_database_access", ""),
    ("ALTER DATABASE", "alter_database", ""),
    ("DATABASE MANAGEMENT", "database_management", ""),
    ("SHOW PRIVILEGE", "show_privilege", "SHOW PRIVILEGE|PRIVILEGES"),
    ("ASSIGN PRIVILEGE", "assign_privilege", "ASSIGN PRIVILEGE|PRIVILEGES"),
    ("REMOVE PRIVILEGE", "remove_privilege", "REMOVE PRIVILEGE|PRIVILEGES"),
    ("PRIVILEGE MANAGEMENT", "privilege_management", ""),
    ("SHOW SERVERS", "show_server", "SHOW SERVER|SERVERS"),
    ("SERVER MANAGEMENT", "server_management", ""),
    ("EXECUTE PROCEDURE", "execute", "EXECUTE PROCEDURE|PROCEDURES <globs:globs>"),
    ("EXECUTE BOOSTED PROCEDURE", "execute_boosted", "EXECUTE BOOSTED PROCEDURE|PROCEDURES <globs:globs>"),
    ("EXECUTE ADMIN PROCEDURES", "execute_admin", "EXECUTE ADMIN|ADMINISTRATOR PROCEDURES"),
    ("EXECUTE FUNCTION", "execute", "EXECUTE [USER [DEFINED]] FUNCTION|FUNCTIONS <globs:globs>"),
    ("EXECUTE BOOSTED FUNCTION", "execute_boosted",
     "EXECUTE BOOSTED [USER [DEFINED]] FUNCTION|FUNCTIONS <globs:globs>"),
    ("SHOW SETTING", "show_setting", "SHOW SETTING|SETTINGS <globs:globs>"),
    ("ALL DBMS PRIVILEGES", "dbms_actions", "ALL [[DBMS] PRIVILEGES]"),
)  # fmt: skip
KINDS = {
    name: Kind(name, action, on, words or name)
    for on, rows in (
        ("DATABASE", _DATABASE),
        ("GRAPH", _GRAPH),
        ("DBMS", _DBMS),
        ("ALL DATA", (("LOAD", "load", ""),)),
    )
    for name, action, words in rows
}

_ALTER_USER = ("ALTER USER", "SET PASSWORD", "SET AUTH", "SET USER STATUS", "SET USER HOME DATABASE")
_ALTER_DATABASE = ("ALTER DATABASE", "SET DATABASE ACCESS")
_INDEX = ("CREATE INDEX", "DROP INDEX", "SHOW INDEX", "INDEX MANAGEMENT")
_CONSTRAINT = ("CREATE CONSTRAINT", "DROP CONSTRAINT", "SHOW CONSTRAINT", "CONSTRAINT MANAGEMENT")
_NAMES = ("CREATE NEW NODE LABEL", "CREATE NEW RELATIONSHIP TYPE", "CREATE NEW PROPERTY NAME", "NAME MANAGEMENT")
# What includes others. ALL DBMS PRIVILEGES is the manual's: it executes everything, and shows all settings
_INCLUDES: dict[str, tuple[str, ...]] = {
    "INDEX MANAGEMENT": _INDEX,
    "CONSTRAINT MANAGEMENT": _CONSTRAINT,
    "NAME MANAGEMENT": _NAMES,
    "TRANSACTION MANAGEMENT (*)": ("SHOW TRANSACTION (*)", "TERMINATE TRANSACTION (*)"),
    "ALL DATABASE PRIVILEGES": ("ACCESS", *_INDEX, *_CONSTRAINT, *_NAMES),
    "MATCH {*}": ("TRAVERSE", "READ {*}"),
    "ALL GRAPH PRIVILEGES": ("TRAVERSE", "READ {*}", "MATCH {*}", "WRITE"),
    "ALTER USER": _ALTER_USER,
    "USER MANAGEMENT": ("SHOW USER", "CREATE USER", "RENAME USER", "DROP USER", *_ALTER_USER),
    "ALTER DATABASE": _ALTER_DATABASE,
    "DATABASE MANAGEMENT": ("CREATE DATABASE", "DROP DATABASE", *_ALTER_DATABASE),
    "ROLE MANAGEMENT": tuple(name for name, *_ in _DBMS if name.endswith(" ROLE")),
    "PRIVILEGE MANAGEMENT": tuple(name for name, *_ in _DBMS if name.endswith(" PRIVILEGE")),
    "SERVER MANAGEMENT": ("SHOW SERVERS",),
    "ALL DBMS PRIVILEGES": tuple(name for name, *_ in _DBMS),
}


@dataclass(frozen=True)
class Privilege:
    """One privilege of a role, split as Neo4j shows it: one database, one name, nodes or relationships."""

    kind: str
    # `*`, HOME or a database; empty for the DBMS
    target: str = ""
    # NODE or RELATIONSHIP; a name with wildcards
    detail: str = ""

    def includes(self, kind: str) -> bool:
        return kind == self.kind or kind in _INCLUDES.get(self.kind, ())

    def covers(self, name: str) -> bool:
        """Whether the name of a procedure or a setting is meant; a privilege without names means all."""
        return not KINDS[self.kind].segment or _glob(self.detail).fullmatch(name) is not None

    @property
    def command(self) -> str:
        """As in AS COMMANDS, without who gets it."""
        kind = KINDS[self.kind]
        if kind.on == "ALL DATA":
            return "LOAD ON ALL DATA"
        if kind.on == "DBMS":
            return f"{kind.name} {self.detail} ON DBMS" if self.detail else f"{kind.name} ON DBMS"
        where = f"HOME {kind.on}" if self.target == HOME else f"{kind.on} {_quoted(self.target)}"
        return f"{kind.name} ON {where}" + (f" {self.detail} *" if kind.has_elements else "")

    @property
    def rows(self) -> list[dict[str, str]]:
        """As SHOW PRIVILEGES shows it: what is on a whole graph takes two rows."""
        kind = KINDS[self.kind]
        graph = {HOME: "DEFAULT", "": EVERY}.get(self.target, self.target)
        shown = {"action": kind.action, "resource": _resource(kind), "graph": graph}
        return [shown | {"segment": segment} for segment in self._segments(kind)]

    def _segments(self, kind: Kind) -> list[str]:
        if kind.on == "GRAPH":
            return [f"{element}(*)" for element in ([self.detail] if self.detail else ("NODE", "RELATIONSHIP"))]
        if kind.segment:
            return [f"{kind.segment}({self.detail})"]
        return ["USER(*)" if kind.name.endswith("(*)") else "database"]


@cache
def _glob(text: str) -> re.Pattern[str]:
    """`*` is anything, `?` one character; case counts."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."))


def _quoted(target: str) -> str:
    return EVERY if target == EVERY else f"`{target}`"


def _resource(kind: Kind) -> str:
    if kind.on == "GRAPH":
        return "all_properties" if kind.name.endswith("{*}") else "graph"
    return "database"


# Reading GRANT <privilege> TO


def read(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[list[Privilege], int]:
    """The privileges that stand between here and TO or FROM; one that the table does not have is no match."""
    end = next((place for place in range(at, len(found)) if found[place].is_word("TO", "FROM")), len(found))
    for kind in KINDS.values():
        for pattern, details in _patterns(kind):
            match = pattern.match(found[at:end], parameters)
            if match is not None:
                return list(_split(kind, match, details)), end
    raise grammar.NoMatchError


# How the elements of a graph are written, and how they are shown
_ELEMENTS = {
    "": ("NODE", "RELATIONSHIP"),
    " ELEMENT|ELEMENTS *": ("NODE", "RELATIONSHIP"),
    " NODE|NODES *": ("NODE",),
    " RELATIONSHIP|RELATIONSHIPS *": ("RELATIONSHIP",),
}


@cache
def _patterns(kind: Kind) -> list[tuple[grammar.Pattern, tuple[str, ...]]]:
    """Every way to write it, and the elements that this way is about."""
    elements = _ELEMENTS if kind.has_elements else {"": ("",)}
    places = [kind.on]
    if kind.on in ("DATABASE", "GRAPH"):
        places = [f"HOME {kind.on}", f"{kind.on}|{kind.on}S <targets:targets>"]
    return [
        (grammar.pattern(f"{kind.words} ON {place}{written}"), details)
        for place in places
        for written, details in elements.items()
    ]


def _split(kind: Kind, match: grammar.Match, details: tuple[str, ...]) -> Iterator[Privilege]:
    whole = HOME if kind.on in ("DATABASE", "GRAPH") else ""
    for target in match.slots.get("targets", [whole]):
        for detail in match.slots.get("globs", details):
            yield Privilege(kind.name, target, detail)


def _targets(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[list[str], int]:
    """`*`, or the names of databases."""
    if at < len(found) and found[at].is_symbol(EVERY):
        return [EVERY], at + 1
    names, at = grammar.SLOTS["names"](found, at, parameters)
    return [name.lower() for name in names], at


def _globs(found: list[Token], at: int, _: Mapping[str, Any]) -> tuple[list[str], int]:
    """Dotted names with wildcards, up to ON."""
    end = next((place for place in range(at, len(found)) if found[place].is_word("ON")), len(found))
    names = [""]
    for token in found[at:end]:
        if token.is_symbol(","):
            names.append("")
        else:
            names[-1] += token.value
    if not all(names):
        raise grammar.NoMatchError
    return names, end


grammar.SLOTS.update(targets=_targets, globs=_globs, privilege=read)

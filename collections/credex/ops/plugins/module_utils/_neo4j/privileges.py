# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Privileges as commands: what an author writes as Neo4j shows it, what to grant, and what to revoke. No I/O.

Neo4j shows a privilege in a spelling of its own (SHOW ROLE PRIVILEGES AS COMMANDS), and takes one command for several
privileges. `as_shown` knows the most usual of this, and `_key` what it may still write in two ways; whatever else is
spelled otherwise is noticed when the privileges are read again after the grant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.names import quoted

_QUOTED = r"""`(?:``|[^`])*`|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_NAME = r"(?:`(?:``|[^`])*`|[^ ,`]+)"
_BLANKS = re.compile(rf"({_QUOTED})|\s*(,)\s*|\s+")
# Looked for in the command with its quoted parts blotted out, so that nothing in them is a keyword
_COMMAND = re.compile(r"(?P<access>GRANT|DENY) (?P<what>.+?) ON (?P<where>.+?) TO (?P<role>[^ ,]+)")
# A quote that is not closed, an escape (Cypher reads \u before anything else), a comment, a second statement
_SUSPICIOUS = re.compile(r"""[`'"\\;]|//|/\*""")
_PLACE = re.compile(rf"(?P<place>HOME (?:DATABASE|GRAPH)|(?:DATABASE|GRAPH)S? {_NAME}(?:, {_NAME})*)(?P<rest> .*)?")
_READING = re.compile(r"TRAVERSE|(?:READ|MATCH) \{.*\}")
_SIMPLE_NAME = re.compile(r"`([A-Za-z_]\w*)`")
_NODES_AND_RELATIONSHIPS = (" NODE *", " RELATIONSHIP *")


class _Parts(NamedTuple):
    access: str
    what: str
    where: str
    role: str


def wanted(commands: Sequence[str], role: str) -> dict[str, list[str]]:
    """What an author wrote, and as what Neo4j shows each. Refuses all that is not GRANT or DENY for this very role."""
    return {command: as_shown(command, role) for command in commands}


def as_shown(command: str, role: str) -> list[str]:
    """One blank, back-ticks, names of databases in lower case, one command for each database, for nodes and for
    relationships: `GRANT MATCH {*} ON GRAPHS a, B TO r` is four.
    """
    parts = _parts(command, role)
    return [f"{parts.access} {parts.what} ON {place} TO {quoted(role)}" for place in _places(parts.what, parts.where)]


def _parts(command: str, role: str) -> _Parts:
    text = _BLANKS.sub(lambda blank: blank[1] or (", " if blank[2] else " "), command.strip())
    masked = re.sub(_QUOTED, lambda part: "\0" * len(part[0]), text)
    found = _COMMAND.fullmatch(masked)
    if not found or _SUSPICIOUS.search(masked) or " TO " in found["where"]:
        raise InvalidOptionError(
            f"{command!r} is not one privilege command: write GRANT or DENY, the privilege, ON, where, and "
            f"TO {quoted(role)}, with keywords in capitals, as SHOW ROLE {quoted(role)} PRIVILEGES AS COMMANDS does"
        )
    parts = _Parts(*(text[slice(*found.span(name))] for name in _Parts._fields))
    _refuse_other(parts, command, role)
    return parts


def _refuse_other(parts: _Parts, command: str, role: str) -> None:
    first = parts.what.split()[0]
    if _bare(parts.role) != role:
        raise InvalidOptionError(
            f"{command!r} is for another role than {quoted(role)}: each role has a list of its own"
        )
    if first == "IMMUTABLE":
        raise InvalidOptionError(f"{command!r}: immutable privileges are left alone, so take it off the list")
    if first in ("ROLE", "ROLES"):
        raise InvalidOptionError(f"{command!r} gives a role to a user, which credex.ops.neo4j_user does")


def _bare(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def _places(what: str, where: str) -> list[str]:
    """Where each of the privileges is, with the nodes or relationships that it is about."""
    found = _PLACE.fullmatch(where)
    if not found:
        return [where]
    rest = found["rest"] or ""
    elements: Sequence[str] = [re.sub("^ (NODE|RELATIONSHIP)S ", r" \1 ", rest)]
    if _READING.fullmatch(what) and rest in ("", " ELEMENT *", " ELEMENTS *"):
        elements = _NODES_AND_RELATIONSHIPS
    return [f"{place}{element}" for place in _one_by_one(found["place"]) for element in elements]


def _one_by_one(place: str) -> list[str]:
    kind, _blank, names = place.partition(" ")
    if kind == "HOME":
        return [place]
    return [f"{kind.rstrip('S')} {_of_database(name)}" for name in re.findall(_NAME, names)]


def _of_database(name: str) -> str:
    return name if name == "*" else quoted(_bare(name).lower())


def _key(command: str) -> str:
    """To compare with: back-ticks around a name that needs none make no difference."""
    return _SIMPLE_NAME.sub(r"\1", command)


def copied(command: str, original: str, role: str) -> str:
    """What Neo4j shows of a role, of its copy."""
    return f"{command[: -len(quoted(original))]}{quoted(role)}"


def revocation(command: str) -> str:
    """What takes away what Neo4j shows."""
    granted, _to, role = command.rpartition(" TO ")
    return f"REVOKE {granted} FROM {role}"


class Plan(NamedTuple):
    """Commands to send, and what is there afterwards; `unlisted` is what the role has beyond the list."""

    grant: list[str]
    revoke: list[str]
    unlisted: list[str]
    after: list[str]


def plan(held: Sequence[str], asked: Mapping[str, Sequence[str]], append: bool) -> Plan:
    """From what Neo4j shows and what is wanted; with `append` nothing is revoked."""
    have = {_key(command) for command in held}
    listed = {_key(command): command for shown in asked.values() for command in shown}
    unlisted = [command for command in held if _key(command) not in listed]
    gone = [] if append else unlisted
    added = [command for key, command in listed.items() if key not in have]
    return Plan(
        grant=missing(held, asked),
        revoke=[revocation(command) for command in gone],
        unlisted=unlisted,
        after=sorted({*held, *added} - {*gone}),
    )


def missing(held: Sequence[str], asked: Mapping[str, Sequence[str]]) -> list[str]:
    """The commands of the author of which Neo4j does not show all."""
    have = {_key(command) for command in held}
    return [command for command, shown in asked.items() if not have.issuperset(map(_key, shown))]

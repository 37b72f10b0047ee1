# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements as the emulator's patterns would read them, for Neo4j's own parser to judge the patterns by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.server import grammar
from lab.server.privileges import KINDS, Privilege
from lab.server.statements.registry import STATEMENTS, Statement

_SLOTS = {
    "name": "x",
    "names": "x, y",
    "value": "'x'",
    "values": "'x', 'y'",
    "tail": "",
    "privilege": "ACCESS ON DATABASE *",
}
# Where a value must be of its own kind
_VALUES = {
    "databases": "['x']",
    "timeout": "1000",
    "options": "{modeConstraint: 'NONE', tags: ['x']}",
    "primaries": "3",
    "secondaries": "1",
    "seconds": "5",
}

# One of its clauses, but none in particular
_NEEDS_A_CLAUSE = "ALTER USER <name:name> ["


def shortest(statement: Statement) -> str:
    """Without anything that may be left out."""
    if statement.verbatim is not None:
        return statement.text
    return _written(_parts(statement))


def all_of_them() -> Iterator[str]:
    """Each statement alone, with each of its optional parts, and with a tail; each privilege."""
    for statement in STATEMENTS:
        if not statement.text.startswith(_NEEDS_A_CLAUSE):
            yield shortest(statement)
        if statement.verbatim is None:
            parts = _parts(statement)
            yield from (_written(parts, optional) for optional in parts if _stands_alone(statement, optional))
            if any(isinstance(part, grammar.Slot) and part.kind == "tail" for part in parts):
                yield f"{_written(parts)} YIELD *"
    for privilege in privileges():
        yield f"GRANT {privilege.command} TO x"


def _stands_alone(statement: Statement, part: Any) -> bool:
    """Whether the statement is one with this optional part and no other."""
    is_condition = isinstance(part, grammar.Optional) and part.text == "IF EXISTS"
    return isinstance(part, grammar.Optional) and not (is_condition and statement.text.startswith(_NEEDS_A_CLAUSE))


def privileges() -> Iterator[Privilege]:
    """One of each kind, on a database that has to be quoted."""
    for kind in KINDS.values():
        target = "a-b" if kind.on in ("DATABASE", "GRAPH") else ""
        detail = "NODE" if kind.has_elements else "dbms.x*" if kind.segment else ""
        yield Privilege(kind.name, target, detail)


def _parts(statement: Statement) -> tuple[Any, ...]:
    assert statement.pattern is not None
    return statement.pattern.parts


def _written(parts: tuple[Any, ...], chosen: grammar.Optional | None = None) -> str:
    """Words, with the first of each choice; of the optional parts only the chosen one, and what is in it."""
    words = []
    for part in parts:
        if isinstance(part, grammar.Choice):
            words.append(part.spellings[0])
        elif isinstance(part, grammar.Slot):
            words.append(_VALUES.get(part.name, _SLOTS[part.kind]))
        elif chosen is not None and part is chosen:
            words.append(_written(part.parts))
    return " ".join(word for word in words if word).replace(" . ", ".")

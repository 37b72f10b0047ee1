# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of statements, written nearly as Neo4j's manual writes them, and the values in them.

    DROP DATABASE <database:name> [IF EXISTS] [DUMP|DESTROY DATA]

Words match in any case; `A|B` is a choice of words; `[...]` may be left out; `<slot:kind>` takes a `name`, a
`value` (literal or parameter), `names` (names with commas between), `values` (literals with commas between, or one
parameter) or the `tail` (what follows YIELD or WHERE). All parameters are there: `registry.run` has looked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.server.lexer import Token


@dataclass
class Match:
    """What a pattern found: the content of its slots, and which optional parts were there."""

    slots: dict[str, Any] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)


class NoMatchError(Exception):
    """The statement is not of this pattern."""


@dataclass(frozen=True)
class Slot:
    name: str
    kind: str


@dataclass(frozen=True)
class Choice:
    """One word of several, or one symbol."""

    spellings: tuple[str, ...]


@dataclass(frozen=True)
class Optional:
    text: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Pattern:
    parts: tuple[Any, ...]

    def match(self, found: list[Token], parameters: Mapping[str, Any]) -> Match | None:
        """The match of a whole statement, or None."""
        match = Match()
        try:
            end = _match_parts(self.parts, found, 0, parameters, match)
        except NoMatchError:
            return None
        return match if end == len(found) else None


_PATTERN_PARTS = re.compile(r"\[|\]|<\w+:\w+>|[\w|]+|\S")


def pattern(text: str) -> Pattern:
    """Compile the text of a pattern."""
    words = _PATTERN_PARTS.findall(text)
    parts = _parts(words)
    if words:
        raise ValueError(f"pattern has a closing bracket too many: {text}")
    return Pattern(parts)


def _parts(words: list[str]) -> tuple[Any, ...]:
    parts: list[Any] = []
    while words:
        word = words.pop(0)
        if word == "]":
            break
        if word == "[":
            inner = _parts(words)
            parts.append(Optional(_first_words(inner), inner))
        elif word.startswith("<") and word.endswith(">"):
            name, kind = word[1:-1].split(":")
            parts.append(Slot(name, kind))
        else:
            parts.append(Choice(tuple(word.upper().split("|")) if word != "|" else ("|",)))
    return tuple(parts)


def _first_words(parts: tuple[Any, ...]) -> str:
    """The name of an optional part: its words, as `IF EXISTS`."""
    return " ".join("|".join(part.spellings) for part in parts if isinstance(part, Choice))


def _match_parts(
    parts: tuple[Any, ...], found: list[Token], at: int, parameters: Mapping[str, Any], match: Match
) -> int:
    for part in parts:
        if isinstance(part, Optional):
            at = _match_optional(part, found, at, parameters, match)
        elif isinstance(part, Slot):
            match.slots[part.name], at = SLOTS[part.kind](found, at, parameters)
        else:
            at = _match_choice(part, found, at)
    return at


def _match_optional(part: Optional, found: list[Token], at: int, parameters: Mapping[str, Any], match: Match) -> int:
    attempt = Match()
    try:
        end = _match_parts(part.parts, found, at, parameters, attempt)
    except NoMatchError:
        return at
    match.slots.update(attempt.slots)
    match.given |= attempt.given | {part.text}
    return end


def _match_choice(choice: Choice, found: list[Token], at: int) -> int:
    token = _token(found, at)
    if token.kind not in ("word", "symbol", "number") or token.value.upper() not in choice.spellings:
        raise NoMatchError
    return at + 1


def _token(found: list[Token], at: int) -> Token:
    if at >= len(found):
        raise NoMatchError
    return found[at]


def _name(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[str, int]:
    token = _token(found, at)
    if token.kind == "parameter":
        return str(parameters[token.value]), at + 1
    if token.kind == "quoted" or (token.kind == "word" and not token.is_word("YIELD", "WHERE")):
        return token.value, at + 1
    raise NoMatchError


def _names(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[list[str], int]:
    name, at = _name(found, at, parameters)
    names = [name]
    while at < len(found) and found[at].is_symbol(","):
        name, at = _name(found, at + 1, parameters)
        names.append(name)
    return names, at


def _values(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[list[Any], int]:
    first, at = value(found, at, parameters)
    values = list(first) if isinstance(first, list) else [first]
    while at < len(found) and found[at].is_symbol(","):
        another, at = value(found, at + 1, parameters)
        values.append(another)
    return values, at


def _tail(found: list[Token], at: int, _: Mapping[str, Any]) -> tuple[list[Token], int]:
    if at < len(found) and not found[at].is_word("YIELD", "WHERE"):
        raise NoMatchError
    return found[at:], len(found)


_LITERALS = {"TRUE": True, "FALSE": False, "NULL": None}


def value(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[Any, int]:
    """A literal (string, number, list, map, true, false, null) or a parameter, and where it ends."""
    token = _token(found, at)
    if token.kind == "string":
        return token.value, at + 1
    if token.kind == "parameter":
        return parameters[token.value], at + 1
    if token.kind == "number":
        return _number(token.value), at + 1
    if token.is_symbol("-"):
        positive, end = value(found, at + 1, parameters)
        return -positive, end
    if token.is_word(*_LITERALS):
        return _LITERALS[token.value.upper()], at + 1
    if token.is_symbol("["):
        return _list(found, at + 1, parameters)
    if token.is_symbol("{"):
        return _map(found, at + 1, parameters)
    raise NoMatchError


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _list(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[list[Any], int]:
    items: list[Any] = []
    while not _token(found, at).is_symbol("]"):
        item, at = value(found, at, parameters)
        items.append(item)
        at = _after_item(found, at, "]")
    return items, at + 1


def _map(found: list[Token], at: int, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    entries: dict[str, Any] = {}
    while not _token(found, at).is_symbol("}"):
        key, at = _name(found, at, {})
        if not _token(found, at).is_symbol(":"):
            raise NoMatchError
        entries[key], at = value(found, at + 1, parameters)
        at = _after_item(found, at, "}")
    return entries, at + 1


def _after_item(found: list[Token], at: int, closing: str) -> int:
    """Where the next item, or the closing bracket, begins."""
    token = _token(found, at)
    if token.is_symbol(","):
        return at + 1
    if token.is_symbol(closing):
        return at
    raise NoMatchError


SlotReader = Callable[[list[Token], int, Mapping[str, Any]], tuple[Any, int]]
# A family of statements may add kinds of its own
SLOTS: dict[str, SlotReader] = {"name": _name, "names": _names, "value": value, "values": _values, "tail": _tail}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows SHOW ... and CALL ...: YIELD, WHERE and RETURN over a table that is already there.

Only columns, comparisons joined by AND, and renaming; whatever goes beyond is refused by name, not guessed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.server import grammar
from lab.server.errors import syntax_error, unknown_statement
from lab.server.lexer import Token, spelled

Row = Mapping[str, Any]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass
class Wait:
    """What a statement waits for after its effect; its rows are made when that is there, or the time is over."""

    is_over: Callable[[], bool]
    rows: Callable[[], Sequence[Sequence[Any]]]
    seconds: float


@dataclass
class Answer:
    """What a statement answers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    counters: Mapping[str, Any] | None = None
    # What a write changes, once its transaction is committed; with a `wait`, at once
    effect: Callable[[], None] | None = None
    wait: Wait | None = None


def select(
    rows: Sequence[Row], columns: Sequence[str], default: Sequence[str], tail: list[Token], params: Row
) -> Answer:
    """The rows as the tail asks for them; without YIELD, the default columns are all that there is."""
    reader = _Reader(list(tail), params)
    names = reader.yielded(columns) if reader.took("YIELD") else {name: name for name in default}
    condition = reader.condition(names) if reader.took("WHERE") else None
    shown = reader.returned(names) if reader.took("RETURN") else {name: name for name in names}
    reader.expect_end()
    table = [{new: row[old] for new, old in names.items()} for row in rows]
    kept = [row for row in table if condition is None or condition(row)]
    return Answer(list(shown), [[row[name] for name in shown.values()] for row in kept])


class _Reader:
    """A cursor over the tokens of a tail."""

    def __init__(self, tail: list[Token], params: Row) -> None:
        self.tail = tail
        self.params = params
        self.at = 0

    def took(self, word: str) -> bool:
        if self.at < len(self.tail) and self.tail[self.at].is_word(word):
            self.at += 1
            return True
        return False

    def _took_symbol(self, symbol: str) -> bool:
        if self.at < len(self.tail) and self.tail[self.at].is_symbol(symbol):
            self.at += 1
            return True
        return False

    def yielded(self, columns: Sequence[str]) -> dict[str, str]:
        """New name -> column, as YIELD gives it."""
        if self._took_symbol("*"):
            return {name: name for name in columns}
        return self._names(columns)

    def returned(self, names: Mapping[str, str]) -> dict[str, str]:
        if self._took_symbol("*"):
            return {name: name for name in names}
        return self._names(list(names))

    def _names(self, columns: Sequence[str]) -> dict[str, str]:
        names = {}
        while True:
            column = self._name()
            if column not in columns:
                raise syntax_error(f"Variable `{column}` not defined")
            names[self._name() if self.took("AS") else column] = column
            if not self._took_symbol(","):
                return names

    def _name(self) -> str:
        if self.at >= len(self.tail) or self.tail[self.at].kind not in ("word", "quoted"):
            raise self._unknown()
        self.at += 1
        return self.tail[self.at - 1].value

    def condition(self, names: Mapping[str, str]) -> Callable[[Row], bool]:
        parts = [self._comparison(names)]
        while self.took("AND"):
            parts.append(self._comparison(names))
        return lambda row: all(part(row) for part in parts)

    def _comparison(self, names: Mapping[str, str]) -> Callable[[Row], bool]:
        left = self._operand(names)
        compare = self._comparator()
        right = self._operand(names)
        return lambda row: bool(compare(left(row), right(row)))

    def _comparator(self) -> Callable[[Any, Any], bool]:
        if self.took("IN"):
            return lambda left, right: right is not None and left in right
        if self.took("STARTS") and self.took("WITH"):
            return lambda left, right: str(left).startswith(right)
        symbol = self.tail[self.at].value if self.at < len(self.tail) else ""
        if symbol not in _COMPARISONS:
            raise self._unknown()
        self.at += 1
        return _comparison_without_null(_COMPARISONS[symbol])

    def _operand(self, names: Mapping[str, str]) -> Callable[[Row], Any]:
        """A column of the table, a literal or a parameter."""
        token = self.tail[self.at] if self.at < len(self.tail) else None
        if token is not None and token.kind in ("word", "quoted") and token.value in names:
            self.at += 1
            return lambda row: row[token.value]
        if token is not None and token.kind == "word" and not token.is_word("TRUE", "FALSE", "NULL"):
            raise syntax_error(f"Variable `{token.value}` not defined")
        try:
            constant, self.at = grammar.value(self.tail, self.at, self.params)
        except grammar.NoMatchError:
            raise self._unknown() from None
        return lambda row: constant

    def expect_end(self) -> None:
        if self.at < len(self.tail):
            raise self._unknown()

    def _unknown(self) -> Exception:
        return unknown_statement("... " + spelled(self.tail[self.at :] or self.tail))


def _comparison_without_null(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    """A comparison with null is neither true nor false, so its row is left out."""
    return lambda left, right: left is not None and right is not None and bool(compare(left, right))

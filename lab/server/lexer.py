# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cypher text as tokens, so that no statement is recognized by its spelling, spacing or comments."""

from __future__ import annotations

import re
from typing import NamedTuple

from lab.server.errors import syntax_error

_TOKENS = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<parameter>\$(?:\w+|`(?:[^`]|``)*`))
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<symbol><>|<=|>=|\+=|->|<-|[^\s'"`])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Token(NamedTuple):
    """`kind` is string, quoted, parameter, number, word or symbol; `value` is without quotes and escapes."""

    kind: str
    value: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value.upper() in words

    def is_symbol(self, symbol: str) -> bool:
        return self.kind == "symbol" and self.value == symbol


def tokens(text: str) -> list[Token]:
    """The tokens of one statement, without comments and closing semicolons."""
    found, at = [], 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise syntax_error(f"Invalid input at position {at}: a quote is not closed")
        at = match.end()
        kind = match.lastgroup or ""
        if kind != "blank":
            found.append(Token(kind, _value(kind, match.group())))
    while found and found[-1].is_symbol(";"):
        found.pop()
    return found


def _value(kind: str, raw: str) -> str:
    if kind == "string":
        return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", _unescaped, raw[1:-1], flags=re.DOTALL)
    if kind == "quoted":
        return raw[1:-1].replace("``", "`")
    if kind == "parameter":
        return _value("quoted", raw[1:]) if raw[1] == "`" else raw[1:]
    return raw


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group(1)
    return chr(int(escape[1:], 16)) if len(escape) == 5 else _ESCAPES.get(escape, escape)


def spelled(found: list[Token], obfuscated: bool = False) -> str:
    """Tokens as one line of text again; obfuscated: without the content of strings, as Neo4j's query log does it."""
    return " ".join(_spelling(token, obfuscated) for token in found)


def _spelling(token: Token, obfuscated: bool) -> str:
    if token.kind == "string":
        return "'******'" if obfuscated else "'" + token.value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if token.kind == "quoted":
        return "`" + token.value.replace("`", "``") + "`"
    return "$" + token.value if token.kind == "parameter" else token.value

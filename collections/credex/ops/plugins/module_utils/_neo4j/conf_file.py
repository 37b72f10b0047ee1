# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A neo4j.conf that somebody else wrote: what it says, and some settings brought into it. Pure.

It is a file of Java properties: C(name=value), C(name: value) or C(name value), with comments and continued lines.
"""

from __future__ import annotations

import re
import typing as t

from . import settings

_PARTS = re.compile(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class Entry(t.NamedTuple):
    """A setting, and the lines on which it stands, the last one not included."""

    name: str
    value: str
    first: int
    last: int


def entries(content: str) -> list[Entry]:
    """What the file sets, in its order; a setting that it sets twice is there twice."""
    lines = content.split("\n")
    found = []
    at = 0
    while at < len(lines):
        first, text, at = at, _without_margin(lines[at]), at + 1
        if not text or text[0] in "#!":
            continue
        while _is_continued(text):
            rest = _without_margin(lines[at]) if at < len(lines) else ""
            text, at = text[:-1] + rest, min(at + 1, len(lines))
        parts = _PARTS.fullmatch(text)
        if parts:
            found.append(Entry(_plain(parts[1]), _plain(parts[2]).strip(), first, at))
    return found


def values(content: str) -> dict[str, list[str]]:
    """Each setting with its values, which are several only where it stands several times."""
    found: dict[str, list[str]] = {}
    for entry in entries(content):
        found.setdefault(entry.name, []).append(entry.value)
    return found


def brought_in(content: str, wanted: t.Mapping[str, t.Sequence[str]]) -> str:
    """The file with these settings, and the rest as it is. One without values is taken out."""
    lines: list[str | None] = list(content.removesuffix("\n").split("\n")) if content else []
    present = values(content)
    for name, texts in sorted(wanted.items()):
        if present.get(name, []) == list(texts):
            continue
        own = [entry for entry in entries(content) if entry.name == name]
        for entry in own:
            lines[entry.first : entry.last] = [None] * (entry.last - entry.first)
        written = "\n".join(settings.line(name, text) for text in texts) or None
        if own:
            lines[own[0].first] = written
        else:
            lines += ["", written] if _is_open(lines) else [written]
    return "".join(f"{line}\n" for line in lines if line is not None)


def without_secrets(content: str) -> str:
    """What the file sets, as a diff may show it.

    In a form of its own, because Ansible would hide a diff that holds all of the module's secret content.
    """
    return "".join(
        f"{name} = {settings.unless_secret(name, value)}\n" for name, value, _first, _last in entries(content)
    )


def _is_open(lines: t.Sequence[str | None]) -> bool:
    """Whether the file ends in a setting that is continued, so that the next line would be a part of it."""
    content = "\n".join(line for line in lines if line is not None)
    last = entries(content)[-1:]
    return bool(last) and last[0].last == content.count("\n") + 1 and _is_continued(content)


def _without_margin(line: str) -> str:
    """A blank at the end may be escaped; one at the beginning never counts."""
    return line.rstrip("\r").lstrip()


def _is_continued(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _plain(text: str) -> str:
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _CONTROL.get(found[2], found[2]), text)
    # Java writes a letter beyond the first 65,536 as two
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

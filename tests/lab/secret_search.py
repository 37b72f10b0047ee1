# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks for secrets where none may be: whole or in part, as they are or in another spelling.

A secret is cut into blocks, and each block is looked for in each spelling. So any passage of it is found that is at
least two blocks long, as a value that was cut off, wrapped, or put into something larger. What is compressed or
encrypted is not found.
"""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

BLOCK = 12  # characters


def hits(secrets: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """`secret in place: spellings`, for each secret that is in a place."""
    needles = {name: dict(_needles(secret)) for name, secret in secrets.items()}
    found = {
        (name, place): sorted({spelling for needle, spelling in needles[name].items() if needle in content})
        for place, content in places.items()
        for name in needles
    }
    return [f"{name} in {place}: {', '.join(spellings)}" for (name, place), spellings in found.items() if spellings]


def files(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, bytes]:
    """Every file below a folder, by its name in it, but for those that match one of these patterns."""
    patterns = tuple(leave_out)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(path.relative_to(folder).full_match(pattern) for pattern in patterns)
    }


def _needles(secret: str) -> Iterator[tuple[bytes, str]]:
    text = secret.strip()
    assert len(text) >= BLOCK, "too short: it would be found where it is not"
    starts = [*range(0, len(text) - BLOCK, BLOCK), len(text) - BLOCK]
    for start in starts:
        yield from _spelled(text[start : start + BLOCK])


def _spelled(block: str) -> Iterator[tuple[bytes, str]]:
    """The plain one comes last, since most of them are that one for a block without special characters."""
    escaped = json.dumps(block)[1:-1]
    yield json.dumps(escaped)[1:-1].encode(), "JSON in JSON"
    yield escaped.encode(), "JSON"
    yield json.dumps(block, ensure_ascii=False)[1:-1].encode(), "JSON in UTF-8"
    yield repr(block)[1:-1].encode(), "Python"
    yield urllib.parse.quote(block, safe="").encode(), "URL"
    yield urllib.parse.quote_plus(block).encode(), "form"
    yield html.escape(block).encode(), "HTML"
    yield block.replace("'", "'\"'\"'").encode(), "shell"
    yield block.encode().hex().encode(), "hexadecimal"
    yield from _base64(block.encode())
    yield block.encode(), "plain"


def _base64(block: bytes) -> Iterator[tuple[bytes, str]]:
    """At each of the three places where it can begin; characters that also hold bits of a neighbour are left out."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + block).rstrip(b"=")
        whole = encoded[(before * 8 + 5) // 6 : (before + len(block)) * 8 // 6]
        yield whole, "base64"
        yield whole.translate(bytes.maketrans(b"+/", b"-_")), "base64"

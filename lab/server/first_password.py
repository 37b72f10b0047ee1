# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`neo4j-admin dbms set-initial-password`: the password of the first user, in a file that the first start reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lab.server.users import hashed

MIN_LENGTH = 8
_CHANGE_REQUIRED = "password_change_required"


class FirstPassword(NamedTuple):
    credentials: str = ""
    change_required: bool = False


def write(file: Path, password: str, change_required: bool) -> None:
    """As a line of `auth.ini`; the hash is the emulator's own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    flag = _CHANGE_REQUIRED if change_required else ""
    file.write_text(f"neo4j:{hashed(password)}:{flag}\n")


def read(file: Path) -> FirstPassword:
    """What was set before the first start; empty when nothing was."""
    if not file.exists():
        return FirstPassword()
    _, salt, digest, flag = file.read_text().strip().split(":")
    return FirstPassword(f"{salt}:{digest}", flag == _CHANGE_REQUIRED)


def expanded(arguments: Sequence[str]) -> list[str]:
    """`@file` replaced by the words in the file: `#` begins a comment, quotes hold a word together.

    Measured on a real one: without such a file `@file` itself is the word.
    """
    return [word for argument in arguments for word in _words(argument)]


def _words(argument: str) -> Iterator[str]:
    file = Path(argument[1:])
    if not argument.startswith("@") or not file.is_file():
        yield argument
        return
    reader = shlex.shlex(file.read_text(), posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.commenters = True, "#"
    yield from reader

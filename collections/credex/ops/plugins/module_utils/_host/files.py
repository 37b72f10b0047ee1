# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Files on this host: what is in them, by SHA-256, and when they last changed, by ctime.

That is the one time that rename, copy, chmod and chown all move.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator

_BLOCK = 2**20


def sha256(path: str) -> str:
    """In hexadecimal digits; a large file is never in memory as a whole."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def changed_ns(path: str) -> int | None:
    """Nanoseconds since the epoch; of a link the later of the link and its target. None when nothing is there."""
    try:
        return max(os.lstat(path).st_ctime_ns, os.stat(path).st_ctime_ns)
    except (FileNotFoundError, NotADirectoryError):
        return None


def look_at(patterns: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """The time of change of every file that the patterns mean, and the patterns that mean none."""
    times: dict[str, int] = {}
    missing = []
    for pattern in patterns:
        found = {path: when for path in _paths(pattern) if (when := changed_ns(path)) is not None}
        times.update(found)
        if not found:
            missing.append(pattern)
    return times, missing


def _paths(pattern: str) -> Iterator[str]:
    # A path that exists is meant literally, even with a bracket in its name
    for path in [pattern] if os.path.lexists(pattern) else sorted(glob.glob(pattern)):
        yield path
        yield from _content(path)


def _content(path: str) -> Iterator[str]:
    """What lies in a folder, at any depth. Unreadable folders are errors: they would look like unchanged ones."""
    if not os.path.isdir(path):
        return
    for folder, folders, files in os.walk(path, onerror=_raise):
        for name in sorted(folders + files):
            yield os.path.join(folder, name)


def _raise(error: OSError) -> None:
    raise error

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Whether the value that SHOW SETTINGS shows is the one that was written, which Neo4j writes in its own way. Pure."""

from __future__ import annotations

import re

from . import memory

NO_VALUE = "No Value"  # how SHOW SETTINGS writes null
_DURATION = re.compile(r"(\d+)\s*(ns|μs|us|ms|s|m|h|d)")
_NANOSECONDS = {"ns": 1, "μs": 10**3, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_NANOSECONDS["d"] = 24 * _NANOSECONDS["h"]
_MASK = re.compile(r"[*#]{3,}|<?\(?(hidden|obfuscated|redacted)\)?>?", re.IGNORECASE)


def is_masked(shown: str) -> bool:
    """A secret, of which a server shows nothing."""
    return _MASK.fullmatch(shown.strip()) is not None


def agree(written: str, shown: str) -> bool:
    """Whether both mean the same: C(1024m) and C(1.00GiB), C(90s) and C(1m30s), C(:7687) and C(localhost:7687)."""
    ours, theirs = written.strip(), "" if shown == NO_VALUE else shown.strip()
    return (
        ours == theirs
        or _same_word(ours, theirs)
        or any(_same(read(ours), read(theirs)) for read in (_size, _duration, _number))
        or _same_address(ours, theirs)
        or _same_path(ours, theirs)
        or _same_list(ours, theirs)
    )


def _same(ours: object, theirs: object) -> bool:
    return ours is not None and ours == theirs


def _same_word(ours: str, theirs: str) -> bool:
    """True and false, and names of kinds. Paths and addresses have another way."""
    return re.fullmatch(r"\w+", ours) is not None and ours.lower() == theirs.lower()


def _size(text: str) -> str | None:
    """As Neo4j shows it, which is rounded."""
    count = memory.size(text)
    return None if count is None else memory.shown(count)


def _duration(text: str) -> int | None:
    """Nanoseconds; a number alone is seconds."""
    if text.isdigit():
        return int(text) * _NANOSECONDS["s"]
    parts = _DURATION.findall(text)
    is_whole = bool(parts) and not _DURATION.sub("", text).strip()
    return sum(int(count) * _NANOSECONDS[unit] for count, unit in parts) if is_whole else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _same_address(ours: str, theirs: str) -> bool:
    """Neo4j adds the host or the port that was left out."""
    if re.fullmatch(r":\d+", ours):
        return theirs.endswith(ours)
    return bool(ours) and re.fullmatch(re.escape(ours) + r":\d+", theirs) is not None


def _same_path(ours: str, theirs: str) -> bool:
    """Neo4j shows where a relative path leads to."""
    if not theirs.startswith("/"):
        return False
    path = ours.rstrip("/").removeprefix("./")
    return (
        path == theirs.rstrip("/") if path.startswith("/") else bool(path) and theirs.rstrip("/").endswith(f"/{path}")
    )


def _same_list(ours: str, theirs: str) -> bool:
    mine, others = ours.split(","), theirs.split(",")
    return len(mine) == len(others) > 1 and all(agree(mine[at], others[at]) for at in range(len(mine)))

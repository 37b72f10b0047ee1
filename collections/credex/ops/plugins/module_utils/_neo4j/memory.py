# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""How much memory a server takes: shares of what its machine has and its contract allows. Pure."""

from __future__ import annotations

import re
import typing as t

MIB = 2**20
HEAP, INITIAL_HEAP, PAGE_CACHE = (
    "server.memory.heap.max_size",
    "server.memory.heap.initial_size",
    "server.memory.pagecache.size",
)
SETTINGS = (HEAP, INITIAL_HEAP, PAGE_CACHE)
# A larger heap cannot use compressed pointers, and holds less than one of 31 GiB
_MOST_HEAP_MIB = 31 * 1024
# As neo4j.conf and SHOW SETTINGS write sizes
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def usable(machine_mib: int, allowed_bytes: int | None) -> int:
    """MiB that Neo4j may take: those of the machine, and no more than the contract allows."""
    return machine_mib if allowed_bytes is None else min(machine_mib, allowed_bytes // MIB)


def defaults(
    usable_mib: int, heap_share: float, page_cache_share: float, written: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Heap and page cache as settings; the rest is for the operating system and the index cache.

    Both sizes of the heap are one, also where C(written) gives only one of them.
    """
    heap: t.Any = f"{min(int(usable_mib * heap_share), _MOST_HEAP_MIB)}m"
    for name in (INITIAL_HEAP, HEAP):
        heap = written.get(name, heap)
    return {INITIAL_HEAP: heap, HEAP: heap, PAGE_CACHE: f"{int(usable_mib * page_cache_share)}m"}


def problems(settings: t.Mapping[str, t.Sequence[str]], usable_mib: int, why: str) -> list[str]:
    """Whether heap and page cache, as they will stand in the file, fit into it. C(why) names the limit."""
    texts = {name: settings[name][0] for name in SETTINGS if name in settings}
    sizes = {name: size(text) or 0 for name, text in texts.items()}
    found = [f"{name} is {texts[name]!r}, expected a size such as 12g." for name, count in sizes.items() if not count]
    initial, heap, total = sizes.get(INITIAL_HEAP, 0), sizes.get(HEAP, 0), sizes.get(HEAP, 0) + sizes.get(PAGE_CACHE, 0)
    if heap and initial > heap:
        found.append(f"{INITIAL_HEAP} is {texts[INITIAL_HEAP]}, more than {HEAP}, {texts[HEAP]}.")
    if total > usable_mib * MIB:
        found.append(f"Heap and page cache ({total // MIB} MiB together) are more than {why}, {usable_mib} MiB.")
    return found


def size(text: str) -> int | None:
    """Bytes of C(512m), C(16 GiB) or C(256.00MiB); None of anything else."""
    found = _SIZE.fullmatch(text.strip())
    return int(float(found[1]) * _UNITS[found[2].lower()]) if found else None


def shown(count: int) -> str:
    """Bytes as SHOW SETTINGS writes them: C(512.00MiB)."""
    for unit in ("t", "g", "m", "k"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.2f}{unit.upper()}iB"
    return f"{count}B"

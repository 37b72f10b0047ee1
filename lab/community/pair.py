# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair of real servers for LedgerSpace and SearchSpace, as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.community import parts
from lab.community.server import QUICK_START, USER, Community, memory
from lab.graph.spaces import Spaces, connect


@dataclass(frozen=True)
class Pair:
    """Two running servers. `ledger.uri`, `search.uri`, `ledger.password` and USER log in."""

    ledger: Community
    search: Community

    @contextmanager
    def spaces(self) -> Iterator[Spaces]:
        with connect(self.ledger.uri, self.search.uri, USER, self.ledger.password) as spaces:
            yield spaces


@contextmanager
def running_pair(
    folder: Path, heap: str = "512m", page_cache: str = "128m", with_apoc: bool = True, quick_start: bool = False
) -> Iterator[Pair]:
    """Two servers of the long-term version in this folder, with APOC Core as credex-core needs it, killed at the end.

    10^6 credexes in each space want a heap of 2g and a page cache of 2g. Raises parts.MissingPartError when this
    machine lacks Java or Maven.
    """
    plugins = parts.apoc_jars(parts.LTS) if with_apoc else []
    servers = [Community.install(parts.LTS, folder / name, plugins) for name in ("ledger", "search")]
    for server in servers:
        server.configure(memory(heap, page_cache) | (QUICK_START if quick_start else {}))
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Community.start, servers))
        yield Pair(*servers)
    finally:
        for server in servers:
            server.kill()

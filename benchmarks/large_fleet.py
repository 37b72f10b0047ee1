"""1,000 servers in one task: the memory of the module's process, and what a server costs that never answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import fleet, table
from benchmarks.table import Row

SERVERS = 1000
MODULE = "neo4j_license_info"
DEADLINE = 15  # seconds
GRACE = 1.1  # measured twice, the same thing differs by so much


def measure() -> str:
    with fleet.emulated(SERVERS) as servers, silent_listener() as silent:
        healthy = fleet.ask(servers, MODULE, servers.uris, timeout=DEADLINE)
        hanging = fleet.ask(servers, MODULE, [silent, *servers.uris], timeout=DEADLINE)
        alone = fleet.ask(servers, MODULE, [silent, *servers.uris[:1]], timeout=DEADLINE)
    assert (healthy.answers, healthy.silent) == (SERVERS, 0)
    expected = max(healthy.seconds, DEADLINE)
    return table.markdown(
        [
            Row(f"`{MODULE}`, {SERVERS:,} servers", table.seconds(healthy.seconds)),
            table.at_most("its process, at most", healthy.peak_mib, 150, "MiB"),
            Row("... with one more that accepts and never answers", table.seconds(hanging.seconds)),
            table.at_most(
                f"against the longer of the two: {SERVERS:,} servers, the deadline of {DEADLINE} s",
                hanging.seconds / expected,
                GRACE,
                "×",
            ),
            Row("servers that answered then", f"{hanging.answers:,}", f"{SERVERS:,}", hanging.answers == SERVERS),
            table.at_most("one server, and the one that never answers", alone.seconds, DEADLINE * GRACE, "s"),
        ]
    )


@contextmanager
def silent_listener() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"bolt://127.0.0.1:{listener.getsockname()[1]}"

"""The lab's emulated server, alone: its calls are compared with those of a real Community server."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import description, homes
from lab.community import parts
from lab.community.server import free_address
from lab.state import BOLT_PORT, State
from tests.contract.endpoint import Endpoint

SERVER = "contract-1"
AT_ONCE = description.Timing(start=0.0, stop=0.0, online=0.0)


@dataclass(frozen=True)
class Emulated:
    """A cluster of one, of the same version as the real server, as a lab would build it."""

    home: Path
    endpoint: Endpoint

    @classmethod
    def install(cls, release: parts.Release, root: Path, edition: str = "enterprise") -> Emulated:
        state = State("contract", root=root)
        state.clear()
        address, password = free_address(), secrets.token_urlsafe(18)
        homes.build_cluster(state, _cluster(release, edition), {SERVER: address}, password, AT_ONCE)
        return cls(state.home(SERVER), Endpoint(f"bolt://{address}:{BOLT_PORT}", "neo4j", password))

    def run(self, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.home / "bin" / tool, *arguments], check=False, capture_output=True, text=True)


@contextmanager
def running(release: parts.Release, root: Path, edition: str = "enterprise") -> Iterator[Emulated]:
    server = Emulated.install(release, root, edition)
    started = server.run("neo4j", "start")
    assert started.returncode == 0, started.stderr
    try:
        yield server
    finally:
        server.run("neo4j", "stop")


def _cluster(release: parts.Release, edition: str) -> description.Cluster:
    return description.Cluster(
        environment="contract",
        name="contract",
        tags={},
        version=release.version,
        edition=edition,
        instance_type="r6i.large",
        processors=2,
        memory="16g",
        heap="256m",
        page_cache="64m",
        agreement="commercial",
        products={},
        servers={SERVER: 11},
        databases=(
            description.Database("system", 1, SERVER, (SERVER,), is_default=False),
            description.Database("neo4j", 1, SERVER, (SERVER,), is_default=True),
        ),
    )

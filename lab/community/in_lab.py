# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers in the place of an environment's emulated ones, for what is not emulated: data."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lab.community import parts
from lab.community.server import USER, Community, memory, read_pid
from lab.description import Description
from lab.server.processes import Process
from lab.state import LabError, Record, State

# Enough for 10^6 credexes; taken as data come
_HEAP, _PAGE_CACHE = "2g", "1g"
# What acts on the host or the process, and not inside the server
POSSIBLE_FAULTS = ("kill", "ssh-lost", "task-fails", "full-disk")


def check(described: Description, environments: Collection[str], nodes: str) -> None:
    """LabError unless this machine can run Community, and these environments are made of single servers."""
    if nodes:
        raise LabError("Servers on nodes are started there, and cannot be real ones of this machine")
    clusters = {entry.name: entry.clusters for entry in described.environments}
    if not environments or not set(environments) <= set(clusters):
        raise LabError(f"Say which shall have real servers, of {', '.join(clusters)}: up development --with community")
    for name in environments:
        if any(len(cluster.servers) > 1 for cluster in clusters[name]):
            raise LabError(f"{name} has a cluster, and Neo4j Community has none: development and staging do without")
    try:
        parts.java_home(parts.LTS)
        parts.server_jars(parts.LTS)
        parts.apoc_jars(parts.LTS)
    except (parts.MissingPartError, parts.FetchError) as error:
        raise LabError(f"No real servers here: {error}") from error


def install(state: State, name: str, address: str, password: str) -> None:
    """A home with APOC Core, which credex-core needs. Nothing is started."""
    (state.faults / name).mkdir()
    server = Community.install(parts.LTS, state.home(name), parts.apoc_jars(parts.LTS), address, password)
    server.configure(memory(_HEAP, _PAGE_CACHE))


def server(state: State, record: Record, name: str) -> Community:
    return Community(parts.LTS, state.home(name), record.servers[name]["address"], state.secrets().password)


def pid(state: State, name: str) -> int | None:
    """The process id of the running server."""
    kept = read_pid(state.home(name))
    # A process of another program may have got the number since
    return kept if kept and Process.of(kept) and str(state.home(name)) in _command_line(kept) else None


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def start(state: State, record: Record, name: str) -> None:
    """Blocks until it answers."""
    try:
        server(state, record, name).start()
    except (RuntimeError, TimeoutError) as error:
        raise LabError(f"{name} does not start: {error}. Its logs: {state.home(name) / 'logs'}") from error


def pair(state: State, record: Record, environment: str) -> tuple[str, str, str, str]:
    """Addresses of the servers of LedgerSpace and SearchSpace, user and password."""
    if environment not in record.community:
        raise LabError(
            f"The servers of {environment} are emulated, and hold no data. Make them real: python -m lab down; "
            f"python -m lab up {environment} --with community"
        )
    spaces = {record.servers[name]["cluster"]: server(state, record, name) for name in record.servers_of([environment])}
    ledger, search = (spaces[f"{environment}-{space}"].uri for space in ("LedgerSpace", "SearchSpace"))
    return ledger, search, USER, state.secrets().password

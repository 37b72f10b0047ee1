# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many single servers in one process, to measure what reading a fleet costs. No AWS endpoint, nothing to restart."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import resource
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import description, faults, homes
from lab.description import Cluster, Database, Timing
from lab.server import alive, console
from lab.server.home import Home
from lab.server.instance import Instance
from lab.server.listeners import Listeners
from lab.state import BOLT_PORT, LabError, State

_AT_ONCE = Timing(start=0, stop=0, online=0)
_IN_A_NETWORK = 250
_FILES_FOR_EACH = 16


def serve(count: int, latency: float) -> None:
    """Run them until a signal comes; when all answer, one line of JSON says where: uris, username, password."""
    _allow_files(count * _FILES_FOR_EACH)
    with tempfile.TemporaryDirectory(prefix="credex-fleet-") as folder:
        state = State("fleet", Path(folder))
        password = secrets.token_urlsafe(18)
        with _built(state, addresses(state, count), password, latency) as instances:
            uris = [f"bolt://{host}:{BOLT_PORT}" for host in addresses(state, count)]
            ready = json.dumps({"uris": uris, "username": "neo4j", "password": password})
            asyncio.run(_listen(instances, ready))


def addresses(state: State, count: int) -> list[str]:
    """Loopback addresses, as many as needed, from a network that is free."""
    _, first, second, *_ = state.choose_network().split(".")
    return [
        f"127.{first}.{(int(second) + number // _IN_A_NETWORK) % 256}.{number % _IN_A_NETWORK + 1}"
        for number in range(count)
    ]


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        raise LabError(f"{count} files must be open at once, and this machine allows {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


@contextmanager
def _built(state: State, hosts: list[str], password: str, latency: float) -> Iterator[list[Instance]]:
    """A home for each, and its server prepared; they live as long as this process does."""
    state.clear()
    like = _a_single_server()
    locks = []
    instances = []
    for number, host in enumerate(hosts):
        one = _named(like, f"fleet-{number:04}")
        [name] = one.servers
        homes.build_cluster(state, one, {name: host}, password, _AT_ONCE)
        if latency:
            faults.write(state, "latency", name, {"seconds": latency})
        instance = console.prepare(Home(state.home(name)))
        locks.append(alive.hold(instance.cluster.lock_file(name)))
        instance.record_start(0)
        instances.append(instance)
    yield instances
    for lock in locks:
        os.close(lock or 0)


def _a_single_server() -> Cluster:
    found = [e.clusters[0] for e in description.load().environments if len(e.clusters[0].servers) == 1]
    return found[0]


def _named(like: Cluster, name: str) -> Cluster:
    databases = tuple(Database(d.name, 1, name, (name,), d.is_default) for d in like.databases)
    return dataclasses.replace(like, environment="fleet", name=name, servers={name: 1}, databases=databases)


async def _listen(instances: list[Instance], ready: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    listeners = [Listeners(instance) for instance in instances]
    for listener in listeners:
        await listener.open()
    print(ready, flush=True)
    await stopping.wait()
    for listener in listeners:
        listener.close()

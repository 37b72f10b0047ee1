# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and stopping a lab."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lab import archive, description, homes
from lab.aws import endpoint
from lab.community import in_lab
from lab.description import Description, Environment
from lab.server.cluster import Cluster
from lab.server.command import CommandError, Starting, running
from lab.server.home import Home
from lab.server.processes import Process
from lab.state import AWS_PORT, DEFAULT_NAME, LabError, Record, Secrets, State, is_free

ONLINE_TIMEOUT_SECONDS = 30


def up(
    state: State,
    timing: str | None = None,
    environments: Sequence[str] = (),
    nodes: str = "",
    with_community: bool = False,
    bare: bool = False,
) -> list[str]:
    """See to it that these environments run, or all; what was started is returned.

    A lab that was taken down begins anew. With `nodes`, a network such as 10.77.80, the servers are machines of their
    own, and the lab makes what they share. `with_community`: the servers of these environments are real ones. `bare`:
    nothing is installed on the machines.
    """
    with state.locked():
        record = state.record()
        described = description.load()
        community = list(environments) if with_community else []
        if record is None or not record.is_up:
            if with_community:
                in_lab.check(described, community, nodes)
            record = create(state, described, timing or "quick", nodes, community, bare)
        _check_as_created(record, timing, community, bare)
        check_environments(record, environments)
        return _start(state, record, described, environments or record.environments)


def _check_as_created(record: Record, timing: str | None, community: Iterable[str], bare: bool) -> None:
    """What cannot be changed while the lab is up."""
    if timing not in (None, record.timing):
        raise LabError(f"The lab {record.name} is up with --timing {record.timing}. Take it down first.")
    emulated = [name for name in community if name not in record.community]
    if emulated:
        raise LabError(f"The lab {record.name} is up with emulated servers in {emulated[0]}. Take it down first.")
    if bare and not record.bare:
        raise LabError(f"The lab {record.name} is up with servers on its machines. Take it down first.")


def _start(state: State, record: Record, described: Description, environments: Iterable[str]) -> list[str]:
    """Start what does not run. Servers and endpoint side by side, since all take their time."""
    starting = _launched(state, record, environments)
    stopped = [name for name in record.servers_of(environments) if record.is_real(name) and not server_pid(state, name)]
    with ThreadPoolExecutor() as pool:
        real = [pool.submit(in_lab.start, state, record, name) for name in stopped]
        started = [f"server {name}" for name in (*starting, *stopped)]
        if not record.aws.is_alive:
            endpoint.start(state, record, described)
            started.insert(0, f"AWS endpoint {record.endpoint}")
        _await(state, record, starting)
        for server in real:
            server.result()
    return started


def check_environments(record: Record, environments: Iterable[str]) -> None:
    unknown = [name for name in environments if name not in record.environments]
    if unknown:
        raise LabError(f"The lab has no environment {', '.join(unknown)}, but: {', '.join(record.environments)}")


def create(
    state: State,
    described: Description,
    timing: str,
    nodes: str = "",
    community: Iterable[str] = (),
    bare: bool = False,
) -> Record:
    """Homes, cluster files and secrets of a new lab, of which nothing runs yet."""
    network = state.choose_network()
    if not is_free(network):
        raise LabError(
            f"{network}.0/24 is taken: something listens on {network}.1:{AWS_PORT} or {network}.11. Is another copy of "
            f"this repository's lab up? Take it down, or give this one a name: CREDEX_LAB=<name>."
        )
    state.clear()
    fresh = {environment.name: _fresh_licenses(environment) for environment in described.environments}
    kept = Secrets(secrets.token_urlsafe(18), fresh)
    state.save_secrets(kept)
    record = Record(state.name, network, described.region, timing, {}, nodes, list(community), bare)
    archive.write_java(state)
    archive.write_archives(state, described)
    for environment in described.environments:
        for cluster in environment.clusters:
            addresses = {name: f"{nodes or network}.{number}" for name, number in cluster.servers.items()}
            if bare:
                archive.build_cluster(state, cluster, described.timings[timing])
            elif environment.name not in record.community:
                homes.build_cluster(state, cluster, addresses, kept.password, described.timings[timing])
            for name, address in addresses.items():
                if environment.name in record.community:
                    in_lab.install(state, name, address, kept.password)
                record.servers[name] = {"environment": environment.name, "cluster": cluster.key, "address": address}
            if nodes:
                homes.open_to_nodes(state, cluster)
    record.is_up = True
    state.save(record)
    return record


def _fresh_licenses(environment: Environment) -> dict[str, str]:
    return {product: homes.new_license(product, days) for product, days in environment.fresh_licenses.items()}


def start_servers(state: State, record: Record) -> None:
    """Start the servers that do not run, and wait until their databases are online."""
    _await(state, record, _launched(state, record, record.environments))


def server_pid(state: State, name: str) -> int | None:
    home = Home(state.home(name))
    return running(home) if home.is_emulated else in_lab.pid(state, name)


def _launched(state: State, record: Record, environments: Iterable[str]) -> dict[str, Starting]:
    here = [] if record.nodes else [name for name in record.servers_of(environments) if not record.is_real(name)]
    # What was installed on a bare machine is first started by whoever did that
    ours = [name for name in here if not record.bare or Home(state.home(name)).has_been_started]
    stopped = [name for name in ours if server_pid(state, name) is None]
    return {name: Starting(Home(state.home(name))) for name in stopped}


def _await(state: State, record: Record, starting: dict[str, Starting]) -> None:
    for name, server in starting.items():
        try:
            server.wait()
        except CommandError as error:
            raise LabError(f"{name} does not start: {error} Its logs: {state.home(name) / 'logs'}") from error
    _wait_until_online(state, {record.servers[name]["cluster"] for name in starting})


def _wait_until_online(state: State, clusters: Iterable[str]) -> None:
    """Until every allocation is online; without electing anybody, so that those write who are described."""
    deadline = time.monotonic() + ONLINE_TIMEOUT_SECONDS
    for name in clusters:
        cluster = Cluster(state.folder, name)
        while _pending(cluster) and time.monotonic() < deadline:
            time.sleep(0.05)
        cluster.close()


def _pending(cluster: Cluster) -> bool:
    """Whether an allocation is on its way; one that a fault holds back is not waited for."""
    return any(
        place.status == "starting" and cluster.faults(place.server.name).get("never-available") is None
        for database in cluster.snapshot(elect=False).databases
        for place in database.allocations
    )


def down(state: State) -> list[str]:
    """End what this lab started, and nothing else. Its folder stays, to be looked at, until the next `up`."""
    with state.locked():
        record = state.record()
        if record is None or not record.is_up:
            return []
        ended = _end_servers(state, record)
        if record.aws.is_alive:
            record.aws.end(timeout=5)
            ended.append(f"AWS endpoint {record.endpoint}")
        record.is_up = False
        state.save(record)
        return ended


def _end_servers(state: State, record: Record) -> list[str]:
    pids = {name: server_pid(state, name) for name in record.servers}
    found = {name: Process.of(pid) for name, pid in pids.items() if pid is not None}
    living = {name: process for name, process in found.items() if process is not None}
    for process in living.values():
        process.ask_to_end()
    for process in living.values():
        process.end(timeout=20)
    return [f"server {name}" for name in living]


def default_name() -> str:
    return os.environ.get("CREDEX_LAB") or DEFAULT_NAME

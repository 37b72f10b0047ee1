# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and stopping a lab."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

from lab import description, homes
from lab.description import Description, Environment
from lab.processes import Process
from lab.server.cluster import Cluster
from lab.server.command import CommandError, Starting
from lab.server.command import running as running_pid
from lab.server.home import Home
from lab.state import AWS_PORT, DEFAULT_NAME, REPOSITORY, LabError, Record, Secrets, State, is_free

AWS_TIMEOUT_SECONDS = 30
ONLINE_TIMEOUT_SECONDS = 30


def up(state: State, timing: str | None = None) -> list[str]:
    """See to it that everything runs; what was started is returned. A lab that was taken down begins anew."""
    with state.locked():
        record = state.record()
        described = description.load()
        if record is None or not record.is_up:
            record = _create(state, described, timing or "quick")
        elif timing not in (None, record.timing):
            raise LabError(f"The lab {state.name} is up with --timing {record.timing}. Take it down first.")
        return _start_missing(state, record, described)


def _create(state: State, described: Description, timing: str) -> Record:
    """Homes, cluster files and secrets of a new lab."""
    network = state.choose_network()
    if not is_free(network):
        raise LabError(
            f"{network}.0/24 is taken: something listens on {network}.1:{AWS_PORT} or {network}.11. Is another copy of "
            f"this repository's lab up? Take it down, or give this one a name: CREDEX_LAB=<name>."
        )
    state.clear()
    password = secrets.token_urlsafe(18)
    fresh = {
        environment.name: {
            product: homes.new_license(product, days) for product, days in environment.fresh_licenses.items()
        }
        for environment in described.environments
    }
    state.save_secrets(Secrets(password, fresh))
    record = Record(state.name, network, described.region, timing, servers={})
    for environment in described.environments:
        for cluster in environment.clusters:
            addresses = {name: f"{network}.{number}" for name, number in cluster.servers.items()}
            homes.build_cluster(state, cluster, addresses, password, described.timings[timing])
            for name, address in addresses.items():
                record.servers[name] = {"environment": environment.name, "cluster": cluster.name, "address": address}
    record.is_up = True
    state.save(record)
    return record


def _fresh_licenses(environment: Environment) -> dict[str, str]:
    return {product: homes.new_license(product, days) for product, days in environment.fresh_licenses.items()}


def _start_missing(state: State, record: Record, described: Description) -> list[str]:
    """Start what does not run: servers and endpoint side by side, since both take their time."""
    stopped = [name for name in record.servers if server_pid(state, name) is None]
    starting = {name: Starting(Home(state.home(name))) for name in stopped}
    started = [f"server {name}" for name in stopped]
    if not record.aws.is_alive:
        _start_aws(state, record, described)
        started.insert(0, f"AWS endpoint {record.endpoint}")
    for name, server in starting.items():
        try:
            server.wait()
        except CommandError as error:
            raise LabError(f"{name} does not start: {error} Its logs: {state.home(name) / 'logs'}") from error
    if stopped:
        _wait_until_online(state, record)
    return started


def server_pid(state: State, name: str) -> int | None:
    return running_pid(Home(state.home(name)))


def _wait_until_online(state: State, record: Record) -> None:
    """Until every allocation is online; without electing anybody, so that those write who are described."""
    deadline = time.monotonic() + ONLINE_TIMEOUT_SECONDS
    for name in record.clusters:
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


# The AWS endpoint


def _start_aws(state: State, record: Record, described: Description) -> None:
    environment = described.environments[0]
    with (state.logs / "aws.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.aws", f"{record.network}.1", str(AWS_PORT)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "MOTO_ACCOUNT_ID": environment.account, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
        )
    record.aws_pid = process.pid
    record.aws_started = _known(process).started
    state.save(record)
    # boto3 takes a second to import: here it passes while moto starts, and an `up` that has nothing to do is spared it
    from lab.aws import seed

    seeder = seed.Seeder(record.endpoint, record.region)
    _wait_for_port(f"{record.network}.1", AWS_PORT, process, state.logs / "aws.log")
    for environment in described.environments:
        seed.environment(seeder, environment, record, state.secrets())


def _known(process: subprocess.Popen[bytes]) -> Process:
    known = Process.of(process.pid)
    if known is None:
        raise LabError(f"process {process.pid} ended at once")
    return known


def _wait_for_port(host: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + AWS_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.02)
    raise LabError(f"The AWS endpoint did not start on {host}:{port}. Its log: {log}")


# Stopping


def down(state: State) -> list[str]:
    """End what this lab started, and nothing else. Its folder stays, to be looked at, until the next `up`."""
    with state.locked():
        record = state.record()
        if record is None or not record.is_up:
            return []
        ended = [f"server {name}" for name in record.servers if _end_server(state, name)]
        if record.aws.is_alive:
            record.aws.end(timeout=5)
            ended.append(f"AWS endpoint {record.endpoint}")
        record.is_up = False
        state.save(record)
        return ended


def _end_server(state: State, name: str) -> bool:
    pid = server_pid(state, name)
    process = Process.of(pid) if pid is not None else None
    if process is None:
        return False
    process.end(timeout=20)
    return True


def default_name() -> str:
    return os.environ.get("CREDEX_LAB") or DEFAULT_NAME

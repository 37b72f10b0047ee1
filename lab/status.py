# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab at a glance."""

from __future__ import annotations

from pathlib import Path

from lab import faults
from lab.community.parts import LTS
from lab.launcher import server_pid
from lab.server.cluster import Cluster
from lab.server.home import Home
from lab.server.snapshot import Snapshot
from lab.state import BOLT_PORT, Record, State


def describe(state: State) -> str:
    """What runs, where, with which faults."""
    record = state.record()
    if record is None or not record.is_up:
        return f"The lab {state.name} is not up."
    lines = [
        f"lab {state.name}: {record.network}.0/24, {state.folder}",
        f"AWS      {record.endpoint}  {'runs' if record.aws.is_alive else 'does not run'}",
    ]
    for region in faults.regions(record):
        lines += [f"         fault of {region}: {fault}" for fault in faults.present(state, region)]
    for environment in record.environments:
        lines += ["", environment]
        for key in record.clusters([environment]):
            lines += _cluster(state, key, key.removeprefix(f"{environment}-"))
            lines += _others(state, record, key)
        if environment in record.community:
            lines += _community(state, record, environment)
    return "\n".join([*lines, *_unknown(state)])


def _unknown(state: State) -> list[str]:
    """What the lab was asked and does not know: a test that fails may fail for that."""
    calls = _count(state.logs / "aws.log", "NotImplementedError")
    statements = {file: _count(file, "\n") for file in sorted(state.servers.glob("*/logs/emulator.log"))}
    lines = [f"{calls} calls that moto does not know: {state.logs / 'aws.log'}"] if calls else []
    lines += [f"{count} statements that the emulator does not know: {file}" for file, count in statements.items()]
    return ["", *lines] if lines else []


def _count(file: Path, text: str) -> int:
    return file.read_text().count(text) if file.exists() else 0


def _cluster(state: State, key: str, name: str) -> list[str]:
    cluster = Cluster(state.folder, key)
    snapshot, flags = cluster.snapshot(), cluster.flags()
    cluster.close()
    lines = [f"  cluster {name}" + "".join(f", {database}: flag {flag}" for database, flag in flags.items())]
    for server in snapshot.servers:
        word = "runs   " if server.is_alive else "stopped"
        lines.append(f"    {server.name}  {server.bolt}  {word}  writes {_writes(snapshot, server.name)}")
        lines += [f"        fault: {fault}" for fault in faults.present(state, server.name)]
    return lines


def _others(state: State, record: Record, key: str) -> list[str]:
    """Machines whose server the cluster does not know: there is none, or it has not been started."""
    cluster = Cluster(state.folder, key)
    known = cluster.server_names()
    cluster.close()
    lines = []
    for name, server in record.servers.items():
        if server["cluster"] == key and name not in known:
            lines.append(f"    {name}  {server['address']}  {_installed(state, name)}")
            lines += [f"        fault: {fault}" for fault in faults.present(state, name)]
    return lines


def _installed(state: State, name: str) -> str:
    if not Home(state.home(name)).is_emulated:
        return "bare"
    return "waits for others" if server_pid(state, name) else "not started"


def _community(state: State, record: Record, environment: str) -> list[str]:
    lines = [f"  real servers, Neo4j Community {LTS.version} with APOC Core"]
    for name in record.servers_of([environment]):
        word = "runs   " if server_pid(state, name) else "stopped"
        lines.append(f"    {name}  {record.servers[name]['address']}:{BOLT_PORT}  {word}")
        lines += [f"        fault: {fault}" for fault in faults.present(state, name)]
    return lines


def _writes(snapshot: Snapshot, server: str) -> str:
    return ", ".join(database.name for database in snapshot.databases if database.writer == server) or "nothing"

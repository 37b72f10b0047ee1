# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults, as a person or a test sets them: one table, and a file for each that is set."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab import description
from lab.community.in_lab import POSSIBLE_FAULTS
from lab.launcher import server_pid
from lab.server.processes import Process
from lab.state import BOLT_PORT, LabError, Record, State

_TAKES_EFFECT_SECONDS = 5


@dataclass(frozen=True)
class Option:
    """An option of a fault; one without a default must be given."""

    kind: Callable[[str], Any]
    text: str
    default: Any = None
    is_required: bool = False


@dataclass(frozen=True)
class Fault:
    text: str
    options: dict[str, Option] = field(default_factory=dict)


REGION_LOST = "region-lost"
# What the loss of a region is for each of its servers
_LOST_WITH_IT: dict[str, dict[str, Any]] = {
    "hang": {},
    "ssh-lost": {"at": None, "after": False, "nth": 1, "once": False},
}

_AT = "strike at the task whose `module arguments` match this regular expression"
_NTH = Option(int, "strike at the N-th task that matches", default=1)
_ONCE = Option(bool, "strike this once, instead of from then on", default=False)

FAULTS = {
    "latency": Fault(
        "every answer over Bolt and HTTP comes late",
        {"seconds": Option(float, "how late, for each round trip", default=1.0)},
    ),
    "hang": Fault("connections are accepted and never answered; its peers still see the server"),
    "refuse": Fault("its ports are closed; its peers still see the server"),
    "kill": Fault("its process is killed, now"),
    "slow-start": Fault("its next starts take longer", {"seconds": Option(float, "how much longer", default=10.0)}),
    "never-available": Fault("from its next start on it answers, but its databases, except system, stay `starting`"),
    "rejected-license": Fault(
        "from its next start on a product calls its license invalid",
        {"product": Option(str, "gds or bloom", default="gds")},
    ),
    "clock-skew": Fault("its clock goes wrong", {"seconds": Option(float, "how far ahead", default=300.0)}),
    "lag": Fault("its databases are behind", {"transactions": Option(int, "how many transactions", default=1000)}),
    "quarantine": Fault("a database of it is quarantined", {"database": Option(str, "which one", is_required=True)}),
    "lost-leader": Fault(
        "it cannot be the writer: another primary is elected where there is one",
        {"database": Option(str, "of this database only")},
    ),
    "ssh-lost": Fault(
        "Ansible's connection to its host is lost, until it is healed",
        {
            "at": Option(str, _AT + " (default: at once)"),
            "after": Option(bool, "the task runs, and then the line is lost", default=False),
            "nth": _NTH,
            "once": _ONCE,
        },
    ),
    "task-fails": Fault(
        "tasks on its host fail", {"at": Option(str, _AT, is_required=True), "nth": _NTH, "once": _ONCE}
    ),
    "full-disk": Fault(
        "tasks on its host that make sure of what they write find no room",
        {"at": Option(str, _AT + " (default: every task)"), "nth": _NTH, "once": _ONCE},
    ),
    # Of a region, named in place of the server
    REGION_LOST: Fault("AWS does not answer for a region, and its servers and hosts are lost"),
}


def set_fault(state: State, record: Record, kind: str, server: str, options: dict[str, Any]) -> None:
    """Set a fault, and return when it is in effect. The loss of a region names that in place of the server."""
    if kind == REGION_LOST:
        _lose_region(state, record, server)
        return
    _check_server(record, server)
    if record.is_real(server) and kind not in POSSIBLE_FAULTS:
        raise LabError(f"{server} is a real server, to which this cannot be done; but: {', '.join(POSSIBLE_FAULTS)}")
    if kind == "kill":
        _kill(state, server)
        return
    if options.get("after") and options["at"] is None:
        raise LabError("ssh-lost --after needs --at: after which task?")
    write(state, kind, server, options)
    if kind == "refuse":
        _wait_for_port(state, record, server, is_open=False)


def _lose_region(state: State, record: Record, region: str) -> None:
    if region not in regions(record):
        raise LabError(f"The lab has no region {region}, but: {', '.join(regions(record))}")
    if record.community and region == record.region:
        raise LabError(f"In {region} are real servers ({', '.join(record.community)}), which would stay")
    (state.faults / region).mkdir(exist_ok=True)
    write(state, REGION_LOST, region, {})
    for server in record.servers if region == record.region else []:
        for kind, options in _LOST_WITH_IT.items():
            write(state, kind, server, options)


def regions(record: Record) -> list[str]:
    return [record.region, description.load().recovery_region]


def write(state: State, kind: str, server: str, options: dict[str, Any]) -> None:
    content = {"since": time.time(), **options}
    if "nth" in options:
        content["seen"] = 0
    file = state.faults / server / f"{kind}.json"
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(file)


def heal(state: State, record: Record, server: str | None, kind: str | None) -> list[str]:
    """Remove faults; those that were there are returned. What was killed or stopped, `up` starts again."""
    if server is not None and server not in regions(record):
        _check_server(record, server)
    healed = []
    for name in [server] if server and server != record.region else [*regions(record), *record.servers]:
        for file in sorted((state.faults / name).glob(f"{kind or '*'}.json")):
            file.unlink()
            healed.append(f"{name}: {file.stem}")
            if file.stem == "refuse":
                _wait_for_port(state, record, name, is_open=True)
    return healed


def present(state: State, server: str) -> list[str]:
    """The faults of a server, with their options, as `latency seconds=1.0`."""
    return [_shown(file.stem, json.loads(file.read_text())) for file in sorted((state.faults / server).glob("*.json"))]


def _shown(kind: str, content: dict[str, Any]) -> str:
    options = [f"{name}={content[name]}" for name in FAULTS[kind].options if content.get(name) not in (None, False)]
    if content.get("seen"):
        options.append(f"({content['seen']} matched)")
    return " ".join([kind, *options])


def _check_server(record: Record, server: str) -> None:
    if server not in record.servers:
        raise LabError(f"The lab has no server {server}, but: {', '.join(record.servers)}")


def _kill(state: State, server: str) -> None:
    pid = server_pid(state, server)
    process = Process.of(pid) if pid is not None else None
    if process is None:
        raise LabError(f"{server} does not run")
    process.send(signal.SIGKILL)
    if not _comes_true(lambda: server_pid(state, server) is None):
        raise LabError(f"{server} (process {process.pid}) lives on after SIGKILL")


def _wait_for_port(state: State, record: Record, server: str, is_open: bool) -> None:
    if server_pid(state, server) is None:
        return
    address = record.servers[server]["address"]
    if not _comes_true(lambda: _answers(address) == is_open):
        raise LabError(f"{address}:{BOLT_PORT} is still {'closed' if is_open else 'open'}")


def _answers(address: str) -> bool:
    try:
        socket.create_connection((address, BOLT_PORT), timeout=1).close()
    except OSError:
        return False
    return True


def _comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _TAKES_EFFECT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True

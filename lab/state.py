# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a lab keeps what it knows: .lab/<name>/, with its addresses, processes and secrets."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab.server.processes import Process

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_NAME = "lab"
DEFAULT_NETWORK = "127.77.0"
AWS_PORT = 5005
BOLT_PORT = 7687
HTTP_PORT = 7474


class LabError(Exception):
    """Something that the user of the command line should read."""


@dataclass
class Record:
    """lab.json: what is, or was last, started."""

    name: str
    network: str
    region: str
    timing: str
    # server -> cluster, address, environment
    servers: dict[str, dict[str, str]]
    # The network of the servers, when they are machines of their own, which somebody else starts
    nodes: str = ""
    # The environments whose servers are real ones of Neo4j Community
    community: list[str] = field(default_factory=list)
    # Whether nothing was installed on the machines at first
    bare: bool = False
    aws_pid: int = 0
    aws_started: int = 0
    is_up: bool = False

    @property
    def endpoint(self) -> str:
        return f"http://{self.network}.1:{AWS_PORT}"

    @property
    def environments(self) -> list[str]:
        return list(dict.fromkeys(server["environment"] for server in self.servers.values()))

    def clusters(self, environments: Iterable[str] | None = None) -> list[str]:
        """The emulated clusters of these environments, or of all."""
        emulated = [name for name in self.servers_of(environments) if not self.is_real(name)]
        return list(dict.fromkeys(self.servers[name]["cluster"] for name in emulated))

    def servers_of(self, environments: Iterable[str] | None = None) -> list[str]:
        """The servers of these environments, or of all."""
        wanted = self.environments if environments is None else list(environments)
        return [name for name, server in self.servers.items() if server["environment"] in wanted]

    def is_real(self, server: str) -> bool:
        return self.servers[server]["environment"] in self.community

    @property
    def aws(self) -> Process:
        return Process(self.aws_pid, self.aws_started)


@dataclass
class Secrets:
    """secrets.json, readable by its owner alone: what the AWS endpoint is seeded with."""

    password: str
    # environment -> product -> text of the fresh license file
    licenses: dict[str, dict[str, str]] = field(default_factory=dict)
    # environment -> the exports that make a client one of its AWS account
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)


class State:
    """The folder of one lab."""

    def __init__(self, name: str, root: Path | None = None) -> None:
        self.name = name
        self.root = root or Path(os.environ.get("CREDEX_LAB_HOME", REPOSITORY / ".lab")).resolve()
        self.folder = self.root / name
        self.servers = self.folder / "servers"
        self.faults = self.folder / "faults"
        self.logs = self.folder / "logs"
        self.downloads = self.folder / "downloads"
        self._record = self.folder / "lab.json"
        self._secrets = self.folder / "secrets.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time; the second one waits."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def record(self) -> Record | None:
        try:
            return Record(**json.loads(self._record.read_text()))
        except FileNotFoundError:
            return None

    def running(self) -> Record:
        """The record of a lab that is up; LabError when it is not."""
        record = self.record()
        if record is None or not record.is_up:
            raise LabError(f"The lab {self.name} is not up. Start it: python -m lab up" + self._name_option())
        return record

    def _name_option(self) -> str:
        return "" if self.name == DEFAULT_NAME else f" --name {self.name}"

    def save(self, record: Record) -> None:
        self._write(self._record, asdict(record), 0o644)

    def secrets(self) -> Secrets:
        return Secrets(**json.loads(self._secrets.read_text()))

    def save_secrets(self, secrets: Secrets) -> None:
        self._write(self._secrets, asdict(secrets), 0o600)

    def _write(self, file: Path, content: object, mode: int) -> None:
        """Whole or not at all, for whoever reads at the same moment."""
        new = file.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(json.dumps(content, indent=2) + "\n")
        new.replace(file)

    def clear(self) -> None:
        """Forget everything: the next `up` begins anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.servers, self.faults, self.logs):
            folder.mkdir(parents=True)

    def home(self, server: str) -> Path:
        return self.servers / server

    def choose_network(self) -> str:
        """127.77.0 for the user's own lab; for another one a free one that its place and name point to."""
        if self.name == DEFAULT_NAME and self.root == REPOSITORY / ".lab":
            return DEFAULT_NETWORK
        digest = hashlib.sha256(str(self.folder).encode()).digest()
        first = int.from_bytes(digest[:4], "big")
        for step in range(100):
            # 100 to 249, so that neither 127.0 nor the default's 127.77 is hit
            network = f"127.{100 + (first + step) % 150}.{(first >> 8) % 256}"
            if is_free(network):
                return network
        raise LabError("No free 127.x.y.0/24 found: are a hundred labs running?")


def is_free(network: str) -> bool:
    """Whether nobody listens where this lab would."""
    for host, port in ((1, AWS_PORT), (11, BOLT_PORT), (11, HTTP_PORT)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((f"{network}.{host}", port))
            except OSError:
                return False
    return True

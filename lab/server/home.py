# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server's home, laid out as the vendor's tarball, and what ties it to the lab.

A home that the lab laid out has a file for that, which the vendor does not have. One that was unpacked from a tarball
is what its machine says: the lab has written that beside the machine's folder, as a real server asks its own host.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

BINDING = "emulator.json"
# In the lab's folder, beside that of the machines' homes: a machine's binding, without version and edition
MACHINES = "machines"
PACKAGE = "packaging_info"


@dataclass(frozen=True)
class Binding:
    """What ties a home to the lab: who the server is, what machine it believes to run on, how long things take."""

    name: str
    cluster: str
    state: str
    version: str
    edition: str
    processors: int
    memory: str
    start_seconds: float
    stop_seconds: float
    # From "answers Bolt" until its databases are online
    online_seconds: float


class Home:
    """Paths of a home; `conf` may lie elsewhere (NEO4J_CONF), as in the vendor's packages."""

    def __init__(self, path: Path, conf: Path | None = None) -> None:
        self.path = path
        self.conf = conf or path / "conf"
        self.neo4j_conf = self.conf / "neo4j.conf"
        self.plugins = path / "plugins"
        self.licenses = path / "licenses"
        self.logs = path / "logs"
        self.run = path / "run"
        self.pid_file = self.run / "neo4j.pid"
        self.agreement = path / "data" / "dbms" / "license-agreement.json"
        self.first_password = path / "data" / "dbms" / "auth.ini"
        # Who it is to its cluster: without this file a server is a new one
        self.server_id = path / "data" / "server_id"
        # There from the first start on; every start that comes so far opens what lies there
        self.databases = path / "data" / "databases"
        self.store_lock = self.databases / "store_lock"

    @property
    def is_emulated(self) -> bool:
        """Whether an emulated server is installed here."""
        is_unpacked = (self.path / PACKAGE).exists() and self._machine() is not None
        return (self.path / BINDING).exists() or is_unpacked

    @property
    def has_been_started(self) -> bool:
        return self.databases.is_dir()

    def binding(self) -> Binding:
        machine = self._machine()
        if (self.path / BINDING).exists() or machine is None:
            return Binding(**json.loads((self.path / BINDING).read_text()))
        return Binding(**{**json.loads(machine.read_text()), **self._package()})

    def _machine(self) -> Path | None:
        """The machine in whose folder this home lies, or whose folder it is."""
        folders = (self.path, *self.path.parents)
        files = (folder.parent.parent / MACHINES / f"{folder.name}.json" for folder in folders)
        return next((file for file in files if file.exists()), None)

    def _package(self) -> dict[str, str]:
        """Version and edition of what was unpacked here."""
        entries = dict(line.split(": ", 1) for line in (self.path / PACKAGE).read_text().splitlines())
        return {"version": entries["Version"], "edition": entries["Edition"].lower()}

    def bind(self, binding: Binding) -> None:
        (self.path / BINDING).write_text(json.dumps(asdict(binding), indent=2) + "\n")

    def has_plugin(self, prefix: str) -> bool:
        return any(self.plugins.glob(f"{prefix}*.jar"))

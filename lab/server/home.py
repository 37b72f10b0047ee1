# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server's home, laid out as the vendor's tarball, and the one file in it that the vendor does not have."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

BINDING = "emulator.json"


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

    @property
    def is_emulated(self) -> bool:
        return (self.path / BINDING).exists()

    def binding(self) -> Binding:
        return Binding(**json.loads((self.path / BINDING).read_text()))

    def bind(self, binding: Binding) -> None:
        (self.path / BINDING).write_text(json.dumps(asdict(binding), indent=2) + "\n")

    def has_plugin(self, prefix: str) -> bool:
        return any(self.plugins.glob(f"{prefix}*.jar"))

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab whose servers came from the tarball: a version lies beside others, and a link says which is the current one."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.server.home import BINDING, MACHINES, Home
from tests.lab.operations.lab_driver import SERVERS, Lab, Run

OLD, PATCH, SERIES = "5.26.30", "5.26.31", "2026.09.0"
BACKUP = "s3://credex-backups/2025-12-31, verified the same day"
FIRST_PLUGINS = [f"apoc-{OLD}-core.jar", "neo4j-graph-data-science-2.13.9.jar"]
_PROGRAMS = ("bin", "labs", "products")
_LINKS = (*_PROGRAMS, "packaging_info")


class Upgradable(Lab):
    """The cluster of three in homes as the role neo4j_server lays them out; their neo4j.conf is somebody else's."""

    def up(self) -> None:
        super().up()
        for name in SERVERS:
            self.neo4j(name, "stop")
            self._lay_out(name)
            self.start_again(name)
        self.settle()

    def _lay_out(self, name: str) -> None:
        home = self.home(name)
        binding = dataclasses.asdict(Home(home).binding())
        machine = {key: value for key, value in binding.items() if key not in ("version", "edition")}
        (self.state / MACHINES).mkdir(exist_ok=True)
        (self.state / MACHINES / f"{name}.json").write_text(json.dumps(machine))
        (home / BINDING).unlink()
        for program in _PROGRAMS:
            shutil.rmtree(home / program)
        archive = self.state / "downloads" / f"neo4j-enterprise-{OLD}-unix.tar.gz"
        with tarfile.open(archive) as tar:
            tar.extractall(home / "versions", filter="data")
        digest = archive.with_name(f"{archive.name}.sha256").read_text().split()[0]
        (self.version_folder(name, OLD) / "archive.sha256").write_text(f"{digest}\n")
        self.switch(name, OLD)
        for linked in _LINKS:
            (home / linked).symlink_to(f"current/{linked}")

    def version_folder(self, name: str, version: str) -> Path:
        return self.home(name) / "versions" / f"neo4j-enterprise-{version}"

    def switch(self, name: str, version: str) -> None:
        link = self.home(name) / "current"
        link.unlink(missing_ok=True)
        link.symlink_to(f"versions/neo4j-enterprise-{version}")

    def current(self, name: str) -> str:
        return (self.home(name) / "current").readlink().name.removeprefix("neo4j-enterprise-")

    def start_again(self, name: str) -> None:
        started = self.neo4j(name, "start")
        assert started.returncode == 0, started.stderr

    def _reset_server(self, name: str) -> None:
        """Back to the first version with its plugins: the emulated store does not mind."""
        home = self.home(name)
        if self.current(name) != OLD or self.plugins(name) != FIRST_PLUGINS:
            self.neo4j(name, "stop")
            shutil.rmtree(home / "plugins")
            (home / "plugins").mkdir()
            for jar in self.version_folder(name, OLD).glob("*/*.jar"):
                shutil.copy(jar, home / "plugins")
            self.switch(name, OLD)
        for left in (home / "plugins.kept", *(self.version_folder(name, new) for new in (PATCH, SERIES))):
            shutil.rmtree(left, ignore_errors=True)
        self.mark(name).unlink(missing_ok=True)
        super()._reset_server(name)

    def plugins(self, name: str) -> list[str]:
        return sorted(path.name for path in (self.home(name) / "plugins").iterdir())

    def mark(self, name: str) -> Path:
        """What an upgrade notes to go back to, while it is under way."""
        return self.home(name) / "upgrade.json"

    def versions(self) -> dict[str, set[str]]:
        """Of each server, in its own eyes and in those of all."""
        members = self.members()
        rows = [row for member in members for row in [member, *member["servers"]]]
        return {
            name: {
                row["version"] for row in rows if row["address"] == f"{self.record()['servers'][name]['address']}:7687"
            }
            for name in SERVERS
        }

    def upgrade(
        self,
        *arguments: str,
        to: str = PATCH,
        backup: str = BACKUP,
        meanwhile: Callable[[], None] = lambda: None,
        **variables: Any,
    ) -> Run:
        return self.renew(
            *arguments, playbook="upgrade_neo4j.yml", meanwhile=meanwhile, **wanted(to, backup), **variables
        )


def wanted(version: str, backup: str = BACKUP) -> dict[str, Any]:
    """The variables of a run."""
    said = {"upgrade_neo4j_backup": backup} if backup else {}
    return {"neo4j_version": version, "neo4j_server_settings": {}, **said}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulated servers without the AWS endpoint, driven as a client and as a person on the host would."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j

from lab import description, faults, homes, launcher
from lab.server.cluster import Cluster
from lab.server.home import Home
from lab.server.roles import Roles
from lab.state import Record, State

ONE, TWO, THREE = (f"neo4j-production-{number}" for number in (1, 2, 3))
ALL = (ONE, TWO, THREE)
CLUSTER = "production-credex"  # as the lab calls it
PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"


@dataclasses.dataclass
class Answer:
    columns: list[str]
    rows: list[dict[str, Any]]
    kind: str | None
    counters: neo4j.SummaryCounters


class Emulated:
    """Production's cluster of three in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.state = State("emulated", folder)
        self.timing = description.Timing(start=0, stop=0, online=0.1)
        loaded = description.load()
        environments = tuple(e for e in loaded.environments if e.name == "production")
        (self.described,) = environments[0].clusters
        described = dataclasses.replace(loaded, timings={"quick": self.timing}, environments=environments)
        self.record: Record = launcher.create(self.state, described, "quick")
        self.first_license = self.license_file(ONE).read_text()
        self.first_binding = {name: self.home(name).binding() for name in ALL}
        self.first_conf = {name: self.home(name).neo4j_conf.read_text() for name in ALL}
        self.password = self.state.secrets().password
        self.start_all()

    def start_all(self) -> None:
        launcher.start_servers(self.state, self.record)

    def install(self, name: str, number: int) -> None:
        """One more server, which the cluster does not know before it is started."""
        self.record.servers[name] = {**self.record.servers[ONE], "address": f"{self.record.network}.{number}"}
        addresses = {server: self.address(server) for server in self.record.servers}
        homes.build_home(self.state, self.described, name, addresses, self.timing)
        self.state.save(self.record)

    def reset(self) -> None:
        """As after the first start, but for who writes."""
        self._forget_administration()
        faults.heal(self.state, self.record, None, None)
        for name in ALL:
            home = self.home(name)
            changed = [
                self.license_file(name).read_text() != self.first_license,
                home.neo4j_conf.read_text() != self.first_conf[name],
                home.binding() != self.first_binding[name],
            ]
            if any(changed):
                self.run(name, "stop")
                self.license_file(name).write_text(self.first_license)
                home.neo4j_conf.write_text(self.first_conf[name])
                home.bind(self.first_binding[name])
        self.start_all()
        for name in ALL:
            self.wait_until_online(name)

    def _forget_administration(self) -> None:
        """Users, roles, databases and states of servers that a test left behind."""
        with self.cluster() as cluster:
            cluster.connection.executescript(
                "DELETE FROM user WHERE name <> 'neo4j'; DELETE FROM role; DELETE FROM default_count;"
                "UPDATE server SET state = 'Enabled', options = '{}'"
            )
            Roles(cluster.connection).create_built_in()
            first = {database.name for database in self.described.databases}
            for database in cluster.snapshot(elect=False).databases:
                if database.name not in first:
                    cluster.drop_database(database.name)

    def end(self) -> None:
        launcher.down(self.state)

    # On the host

    def home(self, name: str) -> Home:
        return Home(self.state.home(name))

    def license_file(self, name: str) -> Path:
        return self.home(name).licenses / "neo4j-gds.license"

    def run(self, name: str, *arguments: str, tool: str = "neo4j") -> subprocess.CompletedProcess[str]:
        line = [str(self.state.home(name) / "bin" / tool), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)

    def restart(self, name: str) -> None:
        """Restart a server, and wait until its databases are online."""
        done = self.run(name, "restart")
        assert done.returncode == 0, done.stderr
        self.wait_until_online(name)

    def restart_with(self, name: str, *settings: str) -> None:
        """Restart a server with these lines at the end of its neo4j.conf."""
        self.run(name, "stop")
        with self.home(name).neo4j_conf.open("a") as conf:
            conf.write("".join(f"{setting}\n" for setting in settings))
        self.start_all()

    def rebind(self, name: str, **changes: Any) -> None:
        home = self.home(name)
        home.bind(dataclasses.replace(home.binding(), **changes))

    def fault(self, kind: str, name: str, **options: Any) -> None:
        defaults = {option: entry.default for option, entry in faults.FAULTS[kind].options.items()}
        faults.set_fault(self.state, self.record, kind, name, defaults | options)

    def heal(self) -> None:
        faults.heal(self.state, self.record, None, None)

    @contextlib.contextmanager
    def cluster(self) -> Iterator[Cluster]:
        opened = Cluster(self.state.folder, CLUSTER)
        yield opened
        opened.close()

    def unknown_statements(self, name: str) -> list[str]:
        log = self.home(name).logs / "emulator.log"
        return [json.loads(line)["unknown"] for line in log.read_text().splitlines()] if log.exists() else []

    # As a client

    def address(self, name: str) -> str:
        return self.record.servers[name]["address"]

    def driver(
        self, name: str, user: str = "neo4j", password: str | None = None, scheme: str = "bolt", **options: Any
    ) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(
            f"{scheme}://{self.address(name)}:7687",
            auth=(user, password or self.password),
            connection_timeout=2,
            max_transaction_retry_time=0,
            **options,
        )

    def ask(self, server: str, text: str, database: str | None = "system", /, **parameters: Any) -> Answer:
        """One statement over bolt://, in a transaction of its own."""
        return self.ask_as(("neo4j", self.password), server, text, database, **parameters)

    def ask_as(
        self, who: tuple[str, str], server: str, text: str, database: str | None = "system", /, **parameters: Any
    ) -> Answer:
        """The same as somebody else: name and password."""
        with self.driver(server, *who) as driver, driver.session(database=database) as session:
            result = session.run(text, parameters)
            rows = [record.data() for record in result]
            summary = result.consume()
            return Answer(list(result.keys()), rows, summary.query_type, summary.counters)

    def writers(self, asked: str) -> dict[str, str]:
        rows = self.ask(asked, "SHOW DATABASES YIELD name, address, writer").rows
        by_address = {f"{self.address(name)}:7687": name for name in self.record.servers}
        return {row["name"]: by_address[row["address"]] for row in rows if row["writer"]}

    def statuses(self, asked: str, of: str) -> dict[str, str]:
        rows = self.ask(asked, "SHOW DATABASES YIELD name, address, currentStatus").rows
        return {row["name"]: row["currentStatus"] for row in rows if row["address"] == f"{self.address(of)}:7687"}

    def wait_until_online(self, name: str) -> None:
        deadline = time.monotonic() + 5
        while set(self.statuses(name, of=name).values()) != {"online"}:
            assert time.monotonic() < deadline, f"{name} does not come online: {self.statuses(name, of=name)}"
            time.sleep(0.05)

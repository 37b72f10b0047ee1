# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Neo4j Community server on a loopback address of its own, laid out and driven as the vendor's tarball is."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.community import parts
from lab.server.processes import Process

BOLT, HTTP = 7687, 7474
USER = "neo4j"
# What a shell, an argument file or a URL would spoil; all of it must reach the server as it is
PASSWORD = 'pass"word #12\\ $HOME'
COMMAND_TIMEOUT = 300  # seconds; a start takes 8 to 25, and minutes on a machine that does ten other things

COMMANDS = {"neo4j": "Neo4jCommand", "neo4j-admin": "Neo4jAdminCommand"}
# As the vendor's scripts: the boot loader is a small JVM of its own, the server takes its options from neo4j.conf
WRAPPER = """\
#!/bin/sh
export NEO4J_HOME='{home}' NEO4J_CONF='{home}/conf' JAVA_HOME='{java_home}'
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m -cp "$NEO4J_HOME/lib/*" \\
  -Dbasedir="$NEO4J_HOME" org.neo4j.server.startup.{main} "$@"
"""


# A third off the time of a start, and less to compile for some thousand credexes; not where queries are measured
QUICK_START = {"server.jvm.additional": "-XX:TieredStopAtLevel=1"}


def settings(release: parts.Release, address: str) -> dict[str, str]:
    """neo4j.conf of a small server that talks to nobody but us."""
    found = {
        "server.default_listen_address": address,
        "server.default_advertised_address": address,
        # Does not follow the listen address: SHOW DATABASES would tell localhost:7687
        "server.bolt.advertised_address": f"{address}:{BOLT}",
        "server.http.advertised_address": f"{address}:{HTTP}",
        "server.memory.heap.initial_size": "256m",
        "server.memory.heap.max_size": "256m",
        "server.memory.pagecache.size": "64m",
        # Half a gigabyte for an empty server otherwise
        "db.tx_log.preallocate": "false",
        "dbms.usage_report.enabled": "false",
        **QUICK_START,
    }
    if release.is_calendar:
        # Both are on by default and broadcast on every interface, whatever the listen address. 5.26 does not know them
        found |= {"server.fleet_discovery.enabled": "false", "dbms.fleet_manager.enabled": "false"}
    return found


def memory(heap: str, page_cache: str) -> dict[str, str]:
    """Settings of a server that holds data and answers queries in earnest."""
    return {
        "server.memory.heap.initial_size": heap,
        "server.memory.heap.max_size": heap,
        "server.memory.pagecache.size": page_cache,
        # In place of the quick start that other tests want
        "server.jvm.additional": "--add-opens=java.base/java.nio=ALL-UNNAMED",
    }


def read_pid(home: Path) -> int | None:
    """The process that was started last; it may have ended."""
    file = home / "run" / "neo4j.pid"
    return int(file.read_text()) if file.exists() else None


def free_address() -> str:
    """A loopback address on which nothing listens on Neo4j's ports."""
    for _attempt in range(100):
        address = f"127.{random.randint(128, 250)}.{random.randint(0, 250)}.{random.randint(2, 250)}"
        if not any(is_listening(address, port) for port in (BOLT, HTTP)):
            return address
    raise RuntimeError("no free loopback address after 100 tries")


def is_listening(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + COMMAND_TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {COMMAND_TIMEOUT} s still waiting: {what}")
        time.sleep(0.1)


@dataclass(frozen=True)
class Community:
    """One server: its home, its address, and the vendor's two commands."""

    release: parts.Release
    home: Path
    address: str
    password: str = field(default=PASSWORD, repr=False)

    @classmethod
    def install(
        cls,
        release: parts.Release,
        home: Path,
        plugins: Iterable[Path] = (),
        address: str | None = None,
        password: str = PASSWORD,
    ) -> Community:
        """Lay out a home; nothing is started. The jars stay in the cache."""
        server = cls(release, home, address or free_address(), password)
        for name in ("bin", "conf", "plugins", "licenses", "certificates"):
            (home / name).mkdir(parents=True)
        (home / "lib").symlink_to(parts.server_jars(release))
        for jar in plugins:
            (home / "plugins" / jar.name).symlink_to(jar)
        server._write_commands()
        server.configure({})
        return server

    @property
    def uri(self) -> str:
        return f"bolt://{self.address}:{BOLT}"

    @property
    def conf(self) -> Path:
        return self.home / "conf" / "neo4j.conf"

    @property
    def pid(self) -> int | None:
        return read_pid(self.home)

    def configure(self, more_settings: Mapping[str, str]) -> None:
        lines = {**settings(self.release, self.address), **more_settings}
        self.conf.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.home / "bin" / command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_TIMEOUT,
        )

    def start(self) -> None:
        """Blocks until Neo4j says that it has started; Bolt answers from then on."""
        if not (self.home / "data" / "dbms").exists():  # a dump may have been loaded before the first start
            self._set_password()
        self._wait_until_reaped()
        done = self.run("neo4j", "start")
        if done.returncode != 0:
            raise RuntimeError(f"neo4j start failed with rc {done.returncode}: {self._why(done)}")

    def stop(self) -> None:
        done = self.run("neo4j", "stop")
        if done.returncode != 0:
            raise RuntimeError(f"neo4j stop failed with rc {done.returncode}:\n{done.stdout}{done.stderr}")

    def kill(self) -> None:
        """For the end of a test: nobody needs the data, and a proper stop takes 10 s."""
        if self.pid and Path(f"/proc/{self.pid}").exists():
            os.kill(self.pid, signal.SIGKILL)
            self._wait_until_gone(self.pid)

    def _wait_until_reaped(self) -> None:
        """Neo4j takes a process that is dead, and whose end nobody has noticed yet, for a running server."""
        if self.pid and Process.of(self.pid) is None:
            self._wait_until_gone(self.pid)

    def _wait_until_gone(self, pid: int) -> None:
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), f"process {pid} is gone")

    def _why(self, done: subprocess.CompletedProcess[str]) -> str:
        """The last cause in the log of this start, or else what the command printed."""
        log = self.home / "logs" / "neo4j.log"
        of_this_start = log.read_text().rpartition("Starting...")[2] if log.exists() else ""
        causes = [line for line in of_this_start.splitlines() if line.startswith("Caused by: ")]
        return causes[-1] if causes else done.stdout + done.stderr

    def _write_commands(self) -> None:
        java_home = parts.java_home(self.release)
        for name, main in COMMANDS.items():
            path = self.home / "bin" / name
            path.write_text(WRAPPER.format(home=self.home, java_home=java_home, main=main))
            path.chmod(0o755)

    def _set_password(self) -> None:
        """Through an argument file in the one form that keeps every password whole and out of the process list."""
        file = self.home / "conf" / "password"
        file.touch(mode=0o600)
        escaped = self.password.replace("\\", "\\\\").replace('"', '\\"')
        file.write_text(f'--\n"{escaped}"\n')
        done = self.run("neo4j-admin", "dbms", "set-initial-password", f"@{file}")
        file.unlink()
        if done.returncode != 0:
            raise RuntimeError(f"set-initial-password failed with rc {done.returncode}:\n{done.stdout}{done.stderr}")

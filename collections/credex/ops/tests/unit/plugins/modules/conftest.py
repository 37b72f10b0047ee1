# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests of modules: running one, and emulated Enterprise servers in this process to run it against."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from ansible.module_utils.testing import patch_module_args

PASSWORD = "made-up-secret"
# Not 127.0.0.1: from there others connect, and any free port may be theirs a moment later
LOOPBACK = f"127.98.{random.randint(1, 250)}.{random.randint(1, 250)}"


@pytest.fixture
def run_module(capsys, monkeypatch):
    """Run a module's main() and return its result; what it prints beside that is a mistake."""
    for name in ("NEO4J_URI", "NEO4J_ADDRESS", "NEO4J_USERNAME", "NEO4J_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    # The tests of filters are those of a controller, where a module would not return its warnings
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)

    def run(module, check_mode=False, **params):
        with patch_module_args({**params, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            module.main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return json.loads(printed.out)

    return run


def free_ports(count):
    """All are held until the last is known: one that is given back may be the next that the kernel gives out."""
    with ExitStack() as held:
        listening = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _number in range(count)]
        return [each.getsockname()[1] for each in listening]


class EmulatedServer:
    """One emulated server: `home` is read at its start, faults at any time."""

    def __init__(self, folder, name, bolt, http):
        self.name, self.bolt, self.http = name, bolt, http
        self.address = f"{LOOPBACK}:{self.bolt}"
        self.uri = f"bolt://{self.address}"
        self.state = folder
        self.path = folder / name
        for part in ("conf", "licenses", "plugins"):
            (self.path / part).mkdir(parents=True)

    def set(self, **settings):
        lines = [f"{name.replace('__', '.')}={value}\n" for name, value in settings.items()]
        with (self.path / "conf/neo4j.conf").open("a") as conf:
            conf.writelines(lines)

    def fault(self, kind, **options):
        folder = self.state / "faults" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{kind}.json").write_text(json.dumps(options))


class EmulatedCluster:
    """Three emulated servers with credex-core's databases, which run while `running` is open."""

    def __init__(self, folder, edition="enterprise"):
        self.folder = folder
        self.edition = edition
        ports = free_ports(6)
        self.servers = [
            EmulatedServer(folder, f"neo4j-production-{number}", *ports[2 * number - 2 : 2 * number])
            for number in (1, 2, 3)
        ]
        for server in self.servers:
            self._prepare(server)

    @property
    def uris(self):
        return [server.uri for server in self.servers]

    def _prepare(self, server):
        from lab.server import agreement
        from lab.server.home import Binding, Home

        home = Home(server.path)
        timing = {"start_seconds": 0, "stop_seconds": 0, "online_seconds": 0}
        machine = {"version": "5.26.30", "edition": self.edition, "processors": 4, "memory": "16g"}
        home.bind(Binding(server.name, "credex", str(self.folder), **machine, **timing))
        agreement.accept(home.agreement, "commercial")
        (server.path / "plugins/neo4j-graph-data-science-2.13.9.jar").touch()
        for kind, port in (("bolt", server.bolt), ("http", server.http)):
            address = f"{LOOPBACK}:{port}"
            server.set(**{f"server__{kind}__{end}_address": address for end in ("listen", "advertised")})
        server.set(server__memory__heap__max_size="8g", server__memory__pagecache__size="4g")

    def license_gds(self, server, days=20):
        from lab.server import licenses

        now = datetime.now(UTC).replace(microsecond=0)
        path = server.path / "licenses/gds.license"
        path.write_text(licenses.issue("gds", "Tests", now - timedelta(days=1), now + timedelta(days=days, hours=1)))
        server.set(gds__enterprise__license_file=path)
        return path

    def _create(self):
        from lab.server.cluster import Cluster
        from lab.server.users import Users

        cluster = Cluster.create(self.folder, "credex")
        names = [server.name for server in self.servers]
        for number, server in enumerate(self.servers):
            http = f"{LOOPBACK}:{server.http}"
            cluster.add_server(server.name, f"id-{number}", server.address, http, "5.26.30")
        for name in ("system", "ledgerspace", "searchspace"):
            cluster.add_database(name, f"db-{name}", names, writer=names[0])
        cluster.add_database("neo4j", "db-neo4j", names[:1], writer=names[0], is_default=True)
        Users(cluster).create("neo4j", PASSWORD, False, ["admin"])
        cluster.close()

    @contextmanager
    def running(self):
        started, loop = threading.Event(), asyncio.new_event_loop()
        self._create()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(started, stop)), daemon=True)
        stop = asyncio.Event()
        thread.start()
        assert started.wait(20), "the emulated servers did not start"
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(20)
            loop.close()

    async def _serve(self, started, stop):
        from lab.server import alive, console
        from lab.server.home import Home
        from lab.server.listeners import Listeners

        instances = [console.prepare(Home(server.path)) for server in self.servers]
        held = [alive.hold(instance.cluster.lock_file(instance.name)) for instance in instances]
        listening = [Listeners(instance) for instance in instances]
        for instance, listeners in zip(instances, listening, strict=True):
            await listeners.open()
            instance.record_start(0)
        started.set()
        await stop.wait()
        for instance, listeners, lock in zip(instances, listening, held, strict=True):
            listeners.close()
            instance.cluster.close()
            os.close(lock)
        await asyncio.sleep(0)


@pytest.fixture
def enterprise(tmp_path):
    """Three emulated Enterprise servers, prepared and not yet running."""
    pytest.importorskip("lab.server", reason="the emulator is not part of the collection")
    return EmulatedCluster(tmp_path)


@pytest.fixture
def login():
    return {"username": "neo4j", "password": PASSWORD, "timeout": 20}

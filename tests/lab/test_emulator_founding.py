# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a tarball on a bare machine to a server, and from servers to a cluster."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import tarfile
import time

import neo4j
import pytest
from neo4j.exceptions import AuthError, ClientError, ServiceUnavailable

from lab import description, launcher
from lab.server.command import Starting
from lab.server.founding import Candidate, are_enough, discovered
from lab.server.home import Home
from lab.state import State
from tests.lab.emulated import ALL, ONE, THREE, TWO

PASSWORD = 'a "first" one, #1'
ARCHIVE = "neo4j-enterprise-5.26.30-unix.tar.gz"
HOSTING = "SHOW SERVERS YIELD name, state, hosting"


class Bare:
    """Three bare machines in a folder of the test's own."""

    def __init__(self, folder):
        self.state = State("bare", folder)
        loaded = description.load()
        timings = {"quick": description.Timing(start=0, stop=0, online=0)}
        (production,) = (each for each in loaded.environments if each.name == "production")
        described = dataclasses.replace(loaded, timings=timings, environments=(production,))
        self.record = launcher.create(self.state, described, "quick", bare=True)
        self.starting = []

    def goes_up(self):
        """As `up` writes it down, so that `down` ends what was started."""
        self.record.is_up = True
        self.state.save(self.record)

    def address(self, name):
        return self.record.servers[name]["address"]

    def home(self, name):
        return Home(self.state.home(name))

    def install(self, name, *settings, others=ALL):
        """What a person does by the manual: unpack, configure, accept the agreement."""
        archive = self.state.downloads / ARCHIVE
        home = self.home(name)
        home.path.rmdir()
        with tarfile.open(archive) as tar:
            tar.extractall(home.path.parent, filter="data")
        (home.path.parent / archive.name.removesuffix("-unix.tar.gz")).rename(home.path)
        lines = [f"server.default_{kind}_address={self.address(name)}" for kind in ("listen", "advertised")]
        if others:
            members = ",".join(f"{self.address(other)}:6000" for other in others)
            lines += ["dbms.cluster.discovery.version=V2_ONLY", f"dbms.cluster.discovery.v2.endpoints={members}"]
        home.neo4j_conf.write_text("".join(f"{line}\n" for line in (*lines, *settings)))
        assert self.admin(name, "server", "license", "--accept-commercial").returncode == 0

    def admin(self, name, *arguments):
        line = [self.home(name).path / "bin/neo4j-admin", *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)

    def set_password(self, name, password=PASSWORD):
        escaped = password.replace("\\", "\\\\").replace('"', '\\"')
        file = self.state.folder / "password"
        file.write_text(f'--\n"{escaped}"\n')
        return self.admin(name, "dbms", "set-initial-password", f"@{file}")

    def begin(self, *names):
        """Their processes, on their way up."""
        started = [Starting(self.home(name)) for name in names]
        self.starting += started
        return started

    def start(self, *names):
        for server in self.begin(*names):
            server.wait()

    def waits(self, name):
        """Until its log says that it waits for others."""
        log = self.home(name).logs / "neo4j.log"
        deadline = time.monotonic() + 10
        while not (log.exists() and "Waiting for others" in log.read_text()):
            assert time.monotonic() < deadline, f"{name} does not wait for others"
            time.sleep(0.05)

    def ask(self, name, statement, password=PASSWORD):
        uri, login = f"bolt://{self.address(name)}:7687", ("neo4j", password)
        with neo4j.GraphDatabase.driver(uri, auth=login, max_transaction_retry_time=0) as driver:
            return [record.values() for record in driver.execute_query(statement, database_="system").records]


@pytest.fixture
def bare(tmp_path):
    machines = Bare(tmp_path)
    machines.goes_up()
    yield machines
    launcher.down(machines.state)


def test_the_tarball_is_laid_out_as_the_vendors_and_its_checksum_lies_beside_it(bare):
    archives = {path.name for path in bare.state.downloads.glob("*.tar.gz")}
    assert len(archives) == 1 + len(description.load().newer) and ARCHIVE in archives
    archive = bare.state.downloads / ARCHIVE
    digest, name = archive.with_name(f"{archive.name}.sha256").read_text().split()
    assert (digest, name) == (hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert {name.partition("/")[0] for name in names} == {"neo4j-enterprise-5.26.30"}
    assert {f"neo4j-enterprise-5.26.30/{part}" for part in ("bin/neo4j", "conf/neo4j.conf", "data")} <= set(names)
    assert not any(ALL[0] in name or "emulator.json" in name for name in names), "it is no machine's own"


def test_servers_that_find_each_other_form_a_cluster_when_they_are_enough(bare):
    for name in ALL:
        bare.install(name, "initial.dbms.default_primaries_count=2")
        assert bare.set_password(name).returncode == 0
    bare.begin(ONE, TWO)
    bare.waits(TWO)
    assert bare.admin(TWO, "server", "status").returncode == 0, "its process is there"
    with pytest.raises(ServiceUnavailable):
        bare.ask(TWO, HOSTING)
    bare.start(THREE)
    for server in bare.starting[:2]:
        server.wait()
    hosting = {name: (state, sorted(databases)) for name, state, databases in bare.ask(THREE, HOSTING)}
    both = ("Enabled", ["neo4j", "system"])
    assert hosting == {ONE: both, TWO: both, THREE: ("Enabled", ["system"])}


def test_one_that_comes_later_joins_and_is_free(bare):
    for name in (ONE, TWO):
        bare.install(name, "dbms.cluster.minimum_initial_system_primaries_count=2", others=(ONE, TWO))
        bare.set_password(name)
    bare.start(ONE, TWO)
    bare.install(THREE, others=ALL)
    bare.start(THREE)
    states = {name: state for name, state, _ in bare.ask(THREE, HOSTING)}
    assert states == {ONE: "Enabled", TWO: "Enabled", THREE: "Free"}


def test_a_server_without_endpoints_is_a_standalone_one_and_a_second_is_refused_by_name(bare):
    bare.install(ONE, others=())
    bare.set_password(ONE)
    bare.start(ONE)
    assert bare.ask(ONE, HOSTING) == [[ONE, "Enabled", ["neo4j", "system"]]]
    bare.install(TWO, others=())
    started = subprocess.run([bare.home(TWO).path / "bin/neo4j", "start"], capture_output=True, text=True, check=False)
    assert (started.returncode, started.stderr[:26]) == (1, "emulator does not know: a ")


def test_the_first_password_is_set_before_the_first_start_and_then_no_more(bare):
    bare.install(ONE, others=())
    short = bare.admin(ONE, "dbms", "set-initial-password", "short")
    assert (short.returncode, "at least 8 characters" in short.stderr) == (70, True)
    assert bare.admin(ONE, "dbms", "set-initial-password", "-begins-with-it").returncode == 64
    assert bare.set_password(ONE).returncode == 0
    bare.start(ONE)
    assert bare.ask(ONE, "SHOW USERS YIELD user, passwordChangeRequired") == [["neo4j", False]]
    later = bare.set_password(ONE, "another one, for nothing")
    assert (later.returncode, later.stdout[:23]) == (0, "Changed password for us")
    assert len(bare.ask(ONE, "SHOW USERS")) == 1
    with pytest.raises(AuthError):
        bare.ask(ONE, "SHOW USERS", "another one, for nothing")


def test_without_a_first_password_it_is_neo4j_and_must_be_changed(bare):
    bare.install(ONE, others=())
    bare.start(ONE)
    with pytest.raises(ClientError, match="change"):
        bare.ask(ONE, "SHOW SERVERS", "neo4j")


def test_up_starts_again_what_was_started_on_a_bare_machine_and_nothing_else(bare):
    bare.install(ONE, others=())
    launcher.start_servers(bare.state, bare.record)
    assert launcher.server_pid(bare.state, ONE) is None
    bare.set_password(ONE)
    bare.start(ONE)
    launcher.down(bare.state)
    assert launcher.server_pid(bare.state, ONE) is None
    bare.goes_up()
    launcher.start_servers(bare.state, bare.record)
    assert bare.ask(ONE, "SHOW SERVERS YIELD name") == [[ONE]]


def candidate(name, endpoints, mode="primary"):
    return Candidate(name, "5.26.30", "", "", f"{name}:6000", tuple(endpoints), mode, 3, "neo4j", 1, 0)


def test_what_is_discovered():
    a, b, c = candidate("a", ["b:6000"]), candidate("b", []), candidate("c", ["b:6000"])
    alone = candidate("d", ["d:6000"])
    assert discovered(a, [b, c, alone]) == [a, b, c], "through another one, and in either direction"
    assert discovered(alone, [a, b, c, alone]) == [alone]


def test_a_secondary_of_system_is_not_counted():
    founders = [candidate("a", []), candidate("b", []), candidate("c", [], "secondary")]
    assert are_enough(founders, 2) and not are_enough(founders, 3)

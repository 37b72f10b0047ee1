# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application's connection module, with the JavaScript driver: where servers are lost, and on a real one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.community import parts
from lab.community.server import USER, Community
from tests.contract.conftest import install, running
from tests.lab.emulated import ALL, Emulated
from tests.static.repository import COLLECTION

HERE = Path(__file__).parent
SOURCES = (COLLECTION / "docs/application/neo4j.ts", HERE / "exercise.ts", HERE / "tsconfig.json")
PATIENCE_SECONDS = 120


class Application:
    """A process of Node.js that works until it is told to end; `said` are its lines so far."""

    def __init__(self, program: Path, spaces: dict[str, dict[str, str]], work: str, output: Path) -> None:
        settings = {
            f"NEO_4J_{space}_SPACE_{name}": value for space, own in spaces.items() for name, value in own.items()
        }
        self._output = output
        with output.open("w") as file:
            self.process = subprocess.Popen(
                ["node", program, work], env=os.environ | settings, stdin=subprocess.PIPE, stdout=file, text=True
            )

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._output.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def count(self, word: str) -> int:
        return sum(word in line for line in self.said())

    def wait_for(self, word: str, more: int) -> None:
        """Until it has said that word so many times more."""
        wanted, deadline = self.count(word) + more, time.monotonic() + PATIENCE_SECONDS
        while self.count(word) < wanted:
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()[-3:]
            time.sleep(0.05)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=PATIENCE_SECONDS) == 0, self.said()[-3:]

    def failures(self) -> list[dict[str, Any]]:
        return [line for line in self.said() if "failed" in line]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled as credex-core compiles it, beside a file that uses it."""
    folder = tmp_path_factory.mktemp("application")
    for source in SOURCES:
        shutil.copy(source, folder)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    compiler = folder / "node_modules/.bin/tsc"
    done = subprocess.run([compiler, "--project", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return folder / "exercise.js"


Start = Callable[..., Application]


@pytest.fixture
def start(program: Path, tmp_path: Path) -> Iterator[Start]:
    begun: list[Application] = []

    def application(url: str, password: str, work: str, databases: tuple[str, str] = ("neo4j", "neo4j")) -> Application:
        login = {"BOLT_URL": url, "USER": USER, "PASS": password}
        named = zip(("LEDGER", "SEARCH"), databases, strict=True)
        spaces = {space: {**login, "DATABASE": database} for space, database in named}
        begun.append(Application(program, spaces, work, tmp_path / "said"))
        return begun[-1]

    yield application
    for one in begun:
        one.process.kill()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated(tmp_path_factory.mktemp("cluster"))
    yield emulated
    emulated.end()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Community]:
    with running(install(parts.LTS, tmp_path_factory)) as server:
        yield server


def test_each_writer_is_lost_in_turn_and_no_unit_of_work_fails(cluster: Emulated, start: Start) -> None:
    """The address is that of one server, which is lost as well; the driver knows the others by then."""
    url = f"neo4j://{cluster.address(ALL[0])}:7687"
    application = start(url, cluster.password, "writing", ("ledgerspace", "searchspace"))
    application.wait_for("written", 10)
    for _ in ALL:
        lost = cluster.writers(ALL[0])["ledgerspace"]
        cluster.fault("kill", lost)
        application.wait_for("written", 20)
        cluster.start_all()
        cluster.wait_until_online(lost)
    application.end()
    assert application.failures() == []
    assert {line["written"] for line in application.said()} == {"ledger", "search"}


def test_what_one_space_wrote_the_other_reads(real: Community, start: Start) -> None:
    application = start(f"neo4j://{real.address}:7687", real.password, "reading")
    application.wait_for("stale", 20)
    application.end()
    assert [line for line in application.said() if line != {"stale": False}] == []


def test_a_password_that_is_wrong_is_said(real: Community, start: Start) -> None:
    application = start(f"neo4j://{real.address}:7687", "wrong", "reading")
    assert application.process.wait(timeout=PATIENCE_SECONDS) == 1
    (line,) = application.said()
    assert "unauthorized" in line["error"].lower()


@pytest.mark.parametrize("missing", ["LEDGER_SPACE_BOLT_URL", "SEARCH_SPACE_USER", "SEARCH_SPACE_PASS"])
def test_what_is_not_set_is_named(program: Path, missing: str) -> None:
    names = [f"{space}_SPACE_{name}" for space in ("LEDGER", "SEARCH") for name in ("BOLT_URL", "USER", "PASS")]
    settings = {f"NEO_4J_{name}": "neo4j://127.0.0.1:1" for name in names if name != missing}
    done = subprocess.run(
        ["node", program], env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"NEO_4J_{missing} is not set" in done.stderr


def test_a_stop_of_the_task_closes_the_connections(cluster: Emulated, start: Start) -> None:
    url = f"neo4j://{cluster.address(ALL[0])}:7687"
    application = start(url, cluster.password, "writing", ("ledgerspace", "searchspace"))
    application.wait_for("written", 4)
    application.process.send_signal(signal.SIGTERM)
    assert application.process.wait(timeout=PATIENCE_SECONDS) == 0

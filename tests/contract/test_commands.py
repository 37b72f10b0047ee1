"""The emulated server's bin/neo4j and bin/neo4j-admin end as the real ones do, and say nothing that those do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest

from lab.community import parts
from lab.community.server import Community
from tests.contract.conftest import install
from tests.contract.emulated import Emulated, running

# Declared by GDS alone: without its jar the setting is unknown, which is the trap of the wrong order
LICENSE_SETTING = "gds.enterprise.license_file"
LENIENT = "server.config.strict_validation.enabled=false\n"


class Said(NamedTuple):
    code: int
    out: list[str]
    err: list[str]


class Pair(NamedTuple):
    emulated: Emulated
    real: Community

    def agree_on(self, tool: str, *arguments: str) -> Said:
        """The same exit code, and every line of the emulator is one of the real command's, on the same stream."""
        ours, theirs = (said(server.run(tool, *arguments), server.home) for server in self)
        assert ours.code == theirs.code
        assert ours.out or ours.err
        assert set(ours.out) <= set(theirs.out)
        assert set(ours.err) <= set(theirs.err)
        return theirs

    def append_to_conf(self, text: str) -> None:
        for server in self:
            with (server.home / "conf" / "neo4j.conf").open("a") as conf:
                conf.write(text)


def said(done: CompletedProcess[str], home: Path) -> Said:
    """Without what differs by nature: numbers of processes, and the home."""
    streams = (re.sub(r"\bpid[: ]+\d+", "PID", text).replace(str(home), "HOME") for text in (done.stdout, done.stderr))
    return Said(done.returncode, *(text.splitlines() for text in streams))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    emulated = Emulated.install(parts.LTS, tmp_path_factory.mktemp("emulated"))
    return Pair(emulated, install(parts.LTS, tmp_path_factory))


@pytest.fixture(scope="module")
def started(lts: Community, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running(parts.LTS, tmp_path_factory.mktemp("emulated")) as emulated:
        yield Pair(emulated, lts)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("neo4j", "status"),
        ("neo4j", "stop"),
        ("neo4j", "nonsense"),
        ("neo4j", "--version"),
        ("neo4j-admin", "nonsense"),
        ("neo4j-admin", "server nonsense"),
        ("neo4j-admin", "server validate-config"),
    ],
)
def test_where_nothing_runs(stopped: Pair, tool: str, arguments: str) -> None:
    stopped.agree_on(tool, *arguments.split())


@pytest.mark.parametrize("arguments", ["status", "start"])
def test_where_a_server_runs(started: Pair, arguments: str) -> None:
    started.agree_on("neo4j", arguments)


@pytest.fixture(scope="module")
def misconfigured(stopped: Pair) -> Pair:
    stopped.append_to_conf(f"{LICENSE_SETTING}=/srv/neo4j/licenses/neo4j-gds.license\n")
    return stopped


@pytest.mark.parametrize(
    ("tool", "arguments", "code"), [("neo4j-admin", "server validate-config", 78), ("neo4j", "start", 1)]
)
def test_a_license_setting_without_its_jar_stops_the_server(
    misconfigured: Pair, tool: str, arguments: str, code: int
) -> None:
    real = misconfigured.agree_on(tool, *arguments.split())
    assert real.code == code
    assert f"No declared setting with name: {LICENSE_SETTING}." in "\n".join(real.out + real.err)


def test_without_strict_validation_it_is_a_warning(misconfigured: Pair) -> None:
    misconfigured.append_to_conf(LENIENT)
    assert misconfigured.agree_on("neo4j-admin", "server", "validate-config").code == 0

"""One server through its life, as a renewal leads it: started, reconfigured, killed, started again with TLS.

What neo4j_service_info says is noted at each stage. The tests judge it, then ask the server, which speaks TLS only now.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_cluster_info,
    neo4j_component_info,
    neo4j_license_info,
    neo4j_query_info,
    neo4j_service_info,
)

from lab.community import parts
from lab.community.server import BOLT, COMMAND_TIMEOUT, Community, wait_until
from tests.contract.calls import Result, one_server, run_module
from tests.contract.conftest import LOGIN, install
from tests.contract.listeners import LOOPBACK, listening
from tests.contract.own_ca import Authority

TLS_ONLY = {
    "server.bolt.tls_level": "REQUIRED",
    "dbms.ssl.policy.bolt.enabled": "true",
    "dbms.ssl.policy.bolt.base_directory": "certificates/bolt",
    "dbms.ssl.policy.bolt.client_auth": "NONE",
}


@dataclass
class Life:
    server: Community
    ca: Path
    boot_loader: int
    stages: dict[str, Result]

    def read(self, stage: str) -> None:
        self.stages[stage] = self.service()

    def service(self, **options: Any) -> Result:
        asked = {"manager": "home", "home": str(self.server.home), **options}
        files = [self.server.conf, self.server.home / "certificates", self.server.home / "plugins"]
        return run_module(neo4j_service_info, files=[str(file) for file in files], **asked)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create("credex.ops contract test")


@pytest.fixture(scope="module")
def life(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    server = install(parts.LTS, tmp_path_factory)
    found = Life(server, authority.write(server.home / "ca.crt"), 0, {})
    found.read("installed")
    server.start()
    found.read("started")
    authority.issue(server.address, server.home / "certificates" / "bolt")
    server.configure(TLS_ONLY)
    found.read("reconfigured")
    server.kill()
    found.read("killed")
    with in_foreground(server) as found.boot_loader:
        found.read("started again")
        yield found


@contextmanager
def in_foreground(server: Community) -> Iterator[int]:
    """`neo4j console`, as systemd runs it: the boot loader stays, the server is its child. The boot loader's pid."""
    log = server.home / "console.log"
    with log.open("wb") as output:
        boot_loader = subprocess.Popen([server.home / "bin" / "neo4j", "console"], stdout=output, stderr=output)
    try:
        wait_until(lambda: "Started." in log.read_text() or boot_loader.poll() is not None, "neo4j console has started")
        assert boot_loader.poll() is None, log.read_text()
        yield boot_loader.pid
    finally:
        server.kill()
        boot_loader.wait(COMMAND_TIMEOUT)


def changed(stage: Result) -> list[str]:
    return [entry["path"] for entry in stage["changed_since"]]


def test_an_installed_server_does_not_run(life: Life) -> None:
    stage = life.stages["installed"]
    assert (stage["state"], stage["pid"], stage["restart_needed"]) == ("stopped", None, False)
    assert stage["missing"] == []


def test_a_started_server_needs_no_restart(life: Life) -> None:
    stage = life.stages["started"]
    assert (stage["state"], stage["changed_since"], stage["restart_needed"]) == ("running", [], False)


def test_what_was_changed_under_a_running_server_is_named(life: Life) -> None:
    stage = life.stages["reconfigured"]
    certificates = life.server.home / "certificates"
    assert stage["pid"] == life.stages["started"]["pid"]
    assert stage["restart_needed"]
    # Not the folder of plugins, which nobody touched
    assert changed(stage) == [
        *map(str, (certificates, certificates / "bolt")),
        *(str(certificates / "bolt" / name) for name in ("private.key", "public.crt")),
        str(life.server.conf),
    ]


def test_a_killed_server_is_not_running_although_its_pid_file_is_there(life: Life) -> None:
    stage = life.stages["killed"]
    assert (stage["state"], stage["pid"], stage["restart_needed"]) == ("stopped", None, False)
    assert f"names process {life.stages['started']['pid']}, which is gone" in stage["message"]


def test_the_start_settles_it(life: Life) -> None:
    stage = life.stages["started again"]
    assert (stage["state"], stage["changed_since"], stage["restart_needed"]) == ("running", [], False)
    assert stage["pid"] not in (life.stages["started"]["pid"], life.boot_loader)
    assert stage["started_at"] > life.stages["reconfigured"]["changed_since"][0]["changed_at"]


def test_a_touched_file_asks_for_a_restart(life: Life) -> None:
    life.server.conf.chmod(0o640)
    assert changed(life.service()) == [str(life.server.conf)]


def test_the_jvm_says_the_same_of_its_start(life: Life) -> None:
    """Its clock starts when the virtual machine does: milliseconds after the process, or seconds on a busy machine."""
    query = "CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes RETURN attributes.StartTime.value AS ms"
    result = run_module(neo4j_query_info, uri=tls(life, "bolt+s"), database="neo4j", query=query, **trusted(life))
    assert not result.get("failed"), result
    later = result["rows"][0]["ms"] / 1000 - life.stages["started again"]["started_at_epoch"]
    assert -1 < later < 30  # the machine's clock may be set while the server runs


def test_under_systemd_the_server_is_the_child_of_the_main_process(
    life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes are Neo4j's own; systemctl alone is a stand-in."""
    told = (
        "LoadState=loaded",
        "ActiveState=active",
        "SubState=running",
        "Result=success",
        f"MainPID={life.boot_loader}",
    )
    script = tmp_path / "systemctl"
    script.write_text("#!/bin/sh\nprintf '%s\\n' " + " ".join(told) + "\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = life.service(manager="systemd")
    assert (found["state"], found["pid"]) == ("running", life.server.pid)
    assert found["pid"] != life.boot_loader


# TLS only ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Authority.create("somebody else").write(tmp_path_factory.mktemp("stranger") / "ca.crt")


def tls(life: Life, scheme: str) -> str:
    return f"{scheme}://{life.server.address}:{BOLT}"


def trusted(life: Life) -> dict[str, Any]:
    return {**LOGIN, "ca_certificate": str(life.ca)}


@pytest.mark.parametrize("module", [neo4j_component_info, neo4j_license_info, neo4j_cluster_info])
def test_a_server_with_a_certificate_of_our_own_ca(module: Any, life: Life) -> None:
    found = one_server(module, tls(life, "bolt+s"), **trusted(life))
    assert (found["reachable"], found["version"]) == (True, parts.LTS.version)


def test_any_certificate_will_do_when_asked_for(life: Life) -> None:
    assert one_server(neo4j_component_info, tls(life, "bolt+ssc"), **LOGIN)["reachable"]


def test_a_query_over_a_routing_address(life: Life) -> None:
    result = run_module(
        neo4j_query_info, uri=tls(life, "neo4j+s"), database="neo4j", query="RETURN 1 AS x", **trusted(life)
    )
    assert result.get("rows") == [{"x": 1}], result


def test_the_ca_of_somebody_else(life: Life, stranger: Path) -> None:
    found = one_server(neo4j_component_info, tls(life, "bolt+s"), ca_certificate=str(stranger), **LOGIN)
    assert (found["reachable"], found["cause"]) == (False, "tls")


def test_the_cas_of_the_system(life: Life) -> None:
    found = one_server(neo4j_component_info, tls(life, "bolt+s"), **LOGIN)
    assert (found["reachable"], found["cause"]) == (False, "tls")


def test_a_certificate_for_another_address(life: Life, authority: Authority, tmp_path: Path) -> None:
    authority.issue("127.0.0.2", tmp_path)
    with listening(None, tls=tmp_path) as port:
        found = one_server(neo4j_component_info, f"bolt+s://{LOOPBACK}:{port}", **trusted(life))
    assert (found["reachable"], found["cause"]) == (False, "tls")
    assert "127.0.0.1" in found["message"]


def test_plain_bolt_to_a_port_that_speaks_tls_only(life: Life) -> None:
    found = one_server(neo4j_component_info, tls(life, "bolt"), **LOGIN)
    assert (found["reachable"], found["cause"]) == (False, "tls")
    assert "bolt+s://" in found["message"]

"""The servers of these tests keep to themselves."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest

from lab.community import parts
from lab.community.server import BOLT, HTTP, Community, free_address, settings

BROADCASTS = ("server.fleet_discovery.enabled", "dbms.fleet_manager.enabled")


def test_a_calendar_version_is_told_not_to_broadcast() -> None:
    written = settings(parts.CALENDAR, "127.0.0.9")
    assert [written[name] for name in BROADCASTS] == ["false", "false"]


def test_the_long_term_version_is_not_given_settings_that_it_does_not_know() -> None:
    assert not set(BROADCASTS) & set(settings(parts.LTS, "127.0.0.9"))


@pytest.mark.parametrize("release", [parts.LTS, parts.CALENDAR])
def test_no_version_reports_its_usage(release: parts.Release) -> None:
    assert settings(release, "127.0.0.9")["dbms.usage_report.enabled"] == "false"


@pytest.mark.parametrize("version", ["lts", "calendar"])
def test_no_server_has_a_socket_but_its_own_two(version: str, request: pytest.FixtureRequest) -> None:
    """Asked of the kernel, not of the configuration."""
    server: Community = request.getfixturevalue(version)
    assert ipaddress.ip_address(server.address).is_loopback
    assert sockets(server, "udp") == []
    assert sorted(sockets(server, "tcp")) == sorted((server.address, port) for port in (HTTP, BOLT))


@pytest.mark.parametrize("version", ["lts", "calendar"])
def test_what_was_written_is_what_the_server_read(version: str, request: pytest.FixtureRequest) -> None:
    server: Community = request.getfixturevalue(version)
    log = (server.home / "logs" / "neo4j.log").read_text()
    assert f"======== Neo4j {server.release.version} ========" in log
    assert "broadcast" not in log


def test_addresses_are_loopback_and_differ() -> None:
    found = {free_address() for _number in range(5)}
    assert len(found) > 1
    assert all(ipaddress.ip_address(address).is_loopback for address in found)


def test_artifact_names_end_where_the_version_begins() -> None:
    names = ("commons-lang3-3.18.0", "javassist-3.28.0-GA", "cypher-ast-factory-9.0-9.0.20210312", "neo4j-2026.09.0")
    assert [parts.artifact(Path(f"{name}.jar")) for name in names] == [
        "commons-lang3",
        "javassist",
        "cypher-ast-factory-9.0",
        "neo4j",
    ]


def sockets(server: Community, protocol: str) -> list[tuple[str, int]]:
    """Local address and port of the server's listening TCP or any UDP sockets, IPv4 and IPv6."""
    own = set(re.findall(r"socket:\[(\d+)\]", " ".join(links(Path(f"/proc/{server.pid}/fd")))))
    found = []
    for table in (protocol, f"{protocol}6"):
        for line in Path(f"/proc/{server.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            is_wanted = protocol == "udp" or fields[3] == "0A"
            if is_wanted and fields[9] in own:
                found.append(readable(fields[1]))
    return found


def links(folder: Path) -> list[str]:
    """Where the links of a folder lead, of those that are still there."""
    found = []
    for link in folder.iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue
    return found


def readable(address: str) -> tuple[str, int]:
    """`0100007F:1E07` as address and port; the last four bytes of an IPv6 address that maps an IPv4 one."""
    host, port = address.split(":")
    return str(ipaddress.IPv4Address(bytes.fromhex(host[-8:])[::-1])), int(port, 16)

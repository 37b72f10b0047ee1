"""The modules that read servers, against real ones and against everything else that an address may lead to."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_cluster_info,
    neo4j_component_info,
    neo4j_license_info,
    neo4j_query,
)

from lab.community.server import BOLT, HTTP, PASSWORD, Community
from tests.contract.calls import Result, one_server, run_module
from tests.contract.listeners import LOOPBACK, dead_port, listening

FLEET_MODULES = [
    pytest.param(neo4j_component_info, id="component_info"),
    pytest.param(neo4j_license_info, id="license_info"),
    pytest.param(neo4j_cluster_info, id="cluster_info"),
]
TIMEOUT = 15.0  # a real server on a busy machine needs some of it


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def user(server: Community, login: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[Result]:
    """A user for one test, with the clause of the parameter behind its password."""
    made = {"username": f"ops_{secrets.token_hex(4)}", "password": "a-password-of-its-own"}
    clause = getattr(request, "param", "CHANGE NOT REQUIRED")
    administer(server, login, f"CREATE USER {made['username']} SET PASSWORD $password {clause}", made)
    yield made
    administer(server, login, f"DROP USER {made['username']}")


def administer(server: Community, login: dict[str, Any], query: str, parameters: Result | None = None) -> None:
    result = run_module(
        neo4j_query, uri=server.uri, database="system", query=query, parameters=parameters or {}, **login
    )
    assert result["changed"], result


def test_components(server: Community, login: dict[str, Any]) -> None:
    found = one_server(neo4j_component_info, server.uri, **login)
    assert (found["reachable"], found["cause"], found["message"]) == (True, None, None)
    assert (found["version"], found["edition"]) == (server.release.version, "community")
    assert 0 < found["latency_ms"] < 10_000
    kernel = {"name": "Neo4j Kernel", "versions": [server.release.version], "edition": "community"}
    assert kernel in found["components"]
    # Calendar versions list the language beside the kernel
    assert len(found["components"]) == (2 if server.release.is_calendar else 1)


def test_components_without_credentials_come_from_discovery(server: Community) -> None:
    found = one_server(neo4j_component_info, server.address)
    assert (found["version"], found["edition"]) == (server.release.version, "community")
    assert (found["source"], found["components"]) == ("http", [])


def test_a_routing_address_is_asked_directly(lts: Community, login: dict[str, Any]) -> None:
    assert one_server(neo4j_component_info, f"neo4j://{lts.address}", **login)["reachable"]


def test_licenses(server: Community, login: dict[str, Any]) -> None:
    found = one_server(neo4j_license_info, server.uri, **login)
    nothing = {"installed": False, "licensed": None, "expires": None, "days_left": None, "message": None}
    assert found["edition"] == "community"
    assert found["agreement"] == {"status": "not_applicable", "days_left": None, "total_days": None}
    assert found["products"] == {"gds": nothing, "bloom": nothing}
    assert found["license_paths"] == {"gds": None, "bloom": None, "directory": str(server.home / "licenses")}
    assert found["memory"]["heap_max_mib"] == 256
    assert found["memory"]["page_cache_mib"] == 64
    assert abs(found["memory"]["total_mib"] - memory_mib()) <= 1
    assert found["processors"] == os.process_cpu_count()


def test_a_community_server_is_a_cluster_of_one(server: Community, login: dict[str, Any]) -> None:
    found = one_server(neo4j_cluster_info, server.uri, **login)
    assert found["address"] == f"{server.address}:{BOLT}"
    assert (found["servers"], found["status_check"]) == ([], None)
    assert sorted(database["name"] for database in found["databases"]) == ["neo4j", "system"]
    for database in found["databases"]:
        assert (database["role"], database["writer"]) == ("primary", True)
        assert (database["current_status"], database["requested_status"]) == ("online", "online")
        assert database["address"] == found["address"]


@pytest.mark.parametrize("module", FLEET_MODULES)
def test_a_fleet_is_read_whatever_single_servers_do(
    module: Any, lts: Community, calendar: Community, login: dict[str, Any]
) -> None:
    """All at once, in the order of the addresses; the silent one costs its own time-out and no more."""
    warm_up = run_module(module, uris=[lts.uri, calendar.uri], fail_on_unreachable=True, **login)
    assert not warm_up.get("failed"), warm_up
    dead = f"{LOOPBACK}:{dead_port()}"
    with listening(None) as silent, listening(b"SSH-2.0-OpenSSH_9.2p1\r\n") as ssh:
        uris = [dead, lts.uri, f"{LOOPBACK}:{silent}", f"{LOOPBACK}:{ssh}", f"{lts.address}:{HTTP}", calendar.uri]
        began = time.monotonic()
        result = run_module(module, uris=uris, **login | {"timeout": TIMEOUT})
        took = time.monotonic() - began
    assert [entry["uri"] for entry in result["servers"]] == uris
    causes = [entry["cause"] for entry in result["servers"]]
    assert causes == ["refused", None, "timeout", "not_neo4j", "not_neo4j", None]
    assert all(entry["message"] for entry in result["servers"] if not entry["reachable"])
    assert TIMEOUT <= took < 2 * TIMEOUT


def test_discovery_of_what_is_not_neo4j() -> None:
    with listening(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>It works!</h1>") as port:
        found = one_server(neo4j_component_info, LOOPBACK, http_port=port)
    assert (found["reachable"], found["cause"]) == (False, "not_neo4j")


def test_an_unreachable_server_may_fail_the_task(lts: Community, login: dict[str, Any]) -> None:
    dead = f"{LOOPBACK}:{dead_port()}"
    result = run_module(neo4j_component_info, uris=[lts.uri, dead], fail_on_unreachable=True, **login)
    assert result["failed"]
    assert "1 of 2 servers could not be read" in result["msg"]
    assert dead in result["msg"]


def test_a_wrong_password_is_named_and_never_shown(server: Community) -> None:
    secret = "not-the-password"
    result = run_module(neo4j_component_info, uris=[server.uri], username="neo4j", password=secret)
    (found,) = result["servers"]
    assert (found["reachable"], found["cause"]) == (False, "authentication")
    assert secret not in str(result["servers"])
    # The right one at once: a single wrong attempt must not count as three
    assert one_server(neo4j_component_info, server.uri, username="neo4j", password=PASSWORD)["reachable"]


def test_the_third_wrong_password_locks_the_user_out(server: Community, user: Result) -> None:
    """The third is still answered like the first; after it the right password is refused as well."""
    wrong = {"username": user["username"], "password": "not-the-password"}
    causes = [one_server(neo4j_component_info, server.uri, **wrong)["cause"] for _number in range(3)]
    assert causes == ["authentication"] * 3
    assert one_server(neo4j_component_info, server.uri, **user)["cause"] == "rate_limit"


@pytest.mark.parametrize("user", ["CHANGE REQUIRED"], indirect=True)
def test_expired_credentials_are_not_reachable(server: Community, user: Result) -> None:
    """A login alone passes with them."""
    found = one_server(neo4j_component_info, server.uri, **user)
    assert (found["reachable"], found["cause"]) == (False, "credentials_expired")


def test_an_unresolvable_name(login: dict[str, Any]) -> None:
    found = one_server(neo4j_component_info, "neo4j.invalid", **login)
    assert (found["reachable"], found["cause"]) == (False, "unresolvable")


def memory_mib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20

"""Real servers, each started once for all tests. A test whose server this machine cannot run is skipped, with why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab.community import parts
from lab.community.server import PASSWORD, USER, Community

# A server that has just started takes seconds for its first answers, and more on a busy machine
LOGIN: dict[str, Any] = {"username": USER, "password": PASSWORD, "timeout": 60.0}


@contextmanager
def running(server: Community) -> Iterator[Community]:
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def login() -> dict[str, Any]:
    """The options of a module that log in on any server of these tests."""
    return LOGIN


@pytest.fixture(scope="session")
def lts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Community]:
    """The long-term version that production runs, as Community."""
    with running(install(parts.LTS, tmp_path_factory)) as server:
        yield server


@pytest.fixture(scope="session")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Community]:
    """A calendar version, which differs in codes, columns and defaults."""
    with running(install(parts.CALENDAR, tmp_path_factory)) as server:
        yield server


def install(release: parts.Release, folders: pytest.TempPathFactory, with_gds: bool = False) -> Community:
    try:
        plugins = parts.gds_jars(release) if with_gds else []
        return Community.install(release, folders.mktemp("neo4j") / "home", plugins)
    except parts.MissingPartError as missing:
        pytest.skip(str(missing))

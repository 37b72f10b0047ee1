"""Pairs of real servers, each started once for all tests; a test gets them empty.

    def test_something(spaces: Spaces) -> None:
        load(spaces, Ledger(credexes=1000))
        planted = Planter(spaces).plant("credex_missing", 3)

A module is given `pair.ledger.uri`, `pair.search.uri` and `login`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.community import parts
from lab.community.pair import Pair, running_pair
from lab.community.server import PASSWORD, USER
from lab.graph import Spaces
from tests.spaces.balances import Balances
from tests.spaces.real_lab import LEDGER, SEARCH, RealLab


@pytest.fixture(scope="session")
def login() -> dict[str, Any]:
    """The options of a module that log in on any server of these tests."""
    return {"username": USER, "password": PASSWORD, "timeout": 60.0}


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """LedgerSpace's server and SearchSpace's, with APOC Core, as credex-core needs it."""
    yield from _pair(tmp_path_factory, with_apoc=True)


@pytest.fixture(scope="session")
def plain_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same without any plugin."""
    yield from _pair(tmp_path_factory, with_apoc=False)


def _pair(folders: pytest.TempPathFactory, with_apoc: bool) -> Iterator[Pair]:
    """A machine without Java or Maven skips the tests, and says why."""
    try:
        with running_pair(folders.mktemp("pair"), with_apoc=with_apoc, quick_start=True) as found:
            with found.spaces() as spaces:  # the first answer may take longer than a module waits
                for space in (spaces.ledger, spaces.search):
                    space.run("SHOW DATABASES")
            yield found
    except parts.MissingPartError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def spaces(pair: Pair) -> Iterator[Spaces]:
    """Both spaces, empty but for the application's own constraints."""
    with pair.spaces() as found:
        found.empty()
        yield found


@pytest.fixture
def balances(pair: Pair, spaces: Spaces, login: dict[str, Any]) -> Balances:
    """The balance modules on both spaces, which are empty."""
    return Balances(pair, spaces, login)


@pytest.fixture(scope="session")
def real_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealLab]:
    """A lab whose development servers are real ones; `real_lab(...)` is `python -m lab ...`."""
    lab = RealLab(tmp_path_factory.mktemp("lab"))
    try:
        lab("up", "development", "--with", "community")
        yield lab
        processes = [lab.process(server) for server in (LEDGER, SEARCH)]
    finally:
        ended = lab("down")
    assert all(f"stopped server {server}\n" in ended for server in (LEDGER, SEARCH))
    assert not any(process and process.is_alive for process in processes)

"""The table of settings of the role neo4j_server, held against what real Community servers declare."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import settings
from ansible_collections.credex.ops.plugins.modules import neo4j_query_info

from lab.community.server import Community
from tests.contract.calls import run_module
from tests.static.repository import COLLECTION, load

ROWS = settings.known(load(COLLECTION / "roles/neo4j_server/files/settings.yml"))


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    return request.getfixturevalue(request.param)


@pytest.fixture
def declared(server: Community, login: dict[str, Any]) -> set[str]:
    """What SHOW SETTINGS has; it leaves the internal ones out."""
    result = run_module(neo4j_query_info, uri=server.uri, database="neo4j", query="SHOW SETTINGS YIELD name", **login)
    return {row["name"] for row in result["rows"]}


def test_the_table_knows_every_setting_of_a_real_server(server: Community, declared: set[str]) -> None:
    assert len(declared) > 100
    version = server.release.version
    # One by one: 5.26 has some settings by two names, of which a file may hold one
    assert [why for name in sorted(declared) for why in settings.problems({name: ""}, ROWS, version, "community")] == []


def test_a_real_server_has_every_setting_of_the_table(server: Community, declared: set[str]) -> None:
    suiting = {row.name for row in ROWS if row.suits(server.release.version, "community") and "<" not in row.name}
    assert len(suiting) > 100
    assert sorted(suiting - declared) == []

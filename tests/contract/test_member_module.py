"""neo4j_cluster_member on real Community servers, which have no cluster. Everything else is Enterprise's: tests/lab."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_cluster_member

from lab.community.server import Community
from tests.contract.calls import run_module


@pytest.fixture(scope="module", params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("state", ["enabled", "cordoned", "deallocated", "dropped"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_community_has_no_cluster_and_says_so(
    server: Community, login: dict[str, Any], state: str, check_mode: bool
) -> None:
    options = {"server": server.address, "state": state, "_ansible_check_mode": check_mode}
    result = run_module(neo4j_cluster_member, uri=server.uri, **login, **options)
    assert result.get("failed"), result
    assert "this server has no cluster, which only Neo4j Enterprise has" in result["msg"]
    assert (result["code"] or "").startswith("Neo.ClientError.Statement."), result

"""Graph Data Science for real, without a license: that is how Maven Central has it. Licensed GDS is emulated only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_license_info, neo4j_query_info

from lab.community import parts
from lab.community.server import Community
from tests.contract.calls import one_server, run_module
from tests.contract.conftest import install, running


@pytest.fixture(scope="module")
def with_gds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Community]:
    with running(install(parts.LTS, tmp_path_factory, with_gds=True)) as server:
        yield server


def test_gds_without_a_license_says_so_itself(with_gds: Community, login: dict[str, Any]) -> None:
    found = one_server(neo4j_license_info, with_gds.uri, **login)
    assert found["products"]["gds"] == {
        "installed": True,
        "licensed": False,
        "expires": None,
        "days_left": None,
        "message": "No valid GDS license specified.",
    }
    assert not found["products"]["bloom"]["installed"]
    assert found["license_paths"]["gds"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("RETURN gds.version() AS x", parts.GDS),
        ("RETURN gds.isLicensed() AS x", False),
        ("CALL gds.graph.list() YIELD graphName RETURN count(*) AS x", 0),
    ],
)
def test_gds_without_a_license_works(with_gds: Community, login: dict[str, Any], query: str, expected: Any) -> None:
    result = run_module(neo4j_query_info, uri=with_gds.uri, database="neo4j", query=query, **login)
    assert result.get("rows") == [{"x": expected}], result

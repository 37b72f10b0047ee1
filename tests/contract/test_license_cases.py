# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A license validation of a real Community server: case 1 fails, and the others say what cannot be known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.filter.license_validation_checks import license_validation_checks
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_cluster_info,
    neo4j_enterprise_check,
    neo4j_license_info,
)

from lab.community.server import Community
from tests.contract.calls import one_server, run_module

CONTRACT = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2999-05-31",
    "count_cpu_as": "cores",
    "machines": {"production": 3},
    "max_cpu": 1024,
    "max_memory": "100 TB",
}


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    found: Community = request.getfixturevalue(request.param)
    return found


def test_what_can_be_read(server: Community, login: dict[str, Any]) -> None:
    readings = {
        "members": [{"host": "db-1", "uri": server.uri, "cluster": "db-1"}],
        "answers": [one_server(neo4j_license_info, server.uri, **login)],
        "clusters": [one_server(neo4j_cluster_info, server.uri, **login)],
        "instances": [],
        "types": [],
        "last_renewal": None,
    }
    checks = license_validation_checks(readings, CONTRACT, "production", {}, [])
    told = {check["id"].removeprefix("license_validation."): check["status"] for check in checks}
    assert told == {
        "1.edition": "failed",
        "2.count": "passed",
        "2.unclaimed": "passed",
        "2.unexplained": "unknown",
        "3.configured_memory": told["3.configured_memory"],
        "3.processors": "unknown",
        "5.contract": "passed",
        "5.agreement": "failed",
        "6.last_report": "skipped",
    }
    assert told["3.configured_memory"] in ("passed", "unknown"), "as this server is configured"


def test_what_only_enterprise_has(server: Community, login: dict[str, Any]) -> None:
    result = run_module(neo4j_enterprise_check, uris=[server.uri], **login)
    steps = {step["name"]: step for step in result["steps"]}
    assert (steps["created"]["status"], steps["enforced"]["status"]) == ("failed", "unknown")
    assert "does not have it" in steps["created"]["detail"]
    assert steps["dropped"]["status"] == "passed" and result["leftovers"] == []

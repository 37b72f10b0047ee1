# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the emulated servers are licensed, and what is said where a server or a product would not tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_license_info

NOT_INSTALLED = {"installed": False, "licensed": None, "expires": None, "days_left": None, "message": None}


@pytest.fixture
def read(enterprise, run_module, login):
    def read(**params):
        return run_module(neo4j_license_info, **{"uris": enterprise.uris, **login, **params})["servers"]

    return read


def test_a_licensed_server(enterprise, read):
    path = enterprise.license_gds(enterprise.servers[0], days=20)
    with enterprise.running():
        licensed, unlicensed = read()[:2]
    gds = licensed["products"]["gds"]
    assert (gds["installed"], gds["licensed"], gds["days_left"]) == (True, True, 20)
    expires = datetime.strptime(gds["expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert (expires - datetime.now(UTC)).days == 20
    assert gds["message"].startswith("License expires at ")
    assert licensed["products"]["bloom"] == NOT_INSTALLED
    assert licensed["license_paths"] == {
        "gds": str(path),
        "bloom": None,
        "directory": str(enterprise.servers[0].path / "licenses"),
    }
    assert unlicensed["products"]["gds"] == {
        "installed": True,
        "licensed": False,
        "expires": None,
        "days_left": None,
        "message": "No valid GDS license specified.",
    }
    assert unlicensed["license_paths"]["gds"] is None


def test_the_agreement_and_the_size_that_a_contract_counts(enterprise, read):
    with enterprise.running():
        first = read()[0]
    assert first["agreement"] == {"status": "commercial", "days_left": None, "total_days": None}
    assert first["memory"] == {"heap_max_mib": 8192, "page_cache_mib": 4096, "total_mib": 16384}
    assert first["processors"] == 4


def test_an_evaluation(enterprise, read):
    from lab.server import agreement
    from lab.server.home import Home

    agreement.accept(Home(enterprise.servers[1].path).agreement, "evaluation")
    with enterprise.running():
        second = read()[1]
    assert second["agreement"] == {"status": "evaluation", "days_left": 30, "total_days": 30}


def test_a_license_that_the_product_rejects(enterprise, read):
    enterprise.license_gds(enterprise.servers[0], days=-2)
    with enterprise.running():
        gds = read()[0]["products"]["gds"]
    assert gds["licensed"] is False
    assert gds["days_left"] < 0
    assert "expired" in gds["message"]


def test_a_server_that_is_gone(enterprise, read):
    with enterprise.running():
        servers = read(uris=[enterprise.uris[0], "bolt://127.0.0.1:1"])
    assert [entry["cause"] for entry in servers] == [None, "refused"]
    assert "agreement" not in servers[1]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Development and staging by their own inventories: two single servers each, in an account that is not production's."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import ROOT

pytestmark = pytest.mark.sampled(1, of="environments")

OVERRIDES = ("-e", f"@{ROOT / 'lab' / 'prod.yml'}")


def spaces(environment: str) -> list[str]:
    return [f"Neo4j-{space}-{environment}" for space in ("LedgerSpace", "SearchSpace")]


def test_the_minute_queue_of_the_ledger_holds_the_search_server_back_too(singles):
    ledger, search = spaces("development")
    before = [singles.pid(name) for name in (ledger, search)]
    singles.command("flag", "neo4j", "busy", "--environment", "development")
    with singles.as_client_of("development"):
        held = singles.renew(
            *OVERRIDES, "--limit", f"localhost,{search}*", inventory="inventories/dev", ops_reports=str(singles.reports)
        )
    singles.command("flag", "neo4j", "quiet", "--environment", "development")
    assert held.rc == 2 and "(MTQ) is at work" in held.report["failure"], held.output[-3000:]
    assert [singles.pid(name) for name in (ledger, search)] == before


def test_development_accepts_the_outage_and_is_renewed_cluster_by_cluster(singles):
    before = {name: singles.pid(name) for name in spaces("development")}
    with singles.as_client_of("development"):
        run = singles.renew(*OVERRIDES, inventory="inventories/dev", ops_reports=str(singles.reports))
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "passed" and sorted(run.states()) == sorted(before)
    assert all(singles.pid(name) != pid for name, pid in before.items())


def test_staging_refuses_an_outage_that_nobody_accepted_before_anything_changes(singles):
    before = [singles.pid(name) for name in spaces("staging")]
    with singles.as_client_of("staging"):
        run = singles.renew(*OVERRIDES, inventory="inventories/staging", ops_reports=str(singles.reports))
    assert run.rc == 2, run.output[-3000:]
    assert "to take it down is an outage" in run.report["failure"] and "Nothing was changed" in run.report["failure"]
    assert [singles.pid(name) for name in spaces("staging")] == before
    assert not list(singles.home(spaces("staging")[0]).glob("licenses/*.kept"))


def test_production_s_credentials_find_no_server_of_development(singles):
    run = singles.renew(*OVERRIDES, inventory="inventories/dev")
    assert run.rc != 0 and "No Neo4j server was found" in run.output, run.output[-3000:]

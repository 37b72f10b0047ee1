# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter import ops_freeze, ops_inventory_findings, report_document

NIGHT = {"from": "23:45", "to": "00:45", "tz": "UTC", "reason": "offering"}


class TestFreeze:
    @pytest.mark.parametrize(
        "now",
        [
            datetime(2026, 11, 23, 23, 50),  # what now(utc=true) of a playbook gives
            datetime(2026, 11, 23, 23, 50, tzinfo=UTC),
            "2026-11-23T23:50:00Z",
            "2026-11-23T23:50:00",
            "2026-11-24T01:50:00+02:00",
        ],
    )
    def test_takes_the_moment_in_any_spelling(self, now):
        assert ops_freeze.ops_freeze([NIGHT], now)["ends"] == "2026-11-24T00:45:00Z"

    def test_null_when_a_step_may_begin(self):
        assert ops_freeze.ops_freeze([NIGHT], "2026-11-23T12:00:00Z", 900) is None
        assert ops_freeze.ops_freeze([], "2026-11-23T23:50:00Z") is None

    @pytest.mark.parametrize(("windows", "now"), [([{"from": 1}], "2026-11-23"), ([NIGHT], "noon")])
    def test_nonsense_is_an_error_and_never_no_window(self, windows, now):
        with pytest.raises(AnsibleFilterError, match="ops_freeze"):
            ops_freeze.ops_freeze(windows, now)


class TestInventoryFindings:
    HOSTVARS = {  # noqa: RUF012
        "n1": {
            "neo4j_cluster_name": "credex",
            "instance_id": "i-1",
            "ansible_host": "10.0.0.1",
            "owner_id": "111111111111",
            "placement": {"region": "af-south-1"},
        },
        "n2": {"neo4j_cluster_name": "credex", "instance_id": "i-1", "ansible_host": "10.0.0.2", "placement": {}},
    }

    def failed(self, names, **more):
        checks = ops_inventory_findings.ops_inventory_findings(
            names, self.HOSTVARS, {"credex": {"primaries": 1}}, **more
        )
        return {check["id"] for check in checks if check["status"] == "failed"}

    def test_reads_what_the_inventory_set(self):
        assert self.failed(["n1"], account_id="111111111111", region="af-south-1") == set()
        assert self.failed(["n1"], account_id=222222222222, region="us-east-1") == {
            "inventory.account_id",
            "inventory.region",
        }
        assert self.failed(["n1", "n2"]) == {"inventory.cluster_complete", "inventory.instance_id"}


class TestReportDocument:
    def test_judges_checks(self):
        checks = [{"id": "x", "status": "passed", "server": "n1"}]
        green = report_document.report_document(checks, {"operation": "verify", "servers": ["n1"]})
        assert green["green"] and green["verdict"] == "passed" and green["run"]["title"] == "Verify"
        assert report_document.report_document(checks, {"servers": ["n1", "n2"]})["verdict"] == "incomplete"
        assert report_document.report_document([])["verdict"] == "incomplete"
        assert report_document.report_document(checks, failure="lost")["verdict"] == "failed"
        assert report_document.report_document(checks, nothing_to_do=True)["verdict"] == "nothing_to_do"

    def test_a_check_that_could_be_misread_is_an_error(self):
        with pytest.raises(AnsibleFilterError, match="status is 'ok'"):
            report_document.report_document([{"id": "x", "status": "ok"}])

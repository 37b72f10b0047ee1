# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same operation with production's own inventory, and as AWX runs it."""

from __future__ import annotations

import os

import ansible_runner
import boto3
import pytest
import yaml

from tests.lab.operations.lab_driver import PLAYBOOK, QUICK, ROOT, SERVERS, TWO

a_sample = pytest.mark.sampled(2, of="other ways to run")

PRODUCTION = ROOT / "lab" / "prod.yml"
# What a loopback without root forces, and nothing else of production may be overridden
FORCED = {
    "neo4j_admin",
    "neo4j_conf_dir",
    "neo4j_group",
    "neo4j_home",
    "neo4j_licenses_dir",
    "neo4j_logs_dir",
    "neo4j_owner",
    "neo4j_service_manager",
    "ops_guard_now",
}


def test_the_lab_overrides_of_production_only_what_it_must():
    given = yaml.safe_load(PRODUCTION.read_text())
    assert {name for name in given if not name.startswith("ansible_")} == FORCED


@a_sample
def test_production_s_own_command_line_with_no_more_privileges_than_it_needs(lab):
    """In AWS an operator's policies; in Neo4j a reader's role, because a renewal changes nothing over Bolt."""
    login = lab.neo4j_user("ops_reader")
    with lab.as_user_with("ops_reader", "ops_operator", **login):
        run = lab.renew("-e", f"@{PRODUCTION}", inventory="inventories/prod", **login)
    assert run.rc == 0, run.output[-3000:]
    assert all(lab.renewed().values())
    assert "Report: s3://credex-ops-reports-production/" in run.output
    s3 = boto3.client("s3", aws_access_key_id="testing", aws_secret_access_key="testing", **lab.aws)
    kept = s3.list_objects_v2(Bucket="credex-ops-reports-production")["Contents"]
    assert {item["Key"].rpartition("/")[2] for item in kept} == {"index.html", "report.json", "report.xml"}


@a_sample
def test_as_awx_runs_it(lab, tmp_path, monkeypatch):
    """Survey answers as variables, a limit, no terminal; results come back as stats."""
    monkeypatch.setenv("PATH", str(PLAYBOOK.parent), prepend=os.pathsep)
    one = f"localhost,{TWO}*"
    run = ansible_runner.run(
        private_data_dir=str(tmp_path),
        project_dir=str(ROOT),
        playbook="renew_license.yml",
        inventory=str(ROOT / "inventories/lab"),
        envvars={**lab.env, "PATH": os.environ["PATH"], "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        extravars={**QUICK, "awx_job_id": 4711, "awx_user_name": "ana", "renew_license_rollback": "fleet"},
        limit=one,
        quiet=True,
    )
    assert (run.status, run.rc) == ("successful", 0), run.stdout.read()[-3000:]
    assert [name for name in SERVERS if lab.renewed()[name]] == [TWO]
    [stats] = [event["event_data"]["artifact_data"] for event in run.events if event["event"] == "playbook_on_stats"]
    assert stats["ops_report_verdict"] == "passed" and stats["ops_report_run_id"] == "awx-4711"
    assert stats["neo4j_rolling_failure"] == "" and len(stats["neo4j_rolling_order"]) == 1
    assert lab.report()["run"]["holder"] == "ana (AWX job 4711)"


@a_sample
def test_a_license_from_the_environment(lab, monkeypatch):
    """As a GitHub Actions secret arrives."""
    [_, fresh] = lab.secrets()
    monkeypatch.setitem(lab.env, "NEO4J_GDS_LICENSE", fresh)
    run = lab.renew(
        "-vvv", "-e", f"@{ROOT}/playbooks/vars/license_from_environment.yml", "--limit", f"localhost,{TWO}*"
    )
    assert run.rc == 0, run.output[-3000:]
    assert lab.license_file(TWO).read_text() == fresh
    assert fresh not in run.output


@a_sample
def test_a_secret_that_is_not_there_is_named_before_anything_changes(lab):
    missing = {"type": "env", "variable": "NEO4J_NO_SUCH_LICENSE"}
    run = lab.renew(neo4j_license_files=[{"product": "gds", "source": missing, "path": "neo4j-gds.license"}])
    assert run.rc == 2 and "NEO4J_NO_SUCH_LICENSE" in run.report["failure"]
    assert not any(lab.renewed().values()) and lab.lock() is None

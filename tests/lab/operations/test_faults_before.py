# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults before the first server is touched. Each is refused by name, and nothing is changed. docs/faults.md."""

from __future__ import annotations

import contextlib

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, only

pytestmark = pytest.mark.sampled(2, of="faults before")

# The host of a server that is not worked on stands in for one of its own
QUERY_HOST = "{{ groups['neo4j'] | select('match', '%s_') | first }}"


@contextlib.contextmanager
def away(lab, how, *names):
    """Servers that the inventory does not find."""
    ec2 = lab.client("ec2")
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": list(names)}])["Reservations"]
    ids = [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]
    assert len(ids) == len(names)
    tags = [{"Key": "Environment", "Value": "production"}]
    if how == "without tag":
        ec2.delete_tags(Resources=ids, Tags=tags)
    else:
        ec2.stop_instances(InstanceIds=ids)
    try:
        yield
    finally:
        ec2.create_tags(Resources=ids, Tags=tags)
        ec2.start_instances(InstanceIds=ids)


def test_an_empty_fleet(untouched):
    with away(untouched, "without tag", *SERVERS):
        run = untouched.renew()
    assert run.rc == 2 and "No Neo4j server was found" in run.output


def test_half_a_fleet_in_the_wrong_account(untouched):
    """Two faults in one run, which names both; also where the limit names a server that was found."""
    with away(untouched, "without tag", ONE), away(untouched, "stopped", THREE):
        run = untouched.renew(*only(TWO), credex_aws_account_id="999999999999")
    assert run.rc == 2
    assert "Cluster credex is complete in the inventory: no. 1 of 3 servers found" in run.report["failure"]
    assert "Expected 999999999999, and these credentials belong to 111111111111" in run.report["failure"]


def test_a_dead_aws_endpoint(untouched, monkeypatch):
    dead = untouched.env["AWS_ENDPOINT_URL"].rpartition(":")[0] + ":9"
    monkeypatch.setitem(untouched.env, "AWS_ENDPOINT_URL", dead)
    run = untouched.renew()
    assert run.rc == 1
    assert f'Could not connect to the endpoint URL: "{dead}/"' in run.output


def test_a_freeze_window_at_the_start(untouched):
    run = untouched.renew(ops_guard_now="2026-01-01T23:30:00+00:00")
    assert run.rc == 2
    assert "daily credcoin offering" in run.report["failure"] and "Run it again then" in run.report["failure"]


def test_a_place_for_reports_that_cannot_be_written(untouched, tmp_path):
    (tmp_path / "file").write_text("no folder")
    run = untouched.renew(ops_reports=str(tmp_path / "file"))
    assert run.rc == 2
    assert f"Cannot write the report {tmp_path}/file/" in run.output and "Not a directory" in run.output


def test_a_server_that_is_lost_while_all_are_looked_at(untouched):
    untouched.fault("ssh-lost", TWO, "--at", "neo4j_license_file_info ")
    run = untouched.renew()
    assert run.rc == 4
    assert TWO in run.report["failure"] and "lost (unreachable) before any change" in run.report["failure"]


def test_a_query_host_that_is_lost_before_the_plan(untouched):
    untouched.fault("ssh-lost", THREE, "--at", "neo4j_cluster_info ")
    run = untouched.renew(*only(TWO), neo4j_query_host=QUERY_HOST % THREE)
    assert run.rc == 2
    assert f"The query host {THREE}_" in run.report["failure"] and "is lost" in run.report["failure"]

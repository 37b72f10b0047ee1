# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import MappingProxyType

import pytest
from ansible_collections.credex.ops.plugins.module_utils._guard.inventory import findings

CLUSTERS = MappingProxyType({"credex": {"primaries": 3, "secondaries": 0}})


def host(number, **more):
    return {
        "name": f"neo4j-{number}-i-{number}",
        "cluster": "credex",
        "instance_id": f"i-{number}",
        "address": f"10.0.0.{number}",
        "account_id": "111111111111",
        "region": "af-south-1",
        **more,
    }


FLEET = (host(1), host(2), host(3))


def failed(hosts=FLEET, clusters=CLUSTERS, account="111111111111", region="af-south-1"):
    checks = findings(hosts, clusters, account, region)
    assert all(check["phase"] == "preflight" and check["detail"] for check in checks)
    return {check["id"].removeprefix("inventory."): check["detail"] for check in checks if check["status"] == "failed"}


def test_the_whole_fleet_passes_every_check():
    assert {check["status"] for check in findings(FLEET, CLUSTERS, "111111111111", "af-south-1")} == {"passed"}


def test_an_empty_inventory_is_refused():
    assert set(failed([])) == {"not_empty", "cluster_complete"}


def test_without_expected_clusters_nothing_is_complete():
    assert set(failed(clusters={})) == {"clusters_named", "all_belong"}


def test_a_half_read_inventory_is_refused():
    assert "2 of 3 servers found: a half-read inventory" in failed(FLEET[:2])["cluster_complete"]


def test_one_too_many_is_refused_too():
    assert "4 servers found, 3 expected" in failed([*FLEET, host(4)])["cluster_complete"]


def test_secondaries_count():
    assert not failed(clusters={"credex": {"primaries": 1, "secondaries": 2}})


@pytest.mark.parametrize("counts", [None, {}, {"primaries": 0}, 3, {"primaries": "three"}, {"primaries": -1}])
def test_a_cluster_without_a_count_is_refused(counts):
    assert "write its primaries and secondaries" in failed(clusters={"credex": counts})["cluster_complete"]


@pytest.mark.parametrize("cluster", [None, "other"])
def test_a_stranger_is_refused(cluster):
    problems = failed([*FLEET, host(4, cluster=cluster)])
    assert "neo4j-4-i-4" in problems["all_belong"] and "cluster_complete" not in problems


@pytest.mark.parametrize(("key", "value"), [("instance_id", "i-1"), ("address", "10.0.0.1")])
def test_two_names_of_one_machine_are_refused(key, value):
    assert f"{value} is neo4j-1-i-1 and neo4j-3-i-3" in failed([host(1), host(2), host(3, **{key: value})])[key]


def test_a_machine_without_id_among_others_with_one_is_refused():
    assert "no instance id: neo4j-3-i-3" in failed([host(1), host(2), host(3, instance_id=None)])["instance_id"]


def test_an_inventory_without_instance_ids_skips_that_question():
    hosts = [host(number, instance_id=None) for number in (1, 2, 3)]
    [check] = [check for check in findings(hosts, CLUSTERS) if check["id"] == "inventory.instance_id"]
    assert check["status"] == "skipped" and not check["required"]


def test_another_account_or_region_is_refused():
    problems = failed([host(1), host(2), host(3, account_id="222222222222", region="us-east-1")])
    assert problems["account_id"] == "Expected 111111111111: neo4j-3-i-3 in 222222222222."
    assert problems["region"] == "Expected af-south-1: neo4j-3-i-3 in us-east-1."


def test_two_clusters_are_counted_apart():
    clusters = {"a": {"primaries": 1}, "b": {"primaries": 2}}
    hosts = [host(1, cluster="a"), host(2, cluster="b"), host(3, cluster="b")]
    assert not failed(hosts, clusters)
    assert "0 of 1" in failed(hosts[1:], clusters)["cluster_complete"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the servers of an inventory find each other. Plan and verdict are those of test_neo4j_forming.py."""

from __future__ import annotations

from ansible_collections.credex.ops.plugins.filter import cluster_missing, cluster_plan
from ansible_collections.credex.ops.plugins.filter.cluster_settings import cluster_settings

CLUSTERS = {"credex": {"primaries": 3}}
HOSTVARS = {
    "a": {"neo4j_cluster_name": "credex", "ansible_host": "10.0.1.11"},
    "b": {"neo4j_cluster_name": "credex", "ansible_host": "10.0.1.12", "neo4j_server_advertised_address": "b.example"},
    "c": {"neo4j_cluster_name": "credex"},
    "other": {"neo4j_cluster_name": "other", "ansible_host": "10.0.1.14"},
    "alone": {},
}


def settings(host):
    return cluster_settings(list(HOSTVARS), HOSTVARS, host, CLUSTERS, "5.26.30")


def test_the_members_of_one_s_own_cluster_as_they_advertise_themselves():
    assert settings("a")["dbms.cluster.discovery.v2.endpoints"] == ["10.0.1.11:6000", "b.example:6000", "c:6000"]
    assert settings("a") == settings("b") == settings("c")


def test_who_is_alone_finds_nobody():
    assert settings("other") == settings("alone") == {}


def test_a_fleet_without_servers():
    [found] = cluster_plan.cluster_plan([], [], CLUSTERS, {})
    assert found["problems"] == ["cluster credex has 0 hosts, and neo4j_clusters asks for 3"]
    assert cluster_missing.cluster_missing([], [], CLUSTERS, {}) == []

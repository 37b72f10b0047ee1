# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the node is like whose real Neo4j Community was upgraded from one package to another, under a real systemd."""

from __future__ import annotations

import os
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import ConstraintError

VERSION = os.environ["UPGRADE_VERSION"]
PASSWORD = Path(os.environ["UPGRADE_PASSWORD_FILE"]).read_text()


@pytest.fixture
def driver(host):
    address = host.check_output("hostname --all-ip-addresses").strip()
    with neo4j.GraphDatabase.driver(f"bolt://{address}:7687", auth=("neo4j", PASSWORD)) as driver:
        yield driver


def test_packages_are_at_the_new_version_and_stay_there(host):
    for name in ("neo4j", "cypher-shell"):
        assert host.package(name).version == f"1:{VERSION}"
    policy = host.check_output("apt-cache policy neo4j")
    assert f"Candidate: 1:{VERSION}" in policy and "1:5.26.999" in policy


def test_it_runs_and_says_so(host, driver):
    assert host.service("neo4j").is_running and host.service("neo4j").is_enabled
    kernel = driver.execute_query("CALL dbms.components() YIELD name, versions, edition").records[0]
    assert kernel.data() == {"name": "Neo4j Kernel", "versions": [VERSION], "edition": "community"}


def test_constraints_and_plugins_are_there(driver):
    with pytest.raises(ConstraintError):
        driver.execute_query("CREATE (:Account {number: 1})")
    assert driver.execute_query("RETURN apoc.util.md5(['a']) AS md5").records[0]["md5"]


def test_nothing_is_left_of_the_upgrade(host):
    assert not host.file("/var/lib/neo4j/upgrade.json").exists
    assert host.check_output("find /tmp /etc/neo4j -name '*credex-ops-*' -not -name '*.service*'") == ""

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node is like whose packages were upgraded, or failed to be; each test runs on each node, as root.

molecule/cluster/tasks/look_at_nodes.yml gives a stage's expectations in NODES_EXPECTED.
"""

from __future__ import annotations

import json
import os

import pytest

VERSION = os.environ["NODES_VERSION"]
UNIT_STARTED = "39f53479d3a045ac8e11786248231fbf"  # systemd's own number of the message "Started ..."


@pytest.fixture
def expected(host):
    return json.loads(os.environ["NODES_EXPECTED"])[host.check_output("hostname")]


def test_the_package(host, expected):
    shown = host.check_output("dpkg-query --show --showformat='${db:Status-Abbrev} ${Version}' credex-sample")
    assert shown == expected["status"]


def test_neo4j_is_left_alone_though_a_newer_one_is_offered(host):
    assert host.package("neo4j-enterprise").version == f"1:{VERSION}"
    assert f"Candidate: 1:{VERSION.rpartition('.')[0]}.999" in host.check_output("apt-cache policy neo4j-enterprise")


def test_it_was_booted_as_often_as_the_runs_say(host, expected):
    assert len(host.file("/var/lib/boots").content_string.splitlines()) == expected["boots"]
    assert not host.file("/run/reboot-required").exists


def test_neo4j_runs_and_was_started_as_often_since_the_boot_as_the_runs_say(host, expected):
    assert host.service("neo4j").is_enabled and host.service("neo4j").is_running
    started = host.check_output("journalctl --output=cat UNIT=neo4j.service MESSAGE_ID=%s", UNIT_STARTED)
    assert len(started.splitlines()) == expected["starts"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node is like that got a real Neo4j Community by dnf from rpm packages, and was upgraded by an operation.

The node is a Debian with Debian's dnf and rpm, and an empty database of packages: what Red Hat and Amazon do otherwise
is not seen here.
"""

from __future__ import annotations

import os
from pathlib import Path

import neo4j
import pytest

VERSION = os.environ["RPM_VERSION"]
FINGERPRINT = os.environ["RPM_FINGERPRINT"]
PASSWORD = Path(os.environ["RPM_PASSWORD_FILE"]).read_text()


@pytest.fixture
def driver(host):
    address = host.check_output("hostname --all-ip-addresses").strip()
    with neo4j.GraphDatabase.driver(f"bolt://{address}:7687", auth=("neo4j", PASSWORD)) as driver:
        yield driver


def test_packages_are_at_their_version_and_others_are_not_seen(host):
    installed = host.check_output("rpm --query --queryformat '%{NAME} %{VERSION}\\n' neo4j cypher-shell").split("\n")
    assert installed == [f"neo4j {VERSION}", f"cypher-shell {VERSION}"]
    for pinned, offered in (("", [VERSION]), ("--disableexcludes=all", ["5.26.0", VERSION, "5.26.998", "5.26.999"])):
        found = host.check_output(f"dnf -q {pinned} repoquery --showduplicates --queryformat '%{{version}}' neo4j")
        assert found.split("\n") == offered


def test_an_upgrade_of_all_that_the_host_has_leaves_it_alone(host):
    upgrade = host.run("dnf --assumeno --refresh upgrade")
    assert upgrade.rc == 0 and "Nothing to do." in upgrade.stdout


def test_the_key_of_the_repository_is_the_only_one_that_is_trusted(host):
    key = FINGERPRINT[-8:].lower()
    assert host.check_output("rpm --query --queryformat '%{VERSION}\\n' gpg-pubkey") == key


def test_owners_and_modes(host):
    wanted = {
        "/etc/pki/rpm-gpg/RPM-GPG-KEY-neo4j": ("root", "root", 0o644),
        "/etc/yum.repos.d/neo4j.repo": ("root", "root", 0o644),
        "/etc/neo4j": ("root", "neo4j", 0o750),
        "/etc/neo4j/neo4j.conf": ("neo4j", "neo4j", 0o640),
        "/var/lib/neo4j": ("neo4j", "neo4j", 0o750),
        "/var/lib/neo4j/data": ("neo4j", "neo4j", 0o750),
        "/var/log/neo4j": ("neo4j", "adm", 0o750),
    }
    files = {path: host.file(path) for path in wanted}
    assert {path: (file.user, file.group, file.mode) for path, file in files.items()} == wanted


def test_unit(host):
    service = host.service("neo4j")
    assert service.is_enabled and service.is_running
    java = host.check_output("systemctl show --value --property=Environment neo4j")
    assert f"JAVA_HOME=/usr/lib/jvm/java-17-amazon-corretto.{host.check_output('uname -m')}" in java


def test_it_is_the_newer_version_with_its_plugin(driver):
    kernel = driver.execute_query("CALL dbms.components() YIELD name, versions, edition").records[0]
    assert kernel.data() == {"name": "Neo4j Kernel", "versions": [VERSION], "edition": "community"}
    assert driver.execute_query("RETURN apoc.util.md5(['a']) AS md5").records[0]["md5"]


def test_nothing_is_left_of_what_was_asked_and_of_the_upgrade(host):
    assert not host.file("/var/lib/neo4j/upgrade.json").exists
    assert host.check_output("find /tmp /etc/neo4j -name '*credex-ops-*' -not -name '*.service*'") == ""

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nodes are like whose server the role neo4j_server installed; a real Neo4j Community under a real systemd.

One has it from a package, one from an archive; that is the only difference between them, and both have the same places.

molecule/server/tasks/look_at_node.yml gives what differs between the stages in SERVER_EXPECTED.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import ClientError, ServiceUnavailable

EXPECTED = json.loads(os.environ["SERVER_EXPECTED"])
VERSION = os.environ["SERVER_VERSION"]
PASSWORD = Path(os.environ["SERVER_PASSWORD_FILE"]).read_text()
JAVA = "/usr/lib/jvm/java-17-openjdk-"
CONF, UNIT = "/etc/neo4j/neo4j.conf", "/etc/systemd/system/neo4j.service"
HOME, LOGS, CURRENT = "/var/lib/neo4j", "/var/log/neo4j", f"versions/neo4j-community-{VERSION}"
AUTHORITY = os.environ["SERVER_AUTHORITY"]
ENCRYPTION = {
    "package": {},
    "archive": {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(AUTHORITY)},
}
PROGRAMS = {"package": "/usr/share/neo4j", "archive": f"{HOME}/versions"}
OF_BOTH = {
    CONF: ("neo4j", "neo4j", 0o640),
    f"{UNIT}.d/credex-ops.conf": ("root", "root", 0o644),
    "/etc/neo4j": ("root", "neo4j", 0o750),
    f"{HOME}/data": ("neo4j", "neo4j", 0o750),
}
OWNERS_AND_MODES = {
    "package": {
        **OF_BOTH,
        "/etc/apt/keyrings/neo4j.asc": ("root", "root", 0o644),
        "/etc/apt/sources.list.d/neo4j.sources": ("root", "root", 0o644),
        HOME: ("neo4j", "neo4j", 0o750),
        LOGS: ("neo4j", "adm", 0o750),
    },
    "archive": {
        **OF_BOTH,
        UNIT: ("root", "root", 0o644),
        HOME: ("root", "neo4j", 0o750),
        LOGS: ("neo4j", "neo4j", 0o750),
        f"{HOME}/certificates/bolt": ("neo4j", "neo4j", 0o750),
        f"{HOME}/certificates/bolt/private.key": ("neo4j", "neo4j", 0o400),
        f"{HOME}/certificates/bolt/public.crt": ("neo4j", "neo4j", 0o440),
        f"{HOME}/licenses": ("neo4j", "neo4j", 0o750),
        f"{HOME}/{CURRENT}": ("root", "neo4j", 0o750),
        f"{HOME}/{CURRENT}/bin/neo4j": ("root", "neo4j", 0o750),
        f"{HOME}/{CURRENT}/packaging_info": ("root", "neo4j", 0o640),
    },
}


def address(host) -> str:
    return host.check_output("hostname --all-ip-addresses").strip()


@pytest.fixture
def install(host) -> str:
    """What this node's server came from."""
    return host.ansible.get_variables()["neo4j_server_install"]


def connected(host, install, password=PASSWORD) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(f"bolt://{address(host)}:7687", auth=("neo4j", password), **ENCRYPTION[install])


@pytest.fixture
def driver(host, install):
    with connected(host, install) as driver:
        yield driver


def shown(host, name: str) -> str:
    return host.check_output("systemctl show --value --property=%s neo4j", name)


def jvm(host):
    """The server itself: the younger of the unit's two JVMs."""
    return max(host.process.filter(comm="java"), key=lambda process: process.pid)


def packages_are_at_their_version_and_stay_there(host):
    for name in ("neo4j", "cypher-shell"):
        assert host.package(name).version == f"1:{VERSION}"
    policy = host.check_output("apt-cache policy neo4j")
    assert f"Candidate: 1:{VERSION}" in policy and "1:5.26.999" in policy, "a newer one is offered, and not taken"


def the_current_version_is_a_link_away(host):
    assert host.file(f"{HOME}/current").linked_to == f"{HOME}/{CURRENT}"
    assert host.check_output(f"ls {HOME}/versions") == f"neo4j-community-{VERSION}"
    for name in ("bin", "lib"):
        assert host.file(f"{HOME}/{name}").linked_to == f"{HOME}/{CURRENT}/{name}"
    assert host.file("/usr/bin/neo4j-admin").linked_to == f"{HOME}/{CURRENT}/bin/neo4j-admin"


def test_what_is_installed(host, install):
    look = {"package": packages_are_at_their_version_and_stay_there, "archive": the_current_version_is_a_link_away}
    look[install](host)


def test_owners_and_modes(host, install):
    wanted = OWNERS_AND_MODES[install]
    files = {path: host.file(path) for path in wanted}
    assert {path: (file.user, file.group, file.mode) for path, file in files.items()} == wanted


def test_the_server_cannot_change_its_programs_and_configuration_folder(host, install):
    programs = PROGRAMS[install]
    assert host.check_output("find %s -name '*.jar'", programs)
    assert (
        host.check_output("runuser -u neo4j -- find %s /etc/neo4j -writable -not -name 'neo4j.conf*'", programs) == ""
    )


def test_others_cannot_look_in(host):
    for path in ("/var/lib/neo4j/data/databases", "/var/lib/neo4j/data/dbms/auth.ini", CONF):
        assert host.file(path).exists
        assert host.run("runuser -u ops -- ls %s", path).rc != 0


def test_nothing_is_left_of_candidates_and_the_password(host):
    assert host.check_output("find /tmp /etc/neo4j -name '.credex-ops-*'") == ""


def test_unit(host):
    service = host.service("neo4j")
    assert service.is_enabled and service.is_running
    properties = {
        "Restart": "on-failure",
        "RestartPreventExitStatus": "1 3 4 78",
        "StartLimitBurst": "3",
        "TimeoutStopUSec": "10min",
        "LimitNOFILE": "60000",
        "UMask": "0027",
        "NeedDaemonReload": "no",
        "NRestarts": str(EXPECTED["restarts"]),
    }
    assert {name: shown(host, name) for name in properties} == properties


def test_data_lie_on_the_volume(host, install):
    mount = host.mount_point(f"{HOME}/data")
    assert mount.exists == (install == "archive")
    if mount.exists:
        assert mount.filesystem == "xfs" and "noatime" in mount.options and mount.device.startswith("/dev/loop")
        assert host.service("var-lib-neo4j-data.mount").is_enabled
        for name in ("RequiresMountsFor", "Requires", "After"):
            assert "neo4j-data.mount" in shown(host, name) or f"{HOME}/data" in shown(host, name)


def test_java_is_the_one_of_this_version_and_not_the_default(host):
    assert host.run("java -version").rc == 42
    assert jvm(host).args.startswith(JAVA)
    assert jvm(host).user == "neo4j"


@pytest.mark.parametrize("port", [7687, 7474])
def test_it_listens(host, port):
    assert host.socket(f"tcp://0.0.0.0:{port}").is_listening or host.socket(f"tcp://:::{port}").is_listening


def test_it_lets_us_in_and_answers(driver):
    assert driver.execute_query("RETURN 1 AS one").records[0]["one"] == 1
    kernel = driver.execute_query("CALL dbms.components() YIELD name, versions, edition").records[0]
    assert kernel.data() == {"name": "Neo4j Kernel", "versions": [VERSION], "edition": "community"}


def test_apoc_as_neo4j_brings_it(host, install, driver):
    if install == "archive":
        assert host.file(f"{HOME}/plugins").listdir() == []
        return
    (jar,) = host.file(f"{HOME}/plugins").listdir()
    file = host.file(f"{HOME}/plugins/{jar}")
    assert (file.user, file.group, file.mode) == ("root", "neo4j", 0o640)
    assert file.sha256sum == host.file(f"{HOME}/labs/{jar}").sha256sum
    (row,) = driver.execute_query("RETURN apoc.version() AS version, apoc.util.md5(['a']) AS md5").records
    assert jar == f"apoc-{row['version']}-core.jar" and row["md5"] == "0cc175b9c0f1b6a831c399e269772661"


def test_it_lets_nobody_in_with_neo4js_own_password(host, install):
    with connected(host, install, "neo4j") as driver, pytest.raises(ClientError, match="authentication failure"):
        driver.verify_connectivity()


def test_with_tls_nobody_connects_without(host, install):
    if install == "archive":
        with connected(host, "package") as driver, pytest.raises(ServiceUnavailable):
            driver.verify_connectivity()


def test_settings_are_in_force(host, driver):
    wanted = {
        "browser.post_connect_cmd": ":play C:\\temp\\größe",
        "dbms.usage_report.enabled": "false",
        "server.bolt.advertised_address": f"{address(host)}:7687",
        "server.memory.heap.initial_size": "256.00MiB",
        "server.memory.heap.max_size": "256.00MiB",
        "server.memory.pagecache.size": "64.00MiB",
        "db.transaction.timeout": "0s",  # a change of it waits for a restart
    }
    rows = driver.execute_query("SHOW SETTINGS YIELD name, value WHERE name IN $names", names=list(wanted)).records
    assert {row["name"]: row["value"] for row in rows} == wanted


def test_a_restart_is_due_when_the_file_changed_since_the_start(host):
    shown_start = host.check_output("systemctl show --value --timestamp=us+utc --property=ExecMainStartTimestamp neo4j")
    started = datetime.strptime(shown_start, "%a %Y-%m-%d %H:%M:%S.%f %Z").replace(tzinfo=UTC)
    changed = float(host.check_output("stat --format=%%.6Z %s", CONF))
    assert (changed > started.timestamp()) == EXPECTED["restart_needed"]

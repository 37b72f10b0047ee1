# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node is like after a renewal that went well, was undone, or was cut off; each test runs on each node, as root.

molecule/renew/tasks/look_at_nodes.yml gives a stage's expectations in NODES_EXPECTED.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import ServiceUnavailable

from lab.server import licenses

HOME = "/var/lib/neo4j"
LICENSE = f"{HOME}/licenses/neo4j-gds.license"
UNIT_STARTED = "39f53479d3a045ac8e11786248231fbf"  # systemd's own number of the message "Started ..."
STATE = Path(os.environ["NODES_STATE"])
SECRETS = json.loads((STATE / "secrets.json").read_text())
TEXTS = {"first": (STATE / "first.license").read_text(), "new": SECRETS["licenses"]["production"]["gds"]}
AGREEMENTS = {"commercial": "yes", "evaluation": "eval"}


@pytest.fixture
def expected(host):
    return json.loads(os.environ["NODES_EXPECTED"])[host.check_output("hostname")]


@pytest.fixture
def running(expected):
    return expected["agreement"] != "down"


def shown(host, name: str) -> str:
    return host.check_output("systemctl show --value --timestamp=us+utc --property=%s neo4j", name)


def test_license_is_the_expected_one_and_the_servers_own(host, expected):
    file = host.file(LICENSE)
    assert file.content_string == TEXTS[expected["license"]]
    assert (file.user, file.group, file.mode) == ("neo4j", "neo4j", 0o640)


def test_every_replaced_license_is_kept_beside_it(host, expected):
    kept = [host.file(path) for path in host.check_output("find %s/licenses -name '*.kept'", HOME).split()]
    assert sorted(file.content_string for file in kept) == sorted(TEXTS[name] for name in expected["kept"])
    assert {(file.user, file.group, file.mode) for file in kept} <= {("neo4j", "neo4j", 0o640)}


def test_the_user_of_the_operations_needs_become_to_read_it(host):
    refused = host.run("runuser -u ops -- cat %s", LICENSE)
    assert refused.rc == 1 and "Permission denied" in refused.stderr


def test_everything_in_the_home_is_the_servers_own(host):
    assert host.check_output("find %s ! -user neo4j -o ! -group neo4j", HOME) == ""


def test_unit(host, running):
    assert host.service("neo4j").is_enabled
    assert (shown(host, "ActiveState"), shown(host, "Result")) == ("active" if running else "inactive", "success")
    users = {process.user for process in host.process.filter(comm="python3") if "lab.server" in process.args}
    assert users == ({"neo4j"} if running else set())


def test_it_was_started_as_often_as_the_runs_say(host, expected):
    started = host.check_output("journalctl --output=cat UNIT=neo4j.service MESSAGE_ID=%s", UNIT_STARTED)
    assert len(started.splitlines()) == expected["starts"]
    assert shown(host, "NRestarts") == "0", "systemd restarted it by itself"


def test_its_process_is_younger_than_its_license(host, running):
    if not running:
        assert shown(host, "MainPID") == "0"
        return
    started = datetime.strptime(shown(host, "ExecMainStartTimestamp"), "%a %Y-%m-%d %H:%M:%S.%f %Z")
    assert started.timestamp() > float(host.check_output("stat --format=%%.6Z %s", LICENSE))


def test_what_the_server_says_of_itself(host, expected, running):
    uri = f"bolt://{host.check_output('hostname --all-ip-addresses').strip()}:7687"
    with neo4j.GraphDatabase.driver(uri, auth=("neo4j", SECRETS["password"])) as driver:
        if not running:
            with pytest.raises(ServiceUnavailable):
                driver.verify_connectivity()
            return
        answer = driver.execute_query("CALL gds.license.state()", database_="ledgerspace").records[0]
        agreement = driver.execute_query("CALL dbms.licenseAgreementDetails()", database_="system").records[0]
    until = licenses.java_time(licenses.read(TEXTS[expected["license"]]).expires)
    assert (answer["isLicensed"], answer["details"]) == (True, f"License expires at {until}")
    assert agreement["status"] == AGREEMENTS[expected["agreement"]]

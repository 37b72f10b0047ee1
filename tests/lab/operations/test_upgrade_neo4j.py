# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""upgrade_neo4j.yml on the cluster of three, from the tarball. Molecule upgrades a real Neo4j, from packages."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, only
from tests.lab.operations.upgradable import BACKUP, OLD, PATCH, SERIES

a_sample = pytest.mark.sampled(1, of="trouble of an upgrade")

# So long that a retry of the driver, a second or two, falls into each outage
OUTAGE_SECONDS = "3"
OLD_ENDPOINTS, ENDPOINTS = "dbms.cluster.discovery.v2.endpoints", "dbms.cluster.endpoints"
DISCOVERY = "dbms.cluster.discovery.version"


@pytest.fixture
def lab(tarball_lab):
    tarball_lab.reset()
    return tarball_lab


def state(lab):
    """What an upgrade could change, of each server."""
    return {
        name: (lab.current(name), lab.conf(name).read_bytes(), lab.plugins(name), lab.pid(name)) for name in SERVERS
    }


def changes(run, name):
    return {change["what"]: (change["before"], change["after"]) for change in run.server(name)["changes"]}


def test_from_5_26_to_a_calendar_version_no_transaction_fails_and_a_second_run_changes_nothing(lab):
    before = state(lab)
    for name in SERVERS:
        lab.fault("slow-start", name, "--seconds", OUTAGE_SECONDS)
    with lab.writing() as application:
        run = lab.upgrade(to=SERIES, **lab.neo4j_user("ops_reader"))
    assert run.rc == 0, run.output[-3000:]
    assert run.states() == dict.fromkeys(run.order(), "done") and run.order()[-1] == ONE, "the writer of system is last"
    assert lab.versions() == {name: {SERIES} for name in SERVERS} and application.failures == []
    for name in SERVERS:
        assert any(o.begin < moment < o.end for o in run.seen.of(name) for moment in application.written), name
        told = changes(run, name)
        assert told["Neo4j"] == (OLD, SERIES) and told[DISCOVERY] == ("V2_ONLY", "Neo4j's own")
        assert told[OLD_ENDPOINTS][0] == told[ENDPOINTS][1]
        assert lab.plugins(name) == [f"apoc-{SERIES}-core.jar", "neo4j-graph-data-science-2.25.0.jar"]
        [kept] = lab.conf(name).parent.glob("neo4j.conf.*.kept")
        assert kept.read_bytes() == before[name][1], "nothing is lost"
        assert not lab.mark(name).exists()
    [said] = [check for check in run.report["checks"] if check["id"] == "upgrade.backup"]
    assert BACKUP in said["detail"] and "server.panic.shutdown_on_panic" in run.output
    assert lab.lock() is None and not any(secret in run.output for secret in lab.secrets())

    after = state(lab)
    again = lab.upgrade(to=SERIES, backup="")
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert state(lab) == after


@a_sample
def test_a_new_version_that_does_not_start_is_taken_back(lab):
    before = state(lab)
    canary = lab.order()[0]
    lab.fault("task-fails", canary, "--at", 'command.*"start"', "--once")
    run = lab.upgrade(*only(canary), to=SERIES)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undone"}
    assert "Start by the tarball's own command" in run.report["failure"]
    for name in SERVERS:
        assert state(lab)[name][:3] == before[name][:3], "version, configuration, plugins"
    assert lab.versions() == {name: {OLD} for name in SERVERS} and not lab.mark(canary).exists() and lab.lock() is None


@a_sample
def test_a_new_version_that_has_opened_the_data_is_not_taken_back(lab):
    before = state(lab)
    canary = lab.order()[0]
    lab.fault("never-available", canary)
    run = lab.upgrade(*only(canary), neo4j_gate_back_wait=2)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undo failed"}
    for words in (f"Neo4j {PATCH} has opened the data", f"install {OLD} again", f"restore {BACKUP}"):
        assert words in run.reason(canary)
    assert lab.current(canary) == PATCH and lab.pid(canary), "it is left as it is"
    assert {name: state(lab)[name] for name in SERVERS if name != canary} == {
        name: before[name] for name in SERVERS if name != canary
    }


@a_sample
def test_nothing_is_changed_without_a_word_about_the_backup_and_check_mode_goes_on(lab):
    before = state(lab)
    run = lab.upgrade(*only(TWO), to=SERIES, backup="")
    assert run.rc == 2, run.output[-3000:]
    assert "upgrade_neo4j_backup" in run.report["failure"] and "Nothing was changed" in run.report["failure"]

    looked = lab.upgrade("--check", "--diff", *only(TWO), to=SERIES, backup="")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert f"-{DISCOVERY} = V2_ONLY" in looked.output and f"+{ENDPOINTS} = " in looked.output
    assert changes(looked, TWO)["Neo4j"] == (OLD, SERIES)
    [said] = [check for check in looked.report["checks"] if check["id"] == "upgrade.backup"]
    assert (said["status"], said["detail"]) == ("skipped", "nobody says that there is one")
    assert state(lab) == before and lab.lock() is None
    assert [path.name for path in (lab.home(TWO) / "versions").iterdir()] == [f"neo4j-enterprise-{OLD}"]


@a_sample
def test_what_the_new_version_could_not_run_with_is_refused(lab):
    conf = lab.conf(THREE).read_text().replace("V2_ONLY", "V1_ONLY")
    lab.conf(THREE).write_text(conf + "initial.dbms.database_allocator=EQUAL_NUMBERS\n")
    before = state(lab)
    run = lab.upgrade(*only(THREE), to=SERIES)
    assert run.rc == 2, run.output[-3000:]
    for words in (
        THREE,
        f"{DISCOVERY}=V1_ONLY",
        "V2_ONLY first",
        "initial.dbms.database_allocator is no setting",
        "Nothing",
    ):
        assert words in run.report["failure"]
    assert state(lab) == before and run.seen.outages == [] and lab.lock() is None

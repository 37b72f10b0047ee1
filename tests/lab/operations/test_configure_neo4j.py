# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""configure_neo4j.yml on the cluster of three. What its frame does when something breaks is tested with the renewal."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import SERVERS, THREE, TWO, only

a_sample = pytest.mark.sampled(1, of="trouble of a configuration")

# So long that a retry of the driver, a second or two, falls into each outage
OUTAGE_SECONDS = "3"
LOGS, CACHE = "db.logs.query.enabled", "server.memory.pagecache.size"


@pytest.fixture
def configure(lab):
    def run(settings, *arguments, **more):
        return lab.renew(*arguments, playbook="configure_neo4j.yml", neo4j_server_settings=settings, **more)

    return run


def starts(lab):
    return {name: lab.starts(name) for name in SERVERS}


def confs(lab):
    return {name: lab.conf(name).read_bytes() for name in SERVERS}


def changes(run, name):
    """What the report's page says of a server: what -> before, after."""
    return {change["what"]: (change["before"], change["after"]) for change in run.server(name)["changes"]}


@a_sample
def test_what_no_server_could_run_with_is_refused_for_all_before_anything_changes(lab, configure):
    before, files = starts(lab), confs(lab)
    run = configure({"db.logs.query.enable": "INFO", CACHE: "60g"})
    assert run.rc == 2, run.output[-3000:]
    for words in (*SERVERS, "Did you mean db.logs.query.enabled?", "more than the machine has", "Nothing was changed"):
        assert words in run.report["failure"]
    # What only Neo4j itself finds wrong
    run = configure({"server.bolt.listen_address": "no-port"}, *only(TWO))
    assert run.rc == 2, run.output[-3000:]
    for words in (TWO, "Error evaluating value for setting 'server.bolt.listen_address'", "Nothing was changed"):
        assert words in run.report["failure"]
    assert starts(lab) == before and confs(lab) == files and run.seen.outages == [] and lab.lock() is None


def test_a_static_setting_restarts_each_server_once_and_no_transaction_fails(lab, configure):
    settings = {CACHE: "20480m", LOGS: "INFO"}
    before, files = starts(lab), confs(lab)
    looked = configure(settings, "--check", "--diff")
    assert looked.rc == 0, looked.output[-3000:]
    assert looked.report["verdict"] == "planned" and sorted(looked.order()) == sorted(SERVERS)
    assert f"-{CACHE} = 28g" in looked.output and f"+{CACHE} = 20480m" in looked.output
    assert confs(lab) == files and starts(lab) == before and lab.lock() is None

    for name in SERVERS:
        lab.fault("slow-start", name, "--seconds", OUTAGE_SECONDS)
    with lab.writing() as application:
        run = configure(settings)
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "passed" and run.states() == dict.fromkeys(run.order(), "done")
    assert starts(lab) == {name: count + 1 for name, count in before.items()}, "one restart for both"
    assert application.failures == []
    for name in SERVERS:
        assert any(o.begin < moment < o.end for o in run.seen.of(name) for moment in application.written), name
        assert (lab.setting(name, CACHE), lab.setting(name, LOGS)) == ("20.00GiB", "INFO")
        assert changes(run, name) == {CACHE: ("28g", "20480m"), LOGS: ("Neo4j's own", "INFO")}
        assert lab.conf(name).read_bytes() == files[name].replace(b"=28g", b"=20480m") + b"db.logs.query.enabled=INFO\n"

    again = configure(settings)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert starts(lab) == {name: count + 1 for name, count in before.items()} and lab.lock() is None


def test_a_dynamic_setting_is_changed_while_the_servers_run(lab, configure):
    before = starts(lab)
    operator = lab.neo4j_user("ops_reader", "ops_operator")
    run = configure({LOGS: "INFO"}, **operator)
    assert run.rc == 0, run.output[-3000:]
    assert run.states() == dict.fromkeys(run.order(), "done") and len(run.order()) == len(SERVERS)
    assert {lab.setting(name, LOGS) for name in SERVERS} == {"INFO"}
    assert all(b"db.logs.query.enabled=INFO" in content for content in confs(lab).values())
    again = configure({LOGS: "INFO"}, **operator)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert starts(lab) == before and run.seen.outages == again.seen.outages == []
    # It has not read its file, and whoever wants that says so
    always = configure({LOGS: "INFO"}, *only(THREE), configure_neo4j_restart="always")
    assert always.rc == 0, always.output[-3000:]
    assert starts(lab) == {**before, THREE: before[THREE] + 1} and lab.setting(THREE, LOGS) == "INFO"


@a_sample
def test_a_server_that_does_not_come_up_gets_its_old_configuration_back(lab, configure):
    """A taken address, which shows at the start only."""
    before, files = starts(lab), confs(lab)
    canary, *others = lab.order()
    taken = lab.uri(others[0]).removeprefix("bolt://").replace("7687", "7474")
    run = configure({"server.http.listen_address": taken})
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undone", **dict.fromkeys(others, "waiting")}
    assert confs(lab) == files and starts(lab) == {**before, canary: before[canary] + 1}
    assert canary in run.report["failure"] and lab.is_whole() and lab.lock() is None

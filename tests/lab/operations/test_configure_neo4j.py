# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""configure_neo4j.yml on the cluster of three. What its frame does when something breaks is tested with the renewal."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from tests.lab.operations import certificates
from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, only

a_sample = pytest.mark.sampled(1, of="trouble of a configuration")

# So long that a retry of the driver, a second or two, falls into each outage
OUTAGE_SECONDS = "3"
LOGS, CACHE = "db.logs.query.enabled", "server.memory.pagecache.size"
APOC, OLD_APOC = "apoc-5.26.30-core.jar", "apoc-5.26.29-core.jar"


@pytest.fixture
def configure(lab):
    def run(settings, *arguments, **more):
        return lab.renew(*arguments, playbook="configure_neo4j.yml", neo4j_server_settings=settings, **more)

    return run


@pytest.fixture
def tls(lab, tmp_path):
    """Of the cluster: another certificate for each server."""
    for name in SERVERS:
        certificates.write(tmp_path, name, address(lab, name))
    return certificates.policy(tmp_path)


def address(lab, name):
    return lab.uri(name).removeprefix("bolt://").partition(":")[0]


def age_the_plugin(lab, name):
    plugins = lab.home(name) / "plugins"
    (plugins / APOC).rename(plugins / OLD_APOC)


def apocs(lab, name):
    return [jar.name for jar in (lab.home(name) / "plugins").glob("apoc-*.jar")]


def policy(lab, name):
    folder = lab.home(name) / "certificates/cluster"
    return {file.name: file.read_text() for file in (folder / "public.crt", folder / "private.key") if file.exists()}


def starts(lab):
    return {name: lab.starts(name) for name in SERVERS}


def confs(lab):
    return {name: lab.conf(name).read_bytes() for name in SERVERS}


def changes(run, name):
    """What the report's page says of a server: what -> before, after."""
    return {change["what"]: (change["before"], change["after"]) for change in run.server(name)["changes"]}


@a_sample
def test_what_no_server_could_run_with_is_refused_for_all_before_anything_changes(lab, configure, tls, tmp_path):
    before, files = starts(lab), confs(lab)
    for name in SERVERS:
        certificates.write(tmp_path, name, address(lab, name), days=-1)
    bad = [{"name": "own", "source": "https://example.com/own-1.0.jar"}]
    run = configure({LOGS + "x": "INFO", CACHE: "60g"}, neo4j_server_tls=tls, neo4j_server_plugins=bad)
    assert run.rc == 2, run.output[-3000:]
    for words in (*SERVERS, "Did you mean db.logs.query.enabled?", "more than the machine has", "Nothing was changed"):
        assert words in run.report["failure"]
    for words in (f"TLS of cluster: CN={TWO} ended", "Say the sha256 of plugin own"):
        assert words in run.report["failure"]
    # What only Neo4j itself finds wrong
    run = configure({"server.bolt.listen_address": "no-port"}, *only(TWO))
    assert run.rc == 2, run.output[-3000:]
    for words in (TWO, "Error evaluating value for setting 'server.bolt.listen_address'", "Nothing was changed"):
        assert words in run.report["failure"]
    assert starts(lab) == before and confs(lab) == files and run.seen.outages == [] and lab.lock() is None


def test_all_that_is_read_at_the_start_costs_one_restart_and_no_transaction(lab, configure, tls, tmp_path):
    settings = {CACHE: "20480m", LOGS: "INFO"}
    for name in SERVERS:
        age_the_plugin(lab, name)
    before, files = starts(lab), confs(lab)
    looked = configure(settings, "--check", "--diff", neo4j_server_tls=tls)
    assert looked.rc == 0, looked.output[-3000:]
    assert looked.report["verdict"] == "planned" and sorted(looked.order()) == sorted(SERVERS)
    assert f"-{CACHE} = 28g" in looked.output and f"+{CACHE} = 20480m" in looked.output
    assert f"-{OLD_APOC}" in looked.output and f"+{APOC}" in looked.output
    assert confs(lab) == files and starts(lab) == before and lab.lock() is None
    assert all(apocs(lab, name) == [OLD_APOC] and not policy(lab, name) for name in SERVERS)

    for name in SERVERS:
        lab.fault("slow-start", name, "--seconds", OUTAGE_SECONDS)
    with lab.writing() as application:
        run = configure(settings, neo4j_server_tls=tls)
    assert run.rc == 0, run.output[-3000:]
    assert run.report["verdict"] == "passed" and run.states() == dict.fromkeys(run.order(), "done")
    assert starts(lab) == {name: count + 1 for name, count in before.items()}, "one restart for all of it"
    assert application.failures == []
    for name in SERVERS:
        assert any(o.begin < moment < o.end for o in run.seen.of(name) for moment in application.written), name
        assert (lab.setting(name, CACHE), lab.setting(name, LOGS)) == ("20.00GiB", "INFO")
        certificate, told = (tmp_path / f"{name}.crt").read_text(), changes(run, name)
        assert told.pop("Certificate of cluster") == ("none", hashlib.sha256(certificate.encode()).hexdigest()[:16])
        assert told.pop("Plugin apoc-*-core.jar") == (OLD_APOC, APOC) and apocs(lab, name) == [APOC]
        assert told == {CACHE: ("28g", "20480m"), LOGS: ("Neo4j's own", "INFO")}
        assert policy(lab, name) == {"public.crt": certificate, "private.key": (tmp_path / f"{name}.key").read_text()}
        assert lab.conf(name).read_bytes() == files[name].replace(b"=28g", b"=20480m") + b"db.logs.query.enabled=INFO\n"

    again = configure(settings, neo4j_server_tls=tls)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert not [
        line for line in (tmp_path / f"{ONE}.key").read_text().splitlines() if line in run.output + again.output
    ]
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
def test_a_server_that_does_not_come_up_gets_all_of_it_back(lab, configure, tls):
    """A taken address, which shows at the start only."""
    before, files = starts(lab), confs(lab)
    canary, *others = lab.order()
    age_the_plugin(lab, canary)
    folder, earlier = lab.home(canary) / "certificates/cluster", {"public.crt": "old", "private.key": "old too"}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in earlier.items():
        (folder / name).write_text(text)
    taken = lab.uri(others[0]).removeprefix("bolt://").replace("7687", "7474")
    run = configure({"server.http.listen_address": taken}, neo4j_server_tls=tls)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {canary: "undone", **dict.fromkeys(others, "waiting")}
    assert confs(lab) == files and starts(lab) == {**before, canary: before[canary] + 1}
    assert apocs(lab, canary) == [OLD_APOC] and policy(lab, canary) == earlier
    assert canary in run.report["failure"] and lab.is_whole() and lab.lock() is None

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations that are killed somewhere and run again: everywhere with `--kill all` (make crash-test)."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace
from typing import ClassVar

import pytest

from tests.lab.operations.killing import Case, Killer, Operation
from tests.lab.operations.lab_driver import KEY, ONE, SERVERS, TABLE, THREE, TWO, only
from tests.lab.operations.upgradable import OLD, PATCH, wanted

pytestmark = pytest.mark.sampled(3, of="killed operations")


def held_by_a_dead_run(lab):
    """The lock as a run leaves it that was killed before: its lease, in seconds, is waited for."""
    words = {"RunId": "dead-1", "Operation": "renew_license", "Holder": "ana", "Since": "2026-11-23T01:00:00Z"}
    numbers = {"Lease": 10, "Renewals": 0}
    record = {name: {"S": word} for name, word in words.items()} | {name: {"N": str(n)} for name, n in numbers.items()}
    lab.dynamodb.put_item(TableName=TABLE, Item={**KEY, **record})


def the_canary_does_not_stop(lab):
    lab.fault("task-fails", lab.order()[0], "--at", 'command.*"stop"', "--once")


def renewed(lab):
    """Every server has, and runs with, the new license; the first one is kept, and nothing else is left behind."""
    _, fresh = lab.secrets()
    for name in SERVERS:
        file, kept = lab.license_file(name), lab.kept(name)
        assert file.read_text() == fresh
        contents = [copy.read_text() for copy in kept]
        assert lab.first[name].decode() in contents and set(contents) <= {lab.first[name].decode(), fresh}
        assert sorted(file.parent.iterdir()) == sorted([file, *kept])
    in_force = {lab.in_force(name) for name in SERVERS}
    assert len(in_force) == 1 and "License expires at" in in_force.pop()


class Restart:
    """Of two servers, whatever their files say: the moment before which they began stays the same in the second run."""

    moment = "{{ lookup('ansible.builtin.file', lab_state ~ '/moment') }}"

    def prepare(self, lab):
        (lab.state / "moment").write_text(datetime.datetime.now(datetime.UTC).isoformat())
        self.starts = {name: lab.starts(name) for name in SERVERS}

    def succeeded(self, lab):
        assert {name: lab.starts(name) - self.starts[name] for name in SERVERS} == {ONE: 1, TWO: 1, THREE: 0}
        assert lab.is_whole()


restart = Restart()


class Configuration:
    """Of two servers, one after the other; what their processes were before is kept beside the file."""

    def __init__(self, setting, before, after, restarts):
        self.setting, self.before, self.after, self.restarts = setting, before, after, restarts

    def prepare(self, lab):
        self.starts = {name: lab.starts(name) for name in SERVERS}

    def succeeded(self, lab):
        restarted = {name: lab.starts(name) - self.starts[name] for name in SERVERS}
        assert restarted == {ONE: self.restarts, TWO: self.restarts, THREE: 0} and lab.is_whole()
        shown = {name: lab.setting(name, self.setting) for name in SERVERS}
        assert shown == {ONE: self.after, TWO: self.after, THREE: self.before}
        for name in (ONE, TWO):
            kept = {copy.read_bytes() for copy in lab.conf(name).parent.glob("*.kept")}
            assert lab.first_conf[name] in kept and kept <= {lab.first_conf[name], lab.conf(name).read_bytes()}


class Recovery:
    """Of a database of two primaries that loses one with its server; what is sent to recreate it is counted."""

    variables: ClassVar = {"neo4j_recovery_settle": 0.5, "neo4j_recovery_interval": 1, "recover_cluster_wait": 60}

    def prepare(self, lab):
        lab.administer("CALL dbms.cluster.cordonServer($name)", name=TWO)
        lab.administer("CREATE DATABASE pair TOPOLOGY 2 PRIMARIES WAIT")
        lab.administer("ENABLE SERVER $name", name=TWO)
        lab.command("fault", "kill", THREE)
        self.before = lab.asked("recreateDatabase")

    def succeeded(self, lab):
        assert lab.asked("recreateDatabase") == self.before + 1
        copies = [row for row in lab.members()[0]["databases"] if row["name"] == "pair"]
        assert {row["address"] for row in copies} == {lab.uri(name).removeprefix("bolt://") for name in (ONE, TWO)}
        assert {row["current_status"] for row in copies} == {"online"}


def out_of_service(lab):
    assert not any(lab.pids().values())


recovery = Recovery()
static = Configuration("server.memory.pagecache.size", "28.00GiB", "20.00GiB", restarts=1)
live = Configuration("db.logs.query.enabled", "VERBOSE", "INFO", restarts=0)
OPERATIONS = {
    "a renewal": Operation("renew_license.yml", renewed),
    "its undo": Operation(
        "renew_license.yml",
        renewed,
        prepare=the_canary_does_not_stop,
        code=2,
        since="credex.ops.neo4j_license : Put the previous license file back",
    ),
    "a restart": Operation(
        "restart_neo4j.yml",
        restart.succeeded,
        {"restart_neo4j_before": restart.moment},
        arguments=only(ONE, TWO),
        prepare=restart.prepare,
    ),
    "a configuration": Operation(
        "configure_neo4j.yml",
        static.succeeded,
        {"neo4j_server_settings": {static.setting: "20g"}},
        arguments=only(ONE, TWO),
        prepare=static.prepare,
    ),
    "a change of running servers": Operation(
        "configure_neo4j.yml",
        live.succeeded,
        {"neo4j_server_settings": {live.setting: "INFO"}},
        arguments=only(ONE, TWO),
        prepare=live.prepare,
    ),
    "a recovery": Operation(
        "recover_cluster.yml",
        recovery.succeeded,
        {"recover_cluster_words": ["recreate pair"], **recovery.variables},
        prepare=recovery.prepare,
        is_outage=True,
    ),
    "a decommission": Operation(
        "decommission.yml",
        out_of_service,
        {
            "decommission_cluster": "credex",
            "decommission_word": "decommission credex in production",
            "neo4j_decommission_settle": 0.5,
        },
        is_outage=True,
    ),
}


def upgraded(lab):
    """One server, which is the new version with its own configuration and plugins, and knows of no way back."""
    assert lab.versions() == {ONE: {OLD}, TWO: {PATCH}, THREE: {OLD}} and lab.is_whole()
    assert lab.plugins(TWO) == [f"apoc-{PATCH}-core.jar", "neo4j-graph-data-science-2.13.10.jar"]
    assert lab.conf(TWO).read_bytes() == lab.first_conf[TWO] and not lab.mark(TWO).exists()


UPGRADE = Operation("upgrade_neo4j.yml", upgraded, wanted(PATCH), arguments=only(TWO))


@pytest.mark.parametrize("name", OPERATIONS)
def test_killed_and_run_again(lab, name, subtests, pytestconfig):
    at_chosen_points(Killer(lab, OPERATIONS[name]), subtests, pytestconfig)


def test_an_upgrade_is_killed_and_run_again(tarball_lab, subtests, pytestconfig):
    at_chosen_points(Killer(tarball_lab, UPGRADE), subtests, pytestconfig)


def at_chosen_points(killer, subtests, pytestconfig):
    for case in chosen(killer.cases(), pytestconfig.getoption("kill"), pytestconfig.getoption("seed")):
        with subtests.test(str(case)):
            killer.kill_and_run_again(case)


def test_killed_while_it_waits_for_the_lock_it_takes_none(lab):
    """Its worker waits on, beside the next run, and must not be first when the lease is over."""
    waiting = replace(OPERATIONS["a renewal"], prepare=held_by_a_dead_run)
    Killer(lab, waiting).kill_and_run_again(Case("during", "credex.ops.ops_lock : Wait for its end, and take it"))


def chosen(cases, wish, seed):
    if wish.isdigit():
        return random.Random(seed).sample(cases, min(int(wish), len(cases)))
    found = [case for case in cases if wish == "all" or wish in str(case)]
    if not found:
        pytest.skip(f"no point is called {wish!r}, but: {', '.join(map(str, cases))}")
    return found

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""migrate_to_cluster.yml from a single server beside production's cluster. What a real dump keeps: tests/contract."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from lab import description, homes, launcher
from lab.state import State
from tests.lab.operations.lab_driver import ONE, SERVERS, Run
from tests.lab.operations.wide import Wide
from tests.lab.sampler import Sampler

OLD = "Neo4j-LedgerSpace-production"
KEY = "production-LedgerSpace"
WORD = "migrate to credex in production"
a_sample = pytest.mark.sampled(1, of="trouble of a migration")
PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"


class Migrating(Wide):
    """A single server of credex-core's own Terraform, whose database is to become ledgermoved of the cluster."""

    def add_single(self) -> None:
        state = State(self.name, self.state.parent)
        record = state.running()
        address = f"{record.network}.15"
        record.servers[OLD] = {**record.servers[ONE], "address": address, "cluster": KEY}
        state.save(record)
        timing = description.load().timings[record.timing]
        homes.build_cluster(state, _described(), {OLD: address}, state.secrets().password, timing)
        self.add_instance(OLD, address, {"Cluster": "LedgerSpace"})
        launcher.start_servers(state, record)
        self.write("first")

    def write(self, name: str) -> None:
        with neo4j.GraphDatabase.driver(self.uri(OLD), auth=("neo4j", self.secrets()[0])) as driver:
            driver.execute_query(PROBE, {"name": name, "at": "2026-01-01"}, database_="neo4j")

    def migrate(self, *arguments: str, name: str = "ledgermoved", **variables: Any) -> Run:
        given = {
            "neo4j_clusters": {"credex": {"primaries": 3, "secondaries": 0}, "LedgerSpace": {"primaries": 1}},
            "migrate_to_cluster_target": "credex",
            "migrate_to_cluster_sources": [{"server": self.host(OLD), "database": "neo4j", "as": name}],
            "neo4j_migration_directory": "{{ neo4j_home | default('') }}/migration",
            "neo4j_migration_carrier": str(self.carrier),
            "neo4j_migration_settle": 0.5,
        }
        return self.renew(*arguments, playbook="migrate_to_cluster.yml", **{**given, **variables})

    @property
    def carrier(self) -> Path:
        return self.state / "carrier"

    def copies_of(self, name: str) -> list[str]:
        return [row["currentStatus"] for row in self.copies() if row["name"] == name]

    @contextlib.contextmanager
    def watched(self) -> Iterator[Sampler]:
        """A database that is new is not online everywhere at once; no server may be down."""
        before = {name: self.starts(name) for name in SERVERS}
        with Sampler(self.state, "production-credex") as seen:
            yield seen
        assert {name: self.starts(name) for name in SERVERS} == before

    def dump(self, name: str = "ledgermoved") -> Path:
        return self.home(OLD) / "migration" / name / f"{name}.dump"


def _described() -> description.Cluster:
    [like] = [
        cluster
        for environment in description.load().environments
        for cluster in environment.clusters
        if (environment.name, cluster.name) == ("development", "LedgerSpace")
    ]
    databases = tuple(dataclasses.replace(each, servers=(OLD,), writer=OLD) for each in like.databases)
    return dataclasses.replace(like, environment="production", servers={OLD: 15}, databases=databases)


@pytest.fixture(scope="module")
def migrating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migrating]:
    lab = Migrating(tmp_path_factory.mktemp("migrating"))
    lab.up()
    try:
        lab.add_single()
        yield lab
    finally:
        lab.down()


def detail(run: Run, kind: str) -> str:
    [found] = [check["detail"] for check in run.report["checks"] if check["id"] == kind]
    return found


def test_a_database_is_taken_over_and_proven(migrating):
    lab = migrating
    looked = lab.migrate("--check", "--diff")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert f"""-e "migrate_to_cluster_word='{WORD}'\"""" in detail(looked, "migration.word")
    assert detail(looked, "migration.plan").startswith(f"stop {lab.host(OLD)}; dump neo4j; start")
    assert not lab.dump().exists() and lab.copies_of("ledgermoved") == []
    starts = lab.starts(OLD)

    run = lab.migrate(migrate_to_cluster_word=WORD)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert lab.copies_of("ledgermoved") == ["online"] * 3
    assert detail(run, "migration.equal").startswith("2 nodes, 0 relationships, 5 properties")
    assert "neo4j://" in detail(run, "migration.next")
    assert lab.starts(OLD) == starts + 1 and lab.pid(OLD) and lab.dump().exists()
    assert list(lab.carrier.iterdir()) == [] and lab.lock() is None
    assert not any(secret in run.output for secret in lab.secrets())

    again = lab.migrate(migrate_to_cluster_word=WORD)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]


@a_sample
def test_what_is_written_after_the_dump_is_told_and_a_client_holds_it_back(migrating):
    lab = migrating
    starts = lab.starts(OLD)
    with neo4j.GraphDatabase.driver(lab.uri(OLD), auth=("neo4j", lab.secrets()[0])) as driver:
        driver.verify_connectivity()
        used = lab.migrate(name="late", migrate_to_cluster_word=WORD)
    assert used.rc == 2 and "neo4j from 127." in used.report["failure"], used.output[-3000:]
    assert lab.starts(OLD) == starts and lab.copies_of("late") == []

    def write() -> None:
        lab.until(lambda: lab.dump("late").exists() and lab.pid(OLD), "its dump")
        lab.write("late")

    run = lab.migrate(name="late", migrate_to_cluster_word=WORD, meanwhile=write)
    assert run.rc == 2 and "nodes CredexOpsProbe: neo4j on" in run.report["failure"], run.output[-3000:]
    assert "has 2, late has 1" in run.report["failure"]
    assert lab.copies_of("late") == ["online"] * 3 and lab.pid(OLD) and lab.lock() is None


@a_sample
def test_a_run_that_is_killed_while_the_source_is_stopped_is_finished_by_the_next(migrating):
    lab = migrating

    def kill() -> None:
        lab.until(lambda: not lab.pid(OLD), "its stop")
        lab.kill_all()

    assert lab.migrate(name="killed", migrate_to_cluster_word=WORD, meanwhile=kill).rc != 0
    assert lab.lock() is not None and lab.copies_of("killed") == []
    run = lab.migrate(name="killed", migrate_to_cluster_word=WORD)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert lab.copies_of("killed") == ["online"] * 3 and lab.pid(OLD) and lab.lock() is None

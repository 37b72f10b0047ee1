# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""recover_cluster.yml on a cluster of four that loses a server for good, and with it the majority of one database and
all of another. What only Enterprise can prove, how it chooses and copies, is not here: the emulator counts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, Run
from tests.lab.operations.test_scale_in import FOUR, Wide
from tests.lab.sampler import Sampler

a_sample = pytest.mark.sampled(1, of="trouble of a recovery")

LOOKS = {
    "recover_cluster_wait": 60,
    "neo4j_recovery_interval": 1,
    "neo4j_recovery_settle": 0.5,
    "neo4j_recovery_verify": 20,
}
SEEDS = {"only": "s3://backups/only.backup"}
WORDS = ["recreate only", "recreate pair", f"drop {ONE}"]
LEFT = (TWO, THREE, FOUR)


class Struck(Wide):
    """A database of two primaries and one of a single primary lie on the first server, which is killed."""

    @contextlib.contextmanager
    def watched(self) -> Iterator[Sampler]:
        """More than one server may be without something here."""
        with Sampler(self.state, "production-credex") as seen:
            yield seen

    def strike(self) -> None:
        for name in (TWO, THREE):
            self.deny(name, "pair", "only")
        self.administer("CREATE DATABASE pair TOPOLOGY 2 PRIMARIES WAIT")
        self.deny(FOUR, "only")
        self.administer("CREATE DATABASE only TOPOLOGY 1 PRIMARY WAIT")
        for name in LEFT:
            self.deny(name)
        assert self.places("pair").keys() == {ONE, FOUR} and self.places("only").keys() == {ONE}
        self.command("fault", "kill", ONE)

    def deny(self, name: str, *databases: str) -> None:
        self.administer("ALTER SERVER $name SET OPTIONS {deniedDatabases: $no}", name=name, no=list(databases))

    def places(self, database: str) -> dict[str, str]:
        by_address = {self.uri(name).removeprefix("bolt://"): name for name in (*SERVERS, FOUR)}
        return {by_address[row["address"]]: row["currentStatus"] for row in self.copies() if row["name"] == database}

    def recover(self, *arguments: str, **variables: Any) -> Run:
        return self.renew(*arguments, playbook="recover_cluster.yml", **{**LOOKS, **variables})

    def recreations(self) -> int:
        logs = [self.home(name) / "logs/query.log" for name in (*SERVERS, FOUR)]
        return sum(log.read_text().count("recreateDatabase") for log in logs if log.exists())


@pytest.fixture
def struck(tmp_path: Path) -> Iterator[Struck]:
    lab = Struck(tmp_path)
    lab.up()
    try:
        lab.widen()
        lab.strike()
        yield lab
    finally:
        lab.down()


def details(run: Run, kind: str) -> dict[str, str]:
    return {check["title"]: check["detail"] for check in run.report["checks"] if check["id"].startswith(kind)}


def warnings(run: Run) -> list[str]:
    return [check["title"] for check in run.report["checks"] if check["status"] == "failed" and not check["required"]]


def assert_brought_back(lab: Struck) -> None:
    assert lab.states() == dict.fromkeys(LEFT, "Enabled")
    assert lab.places("ledgerspace") == dict.fromkeys(LEFT, "online")
    assert list(lab.places("pair").values()) == ["online"] * 2 and list(lab.places("only").values()) == ["online"]
    assert {row["name"] for row in lab.copies() if row["writer"]} >= {"ledgerspace", "searchspace", "pair", "only"}
    assert lab.recreations() == 2 and lab.lock() is None


def test_each_step_that_cannot_be_taken_back_waits_for_its_word(struck):
    looked = struck.recover("--check", "--diff")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert struck.states()[ONE] == "Enabled" and struck.recreations() == 0 and struck.lock() is None

    first = struck.recover(recover_cluster_seeds=SEEDS)
    assert (first.rc, first.changed, first.report["verdict"]) == (0, 1, "passed"), first.output[-3000:]
    assert struck.states()[ONE] == "Cordoned" and struck.recreations() == 0
    told = details(first, "recovery.")
    assert "it takes writes; its copies on" in told["Database ledgerspace"]
    assert f"What only {ONE} had committed after that is lost for ever" in told["Step: recreate pair"]
    assert f"{FOUR} (primary, last transaction" in told["Step: recreate pair"]
    assert """-e '{"recover_cluster_words": ["recreate pair"]}'""" in told["Step: recreate pair"]
    assert "Comes after: recreate only, recreate pair" in told[f"Step: drop {ONE}"]
    assert {"Step: recreate only", "Step: recreate pair", f"Step: drop {ONE}"} <= set(warnings(first))

    done = struck.recover(recover_cluster_seeds=SEEDS, recover_cluster_words=WORDS)
    assert (done.rc, done.report["verdict"]) == (0, "passed"), done.output[-3000:]
    assert_brought_back(struck)
    again = struck.recover(recover_cluster_seeds=SEEDS, recover_cluster_words=WORDS)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert_brought_back(struck)


@a_sample
def test_what_cannot_be_judged_is_left_alone(lab, monkeypatch):
    """A server that hangs lives for the others. Without two of three, nothing can be changed any more."""
    lab.fault("hang", THREE)
    doubt = lab.renew(playbook="recover_cluster.yml", recover_cluster_words=WORDS)
    assert doubt.rc == 2 and f"{THREE} (" in doubt.report["failure"], doubt.output[-3000:]
    assert "gives no answer here, and bolt://" in doubt.report["failure"] and lab.lock() is None
    lab.command("heal")
    for name in (TWO, THREE):
        lab.fault("kill", name)
    monkeypatch.setattr(lab, "watched", lambda: contextlib.nullcontext(None))
    lost = lab.renew(playbook="recover_cluster.yml", recover_cluster_words=WORDS)
    assert lost.rc == 2 and lost.changed == 0, lost.output[-3000:]
    for words in ("the database system takes no writes", "unbind-system-db", f"{lab.uri(ONE)[7:]}: "):
        assert words in lost.report["failure"]
    assert lab.lock() is None


@a_sample
def test_a_run_that_is_killed_recreates_nothing_twice(struck):
    given = {"recover_cluster_seeds": SEEDS, "recover_cluster_words": WORDS}

    def kill() -> None:
        struck.until(lambda: struck.recreations() == 1, "the first recreation")
        struck.kill_all()

    assert struck.recover(meanwhile=kill, **given).rc != 0
    assert struck.lock() is not None and struck.states()[ONE] == "Cordoned"
    run = struck.recover(**given)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert_brought_back(struck)

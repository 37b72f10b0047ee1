# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scale_out.yml: a bare machine beside a cluster of three joins it; one lab, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, Run
from tests.lab.operations.wide import CONTRACT, FOUR, Wide

GROWN = {"neo4j_license_contract": CONTRACT, "neo4j_clusters": {"credex": {"primaries": 3, "secondaries": 1}}}


class Growing(Wide):
    def scale_out(self, *arguments: str, **variables: Any) -> Run:
        return self.operate("scale_out.yml", *arguments, **{"scale_out_server": self.host(FOUR), **GROWN, **variables})

    def is_bare(self) -> bool:
        return not any(self.home(FOUR).iterdir())

    def secondaries(self) -> list[tuple[str, str]]:
        address = self.uri(FOUR).rpartition("://")[2]
        found = [row for row in self.copies() if (row["address"], row["role"]) == (address, "secondary")]
        return [(row["name"], row["currentStatus"]) for row in found]


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growing]:
    with Growing.beside_a_bare_machine(tmp_path_factory.mktemp("growing")) as lab:
        yield lab


def test_what_is_refused_changes_nothing(growing):
    starts = [growing.starts(name) for name in SERVERS]
    contract = growing.scale_out(neo4j_license_contract={**CONTRACT, "machines": {"production": 3}})
    assert contract.rc == 2, contract.output[-3000:]
    assert "At most 3 machines of production: no" in contract.report["failure"]
    nobody = growing.scale_out(scale_out_server="nobody")
    assert nobody.rc == 2 and "names no host of this run" in nobody.output
    growing.administer("CALL dbms.cluster.cordonServer($name)", name=THREE)
    cordoned = growing.scale_out()
    growing.administer("ENABLE SERVER $name", name=THREE)
    assert cordoned.rc == 2 and "somebody takes it out of the cluster" in cordoned.report["failure"]
    assert growing.is_bare() and growing.lock() is None
    assert growing.states() == dict.fromkeys(SERVERS, "Enabled")
    assert [growing.starts(name) for name in SERVERS] == starts


def test_a_run_that_is_killed_is_finished_by_the_next_and_no_transaction_fails(growing):
    looked = growing.scale_out("--check", "--diff")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert "database ledgerspace: 3 primaries, 0 secondaries, online -> 3 primaries, 1 secondaries" in looked.output
    assert growing.is_bare() and growing.states() == dict.fromkeys(SERVERS, "Enabled")

    def kill():
        growing.until(lambda: FOUR in growing.states(), "the new server")
        growing.kill_all()

    with growing.writing(ONE) as application:
        assert growing.scale_out(meanwhile=kill).rc != 0
        run = growing.scale_out()
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert application.failures == [] and len(application.written) > 10
    assert growing.states() == dict.fromkeys((*SERVERS, FOUR), "Enabled") and growing.lock() is None
    assert growing.secondaries() == [("ledgerspace", "online"), ("searchspace", "online")]
    ended = {check["id"]: check["status"] for check in run.report["checks"] if check["phase"] == "verify"}
    assert ended == {
        **dict.fromkeys(("membership.joined", "membership.serving", "membership.whole"), "passed"),
        "membership.endpoints": "failed",
    }
    assert run.report["counts"]["warning"] >= 1


def test_a_second_run_changes_nothing(growing):
    again = growing.scale_out()
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]

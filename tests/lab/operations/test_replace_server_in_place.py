# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""replace_server.yml in place, where the contract allows no machine more: one of three is dead, and a new machine takes
its place; then that one is stopped, and comes back with its data; one lab, in this order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.operations.lab_driver import CLUSTER, ONE, THREE, TWO, Run
from tests.lab.operations.wide import CONTRACT, FOUR, Wide
from tests.lab.sampler import Sampler

AFTER = (TWO, THREE, FOUR)
FULL = {**CONTRACT, "machines": {"production": 3}}


class InPlace(Wide):
    def in_place(self, *arguments: str, **variables: Any) -> Run:
        given = {"replace_server_strategy": "in_place", "replace_server_new": self.host(FOUR), **variables}
        return self.operate("replace_server.yml", *arguments, **{"neo4j_license_contract": FULL, **given})

    def lose_machine(self, name: str) -> str:
        """The id of the server on it."""
        [lost] = [row["serverId"] for row in self.servers() if row["name"] == name]
        self.client("ec2").terminate_instances(InstanceIds=[self.instance(name)["InstanceId"]])
        self.neo4j(name, "stop")
        return lost

    @contextlib.contextmanager
    def watched(self) -> Iterator[Sampler]:
        """The new one is not whole yet while the lost one is down. Nobody else may be down then."""
        with Sampler(self.state, CLUSTER) as seen:
            yield seen
        assert seen.samples > 0 and (len(seen.most) <= 1 or not {TWO, THREE} & seen.most), seen.most

    def servers(self) -> list[dict]:
        return self.rows("SHOW SERVERS YIELD name, serverId, state")

    def server_id(self) -> str:
        """Of the fourth machine, as its data have it."""
        return (self.home(FOUR) / "data/server_id").read_text()


@pytest.fixture(scope="module")
def replacing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InPlace]:
    with InPlace.beside_a_bare_machine(tmp_path_factory.mktemp("in_place")) as lab:
        yield lab


def test_a_new_machine_takes_the_place_of_a_dead_one_and_no_transaction_fails(replacing):
    def kill() -> None:
        replacing.until(lambda: FOUR in replacing.states(), "the new one")
        replacing.kill_all()

    with replacing.writing() as application:
        lost = replacing.lose_machine(ONE)
        nobody = replacing.in_place()
        assert nobody.rc == 2 and "name that one's id" in nobody.report["failure"], nobody.output[-3000:]
        assert not any(replacing.home(FOUR).iterdir()) and replacing.lock() is None
        assert replacing.in_place(replace_server_gives_up=lost, meanwhile=kill).rc != 0
        run = replacing.in_place(replace_server_gives_up=lost)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert application.failures == [] and len(application.written) > 10
    assert replacing.is_whole_on(*AFTER) and replacing.lock() is None
    [plan] = [check for check in run.report["checks"] if check["id"] == "membership.join_plan"]
    assert "one copy less has ledgerspace (2 left of 3), searchspace (2 left of 3)" in plan["detail"]
    again = replacing.in_place(replace_server_gives_up=lost)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]


def test_it_is_stopped_behind_the_gate_and_comes_back_with_its_data(replacing):
    known = replacing.server_id()
    replacing.neo4j(TWO, "stop")
    thin = replacing.in_place(replace_server_stop=True)
    assert thin.rc == 2 and f"{replacing.uri(TWO)} does not answer" in thin.report["failure"], thin.output[-3000:]
    assert replacing.neo4j(TWO, "start").returncode == 0 and replacing.pid(FOUR) and replacing.lock() is None
    with replacing.writing() as application:
        stopped = replacing.in_place(replace_server_stop=True, neo4j_gate_wait=60)
        assert (stopped.rc, stopped.report["verdict"]) == (0, "passed"), stopped.output[-3000:]
        assert replacing.pid(FOUR) is None and replacing.states() == dict.fromkeys(AFTER, "Enabled")
        back = replacing.in_place()
    assert (back.rc, back.report["verdict"]) == (0, "passed"), back.output[-3000:]
    assert application.failures == [] and replacing.server_id() == known and replacing.is_whole_on(*AFTER)

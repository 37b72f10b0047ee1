# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""replace_server.yml: by a fourth machine, and then that one in place; one lab, in this order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.application import Application
from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, Run
from tests.lab.operations.wide import CONTRACT, FOUR, Wide

AFTER = (TWO, THREE, FOUR)


class Replacing(Wide):
    def surge(self, *arguments: str, **variables: Any) -> Run:
        given = {"replace_server_old": self.host(ONE), "replace_server_new": self.host(FOUR), **variables}
        return self.operate("replace_server.yml", *arguments, **{"neo4j_license_contract": CONTRACT, **given})

    def in_place(self, *arguments: str, **variables: Any) -> Run:
        given = {"replace_server_old": self.host(FOUR), "replace_server_strategy": "in_place", **variables}
        return self.operate("replace_server.yml", *arguments, **given)

    def is_whole(self) -> bool:
        copies = [row for row in self.copies() if row["name"] in ("ledgerspace", "searchspace")]
        return [(row["currentStatus"], row["role"]) for row in copies] == [("online", "primary")] * 6

    def server_id(self) -> str:
        """Of the fourth, as its data have it."""
        return (self.home(FOUR) / "data/server_id").read_text()

    def remove_first_machine(self) -> None:
        self.client("ec2").terminate_instances(InstanceIds=[self.instance(ONE)["InstanceId"]])

    def writing(self) -> Application:
        return Application(self.uri(TWO).replace("bolt://", "neo4j://"), self.secrets()[0])


@pytest.fixture(scope="module")
def replacing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replacing]:
    lab = Replacing(tmp_path_factory.mktemp("replacing"))
    lab.up()
    try:
        lab.add_machine()
        yield lab
    finally:
        lab.down()


def test_what_is_refused_changes_nothing(replacing):
    full = replacing.surge(neo4j_license_contract={**CONTRACT, "machines": {"production": 3}})
    assert full.rc == 2 and "At most 3 machines of production: no" in full.report["failure"], full.output[-3000:]
    assert "replace_server_strategy=in_place is the way" in full.report["failure"]
    only = replacing.surge(replace_server_old=replacing.host(TWO))
    assert only.rc == 2 and "database neo4j has its only primary there" in only.report["failure"], only.output[-3000:]
    for variables in ({"replace_server_new": "nobody"}, {"replace_server_stop": True}):
        run = replacing.surge(**variables)
        assert run.rc == 2 and "do not name two hosts of one cluster" in run.output, run.output[-3000:]
    assert not any(replacing.home(FOUR).iterdir()) and replacing.lock() is None
    assert replacing.states() == dict.fromkeys(SERVERS, "Enabled")


def test_the_new_one_joins_before_the_old_one_leaves_and_no_transaction_fails(replacing):
    looked = replacing.surge("--check", "--diff")
    assert (looked.rc, looked.report["verdict"]) == (0, "planned"), looked.output[-3000:]
    assert "Member: no member -> Enabled" in looked.output and not any(replacing.home(FOUR).iterdir())

    def kill():
        replacing.until(lambda: replacing.states()[ONE] != "Enabled", "the cordon of the old one")
        replacing.kill_all()

    with replacing.writing() as application:
        assert replacing.surge(meanwhile=kill).rc != 0
        assert replacing.states()[FOUR] == "Enabled" and replacing.pid(ONE)
        run = replacing.surge()
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert application.failures == [] and len(application.written) > 10
    assert replacing.states() == dict.fromkeys(AFTER, "Enabled") and replacing.is_whole()
    assert replacing.pid(ONE) is None and (replacing.home(ONE) / "data").is_dir() and replacing.lock() is None
    again = replacing.surge()
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]


def test_in_place_it_is_stopped_behind_the_gate_and_comes_back_with_its_data(replacing):
    replacing.remove_first_machine()
    known = replacing.server_id()
    stopped = replacing.in_place(replace_server_stop=True)
    assert (stopped.rc, stopped.report["verdict"]) == (0, "passed"), stopped.output[-3000:]
    assert replacing.pid(FOUR) is None and replacing.states() == dict.fromkeys(AFTER, "Enabled")
    back = replacing.in_place()
    assert (back.rc, back.report["verdict"]) == (0, "passed"), back.output[-3000:]
    assert replacing.pid(FOUR) and replacing.server_id() == known and replacing.is_whole()


def test_in_place_without_its_data_a_new_one_takes_its_place_and_no_transaction_fails(replacing):
    known = replacing.server_id()
    replacing.neo4j(FOUR, "stop")
    shutil.move(replacing.home(FOUR) / "data/databases", replacing.home(FOUR) / "lost")
    refused = replacing.in_place()
    assert refused.rc == 2 and "Is its volume mounted?" in refused.report["failure"], refused.output[-3000:]
    assert replacing.pid(FOUR) is None and replacing.lock() is None
    shutil.move(replacing.home(FOUR) / "lost", replacing.home(FOUR) / "data/databases")
    with replacing.writing() as application:
        run = replacing.in_place(replace_server_reseed=True)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert application.failures == [] and len(application.written) > 10
    assert replacing.states() == dict.fromkeys(AFTER, "Enabled") and replacing.is_whole()
    assert replacing.server_id() != known and replacing.lock() is None
    [kept] = (replacing.home(FOUR) / "data").glob("kept-*")
    assert (kept / "server_id").read_text() == known and (kept / "databases").is_dir()
    pid = replacing.pid(FOUR)
    again = replacing.in_place(replace_server_reseed=True)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]
    assert replacing.pid(FOUR) == pid

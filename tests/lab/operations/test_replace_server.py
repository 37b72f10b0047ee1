# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""replace_server.yml: by a fourth machine; one lab, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, TWO, Run
from tests.lab.operations.wide import CONTRACT, FOUR, Wide

AFTER = (TWO, THREE, FOUR)


class Replacing(Wide):
    def surge(self, *arguments: str, **variables: Any) -> Run:
        given = {"replace_server_old": self.host(ONE), "replace_server_new": self.host(FOUR), **variables}
        return self.operate("replace_server.yml", *arguments, **{"neo4j_license_contract": CONTRACT, **given})


@pytest.fixture(scope="module")
def replacing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replacing]:
    with Replacing.beside_a_bare_machine(tmp_path_factory.mktemp("replacing")) as lab:
        yield lab


def test_what_is_refused_changes_nothing(replacing):
    full = replacing.surge(neo4j_license_contract={**CONTRACT, "machines": {"production": 3}})
    assert full.rc == 2 and "At most 3 machines of production: no" in full.report["failure"], full.output[-3000:]
    assert "replace_server_strategy=in_place is the way" in full.report["failure"]
    only = replacing.surge(replace_server_old=replacing.host(TWO))
    assert only.rc == 2 and "database neo4j has its only primary there" in only.report["failure"], only.output[-3000:]
    nobody = replacing.surge(replace_server_new="nobody")
    assert nobody.rc == 2 and "do not name two hosts of one cluster" in nobody.output, nobody.output[-3000:]
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
    assert replacing.is_whole_on(*AFTER)
    assert replacing.pid(ONE) is None and (replacing.home(ONE) / "data").is_dir() and replacing.lock() is None
    again = replacing.surge()
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]

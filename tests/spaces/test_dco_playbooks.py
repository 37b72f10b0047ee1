# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dco_flags.yml and verify_dco.yml on development's own inventory: the lab's AWS endpoint, and two real servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_balance_update

from lab.community import in_lab
from lab.graph import Spaces
from lab.graph.nightly import new_day
from lab.state import REPOSITORY
from tests.contract.calls import Result, run_module
from tests.spaces.real_lab import BIN, RealLab


@dataclass
class Run:
    rc: int
    output: str
    report: dict[str, Any]

    def checks(self) -> dict[str, dict[str, Any]]:
        return {check["id"]: check for check in self.report["checks"]}

    def failed(self) -> list[str]:
        return [check["id"] for check in self.report["checks"] if check["status"] == "failed"]

    @property
    def changed(self) -> bool:
        return "changed=0" not in self.output


@dataclass
class Development:
    """Its playbooks, with a folder for their reports."""

    lab: RealLab
    folder: Path

    def play(self, playbook: str, *arguments: str, **variables: Any) -> Run:
        process = self.start(playbook, *arguments, **variables)
        output, _ = process.communicate()
        return Run(process.returncode, output, self._report())

    def start(self, playbook: str, *arguments: str, **variables: Any) -> subprocess.Popen[str]:
        """In a session of its own, so that a test can kill it with its workers."""
        extra = {"ops_reports": str(self.folder), "ops_report_journal_dir": str(self.folder / "journals"), **variables}
        line = [str(BIN / "ansible-playbook"), playbook, "-i", "inventories/dev", "-e", "@lab/dev.yml"]
        return subprocess.Popen(
            [*line, "-e", json.dumps(extra), *arguments], cwd=REPOSITORY, env={**self.lab.env, **self.lab.exports()},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def verdicts(self) -> list[str]:
        return sorted(json.loads(path.read_text())["verdict"] for path in self.folder.rglob("report.json"))

    def _report(self) -> dict[str, Any]:
        """The newest one, or an empty one."""
        found = sorted(self.folder.rglob("report.json"), key=lambda path: path.stat().st_mtime)
        newest: dict[str, Any] = json.loads(found[-1].read_text()) if found else {}
        return newest

    def update(self) -> Result:
        ledger, search, user, password = in_lab.pair(self.lab.state, self.lab.state.running(), "development")
        named = (("ledger", ledger), ("search", search))
        where = {name: {"uris": [uri], "database": "neo4j"} for name, uri in named}
        return run_module(neo4j_balance_update, username=user, password=password, **where)


@pytest.fixture
def development(real_lab: RealLab, tmp_path: Path) -> Development:
    real_lab("graph", "--credexes", "200")
    return Development(real_lab, tmp_path)


def test_flags_are_introduced_and_a_night_is_verified(development: Development) -> None:
    first = development.play("verify_dco.yml")
    assert first.rc == 0 and not first.changed, first.output
    assert first.checks()["balance.flags"]["detail"].startswith("nothing is flagged yet")

    planned = development.play("dco_flags.yml", "--check", "--diff")
    assert planned.rc == 0 and planned.report["verdict"] == "planned", planned.output
    assert "ledger Credex: 200 flagged" in planned.output
    with development.lab.spaces() as spaces:
        assert spaces.ledger.run("MATCH (e:CxxScaled) RETURN e LIMIT 1") == []

    done = development.play("dco_flags.yml")
    assert done.rc == 0 and done.changed, done.output
    assert done.checks()["balance.flagged"]["evidence"]["flagged"]["ledger Credex"] == 200
    again = development.play("dco_flags.yml")
    assert again.rc == 0 and not again.changed, again.output
    assert again.checks()["balance.flagged"]["detail"] == "nothing to do"

    assert development.play("verify_dco.yml").rc == 0
    with development.lab.spaces() as spaces:
        new_day(spaces)
    unscaled = development.play("verify_dco.yml")
    assert unscaled.rc == 2 and not unscaled.changed
    assert {"balance.rates", "balance.stragglers", "balance.sums"} <= set(unscaled.failed())
    assert "Every multiplier is the active Daynode's rate" in unscaled.output

    assert development.update()["changed"]
    # Still compared with the run before the night
    scaled = development.play("verify_dco.yml")
    assert scaled.rc == 0 and scaled.report["verdict"] == "passed", scaled.output
    assert scaled.checks()["balance.sums"]["status"] == "passed"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("with_workers", [True, False], ids=["with its workers", "alone"])
def test_killed_while_it_flags_and_run_again(development: Development, with_workers: bool) -> None:
    """Killed alone, its module goes on beside the next run, which waits for the dead one's lease and no longer."""
    with development.lab.spaces() as spaces:
        process = development.start("dco_flags.yml", neo4j_balance_batch=1, ops_lock_lease=5)
        while not flagged(spaces):
            assert process.poll() is None, "it ended before anything was flagged"
        (os.killpg if with_workers else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        assert 0 < flagged(spaces) < 200, "the kill came too late"
        again = development.play("dco_flags.yml")
        assert again.rc == 0 and flagged(spaces) == 200, again.output
    assert development.verdicts() == ["interrupted", "passed"]
    third = development.play("dco_flags.yml")
    assert third.rc == 0 and not third.changed, third.output


def flagged(spaces: Spaces) -> int:
    (row,) = spaces.ledger.run("MATCH (c:Credex:CxxScaled) RETURN count(*) AS credexes")
    return int(row["credexes"])


@pytest.mark.parametrize(
    ("limit", "code", "said"),
    [("neo4j", 2, "this operation is about both spaces, and has no parts"), ("localhost", 1, "no hosts to target")],
)
def test_a_limited_run_is_refused(development: Development, limit: str, code: int, said: str) -> None:
    run = development.play("verify_dco.yml", "--limit", limit)
    assert run.rc == code and said in run.output


def test_a_lost_space_is_named_and_the_lock_released(development: Development) -> None:
    nowhere = {
        "ledger": {"cluster": "LedgerSpace", "database": "neo4j"},
        "search": {"cluster": "SearchSpace", "database": "nowhere"},
    }
    run = development.play("dco_flags.yml", neo4j_spaces=nowhere)
    assert run.rc == 2 and "no server has database nowhere online" in run.report["failure"]
    assert development.play("dco_flags.yml").rc == 0

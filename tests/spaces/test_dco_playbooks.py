# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dco_flags.yml and verify_dco.yml on development's own inventory: the lab's AWS endpoint, and two real servers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_balance_update

from lab.community import parts
from lab.graph import Spaces, connect
from lab.graph.nightly import new_day
from tests.contract.calls import run_module
from tests.lab.operations.lab_driver import PLAYBOOK, ROOT, Lab

USER = "neo4j"


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


class Development(Lab):
    """Development with real servers, and its playbooks."""

    def addresses(self) -> dict[str, str]:
        return {space: self.uri(f"Neo4j-{space}Space-development") for space in ("Ledger", "Search")}

    def spaces(self) -> Any:
        found = self.addresses()
        return connect(found["Ledger"], found["Search"], USER, self.secrets()[0])

    def play(self, playbook: str, *arguments: str, **variables: Any) -> Run:
        extra = {"ops_reports": str(self.reports), "ops_report_journal_dir": str(self.state / "journals"), **variables}
        line = [str(PLAYBOOK), playbook, "-i", "inventories/dev", "-e", "@lab/dev.yml", "-e", json.dumps(extra)]
        done = subprocess.run(
            [*line, *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=600, check=False
        )
        return Run(done.returncode, done.stdout + done.stderr, self.report())

    def update(self) -> Mapping[str, Any]:
        where = {space.lower(): {"uris": [uri], "database": "neo4j"} for space, uri in self.addresses().items()}
        return run_module(neo4j_balance_update, username=USER, password=self.secrets()[0], **where)


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    try:
        parts.java_home(parts.LTS)
        parts.server_jars(parts.LTS)
    except parts.MissingPartError as missing:
        pytest.skip(str(missing))
    lab = Development(Path(tmp_path_factory.mktemp("lab")))
    lab.command("up", "development", "--with", "community")
    try:
        lab.env.update(lab.exports("development"))
        lab.command("graph", "--credexes", "200")
        yield lab
    finally:
        lab.down()


@pytest.fixture
def spaces(development: Development) -> Iterator[Spaces]:
    with development.spaces() as found:
        yield found


def test_flags_are_introduced_and_two_nights_verified(development: Development, spaces: Spaces) -> None:
    first = development.play("verify_dco.yml")
    assert first.rc == 0 and not first.changed, first.output
    assert first.checks()["balance.flags"]["detail"].startswith("nothing is flagged yet")

    planned = development.play("dco_flags.yml", "--check", "--diff")
    assert planned.rc == 0 and planned.report["verdict"] == "planned", planned.output
    assert "ledger Credex: 200 flagged" in planned.output
    assert spaces.ledger.run("MATCH (e:CxxScaled) RETURN e LIMIT 1") == []

    done = development.play("dco_flags.yml")
    assert done.rc == 0 and done.changed, done.output
    assert done.checks()["balance.flagged"]["evidence"]["flagged"]["ledger Credex"] == 200
    again = development.play("dco_flags.yml")
    assert again.rc == 0 and not again.changed, again.output
    assert again.checks()["balance.flagged"]["detail"] == "nothing to do"

    assert development.play("verify_dco.yml").rc == 0
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


def test_a_limited_run_is_refused(development: Development) -> None:
    for limit in ("neo4j", "localhost"):
        run = development.play("verify_dco.yml", "--limit", limit)
        assert run.rc == 2 and "this operation is about both spaces, and has no parts" in run.output


def test_a_lost_space_is_named_and_the_lock_released(development: Development) -> None:
    nowhere = {
        "ledger": {"cluster": "LedgerSpace", "database": "neo4j"},
        "search": {"cluster": "SearchSpace", "database": "nowhere"},
    }
    run = development.play("dco_flags.yml", neo4j_spaces=nowhere)
    assert run.rc == 2 and "no server has database nowhere online" in run.report["failure"]
    assert development.play("dco_flags.yml").rc == 0

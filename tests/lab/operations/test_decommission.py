# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""decommission.yml on production's cluster of three: with its word alone, not while somebody uses it, in its order."""

from __future__ import annotations

import contextlib
from typing import Any

import neo4j
import pytest

from tests.lab.operations.lab_driver import SERVERS, Lab, Run
from tests.lab.sampler import Sampler

a_sample = pytest.mark.sampled(1, of="trouble of a decommission")

WORD = "decommission credex in production"
CLIENTS = "disconnect the clients of credex"


@pytest.fixture
def whole(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """That all of its servers go down together is what is asked for."""

    @contextlib.contextmanager
    def watched():
        with Sampler(lab.state, "production-credex") as seen:
            yield seen

    monkeypatch.setattr(lab, "watched", watched)
    return lab


def decommission(lab: Lab, *arguments: str, **variables: Any) -> Run:
    given = {"decommission_cluster": "credex", "neo4j_decommission_settle": 0.5, **variables}
    return lab.renew(*arguments, playbook="decommission.yml", **given)


def details(run: Run) -> dict[str, str]:
    return {check["id"]: check["detail"] for check in run.report["checks"]}


def test_with_its_word_every_server_stops_in_its_order_and_its_data_stay(whole):
    order = whole.order()
    looked = decommission(whole)
    assert (looked.rc, looked.changed) == (0, 0), looked.output[-3000:]
    told = details(looked)
    assert f"""-e "decommission_word='{WORD}'\"""" in told["decommission.word"]
    contents = {c["title"]: c["detail"] for c in looked.report["checks"] if c["id"] == "decommission.contents"}
    assert contents["Database ledgerspace"].startswith("1 nodes, last transaction ")
    assert all(whole.pids().values()) and whole.lock() is None

    run = decommission(whole, decommission_word=WORD)
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    stopped = [c["server"].partition("_")[0] for c in run.report["checks"] if c["id"] == "decommission.stopped"]
    assert stopped == order and not any(whole.pids().values()) and whole.lock() is None
    assert all((whole.home(name) / "data").is_dir() for name in SERVERS)
    left = {c["server"].partition("_")[0]: c["detail"] for c in run.report["checks"] if c["id"] == "decommission.left"}
    assert set(left) == set(SERVERS)
    assert all(str(whole.home(name) / "data") in left[name] and "machine i-" in left[name] for name in SERVERS)
    assert "aws_secretsmanager credex/production/neo4j/password" in details(run)["decommission.names"]
    assert not any(secret in run.output for secret in whole.secrets())

    again = decommission(whole, decommission_word=WORD)
    assert (again.rc, again.changed, again.report["verdict"]) == (0, 0, "nothing_to_do"), again.output[-3000:]


@a_sample
def test_what_is_refused_stops_nothing(whole):
    with neo4j.GraphDatabase.driver(whole.uri(SERVERS[1]), auth=("neo4j", whole.secrets()[0])) as driver:
        driver.verify_connectivity()
        used = decommission(whole, decommission_word=WORD)
        assert used.rc == 2 and "neo4j from 127." in used.report["failure"], used.output[-3000:]
        assert CLIENTS in used.report["failure"]
    for variables, words in (
        ({"decommission_word": "decommission credex"}, f"which is not: {WORD}"),
        ({"decommission_cluster": "nobody"}, "names no cluster that has servers in this run: write one of credex"),
    ):
        run = decommission(whole, **variables)
        assert run.rc == 2 and words in run.output.replace("\n", " "), run.output[-3000:]
    assert all(whole.pids().values()) and whole.lock() is None


@a_sample
def test_a_host_that_is_lost_is_named_and_the_next_run_goes_on(whole):
    first, second, _ = whole.order()
    whole.fault("ssh-lost", second, "--at", 'command.*"stop"')
    with neo4j.GraphDatabase.driver(whole.uri(first), auth=("neo4j", whole.secrets()[0])) as driver:
        driver.verify_connectivity()
        lost = decommission(whole, decommission_word=WORD, decommission_clients_word=CLIENTS)
    assert lost.rc == 4, lost.output[-3000:]
    assert second in lost.report["failure"] and "lost (unreachable) in its turn" in lost.report["failure"]
    assert whole.pid(first) is None and whole.pid(second) and whole.lock() is None
    whole.command("heal")
    assert decommission(whole, decommission_word=WORD).rc == 0
    assert not any(whole.pids().values())

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role neo4j_cluster: a server that joined free is enabled, databases are created, and the second run changes
nothing; what is refused is refused before anything is changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.community import parts
from tests.contract import emulated
from tests.lab.emulated import ALL, ONE, THREE, Emulated
from tests.lab.forming_play import ALONE, changed, play

FOUR = "neo4j-production-4"
SPACES = {
    "ledger": {"cluster": "credex", "database": "ledgerspace"},
    "search": {"cluster": "credex", "database": "fresh"},
}
SHOW = "SHOW DATABASES YIELD name, requestedPrimariesCount, requestedSecondariesCount, currentStatus"


class Fleet:
    """The hosts of an inventory, and runs of the role over them."""

    def __init__(self, servers: Emulated, folder: Path) -> None:
        self.servers = servers
        self.folder = folder
        self.addresses = {name: servers.address(name) for name in servers.record.servers}

    def run(self, *runs: str, check: bool = False, **given: Any) -> subprocess.CompletedProcess[str]:
        sizes = {"credex": {"primaries": 3, "secondaries": 1}}
        given = {"neo4j_clusters": sizes, "neo4j_spaces": SPACES, "neo4j_cluster_wait": 20, **given}
        return play(self.folder, self.addresses, self.servers.password, runs, given, *(["--check"] if check else []))

    def topologies(self) -> dict[str, tuple[int, int]]:
        rows = self.servers.ask(self.servers.writers(ONE)["system"], SHOW).rows
        assert {row["currentStatus"] for row in rows} == {"online"}, rows
        return {row["name"]: (row["requestedPrimariesCount"], row["requestedSecondariesCount"]) for row in rows}

    def states(self) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.servers.ask(ONE, "SHOW SERVERS").rows}


@pytest.fixture
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Production's cluster, and a fourth server that has joined it free."""
    servers = Emulated(tmp_path_factory.mktemp("wide"))
    servers.install(FOUR, 14)
    servers.start_all()
    yield Fleet(servers, tmp_path_factory.mktemp("play"))
    servers.end()


def test_a_free_server_takes_part_databases_are_created_and_the_second_run_changes_nothing(wide):
    assert wide.states()[FOUR] == "Free"
    assert changed(wide.run("would", check=True)) == {"would": 3}
    assert wide.states()[FOUR] == "Free" and "fresh" not in wide.topologies()
    assert changed(wide.run("first", "again")) == {"first": 3, "again": 0}
    assert wide.states() == dict.fromkeys((*ALL, FOUR), "Enabled")
    assert wide.topologies() == {
        "fresh": (3, 1),
        "ledgerspace": (3, 1),
        "neo4j": (1, 0),
        "searchspace": (3, 0),
        "system": (4, 0),
    }


def test_options_are_given_with_the_cluster_s_servers(wide):
    options = {FOUR: {"mode_constraint": "secondary", "tags": ["reports"]}}
    assert changed(wide.run("first", "again", neo4j_cluster_server_options=options)) == {"first": 3, "again": 0}
    rows = wide.servers.ask(ONE, "SHOW SERVERS YIELD name, modeConstraint, tags, hosting").rows
    [row] = [row for row in rows if row["name"] == FOUR]
    assert (row["modeConstraint"], sorted(row["hosting"])) == ("SECONDARY", ["fresh", "ledgerspace", "system"])


@pytest.fixture
def fleet(servers: Emulated, tmp_path: Path) -> Fleet:
    return Fleet(servers, tmp_path)


WHOLE = {"neo4j_clusters": {"credex": {"primaries": 3, "secondaries": 0}}}
ONLY_ONE = {"neo4j_clusters": {"credex": {"primaries": 1, "secondaries": 2}}}
STRANGER = {**WHOLE, "neo4j_cluster_server_options": {"nobody": {"tags": []}}}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("prepare", "given", "said"),
    [
        (None, {}, "cluster credex has 3 hosts, and neo4j_clusters asks for 4"),
        (None, ONLY_ONE, "ledgerspace has 3 primaries, and Neo4j does not reduce them to a single one"),
        (None, STRANGER, "nobody has server options, and is no host of a cluster"),
        ("stop", WHOLE, f"{THREE} does not answer"),
        ("cordon", WHOLE, f"the server of {THREE} is Cordoned"),
        ("same", WHOLE, f"{ALL[1]} and {THREE} both advertise"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_changed(fleet, prepare, given, said):
    servers = fleet.servers
    if prepare == "stop":
        servers.run(THREE, "stop")
    elif prepare == "cordon":
        servers.ask(servers.writers(ONE)["system"], "CALL dbms.cluster.cordonServer($server)", server=THREE)
    elif prepare == "same":
        fleet.addresses[THREE] = fleet.addresses[ALL[1]]
    run = fleet.run("first", **given)
    words = " ".join(run.stdout.split())
    assert run.returncode != 0 and said in words and "Nothing was changed." in words, run.stdout[-3000:] + run.stderr
    assert "fresh" not in {row["name"] for row in servers.ask(ONE, SHOW).rows}


def test_before_any_server_runs_check_mode_predicts_nothing_and_a_real_run_is_refused(tmp_path):
    nowhere = {"db-1": "127.99.99.91"}
    given = {"neo4j_clusters": {"credex": {"primaries": 1}}, "neo4j_spaces": SPACES}
    would = play(tmp_path, nowhere, "no-password", ("would",), given, "--check")
    assert changed(would) == {"would": 0} and "No server answers yet" in would.stdout
    refused = play(tmp_path, nowhere, "no-password", ("first",), given)
    assert refused.returncode != 0 and "db-1 does not answer" in refused.stdout, refused.stdout


def test_an_even_number_is_warned_about_and_no_more(fleet):
    given = {"neo4j_clusters": {"credex": {"primaries": 2, "secondaries": 1}}, "neo4j_spaces": {}}
    run = fleet.run("would", check=True, **given)
    assert changed(run) == {"would": 1} and "2 primaries bear the loss of 0" in run.stdout


def test_a_single_enterprise_server_passes_without_a_change(tmp_path):
    """A single Community server, a real one too: tests/contract."""
    with emulated.running(parts.LTS, tmp_path / "one") as server:
        address = server.endpoint.uri.removeprefix("bolt://")
        assert changed(play(tmp_path, {"db-1": address}, server.endpoint.password, ("first",), ALONE)) == {"first": 0}

"""`python -m lab up development --with community`, and `python -m lab graph`."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.spaces.naive import compare
from tests.spaces.real_lab import BIN, LEDGER, SEARCH, RealLab

COUNT = "MATCH (n) RETURN count(n) AS nodes"


def test_status_says_what_is_real(real_lab: RealLab) -> None:
    status = real_lab("status")
    assert "real servers, Neo4j Community 5.26." in status
    addresses = {name: server["address"] for name, server in real_lab.state.running().servers.items()}
    for server in (LEDGER, SEARCH):
        assert f"{server}  {addresses[server]}:7687  runs" in status
    # As without --with: the inventories find them there
    network = real_lab.state.running().network
    assert (addresses[LEDGER], addresses[SEARCH]) == (f"{network}.21", f"{network}.22")
    assert "started" not in real_lab("up", "development")


def test_graph_is_loaded_and_damaged_as_asked(real_lab: RealLab) -> None:
    said = real_lab("graph", "--credexes", "600", "--seed", "3", "--plant", "credex_missing=2", "account_name")
    assert "LedgerSpace has 600 credexes, SearchSpace 27" in said
    with real_lab.spaces() as spaces:
        found = compare(spaces)
    assert Counter(kind for kind, _ in found) == {"credex_missing": 2, "account_name": 1}
    assert all(key in said for _, key in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--environment", "staging"], "The servers of staging are emulated, and hold no data"),
        (["--environment", "moon"], "has no environment moon"),
        (["--plant", "nonsense"], "There is no kind nonsense, but: account_missing"),
        (["--plant", "credex_missing=many"], "credex_missing=3 does"),
        (["--credexes", "100", "--plant", "account_missing=99"], "there are only 4 places"),
        (["--credexes", "0"], "one is the least"),
    ],
)
def test_graph_that_cannot_be_made_is_refused(real_lab: RealLab, arguments: list[str], said: str) -> None:
    assert said in real_lab("graph", *arguments, code=1)


def test_the_environment_s_own_inventory_finds_them(real_lab: RealLab) -> None:
    command = ["ansible", "-i", "inventories/dev", "-e", "@lab/dev.yml", "neo4j", "-m"]
    asked = ["credex.ops.neo4j_component_info", "-a", "uris={{ neo4j_bolt_uri }}"]
    login = {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": real_lab.state.secrets().password}
    said = real_lab.run([str(BIN / command[0]), *command[1:], *asked], env=real_lab.exports() | login)
    assert said.count("SUCCESS") == 2 and said.count('"source": "bolt"') == 2, said


def test_killed_server_comes_back_with_its_data(real_lab: RealLab) -> None:
    real_lab("graph", "--credexes", "50")
    with real_lab.spaces() as spaces:
        nodes = spaces.search.run(COUNT)
    real_lab("fault", "kill", SEARCH)
    assert f"{SEARCH}  {real_lab.state.running().servers[SEARCH]['address']}:7687  stopped" in real_lab("status")
    assert f"started server {SEARCH}\n" in real_lab("up", "development")
    with real_lab.spaces() as spaces:
        assert spaces.search.run(COUNT) == nodes


def test_faults_of_emulated_servers_are_refused(real_lab: RealLab) -> None:
    assert "is a real server, to which this cannot be done; but: kill" in real_lab("fault", "hang", LEDGER, code=1)
    assert "are real servers" in real_lab("fault", "region-lost", "af-south-1", code=1)
    assert "are in its LedgerSpace" in real_lab("flag", "neo4j", "busy", "--environment", "development", code=1)
    real_lab("fault", "ssh-lost", LEDGER)
    assert real_lab("heal") == f"healed {LEDGER}: ssh-lost\n"


def test_password_is_shown_nowhere(real_lab: RealLab) -> None:
    password = real_lab.state.secrets().password
    assert password not in real_lab("status") + (real_lab.state.folder / "lab.json").read_text()
    for server in (LEDGER, SEARCH):
        process = real_lab.process(server)
        assert process and password not in Path(f"/proc/{process.pid}/cmdline").read_text()


def test_what_is_up_emulated_stays_so(real_lab: RealLab) -> None:
    assert "is up with emulated servers in staging" in real_lab("up", "staging", "--with", "community", code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["production"], "production has a cluster, and Neo4j Community has none"),
        ([], "Say which shall have real servers"),
        (["moon"], "Say which shall have real servers"),
        (["development", "--nodes", "10.77.80"], "cannot be real ones of this machine"),
    ],
)
def test_what_cannot_be_real_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    lab = RealLab(tmp_path, "refused")
    assert said in lab("up", *arguments, "--with", "community", code=1)
    assert not lab.state.folder.exists()


@pytest.mark.parametrize(("there", "said"), [([], "Java 17 or 21, and there is no java"), (["java"], "with mvn")])
def test_what_the_machine_lacks_is_named(tmp_path: Path, there: list[str], said: str) -> None:
    """A cache without jars, and a PATH with nothing but these programs on it."""
    for program in there:
        (tmp_path / program).symlink_to(shutil.which(program) or program)
    lab = RealLab(tmp_path, "lacking")
    bare = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    missing = lab("up", "development", "--with", "community", code=1, env=bare)
    assert said in missing and "Debian package" in missing

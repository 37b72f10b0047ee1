"""100 servers read by one task: against one server, one after another, and other ways of doing it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import fleet, table
from benchmarks.fleet import ROOT, Fleet
from benchmarks.table import Row
from lab.community import parts

SERVERS = 100
MODULE = "neo4j_license_info"
SHELLS = 5  # cypher-shell is run so often, and its time scaled up
FORKS = 20
# What a person would type to learn as much as the module tells
STATEMENTS = "CALL dbms.components(); CALL dbms.licenseAgreementDetails(); CALL gds.license.state();"
# Hosts of a play, and whom each of its tasks asks
ONE_TASK = ("localhost", "{{ groups['all'] | map('extract', hostvars, 'address') }}")
PER_HOST = ("all", "{{ [address] }}")


def measure() -> str:
    with tempfile.TemporaryDirectory() as folder, fleet.emulated(SERVERS) as servers:
        one = fleet.ask(servers, MODULE, servers.uris[:1]).seconds
        asked = fleet.ask(servers, MODULE, servers.uris)
        in_turn = fleet.ask(servers, MODULE, servers.uris, workers=1).seconds
        one_task, per_host = (played(Path(folder), servers, way) for way in (ONE_TASK, PER_HOST))
        loop_of_shells = against_shells(servers, one_task)
    assert (asked.answers, asked.silent) == (SERVERS, 0)
    together = asked.seconds
    return table.markdown(
        [
            Row(f"`{MODULE}`, one server, {fleet.ROUND_TRIP * 1000:.0f} ms an answer", table.seconds(one)),
            Row(f"... {SERVERS} servers", table.seconds(together)),
            table.at_most("... against one server", together / one, 5, "×"),
            table.at_least("... quicker than one after another", in_turn / together, 20, "×", f"{in_turn:.1f} s"),
            Row("`ansible-playbook`, one task for all, start included", table.seconds(one_task)),
            loop_of_shells,
            table.at_least(
                f"... quicker than a task per host, {FORKS} forks", per_host / one_task, 8, "×", f"{per_host:.1f} s"
            ),
        ]
    )


def played(folder: Path, servers: Fleet, way: tuple[str, str]) -> float:
    """Seconds that a whole run of ansible-playbook takes."""
    hosts, uris = way
    task = {"name": "Ask", f"credex.ops.{MODULE}": {"uris": uris, "fail_on_unreachable": True}}
    write(folder / "hosts.json", inventory(servers.uris))
    write(folder / "play.json", [{"name": "Ask", "hosts": hosts, "gather_facts": False, "tasks": [task]}])
    command = ["ansible-playbook", "-i", str(folder / "hosts.json"), "--forks", str(FORKS), str(folder / "play.json")]
    return seconds(command, servers.environment)


def inventory(uris: Sequence[str]) -> dict[str, object]:
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {"all": {"vars": here, "hosts": {f"db-{number}": {"address": uri} for number, uri in enumerate(uris)}}}


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def against_shells(servers: Fleet, one_task: float) -> Row:
    what, limit = "... quicker than a loop of cypher-shell", 25
    try:
        loop = shell_seconds(servers) * SERVERS
    except parts.MissingPartError as lacking:
        return Row(what, f"not measured: {lacking}", f"≥ {limit} ×")
    return table.at_least(what, loop / one_task, limit, "×", f"{loop:.0f} s, scaled up from {SHELLS}")


def shell_seconds(servers: Fleet) -> float:
    """What one cypher-shell process takes that asks one server, the mean of a few."""
    java = parts.java_home(parts.LTS) / "bin" / "java"
    jars = parts.cypher_shell_jars(parts.LTS)
    command = [str(java), "-cp", f"{jars}/*", "org.neo4j.shell.Main", "--format", "plain", "-d", "neo4j", STATEMENTS]
    asked = servers.uris[:SHELLS]
    return sum(seconds([*command, "-a", uri], servers.environment) for uri in asked) / len(asked)


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    took = time.monotonic() - begun
    assert done.returncode == 0, f"{Path(command[0]).name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return took

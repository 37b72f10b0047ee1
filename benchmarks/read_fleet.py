"""What it costs to ask many servers which Neo4j they run: one task with all addresses, or a task per host.

    python benchmarks/read_fleet.py --servers 60        (make bench ARGS='--servers 60')

The servers are those of a lab of its own, asked again under other names; each answer takes 20 ms longer than on
loopback, as across availability zones. Prints a table in Markdown; docs/benchmarks.md holds the last one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUND_TRIP = 0.02  # seconds
MODULE = "credex.ops.neo4j_component_info"


@contextmanager
def lab(folder: Path) -> Iterator[dict[str, str]]:
    """A lab with slow answers; yields the environment that its clients need."""
    environment = os.environ | {"CREDEX_LAB": f"bench-{os.getpid()}", "CREDEX_LAB_HOME": str(folder)}

    def command(*arguments: str) -> str:
        line = [sys.executable, "-m", "lab", *arguments]
        return subprocess.run(line, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    command("up")
    try:
        for server in re.findall(r"^ +(neo4j-\S+)", command("status"), re.MULTILINE):
            command("fault", "latency", server, "--seconds", str(ROUND_TRIP))
        yield environment | dict(re.findall(r"^export (\w+)=(.*)$", command("env", "--neo4j"), re.MULTILINE))
    finally:
        command("down")


def inventory(address: str, servers: int) -> dict[str, object]:
    """Hosts that Ansible takes for many, and that all have the address of one server."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "address": address}
    return {"all": {"hosts": {f"db-{number}": variables for number in range(servers)}}}


def play(hosts: str, uris: str) -> list[dict[str, object]]:
    task = {"name": "Ask", MODULE: {"uris": uris, "fail_on_unreachable": True}}
    return [{"name": "Ask", "hosts": hosts, "gather_facts": False, "tasks": [task]}]


def seconds(folder: Path, content: list[dict[str, object]], forks: int, environment: dict[str, str]) -> float:
    playbook = folder / "play.json"
    playbook.write_text(json.dumps(content))
    command = ["ansible-playbook", "-i", str(folder / "hosts.json"), "--forks", str(forks), str(playbook)]
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=60)
    servers = parser.parse_args().servers
    every_address = "{{ groups['all'] | map('extract', hostvars, 'address') }}"
    with tempfile.TemporaryDirectory() as name, lab(Path(name)) as environment:
        folder = Path(name)
        (folder / "hosts.json").write_text(json.dumps(inventory(environment["NEO4J_URI"], servers)))
        ways = {
            "one task, all addresses": (play("localhost", every_address), 5),
            "a task per host, 5 forks": (play("all", "{{ [address] }}"), 5),
            "a task per host, 20 forks": (play("all", "{{ [address] }}"), 20),
        }
        empty = seconds(folder, [{"name": "Nothing", "hosts": "all", "gather_facts": False}], 5, environment)
        print(f"| {servers} servers | whole run, s | per server, ms |\n|---|---|---|", flush=True)
        for way, (content, forks) in ways.items():
            took = seconds(folder, content, forks, environment)
            print(f"| {way} | {took:.1f} | {max(took - empty, 0) / servers * 1000:.0f} |", flush=True)


if __name__ == "__main__":
    main()

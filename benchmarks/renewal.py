"""A renewal of three servers that stop and start as slowly as real ones, while an application writes."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import table
from benchmarks.fleet import ROOT
from benchmarks.own_lab import OwnLab, own_lab
from benchmarks.table import Row
from lab import description
from tests.lab.application import PAUSE_SECONDS, Application

SERVERS = 3
ALLOWED = SERVERS * 5 + 20  # seconds of our own
WRITER = "the application: writes, one every {:.0f} ms through `neo4j://`"


@dataclass(frozen=True)
class Run:
    """A playbook's run. Processor time is ansible-playbook's and that of all that it waited for; servers outlive it."""

    seconds: float
    cpu_seconds: float
    tasks: int


def measure() -> str:
    with tempfile.TemporaryDirectory() as folder, own_lab(Path(folder)) as lab:
        lab.command("up", "production", "--timing", "real")
        client = lab.exports()
        routed = client["NEO4J_URI"].replace("bolt://", "neo4j://")
        with Application(routed, client["NEO4J_PASSWORD"]) as application:
            run = renew(lab, client)
    assert application.written, "the application wrote nothing"
    timing = description.load().timings["real"]
    outage = timing.stop + timing.start + timing.online
    return table.markdown(
        [
            Row(f"`renew_license.yml`, {SERVERS} servers", table.seconds(run.seconds)),
            Row(
                f"the servers' own time: {timing.stop:g} s to stop, {timing.start:g} s to start, "
                f"{timing.online:g} s until their databases are online",
                table.seconds(SERVERS * outage),
            ),
            table.at_most(
                "our own time: 5 s for each server and 20 s for the run", run.seconds - SERVERS * outage, ALLOWED, "s"
            ),
            Row("tasks", str(run.tasks)),
            Row("processor time of `ansible-playbook` and its children", table.seconds(run.cpu_seconds)),
            Row(WRITER.format(PAUSE_SECONDS * 1000), f"{len(application.written):,}"),
            Row("... of which failed", str(len(application.failures)), "0", not application.failures),
        ]
    )


def renew(lab: OwnLab, client: dict[str, str]) -> Run:
    extra = json.dumps({"ops_report_journal_dir": str(lab.state.folder / "journals")})
    command = ["ansible-playbook", "renew_license.yml", "-i", "inventories/lab", "-e", extra]
    # A task's headline is printed when it has something to show; all are to be counted
    environment = {**lab.environment, **client, "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true"}
    log = lab.state.folder / "renewal.log"
    before, begun = children_cpu_seconds(), time.monotonic()
    with log.open("w") as output:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
    took, used = time.monotonic() - begun, children_cpu_seconds() - before
    said = log.read_text()
    restarted = len(re.findall(r"changed=[1-9]", said))
    assert (done.returncode, restarted) == (0, SERVERS), said[-3000:]
    return Run(took, used, len(re.findall(r"^TASK \[", said, re.MULTILINE)))


def children_cpu_seconds() -> float:
    """Of all processes that this one has waited for, and those that they have."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

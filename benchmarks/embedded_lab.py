"""The lab: how soon all its environments are up, and the memory of all its processes."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

from benchmarks import table
from benchmarks.own_lab import OwnLab, own_lab
from benchmarks.table import Row
from lab import launcher


def measure() -> str:
    with tempfile.TemporaryDirectory() as folder, own_lab(Path(folder)) as lab:
        begun = time.monotonic()
        lab.command("up")
        took = time.monotonic() - begun
        held = resident_mib(lab)
    return table.markdown(
        [
            table.at_most("`python -m lab up`, all environments, nothing there before", took, 6, "s"),
            Row("its processes: Neo4j servers, and one AWS endpoint", str(len(held))),
            table.at_most("their memory (RSS, so that what they share counts for each)", sum(held), 700, "MiB"),
            Row("... of which the AWS endpoint", f"{held[0]:.0f} MiB"),
        ]
    )


def resident_mib(lab: OwnLab) -> list[float]:
    """Of the AWS endpoint, then of each server."""
    record = lab.state.running()
    servers = [launcher.server_pid(lab.state, name) for name in record.servers]
    assert servers and None not in servers
    return [_resident_mib(pid) for pid in (record.aws_pid, *servers) if pid]


def _resident_mib(pid: int) -> float:
    [kib] = re.findall(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(kib) / 1024

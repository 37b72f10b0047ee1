"""A lab of the benchmark's own, taken down at the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet import ROOT
from lab.state import State


@dataclass(frozen=True)
class OwnLab:
    state: State
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        line = [sys.executable, "-m", "lab", *arguments]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout

    def exports(self) -> dict[str, str]:
        """What a client of production needs: keys for AWS, address and login for Neo4j."""
        return dict(re.findall(r"^export (\w+)=(.*)$", self.command("env", "--neo4j"), re.MULTILINE))


@contextmanager
def own_lab(folder: Path) -> Iterator[OwnLab]:
    """Not up yet."""
    name = f"bench-{os.getpid()}"
    lab = OwnLab(State(name, folder), os.environ | {"CREDEX_LAB": name, "CREDEX_LAB_HOME": str(folder)})
    try:
        yield lab
    finally:
        lab.command("down")

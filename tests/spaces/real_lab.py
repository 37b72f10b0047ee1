"""A lab of the tests' own whose development servers are real, driven by its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab.community import in_lab
from lab.graph import Spaces, connect
from lab.server.processes import Process
from lab.state import REPOSITORY, State

LEDGER, SEARCH = "Neo4j-LedgerSpace-development", "Neo4j-SearchSpace-development"
BIN = Path(sys.executable).parent


class RealLab:
    def __init__(self, folder: Path, name: str = "real") -> None:
        self.state = State(name, folder)
        self.env = {
            **os.environ,
            "CREDEX_LAB_HOME": str(folder),
            "CREDEX_LAB": name,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }

    def __call__(self, *arguments: str, code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """What `python -m lab` printed."""
        return self.run([sys.executable, "-m", "lab", *arguments], code, env)

    def run(self, line: list[str], code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """What a command printed, which is to end with this code."""
        mine = {**self.env, **(env or {})}
        done = subprocess.run(line, cwd=REPOSITORY, env=mine, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def exports(self) -> dict[str, str]:
        """What makes a client one of development's AWS account."""
        lines = [line.removeprefix("export ") for line in self("env", "development").splitlines() if "=" in line]
        return dict(line.split("=", 1) for line in lines)

    def process(self, server: str) -> Process | None:
        return Process.of(int((self.state.home(server) / "run" / "neo4j.pid").read_text()))

    @contextmanager
    def spaces(self) -> Iterator[Spaces]:
        with connect(*in_lab.pair(self.state, self.state.running(), "development")) as spaces:
            yield spaces

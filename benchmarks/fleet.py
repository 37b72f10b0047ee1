"""Emulated servers by the hundred, and modules that are asked about them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUND_TRIP = 0.02  # seconds that each answer comes later than on loopback, as across availability zones


@dataclass(frozen=True)
class Fleet:
    """Servers that answer, and the environment that carries the login to clients."""

    uris: list[str]
    environment: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """What one run of a module cost its process: from the call of main() to its end, the driver already loaded."""

    seconds: float
    peak_mib: float
    answers: int
    silent: int
    slowest_answer_ms: float


@contextmanager
def emulated(count: int) -> Iterator[Fleet]:
    line = [sys.executable, "-m", "lab", "fleet", str(count), "--latency", str(ROUND_TRIP)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            login = {"NEO4J_USERNAME": ready["username"], "NEO4J_PASSWORD": ready["password"]}
            yield Fleet(ready["uris"], os.environ | login)
        finally:
            process.terminate()


def ask(fleet: Fleet, module: str, uris: Sequence[str], **options: object) -> Asked:
    """Run a module in a process of its own."""
    line = [sys.executable, "-m", "benchmarks.one_module", module]
    arguments = json.dumps({"uris": list(uris), **options})
    done = subprocess.run(
        line, cwd=ROOT, env=fleet.environment, input=arguments, stdout=subprocess.PIPE, text=True, check=True
    )
    return Asked(**json.loads(done.stdout))

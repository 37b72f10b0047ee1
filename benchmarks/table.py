"""A table of measured values and of the targets that they are held against, in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Row:
    what: str
    measured: str
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, str, str, str]:
        return self.what, self.measured, self.target, {None: "", True: "yes", False: "**no**"}[self.met]


def at_most(what: str, measured: float, limit: float, unit: str, how: str = "") -> Row:
    """A row whose value should not exceed its limit; `how` tells where the value comes from."""
    return Row(what, told(measured, unit, how), f"≤ {limit:g} {unit}", measured <= limit)


def at_least(what: str, measured: float, limit: float, unit: str, how: str = "") -> Row:
    return Row(what, told(measured, unit, how), f"≥ {limit:g} {unit}", measured >= limit)


def told(measured: float, unit: str, how: str = "") -> str:
    """A value as a cell has it."""
    return f"{measured:.{_digits(measured)}f} {unit}" + (f" ({how})" if how else "")


def _digits(measured: float) -> int:
    return 0 if measured >= 100 else 1 if measured >= 10 else 2


def seconds(measured: float) -> str:
    return told(measured, "s")


def markdown(rows: Sequence[Row], *servers: str) -> str:
    """The table, and below it what it was measured with, real servers included."""
    lines = [("measured", "value", "target", "met"), ("---",) * 4, *(row.cells() for row in rows)]
    measured_with = f"Measured with: {', '.join([surroundings(), *servers])}."
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", measured_with])


def surroundings() -> str:
    """What a reader needs to know of the machine and the programs. How busy the machine was belongs to it."""
    packages = [f"{name} {version(name)}" for name in ("ansible-core", "neo4j", "boto3", "moto")]
    busy = f"load {os.getloadavg()[0]:.1f}"
    return ", ".join([f"{os.cpu_count()} cores ({busy})", f"Python {platform.python_version()}", *packages])

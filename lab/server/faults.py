# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of one server: a file each, in the lab's state folder, so that a person and every process see the same.

`python -m lab fault` writes them, `python -m lab heal` removes them, and the server reads them at every connection
and request. What the connection plugin does (ssh-lost, task-fails, full-disk) lies there too and is not read here.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any


class Faults:
    """The faults of one server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, kind: str) -> dict[str, Any] | None:
        """The options of a fault, or None when it is not set."""
        try:
            options: dict[str, Any] = json.loads(_file(self.folder, kind).read_bytes())
        except FileNotFoundError:
            return None
        return options

    def since_start(self, kind: str, started_at: float) -> dict[str, Any] | None:
        """A fault that strikes at a start: it leaves alone the server that was already running when it was set."""
        options = self.get(kind)
        return options if options is not None and options["since"] <= started_at else None


@functools.cache
def _file(folder: Path, kind: str) -> Path:
    """Made once, because a server looks for its faults a dozen times while it answers."""
    return folder / f"{kind}.json"

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Options of the modules that compare and repair the two spaces."""

from __future__ import annotations

import os
import socket
import time
import typing as t

from .._neo4j import spaces
from .._neo4j.errors import InvalidOptionError
from .._neo4j.spaces import Space
from .comparison import Options
from .hold import Hold

# What digests tell apart: nine significant digits
FINEST = 1e-8
TIMEOUT = 600.0  # seconds


def argument_spec(hold_queue: bool, **own: t.Any) -> dict[str, t.Any]:
    return spaces.spaces_argument_spec(
        timeout=TIMEOUT,
        full={"type": "bool", "default": False},
        tolerance={"type": "float", "default": FINEST},
        epsilon={"type": "float", "default": 1e-9},
        grace={"type": "float", "default": 900.0},
        stuck_after={"type": "float", "default": 60.0},
        samples={"type": "int", "default": 5},
        limit={"type": "int", "default": 20000},
        allow_empty_ledger={"type": "bool", "default": False},
        hold_queue={"type": "bool", "default": hold_queue},
        hold_seconds={"type": "int", "default": 600},
        hold_wait={"type": "float", "default": 120.0},
        run_id={"type": "str"},
        **own,
    )


def options(params: dict[str, t.Any]) -> Options:
    """How to compare. Raises InvalidOptionError for what cannot be meant."""
    if params["tolerance"] < FINEST and not params["full"]:
        raise InvalidOptionError(
            f"tolerance is {params['tolerance']:g}, and sums over ranges tell {FINEST:g} apart: also give full"
        )
    for name in ("tolerance", "epsilon", "grace", "stuck_after", "samples", "hold_wait"):
        if params[name] < 0:
            raise InvalidOptionError(f"{name} is {params[name]:g}: give 0 or more")
    for name in ("limit", "hold_seconds"):
        if params[name] < 1:
            raise InvalidOptionError(f"{name} is {params[name]}: give 1 or more")
    names = ("full", "tolerance", "epsilon", "grace", "stuck_after", "samples", "limit", "allow_empty_ledger")
    return Options(**{name: params[name] for name in names}, invariants=params.get("invariants", True))


def hold(params: dict[str, t.Any], ledger: Space) -> Hold | None:
    if not params["hold_queue"]:
        return None
    return Hold(ledger, run_id(params), params["hold_seconds"], params["hold_wait"])


def run_id(params: dict[str, t.Any]) -> str:
    return params["run_id"] or f"{socket.gethostname()}-{os.getpid()}-{int(time.time())}"

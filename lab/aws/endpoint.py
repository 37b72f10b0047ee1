# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting the AWS endpoint: a process, and then its seed."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from lab.description import Description
from lab.server.processes import Process
from lab.state import AWS_PORT, REPOSITORY, LabError, Record, State

TIMEOUT_SECONDS = 30


def start(state: State, record: Record, described: Description) -> None:
    """Start and seed it. One that could not be seeded is ended again, so that the next `up` tries anew."""
    # Any key is one of the first environment's account; into the others a role is assumed, as in AWS
    account = described.environments[0].account
    log = state.logs / "aws.log"
    process = _process(f"{record.network}.1", account, state.faults, log)
    known = Process.of(process.pid)
    if known is None:
        raise LabError(f"The AWS endpoint ended at once. Its log: {log}")
    record.aws_pid, record.aws_started = known.pid, known.started
    state.save(record)
    try:
        _seed(state, record, described, process, log)
    except Exception:
        known.end(timeout=5)
        raise


def _process(host: str, account: str, faults: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "lab.aws", host, str(AWS_PORT), account, str(faults)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
        )


def _seed(state: State, record: Record, described: Description, process: subprocess.Popen[bytes], log: Path) -> None:
    # boto3 takes a second to import: here it passes while moto starts, and an `up` that has nothing to do is spared it
    from lab.aws import seed

    _wait_for_port(f"{record.network}.1", process, log)
    kept = state.secrets()
    kept.credentials = seed.everything(described, record, kept)
    state.save_secrets(kept)


def _wait_for_port(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, AWS_PORT), timeout=1):
            return
        time.sleep(0.02)
    raise LabError(f"The AWS endpoint did not start on {host}:{AWS_PORT}. Its log: {log}")

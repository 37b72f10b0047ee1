# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who lives: a process that holds a lock on its server's file. The kernel drops the lock with the process, however
it ends, so `kill -9` needs no help to be noticed; and the lock is seen from inside other process namespaces too."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


def hold(file: Path, wait_seconds: float = 1.0) -> int | None:
    """Take the lock for as long as this process lives; None when another process lives.

    It tries for a moment, because a reader that looks whether somebody lives has the lock for some microseconds.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
        time.sleep(0.01)


def is_held(file: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

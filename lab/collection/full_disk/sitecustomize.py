# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A disk without room, for every Python process that has this folder on its PYTHONPATH (the fault full-disk).

What is written stays in memory until it is synced, so fsync(2) is where a writer that wants to be sure meets ENOSPC.
"""

from __future__ import annotations

import errno
import os


def _no_room(fd: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


os.fsync = _no_room

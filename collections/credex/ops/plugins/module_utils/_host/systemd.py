# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What `systemctl show` says about a unit. Pure."""

from __future__ import annotations

from dataclasses import dataclass

PROPERTIES = ("LoadState", "ActiveState", "SubState", "Result", "MainPID")
STATES = {
    "active": "running",
    "reloading": "running",
    "refreshing": "running",
    "inactive": "stopped",
    "failed": "failed",
    "activating": "starting",
    "deactivating": "stopping",
}


@dataclass(frozen=True)
class Unit:
    state: str
    main_pid: int
    detail: str


def parse_show(text: str) -> Unit:
    """One `Key=value` a line. An unknown ActiveState is passed on as it is rather than guessed."""
    values = dict(line.partition("=")[::2] for line in text.splitlines())
    active = values.get("ActiveState", "")
    state = "absent" if values.get("LoadState") == "not-found" else STATES.get(active, active)
    detail = f"{values.get('ActiveState')} ({values.get('SubState')}), result {values.get('Result')}"
    return Unit(state=state, main_pid=int(values.get("MainPID") or 0), detail=detail)

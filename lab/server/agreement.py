# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The license agreement of the server itself: a recorded acceptance, not a file that one gets from the vendor."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

TRIAL_DAYS = 30
_DAY = 86400
_BY_VARIABLE = {"yes": "commercial", "eval": "evaluation"}


@dataclass(frozen=True)
class Agreement:
    """What `dbms.licenseAgreementDetails` answers: status is yes, eval, expired or no."""

    status: str
    days_left: int
    total_days: int


def accept(file: Path, kind: str) -> None:
    """Record an acceptance; kind is commercial or evaluation. A trial runs from the first start on, and only once."""
    before = _recorded(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"accepted": kind, "trial_since": before.get("trial_since")}) + "\n")


def read(file: Path, now: float | None = None) -> Agreement:
    recorded = _recorded(file)
    accepted = _BY_VARIABLE.get(os.environ.get("NEO4J_ACCEPT_LICENSE_AGREEMENT", ""), recorded.get("accepted"))
    if accepted == "commercial":
        return Agreement("yes", 0, 0)
    if accepted != "evaluation":
        return Agreement("no", 0, 0)
    since = recorded.get("trial_since")
    used = 0 if since is None else int(((time.time() if now is None else now) - float(since)) // _DAY)
    left = TRIAL_DAYS - used
    return Agreement("eval" if left > 0 else "expired", max(left, 0), TRIAL_DAYS)


def begin_trial(file: Path) -> None:
    """The first start under an evaluation begins its days."""
    recorded = _recorded(file)
    if read(file).status == "eval" and recorded.get("trial_since") is None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"accepted": "evaluation", "trial_since": str(time.time())}) + "\n")


def _recorded(file: Path) -> dict[str, str | None]:
    try:
        recorded: dict[str, str | None] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return recorded

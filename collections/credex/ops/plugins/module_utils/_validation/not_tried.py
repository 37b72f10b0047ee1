# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a run does not try, and why. Pure."""

from __future__ import annotations

import typing as t

from .case import CASES, Item, check, skipped

TITLES = {5: "An expired license file is refused", 6: "A fresh license file is accepted"}
FILES = {5: "license_validation_expired_file", 6: "license_validation_fresh_file"}


def trials(
    tried: t.Container[int], disruptive: bool, check_mode: bool, environment: str, required: t.Container[int]
) -> list[Item]:
    """Cases 5 and 6 where they are not tried, and what can be tried nowhere."""
    reason = _reason(disruptive, check_mode, environment)
    left_out = [
        skipped(case, "tried", title, reason or f"no {FILES[case]} was given", case in required)
        for case, title in TITLES.items()
        if case not in tried
    ]
    return [*left_out, _agreement()]


def _reason(disruptive: bool, check_mode: bool, environment: str) -> str:
    if environment == "production":
        return "it restarts servers, which a validation never does in production"
    if check_mode:
        return "check mode"
    return "" if disruptive else "it restarts servers: say license_validation_disruptive, and give it a file"


def _agreement() -> Item:
    title = "An evaluation that is over"
    return skipped(5, "agreement_over", title, "only the licensor can age an agreement, so nobody can try it", False)


def unreached(reached: t.Container[int], required: t.Container[int], failure: str) -> list[Item]:
    """Cases of which nothing was recorded, because the run ended before them."""
    return [
        check(
            case,
            "reached",
            "The run came to this case",
            "skipped",
            f"the run ended before it: {failure or 'nothing was recorded'}",
            required=case in required,
            follow_up="Mend what stopped the run, and run the validation again.",
        )
        for case in CASES
        if case not in reached
    ]

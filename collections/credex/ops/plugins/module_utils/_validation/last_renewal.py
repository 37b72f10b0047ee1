# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 6, what is always asked: the last renewal's report, and whether the servers still answer as it says. Pure."""

from __future__ import annotations

import datetime
import typing as t

from .._neo4j.license import parse_timestamp
from .case import Item, check, skipped


def checks(
    report: Item | None,
    members: t.Sequence[Item],
    answers: t.Sequence[Item],
    now: datetime.datetime,
    max_age_days: int,
    required: bool,
) -> list[Item]:
    """The last report of a renewal is recent and green, and the servers still answer as it says."""
    title = "The last renewal is recent and was proven"
    if report is None:
        return [skipped(6, "last_report", title, "no renewal has left a report here: run renew_license.yml", required)]
    age = (now - _moment(report["run"]["finished"])).days
    good = report["green"] and age <= max_age_days
    told = f"{report['run']['id']}, {age} days ago: {report['verdict']}"
    checks = [
        check(
            6,
            "last_report",
            title,
            "passed" if good else "failed",
            told if age <= max_age_days else f"{told}, older than {max_age_days} days",
            required=required,
            evidence={"run": report["run"]["id"], "verdict": report["verdict"], "age_days": age},
            follow_up="Run renew_license.yml to its end.",
        )
    ]
    return checks + [c for m, a in zip(members, answers) for c in _as_reported(report, m, a, required)]


def _as_reported(report: Item, member: Item, answer: Item, required: bool) -> list[Item]:
    placed = [
        c
        for c in report["checks"]
        if c["server"] == member["host"]
        and c["phase"] == "verify"
        and c["status"] == "passed"
        and "placed" in c["evidence"]
    ]
    latest = {c["id"].rpartition(".")[2]: c["evidence"]["answer"] for c in placed}
    return [_same_answer(member, product, was, answer, required) for product, was in latest.items()]


def _same_answer(member: Item, product: str, was: Item, answer: Item, required: bool) -> Item:
    """Days run down, so only a date can be compared."""
    now = answer["products"].get(product) if answer["reachable"] else None
    same = now is not None and now["licensed"] == was["licensed"] and now["expires"] == was["expires"]
    return check(
        6,
        f"as_reported.{product}",
        f"{product} answers as the last renewal's report says",
        "passed" if same else "failed",
        f"until {was['expires']}"
        if same
        else f"the report says {was['expires']}, the server {now and (now['expires'] or now['message'])}",
        server=member["host"],
        required=required,
        follow_up="Something replaced the license since: look at the file, and run renew_license.yml.",
    )


def _moment(text: str) -> datetime.datetime:
    return parse_timestamp(text[:19] + "Z") or datetime.datetime.min

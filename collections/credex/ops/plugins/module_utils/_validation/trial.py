# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Cases 5 and 6, what is tried: a license file on a server, what product and log said, and the way back. Pure."""

from __future__ import annotations

import re
import typing as t

from .case import Item, check

_LICENSE = re.compile(r"licen[cs]e", re.IGNORECASE)
# How Neo4j begins a line of its logs, to the second
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def put_back(server: Item, observed: Item, tried: t.Container[str]) -> Item:
    """The plan of one server, which must also take back what a killed trial left.

    C(server), C(observed): as for P(credex.ops.license_plan#filter). C(tried): fingerprints of the files to try. One
    that lies there already was left by a trial; the latest kept file that is none of them is the one to go back to.
    """
    steps = [_put_back(step, file, tried) for step, file in zip(server["steps"], observed["files"])]
    refused = [
        f"{step['path']} was left by a trial, and no other file is kept beside it" for step in steps if step["lost"]
    ]
    return {**server, "steps": steps, "refused": [*server["refused"], *refused], "left": any(s["left"] for s in steps)}


def _put_back(step: Item, file: Item, tried: t.Container[str]) -> Item:
    if not _is_left(file, tried):
        return {**step, "left": False, "lost": False}
    kept = [k["fingerprint"] for k in file["kept"] if k["fingerprint"] not in tried]
    return {**step, "undo": True, "undo_fingerprint": next(iter(kept), None), "left": True, "lost": not kept}


def left(observed: t.Iterable[Item], tried: t.Container[str]) -> set[str]:
    """The hosts on which a killed trial left its file."""
    return {server["host"] for server in observed if any(_is_left(file, tried) for file in server["files"])}


def _is_left(file: Item, tried: t.Container[str]) -> bool:
    return file["exists"] and file["license"]["fingerprint"] in tried


def warnings(lines: t.Sequence[str], since: str) -> list[str]:
    """What a log says about a license from C(since) on (ISO 8601, UTC)."""
    begin = since[:19].replace("T", " ")
    return [line for line in lines if _LICENSE.search(line) and _MOMENT.match(line) and line[:19] >= begin]


def refused(host: str, product: str, answer: Item, logged: t.Sequence[str]) -> list[Item]:
    """With the expired file: the product refuses, the log warns, and the server answers all the same."""
    told = answer["products"].get(product) if answer["reachable"] else None
    return [
        _verdict(
            5,
            "answers",
            "The server answers with an expired file",
            answer["reachable"],
            answer["message"] or "it does",
            host,
        ),
        _refusal(host, product, told),
        check(
            5,
            "warned",
            "Its log warns of the expired file",
            "passed" if logged else "failed",
            logged[-1] if logged else "no line about a license since the restart",
            server=host,
            evidence={"log": list(logged[-20:])},
            follow_up="Watch the product's own answer instead of the log, and tell the vendor.",
        ),
    ]


def _refusal(host: str, product: str, told: Item | None) -> Item:
    """An error is a refusal too; a product that was not asked has refused nothing."""
    words = (told or {}).get("message") or "it was not asked"
    is_refused = told is not None and told["installed"] and not told["licensed"] and bool(told["message"])
    title = f"{product} refuses the expired file"
    return _verdict(5, "refused", title, is_refused, words, host, evidence={"answer": told})


def _verdict(case: int, name: str, title: str, good: bool, detail: str, host: str, **more: t.Any) -> Item:
    follow_up = "Look at this server's product and license file by hand; the run has put the previous file back."
    return check(case, name, title, "passed" if good else "failed", detail, server=host, follow_up=follow_up, **more)


def licensed(host: str, verdicts: t.Sequence[Item]) -> list[Item]:
    """With the fresh file: what a renewal's own proof says, as a check of case 6."""
    return [
        _verdict(
            6, "renewed", f"{v['title']}, renewed", v["status"] == "passed", v["detail"], host, evidence=v["evidence"]
        )
        for v in verdicts
    ]


def as_before(case: int, host: str, product: str, before: Item | None, after: Item) -> list[Item]:
    """The previous file is in force again: the same answer as before the trial; after a killed one, a valid one."""
    was = before["products"].get(product) if before and before["reachable"] else None
    now = after["products"].get(product) if after["reachable"] else None
    same = now is not None and now["licensed"] is True and (was is None or was["expires"] == now["expires"])
    detail = (now or {}).get("message") or after["message"] or "no answer"
    title = f"{product} answers again as before"
    return [_verdict(case, "put_back", title, same, detail, host, evidence={"before": was, "after": now})]

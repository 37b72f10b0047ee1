# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 1: every server says that it is Enterprise Edition. Pure."""

from __future__ import annotations

import typing as t

from .case import Item, check


def checks(members: t.Sequence[Item], answers: t.Sequence[Item]) -> list[Item]:
    """Every server says that it is Enterprise Edition; one that is silent says nothing."""
    return [_edition(member, answer) for member, answer in zip(members, answers)]


def _edition(member: Item, answer: Item) -> Item:
    title = "It is Enterprise Edition (dbms.components)"
    if not answer["reachable"]:
        why = f"{answer['uri']} does not answer: {answer['cause']}: {answer['message']}"
        return check(1, "edition", title, "failed", why, server=member["host"], follow_up="Bring the server back.")
    edition = answer["edition"]
    return check(
        1,
        "edition",
        title,
        "passed" if edition == "enterprise" else "failed",
        f"{edition}, version {answer['version']}",
        server=member["host"],
        evidence={"edition": edition, "version": answer["version"]},
        follow_up=f"Install Enterprise Edition: {edition} is not what the contract is about.",
    )

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The six cases of a license validation, and a check of one of them. Pure."""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]

CASES = {
    1: "1 Application",
    2: "2 Instance count",
    3: "3 Resource limits",
    4: "4 Enterprise features",
    5: "5 Expiry handling",
    6: "6 Renewal",
}


def check(case: int, name: str, title: str, status: str, detail: str, **more: t.Any) -> Item:
    return {
        "id": f"license_validation.{case}.{name}",
        "group": CASES[case],
        "title": title,
        "status": status,
        "detail": detail,
        "phase": "verify",
        **more,
    }


def skipped(case: int, name: str, title: str, reason: str, required: bool) -> Item:
    """A question that was not asked; a required one keeps the validation from being green."""
    return check(case, name, title, "skipped", reason, required=required, follow_up=reason if required else "")

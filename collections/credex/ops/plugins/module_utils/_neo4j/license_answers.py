# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What servers and products answer about their licenses, as facts: pure functions over rows.

An agreement is the accepted text of the database itself; it has no file and, once commercial, no end that a server
knows. A product (GDS, Bloom) has a license file, read at start, and a procedure that says what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import memory
from ansible_collections.credex.ops.plugins.module_utils._neo4j.license import days_left, timestamp

# dbms.licenseAgreementDetails(), status: as Neo4j's own Fleet Manager reads it
AGREEMENTS = {"yes": "commercial", "eval": "evaluation", "expired": "expired", "no": "not_accepted"}

# gds.license.state(), details: `License expires at 2026-11-16T09:46:39Z[UTC]`, or with "License error: .." before it
_EXPIRY = re.compile(r"expires at (\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)")


def agreement(rows: Sequence[Mapping[str, Any]] | None, applicable: bool) -> dict[str, Any]:
    """The agreement of one server: `rows` is null where the server would not say."""
    if not applicable:
        return {"status": "not_applicable", "days_left": None, "total_days": None}
    answer: Mapping[str, Any] = rows[0] if rows else {}
    status = AGREEMENTS.get(str(answer.get("status", "")), "unknown")
    trial = status in ("evaluation", "expired")
    return {
        "status": status,
        "days_left": answer.get("daysLeftOnTrial") if trial else None,
        "total_days": answer.get("totalTrialDays") if trial else None,
    }


def product(installed: bool, message: str | None = None) -> dict[str, Any]:
    """A product that is not installed, or whose procedure did not answer."""
    return {"installed": installed, "licensed": None, "expires": None, "days_left": None, "message": message}


def gds(rows: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """The answer of gds.license.state(): without a license GDS works, within the limits of its free edition."""
    details = str(rows[0]["details"])
    expires = expiry(details)
    return {
        **product(True, details),
        "licensed": bool(rows[0]["isLicensed"]),
        "expires": timestamp(expires),
        "days_left": days_left(expires, now),
    }


def bloom(rows: Sequence[Mapping[str, Any]], _now: datetime) -> dict[str, Any]:
    """The answer of bloom.checkLicenseCompliance(), which tells days, not a date."""
    answer = rows[0]
    return {
        **product(True, f"{answer['status']}: {answer['message']}" if answer["message"] else answer["status"]),
        "licensed": answer["status"] == "valid",  # the whole word: there is also `invalid`
        "days_left": answer["daysLeft"],
    }


def other(rows: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """The answer of an inventory's verify_query: `licensed`, and if it tells them `expires`, `days_left`, `message`."""
    if len(rows) != 1 or not isinstance(rows[0].get("licensed"), bool):
        return product(True, f"verify_query must answer one row with `licensed`, true or false, and answered {rows}")
    answer = rows[0]
    try:
        expires = _moment(answer.get("expires"))
    except (TypeError, ValueError):
        return product(True, f"verify_query answered expires {answer['expires']!r}, which is no time in ISO 8601")
    return {
        **product(True, answer.get("message")),
        "licensed": answer["licensed"],
        "expires": timestamp(expires),
        "days_left": answer.get("days_left", days_left(expires, now)),
    }


def _moment(text: str | None) -> datetime | None:
    """A date is its midnight, and what names no zone is UTC. Python before 3.11 does not know the Z."""
    if text is None:
        return None
    found = datetime.fromisoformat(text.partition("[")[0].replace("Z", "+00:00"))
    return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)


def expiry(details: str) -> datetime | None:
    """The end of a GDS license in UTC, from a Java ZonedDateTime, which leaves out seconds that are zero."""
    found = _EXPIRY.search(details)
    if not found:
        return None
    minutes, seconds, zone = found.groups()
    offset = "+00:00" if zone == "Z" else zone
    return datetime.fromisoformat(minutes + (seconds or ":00") + offset).astimezone(timezone.utc)


def mebibytes(setting: str | None) -> int | None:
    """A size as SHOW SETTINGS writes it (`256.00MiB`, `512m`) in MiB, rounded down; null where none is set."""
    found = memory.size(setting or "")
    return None if found is None else found // memory.MIB

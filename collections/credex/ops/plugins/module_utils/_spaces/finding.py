# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A finding, and how numbers and moments of the database are read. Pure."""

from __future__ import annotations

import datetime
import math
import re
import typing as t

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


class Finding(t.TypedDict, total=False):
    """One difference. Amounts are in CXX, `face` is the amount in its denomination."""

    kind: str
    key: str
    detail: str
    ledger: dict[str, t.Any]
    search: dict[str, t.Any]
    # What a repair needs to know and a report need not show
    repair: dict[str, t.Any]


def number(value: t.Any) -> float | None:
    """The value if it is a finite number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return None


def close(one: float, other: float, tolerance: float) -> bool:
    """Relative to the larger of both."""
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def face(amount: t.Any, multiplier: t.Any) -> float | None:
    """The amount in its denomination, which no nightly update changes."""
    if number(amount) is None or not number(multiplier):
        return None
    return float(amount / multiplier)


def seconds(moment: str | None) -> float | None:
    """Epoch seconds of what Cypher's toString made of a date or a time; without a zone it is UTC."""
    found = _MOMENT.match(moment or "")
    if not found:
        return None
    date, minutes, rest, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    return datetime.datetime.fromisoformat(f"{date}T{minutes or '00:00'}{rest or ':00'}{zone}").timestamp()

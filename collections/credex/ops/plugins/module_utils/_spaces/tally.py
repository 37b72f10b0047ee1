# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Counts and samples of findings, and what a report says of them. Pure."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .kinds import IN_FLIGHT, KINDS

Item = dict[str, t.Any]


class Tally:
    """Counts all findings; keeps some of each kind to be shown, and those for which a repair asks, up to a limit."""

    def __init__(self, samples: int, keep: int = 0) -> None:
        self._samples = samples
        self._keep = keep
        self._counts: dict[str, int] = {}
        self._shown: dict[str, list[Item]] = {}
        self.kept: list[Finding] = []

    def add(self, finding: Finding) -> None:
        kind = finding["kind"]
        self._counts[kind] = self._counts.get(kind, 0) + 1
        shown = self._shown.setdefault(kind, [])
        if len(shown) < self._samples:
            shown.append(_sample(finding))
        if len(self.kept) < self._keep and kind in KINDS and KINDS[kind].repair == "search":
            self.kept.append(finding)

    @property
    def in_flight(self) -> int:
        return self._counts.get(IN_FLIGHT, 0)

    @property
    def repairable(self) -> int:
        return sum(count for kind, count in self._counts.items() if kind in KINDS and KINDS[kind].repair == "search")

    def differences(self) -> list[Item]:
        """One entry for each kind that was found, in the order of the table of kinds."""
        return [_entry(kind, self._counts[kind], self._shown[kind]) for kind in KINDS if kind in self._counts]

    def passing(self) -> list[Item]:
        return self._shown.get(IN_FLIGHT, [])


def _entry(kind: str, count: int, samples: list[Item]) -> Item:
    told = KINDS[kind]
    return {
        "kind": kind,
        "title": told.title,
        "area": told.area,
        "count": count,
        "severity": told.severity,
        "repair": told.repair,
        "cause": told.cause,
        "samples": samples,
    }


def _sample(finding: Finding) -> Item:
    return {
        "key": finding["key"],
        "detail": finding.get("detail", ""),
        "ledger": finding.get("ledger", {}),
        "search": finding.get("search", {}),
    }

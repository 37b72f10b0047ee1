# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may take an environment's lock, decided from its record alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# What decide() answers
CREATE = "create"  # nobody holds it: take it
OWN = "own"  # this run holds it already
WAIT = "wait"  # an earlier run of the same operation holds it, and its lease is not over
TAKE_OVER = "take_over"  # ... and it gave no sign of life for a whole lease
BREAK = "break"  # the caller named the run whose lock is to be broken
REFUSE = "refuse"  # somebody else holds it


@dataclass(frozen=True)
class Record:
    """The lock as it lies in the table. Every renewal counts *renewals* up: an unchanged record is a silent holder."""

    run_id: str
    operation: str
    holder: str
    since: str  # ISO 8601, UTC
    renewed: str  # ISO 8601, UTC; for people, since clocks of two machines are never compared
    lease: int  # seconds
    renewals: int = 0

    def in_words(self) -> str:
        return (
            f"run {self.run_id}, operation {self.operation}, by {self.holder}, "
            f"since {self.since}, last renewed {self.renewed}"
        )


@dataclass(frozen=True)
class Claim:
    """Who asks."""

    run_id: str
    operation: str
    holder: str
    lease: int
    break_run_id: str = ""


@dataclass(frozen=True)
class Decision:
    action: str
    reason: str


def decide(record: Record | None, claim: Claim, unchanged_for: float) -> Decision:
    """What the claimant may do about this record, which it has watched unchanged for so many seconds.

    The holder's own lease counts, as it lies in the record: it is what the holder promised to renew within.
    """
    if record is None:
        return Decision(CREATE, "nobody held the lock")
    if record.run_id == claim.run_id:
        return Decision(OWN, "this run holds the lock")
    if claim.break_run_id:
        return _break(record, claim)
    if record.operation != claim.operation:
        return Decision(
            REFUSE,
            f"another operation holds it: {record.in_words()}. Wait for its end, or rerun it if it was killed; "
            f"if it is surely dead, break its lock by naming its run id ({record.run_id})",
        )
    if unchanged_for < record.lease:
        return Decision(WAIT, f"an earlier run of this operation holds it: {record.in_words()}")
    return Decision(
        TAKE_OVER, f"an earlier run of this operation gave no sign of life for {record.lease} s: {record.in_words()}"
    )


def _break(record: Record, claim: Claim) -> Decision:
    if record.run_id == claim.break_run_id:
        return Decision(BREAK, f"broken by order: {record.in_words()}")
    return Decision(
        REFUSE, f"the lock of run {claim.break_run_id} was to be broken, but another one holds it: {record.in_words()}"
    )

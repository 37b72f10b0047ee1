# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What can be wrong with a pair of spaces: one table of the kinds of difference, and what each is taken for. Pure.

Names are those of lab/graph/kinds.py, which plants them.
"""

from __future__ import annotations

import typing as t

ERROR, WARNING = "error", "warning"

# What explains a kind in credex-core, as far as its source tells
NEVER_RAN = "the minute queue does not run: MTQrunningNow is null since the last new Daynode, or stuck"
HALF_LOOP = "a run of the minute queue that ended between its writes: SearchSpace is written first, LedgerSpace last"
HALF_MARK = "the minute queue wrote SearchSpace and died before it marked the item; it fails on it every minute"
HALF_SCALED = "the nightly balance update scaled one space and not the other: its statements are separate"
ROW_PRODUCT = "the nightly balance update skips or repeats its later parts (row product in one statement)"
NAME_ONCE = "UpdateAccount writes accountName in LedgerSpace alone"
ONLY_LOWERED = "cleanup only ever lowers earliestDueDate, so that it stays early after the earliest credex is cleared"
BY_HAND = "nothing in credex-core writes this: a hand, a restore of one space alone, or an older version"
BAD_RATE = "a rate that was missing or not a number when the nightly balance update ran"
NO_CONSTRAINT = "LedgerSpace has no constraint on credexID"


class Kind(t.NamedTuple):
    """`repair`: how it goes away: "search" (SearchSpace is written), "unblock", or "" where people must decide."""

    area: str
    severity: str
    repair: str
    title: str
    cause: str


KINDS: dict[str, Kind] = {
    "account_missing": Kind("accounts", ERROR, "search", "Accounts that SearchSpace lacks", NEVER_RAN),
    "account_orphan": Kind("accounts", ERROR, "search", "Accounts that LedgerSpace does not know", BY_HAND),
    "account_name": Kind("accounts", WARNING, "search", "Accounts of another name", NAME_ONCE),
    "account_stuck": Kind("queue", WARNING, "unblock", "Accounts that wait for the minute queue", NEVER_RAN),
    "account_unmarked": Kind("queue", ERROR, "unblock", "Accounts in both spaces, still pending", HALF_MARK),
    "credex_missing": Kind("presence", ERROR, "search", "Credexes that SearchSpace lacks", HALF_LOOP),
    "credex_requeued": Kind(
        "presence",
        ERROR,
        "search",
        "Partly redeemed credexes that wait to be created with their initial amount",
        BY_HAND,
    ),
    "credex_orphan": Kind("presence", ERROR, "search", "Credexes that LedgerSpace does not know", BY_HAND),
    "credex_settled": Kind("presence", ERROR, "search", "Credexes in SearchSpace that nobody owes any more", HALF_LOOP),
    "credex_stuck": Kind("queue", WARNING, "unblock", "Credexes that wait for the minute queue", NEVER_RAN),
    "credex_unmarked": Kind("queue", WARNING, "unblock", "Credexes in both spaces, still pending", HALF_MARK),
    "credex_duplicate": Kind("identity", ERROR, "", "credexIDs that LedgerSpace has more than once", NO_CONSTRAINT),
    "credex_without_id": Kind("identity", ERROR, "", "Credexes of LedgerSpace without a credexID", BY_HAND),
    "outstanding_amount": Kind("values", ERROR, "search", "Outstanding amounts that differ", HALF_LOOP),
    "denomination": Kind("values", ERROR, "search", "Denominations that differ", BY_HAND),
    "multiplier": Kind("values", ERROR, "search", "Multipliers that differ", HALF_SCALED),
    "due_date": Kind("values", ERROR, "search", "Due dates that differ", BY_HAND),
    "amount_null": Kind("values", ERROR, "search", "Amounts or multipliers that SearchSpace lacks", BAD_RATE),
    "amount_not_finite": Kind("values", ERROR, "search", "NaN or infinities in SearchSpace", BAD_RATE),
    "ledger_amount_null": Kind("values", ERROR, "", "Amounts or multipliers that LedgerSpace lacks", BAD_RATE),
    "ledger_amount_not_finite": Kind("values", ERROR, "", "NaN or infinities in LedgerSpace", BAD_RATE),
    "anchor_none": Kind("topology", ERROR, "search", "Credexes without an anchor", HALF_LOOP),
    "anchor_two": Kind("topology", ERROR, "search", "Credexes with several anchors", BY_HAND),
    "anchor_type": Kind("topology", ERROR, "search", "Credexes on an anchor of another type", BY_HAND),
    "anchor_accounts": Kind("topology", ERROR, "search", "Credexes on an anchor between other accounts", BY_HAND),
    "anchor_empty": Kind("topology", WARNING, "search", "Anchors without credexes", HALF_LOOP),
    "anchor_duplicate": Kind("topology", WARNING, "search", "Several anchors for one pair and type", BY_HAND),
    "anchor_due_date": Kind("topology", WARNING, "search", "Anchors whose earliestDueDate is not that", ONLY_LOWERED),
    "mtq_flag_null": Kind("flags", ERROR, "unblock", "The minute queue never runs: MTQrunningNow is null", NEVER_RAN),
    "mtq_flag_stuck": Kind("flags", ERROR, "unblock", "MTQrunningNow is true, and nothing runs", HALF_LOOP),
    "dco_flag_stuck": Kind("flags", ERROR, "unblock", "DCOrunningNow is true, and nothing runs", HALF_SCALED),
    "hold_left": Kind("flags", ERROR, "unblock", "A hold of this collection is over its time", "a run that was killed"),
    "daynode_two_active": Kind("days", ERROR, "", "Several active Daynodes", BY_HAND),
    "daynode_none_active": Kind("days", ERROR, "", "No active Daynode", BY_HAND),
    "daynode_gap": Kind("days", WARNING, "", "Dates without a Daynode", "a nightly run that did not happen"),
    "daynode_unlinked": Kind("days", WARNING, "", "Daynodes without NEXT_DAY to the following one", BY_HAND),
    "rate_missing": Kind("days", ERROR, "", "Denominations without a rate on the active Daynode", BAD_RATE),
    "rate_not_positive": Kind("days", ERROR, "", "Rates of the active Daynode that are not above 0", BAD_RATE),
    "rate_not_finite": Kind("days", ERROR, "", "Rates of the active Daynode that are NaN or infinite", BAD_RATE),
    "ledger_balance": Kind("ledger", ERROR, "", "Initial is not Outstanding + Redeemed + WrittenOff", BY_HAND),
    "ledger_redeemed": Kind("ledger", ERROR, "", "RedeemedAmount is not the sum of its REDEEMED", ROW_PRODUCT),
    "loop_amount": Kind("ledger", ERROR, "", "LoopedAmount is not what its REDEEMED took off", ROW_PRODUCT),
    "loop_count": Kind("ledger", ERROR, "", "Loops with unequal numbers of REDEEMED and CREDLOOP", BY_HAND),
    "not_scaled": Kind("balance", ERROR, "", "Multipliers that are not the active Daynode's rate", ROW_PRODUCT),
    "credloop_not_scaled": Kind("balance", ERROR, "", "CREDLOOP with multipliers of another day", ROW_PRODUCT),
    "redeemed_not_scaled": Kind("balance", ERROR, "", "REDEEMED with multipliers of another day", ROW_PRODUCT),
    "search_not_scaled": Kind("balance", ERROR, "search", "Credexes scaled in LedgerSpace alone", HALF_SCALED),
    "ledger_not_scaled": Kind("balance", ERROR, "", "Credexes scaled in SearchSpace alone", HALF_SCALED),
}
# What waits for the minute queue and is younger than the grace period is no difference
IN_FLIGHT = "in_flight"

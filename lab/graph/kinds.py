# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with a pair of spaces: one name for each kind, for planters and comparisons alike.

Each kind is planted alone: what would follow from it in the field is put right again (an anchor without credexes goes
with its last credex, `earliestDueDate` is that of the credexes that are left), unless that is the kind itself. A kind
that is a state of a whole space, such as a flag, has no count: it is planted once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    area: str
    text: str
    # A state of the whole space: there is one, however many are asked for
    is_whole: bool = False


KINDS: dict[str, Kind] = {
    # --- accounts ---
    "account_missing": Kind("accounts", "processed in LedgerSpace, absent from SearchSpace"),
    "account_orphan": Kind("accounts", "in SearchSpace, unknown to LedgerSpace"),
    "account_name": Kind("accounts", "accountName changed in LedgerSpace alone, as UpdateAccount does"),
    "account_pending": Kind("queue", "waits for the minute queue, created a minute ago: no difference yet"),
    "account_stuck": Kind("queue", "waits for the minute queue, created hours ago"),
    "account_unmarked": Kind("queue", "created in SearchSpace and still pending: fails every minute on the constraint"),
    # --- credexes: presence ---
    "credex_missing": Kind("presence", "owed and processed in LedgerSpace, absent from SearchSpace"),
    "credex_orphan": Kind("presence", "in SearchSpace, unknown to LedgerSpace"),
    "credex_settled": Kind("presence", "in SearchSpace, and cleared or cancelled in LedgerSpace"),
    "credex_pending": Kind("queue", "accepted a minute ago, waits for the minute queue: no difference yet"),
    "credex_stuck": Kind("queue", "accepted hours ago, waits for the minute queue"),
    "credex_unmarked": Kind("queue", "in SearchSpace and still pending: LoopFinder failed, and tries every minute"),
    "credex_duplicate": Kind("identity", "two credexes of one credexID in LedgerSpace, which has no constraint on it"),
    # --- credexes: values ---
    "outstanding_amount": Kind("values", "SearchSpace lower than LedgerSpace: LoopFinder died between its two writes"),
    "denomination": Kind("values", "Denomination differs"),
    "multiplier": Kind("values", "CXXmultiplier differs"),
    "due_date": Kind("values", "dueDate of an unsecured credex differs"),
    "amount_null": Kind("values", "outstandingAmount is null in SearchSpace"),
    "amount_not_finite": Kind("values", "outstandingAmount is NaN or an infinity in SearchSpace"),
    "ledger_amount_null": Kind("values", "OutstandingAmount and CXXmultiplier are null in LedgerSpace: a missing rate"),
    "ledger_amount_not_finite": Kind("values", "OutstandingAmount is NaN or an infinity in LedgerSpace: a rate of NaN"),
    # --- topology of SearchSpace ---
    "anchor_none": Kind("topology", "a credex without SEARCH_SECURED"),
    "anchor_two": Kind("topology", "a credex with two SEARCH_SECURED"),
    "anchor_type": Kind("topology", "a credex on an anchor of another type between the right accounts"),
    "anchor_accounts": Kind("topology", "a credex on an anchor that joins the wrong accounts"),
    "anchor_empty": Kind("topology", "an anchor without credexes"),
    "anchor_duplicate": Kind("topology", "two anchors of one type between the same accounts"),
    "anchor_due_date": Kind("topology", "earliestDueDate before that of every credex: it is only ever lowered"),
    # --- flags and Daynodes ---
    "mtq_flag_null": Kind("flags", "MTQrunningNow of the active Daynode is null: the minute queue never runs", True),
    "mtq_flag_stuck": Kind("flags", "MTQrunningNow is true and nothing runs", True),
    "dco_flag_stuck": Kind("flags", "DCOrunningNow is true and nothing runs", True),
    "daynode_two_active": Kind("days", "two active Daynodes", True),
    "daynode_none_active": Kind("days", "no active Daynode", True),
    "daynode_gap": Kind("days", "a date without a Daynode: NEXT_DAY leads over it"),
    "daynode_unlinked": Kind("days", "a Daynode without NEXT_DAY to the following date"),
    "rate_missing": Kind("days", "the active Daynode has no rate for USD", True),
    "rate_not_positive": Kind("days", "the active Daynode's rate for USD is 0", True),
    "rate_not_finite": Kind("days", "CXXprior_CXXcurrent of the active Daynode is NaN", True),
    # --- LedgerSpace in itself ---
    "ledger_balance": Kind("ledger", "InitialAmount is not Outstanding + Redeemed + WrittenOff"),
    "ledger_redeemed": Kind("ledger", "RedeemedAmount is not the sum of its REDEEMED"),
    "loop_amount": Kind("ledger", "LoopedAmount is not what its REDEEMED took off"),
    "loop_count": Kind("ledger", "a loop has more REDEEMED than CREDLOOP"),
    # --- damage of the nightly balance update ---
    "not_scaled": Kind("balance", "a credex kept yesterday's multiplier and amounts, in both spaces"),
    "credloop_not_scaled": Kind("balance", "a CREDLOOP kept yesterday's multiplier and amounts"),
    "redeemed_scaled_twice": Kind("balance", "CXX amounts of a REDEEMED divided by r once too often"),
    "credloop_scaled_twice": Kind("balance", "CXX amounts of a CREDLOOP divided by r once too often"),
    "loop_anchor_scaled_twice": Kind("balance", "LoopedAmount divided by r once too often"),
    "search_not_scaled": Kind("balance", "SearchSpace kept yesterday's multipliers and amounts", True),
    "ledger_not_scaled": Kind("balance", "LedgerSpace's credexes kept yesterday's, but for those in CXX", True),
}

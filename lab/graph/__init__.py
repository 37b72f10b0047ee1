# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A realistic credex-core graph for a pair of real spaces, LedgerSpace and SearchSpace, from a seed.

    from lab.graph import Ledger, Planter, connect, derive, load

    with connect("bolt://127.1.1.1:7687", "bolt://127.1.1.2:7687", "neo4j", password) as spaces:
        load(spaces, Ledger(credexes=1000, seed=1))                     # replaces what is there; both spaces agree
        planted = Planter(spaces, seed=1).plant("credex_missing", 3)    # [{"credexID": "..."}, ...]

Tests get servers from the fixtures in tests/spaces/conftest.py. `lab/graph/kinds.py` names what can be planted.

| file | what |
|---|---|
| `ledger.py`, `trade.py`, `days.py`, `model.py` | the LedgerSpace, circle by circle; pure |
| `search.py` | the SearchSpace that belongs to it; pure |
| `spaces.py`, `loader.py` | connections, emptying, loading in batches |
| `kinds.py`, `plant/` | what can be wrong, and how it is planted |

What a reader should know of the data:

- Accounts trade within circles of 20, and with the foundation, whose account is therefore a dense node.
- Every amount is as many nightly updates would have left it: amounts in CXX of the active day, face value =
  amount / CXXmultiplier, and every multiplier is the active Daynode's rate (1 for CXX). CXXprior_CXXcurrent of the
  active Daynode is 1.25. SearchSpace differs from LedgerSpace in a last bit here and there.
- Rates move, so `REDEEMED.AmountRedeemed` equals `LoopAnchor.LoopedAmount` on the loop's own day alone: later what was
  taken off a credex in USD follows the rate of USD, and LoopedAmount follows CXX. What holds for ever, with `day` the
  Daynode that the loop was CREATED_ON, and `growth` the product of CXXprior_CXXcurrent of all Daynodes after it:
  AmountRedeemed / CXXmultiplier * day[Denomination] = LoopedAmount * growth; of CXX, AmountRedeemed = LoopedAmount.
- Initial = Outstanding + Redeemed + WrittenOff holds for what is owed or cleared; what was cancelled or declined has
  Outstanding 0 and Redeemed 0; offers that have expired keep Outstanding, PENDING_CREDEX and no live relationship.
- Secured: `()-[:SECURES]->(credex)`, no dueDate in LedgerSpace; in SearchSpace the day on which it was accepted.
- There are no Avatars and no Signatures.
"""

from __future__ import annotations

from lab.graph.kinds import KINDS, Kind
from lab.graph.ledger import Ledger
from lab.graph.loader import load
from lab.graph.plant import Planter, PlantError
from lab.graph.search import derive
from lab.graph.spaces import Space, Spaces, connect

__all__ = ["KINDS", "Kind", "Ledger", "PlantError", "Planter", "Space", "Spaces", "connect", "derive", "load"]

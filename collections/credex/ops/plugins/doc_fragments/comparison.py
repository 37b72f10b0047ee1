# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How the two spaces are compared: the documentation of module_utils/_spaces/options.py."""

    DOCUMENTATION = r"""
options:
  full:
    description: Read everything, whatever the sums say.
    type: bool
    default: false
  tolerance:
    description: The difference, relative to the larger one, up to which two amounts or multipliers are equal. Below
      1E-8 only with O(full), since sums tell no less apart.
    type: float
    default: 1.0e-08
  epsilon:
    description: An outstanding amount in CXX that counts as nothing.
    type: float
    default: 1.0e-09
  grace:
    description: Seconds for which something may wait for the minute queue, or have been changed, before it is a
      difference. The queue runs each minute; 900 is beyond its own bail timer.
    type: float
    default: 900.0
  stuck_after:
    description: Seconds for which a flag must stay true, without a transaction on either database, to be called stuck.
    type: float
    default: 60.0
  samples:
    description: How many of each kind of difference are returned.
    type: int
    default: 5
  limit:
    description: How many keys are looked at twice, and repaired in one run. What is beyond is counted as it was read.
    type: int
    default: 20000
  allow_empty_ledger:
    description: Accept a LedgerSpace in which nobody owes anything beside a SearchSpace that has credexes, which is
      what a wrong address looks like.
    type: bool
    default: false
  hold_seconds:
    description: The deadline of a hold, in seconds by LedgerSpace's own clock. A repair that is not ready by then
      stops.
    type: int
    default: 600
  hold_wait:
    description: Seconds to wait for the queue, for the nightly run and for other holds before the hold is given up.
    type: float
    default: 120.0
  run_id:
    description: Whose hold it is, as left on the Daynode (C(opsHold)). Made of host, process and time by default.
    type: str
"""

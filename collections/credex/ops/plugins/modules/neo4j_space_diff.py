#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_space_diff
short_description: Compare LedgerSpace and SearchSpace of credex-core
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Says in what the two spaces differ - accounts, which credexes are there, their values, how they hang together in
    SearchSpace - and what of LedgerSpace's own rules does not hold. The kinds of difference are in
    C(docs/runbooks/spaces.md).
  - Each side adds up its rows by ranges of keys (the first three characters), and ranges whose sums differ are read in
    full, in the order of the keys, and merged. A sum is over keys, accounts, types, due dates and the face value
    (amount / multiplier) to nine significant digits, so that neither a last bit nor the nightly rescale changes it;
    that multipliers are today's rates is asked beside it. With O(full=true) everything is read. Memory does not grow
    with the number of credexes.
  - What differs is read a second time before it counts. What waits for the minute queue, or was changed within
    O(grace), is RV(in_flight) and no difference.
  - Addresses that are swapped, the same, or no spaces of credex-core are refused.
  - Differences are results. Only what keeps the module from comparing is an error.
  - Privileges in Neo4j - C(ACCESS) and C(MATCH {*}) on both databases, C(SHOW TRANSACTION) on them where a flag is
    set, and for O(hold_queue) C(SET PROPERTY {DCOrunningNow, opsHold, opsHoldUntil}) on C(Daynode) of LedgerSpace.
    Community Edition has no privileges.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.spaces
  - credex.ops.comparison
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details:
      - The same, but the queue is not held.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - A hold is given back, so that nothing is changed.
options:
  timeout:
    description: Seconds that a single statement may take, and that a server may be silent in the middle of a read. All
      of it may take longer.
    type: float
    default: 600.0
  invariants:
    description: Whether LedgerSpace's own rules are asked, which reads all its credexes and loops in the database.
    type: bool
    default: true
  hold_queue:
    description: Keep the minute queue from running meanwhile. Without it, what is in flight is told by its state and
      age.
    type: bool
    default: false
seealso:
  - module: credex.ops.neo4j_space_repair
"""

EXAMPLES = r"""
- name: Do the two spaces agree
  credex.ops.neo4j_space_diff:
    ledger: {uris: [bolt://10.0.1.11], database: neo4j}
    search: {uris: [bolt://10.0.2.11], database: neo4j}
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: spaces
"""

RETURN = r"""
clean:
  description: Whether nothing differs. What is in flight does not count.
  returned: success
  type: bool
differences:
  description: One entry for each kind of difference that was found.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the kind.
      type: str
      sample: outstanding_amount
    title:
      description: The kind in words.
      type: str
      sample: Outstanding amounts that differ
    area:
      description: What it is about, V(accounts), V(presence), V(values), V(topology), V(identity), V(queue), V(flags),
        V(days), V(ledger) or V(balance).
      type: str
    count:
      description: How many there are.
      type: int
    severity:
      description: V(error), or V(warning) for what loses no loop and no money.
      type: str
    repair:
      description: How it goes away. V(search) - M(credex.ops.neo4j_space_repair) writes SearchSpace; V(unblock) - the
        same module with O(credex.ops.neo4j_space_repair#module:mode=unblock); empty - people must decide.
      type: str
    cause:
      description: The known failure that it fits.
      type: str
    samples:
      description: Some of them, with C(key), C(detail), C(ledger) and C(search). Amounts are in CXX as stored, C(face)
        in the denomination.
      type: list
      elements: dict
in_flight:
  description: How many things wait for the minute queue or have just been changed.
  returned: success
  type: int
in_flight_samples:
  description: Some of them, as in RV(differences[].samples); C(detail) says what it looks like.
  returned: success
  type: list
  elements: dict
compared:
  description: Of C(accounts) and C(credexes) the rows of each side (C(ledger), C(search)), how many rows were C(read)
    one by one, and of how many ranges (C(ranges_read), null for all); C(seconds); C(beyond_limit), how many keys were
    counted without a second look.
  returned: success
  type: dict
tolerance:
  description: The relative difference up to which two amounts are equal.
  returned: success
  type: float
daynode:
  description: The date of the active Daynode, null if there is not exactly one.
  returned: success
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._spaces import options
from ansible_collections.credex.ops.plugins.module_utils._spaces.comparison import Comparison
from ansible_collections.credex.ops.plugins.module_utils._spaces.hold import held


def main() -> None:
    spec = options.argument_spec(hold_queue=False, invariants={"type": "bool", "default": True})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        result = compare(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, **result)


def compare(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    asked = options.options(params)
    found = spaces.find(params)
    comparison = Comparison(found, asked)
    with held(None if check_mode else options.hold(params, found["ledger"])):
        comparison.run()
    differences = comparison.tally.differences()
    return {
        "clean": not differences,
        "differences": differences,
        "in_flight": comparison.tally.in_flight,
        "in_flight_samples": comparison.tally.passing(),
        "compared": comparison.compared,
        "tolerance": asked.tolerance,
        "daynode": comparison.days.today,
    }


if __name__ == "__main__":
    main()

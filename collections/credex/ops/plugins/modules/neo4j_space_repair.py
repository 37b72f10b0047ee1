#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_space_repair
short_description: Make SearchSpace what LedgerSpace says, or the minute queue run again
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The direction is always LedgerSpace to SearchSpace. Nothing ever writes an amount, a multiplier or anything else of
    money into LedgerSpace, and no credex is put back into the queue, which would create it with its initial amount.
  - V(repair) compares as M(credex.ops.neo4j_space_diff) does, plans, writes SearchSpace in transactions of O(batch)
    rows, and compares again. Each write repeats in its C(WHERE) what the plan saw; what looks different by then is left
    alone and counted in RV(left_alone). A run that is killed leaves nothing half-written, and the next one goes on.
  - V(rebuild) fills an empty SearchSpace, with the application's constraints, and compares it. It empties nothing. A
    rebuild that was killed is known by a node C(CredexOpsRebuild), and goes on. Which SearchSpace the application uses
    is its own setting, so the switch to another address is made there.
  - V(unblock) writes LedgerSpace, but no money - C(MTQrunningNow) and C(DCOrunningNow) of the active Daynode that are
    null or stuck become false, and accounts that SearchSpace has already are marked C(PROCESSED). A flag that is true
    is only cleared with O(no_task_runs), and after it stayed true for O(stuck_after) seconds in which no transaction
    ran on either database. A hold of this module that is over its time is given back.
  - Privileges in Neo4j - C(ACCESS) and C(MATCH {*}) on both databases, C(WRITE) on SearchSpace's graph (for
    V(rebuild) also C(CREATE CONSTRAINT) and C(CREATE NEW NODE LABEL), C(CREATE NEW RELATIONSHIP TYPE), C(CREATE NEW
    PROPERTY NAME)), on LedgerSpace C(SET PROPERTY {DCOrunningNow, MTQrunningNow, opsHold, opsHoldUntil}) on
    C(Daynode) and, for V(unblock), C(SET PROPERTY {queueStatus}) on C(Account) and C(SHOW TRANSACTION). Community
    Edition has no privileges.
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
      - Returns every statement with its parameters. The queue is not held.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  timeout:
    description: Seconds that a single statement may take, and that a server may be silent in the middle of a read. All
      of it may take longer.
    type: float
    default: 600.0
  mode:
    description: What to do.
    type: str
    choices: [repair, rebuild, unblock]
    default: repair
  batch:
    description: Rows of one transaction at the most. With O(mode=rebuild) an anchor and all its credexes are one row.
    type: int
    default: 1000
  hold_queue:
    description: Keep the minute queue from running meanwhile. V(false) is for when the application is scaled to zero,
      or when its flag is null.
    type: bool
    default: true
  no_task_runs:
    description: The word for O(mode=unblock) with a flag that is true. You looked, and no task of the application runs
      the queue or the nightly run.
    type: bool
    default: false
seealso:
  - module: credex.ops.neo4j_space_diff
"""

EXAMPLES = r"""
- name: Make SearchSpace what LedgerSpace says
  credex.ops.neo4j_space_repair:
    ledger: {uris: [bolt://10.0.1.11], database: neo4j}
    search: {uris: [bolt://10.0.2.11], database: neo4j}
    username: ops_operator
    password: "{{ neo4j_password }}"
  delegate_to: localhost

- name: Let the minute queue run again after a new Daynode
  credex.ops.neo4j_space_repair:
    mode: unblock
    ledger: {uris: [bolt://10.0.1.11], database: neo4j}
    search: {uris: [bolt://10.0.2.11], database: neo4j}
    username: ops_operator
    password: "{{ neo4j_password }}"
  delegate_to: localhost
"""

RETURN = r"""
executed_statements:
  description: What was sent, or in check mode would be, in this order. Each has C(statement) and C(parameters).
    Statements that find by themselves what to do have a C(limit) and are repeated until they find nothing. With
    O(mode=rebuild) the parameters are the number of rows.
  returned: success
  type: list
  elements: dict
written:
  description: How many things each statement changed, by the statement's name. Empty in check mode.
  returned: success
  type: dict
  sample: {"CREATE_CREDEXES": 3}
left_alone:
  description: How many rows of each statement were not written, because they looked different by then.
  returned: success
  type: dict
differences:
  description: What differed before, as in M(credex.ops.neo4j_space_diff).
  returned: with O(mode=repair)
  type: list
  elements: dict
in_flight:
  description: How many things wait for the minute queue or have just been changed. They are left alone.
  returned: with O(mode=repair)
  type: int
remaining:
  description: What differs afterwards and is nothing for a repair of SearchSpace. Empty in check mode.
  returned: success
  type: list
  elements: dict
reasons:
  description: Why each flag or mark was, or would be, set.
  returned: with O(mode=unblock)
  type: list
  elements: str
"""

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._spaces import options
from ansible_collections.credex.ops.plugins.module_utils._spaces.rebuild import Rebuild
from ansible_collections.credex.ops.plugins.module_utils._spaces.repair import Repair
from ansible_collections.credex.ops.plugins.module_utils._spaces.unblock import Unblock


def main() -> None:
    spec = options.argument_spec(
        hold_queue=True,
        mode={"type": "str", "choices": ["repair", "rebuild", "unblock"], "default": "repair"},
        batch={"type": "int", "default": 1000},
        no_task_runs={"type": "bool", "default": False},
    )
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        changed, result = work(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=changed, diff=_diff(result["executed_statements"]), **result)


def work(params: dict[str, Any], check_mode: bool) -> tuple[bool, dict[str, Any]]:
    asked = options.options(params)
    if params["batch"] < 1:
        raise InvalidOptionError(f"batch is {params['batch']}: give 1 or more")
    found = spaces.find(params)
    if params["mode"] == "unblock":
        return _unblock(Unblock(found, asked.stuck_after, params["no_task_runs"]), check_mode)
    hold = options.hold(params, found["ledger"])
    if params["mode"] == "rebuild":
        job: Any = Rebuild(found, asked, params["batch"], hold, options.run_id(params))
    else:
        job = Repair(found, asked, params["batch"], hold)
    result = job.show() if check_mode else job.run()
    return bool(result["executed_statements"] if check_mode else result["written"]), result


def _unblock(job: Unblock, check_mode: bool) -> tuple[bool, dict[str, Any]]:
    plan = job.plan()
    reasons = [why for _text, _parameters, why in plan] if check_mode else job.run(plan)
    sent = [{"statement": text.strip(), "parameters": parameters} for text, parameters, _why in plan]
    return bool(reasons), {"executed_statements": sent, "reasons": reasons, "written": {}, "remaining": []}


def _diff(sent: list[dict[str, Any]]) -> dict[str, str]:
    lines = [f"{each['statement']}\n// {json.dumps(each['parameters'], ensure_ascii=False)}\n" for each in sent]
    return {"before": "", "after": "\n".join(lines)}


if __name__ == "__main__":
    main()

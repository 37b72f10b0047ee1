#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_balance_update
short_description: Scale the flagged amounts of both spaces to the active Daynode
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - The nightly balance update of credex-core. What has the flag (label C(CxxScaled) on nodes, property C(lastScaled) on
    nodes and relationships) and was last scaled for an earlier day is scaled, once, to the active Daynode's rates.
  - An amount in CXX is divided by C(CXXprior_CXXcurrent), of each day since C(lastScaled) where a night was missed. Any
    other is multiplied with the new rate over its C(CXXmultiplier), which becomes the new rate. Both spaces by the same
    rates, LedgerSpace first. The active Daynode itself is not made here.
  - One statement for each kind of entity, in transactions of O(batch) entities. Each entity's amounts, multiplier and
    date change together. So a run that ended anywhere is simply run again, two at the same time do no harm, and a run
    after a complete one changes nothing.
  - Refuses before anything is written when not exactly one Daynode is active, when a rate of it is null, NaN, infinite
    or not above 0, when a denomination in use has no rate, when no chain of Daynodes leads from an entity's date to the
    active one, and when another statement has scaled flagged entities, which their rates show.
  - An entity without a usable multiplier or denomination is left as it is, and the module fails at its end, naming it.
  - Privileges in Neo4j - those of M(credex.ops.neo4j_cluster_info), and C(MATCH) and C(SET PROPERTY) on both graphs.
    The first time C(CREATE NEW PROPERTY NAME) too, for C(scaling), which is set and removed at once to lock an
    entity.
extends_documentation_fragment:
  - credex.ops.neo4j.spaces
  - credex.ops.neo4j
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: It counts what is due, and refuses what a real run would refuse.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  batch:
    description: How many entities are scaled in one transaction.
    type: int
    default: 10000
seealso:
  - module: credex.ops.neo4j_balance_flags
  - module: credex.ops.neo4j_balance_info
"""

EXAMPLES = r"""
- name: Scale what the night has left
  credex.ops.neo4j_balance_update:
    ledger: {uris: ["bolt://10.0.1.11"], database: ledgerspace}
    search: {uris: ["bolt://10.0.1.11"], database: searchspace}
    username: ops_operator
    password: "{{ neo4j_password }}"
  delegate_to: localhost
"""

RETURN = r"""
date:
  description: The active Daynode's date, to which everything is scaled.
  returned: success
  type: str
  sample: "2024-11-08"
scaled:
  description: How many entities of each kind were scaled, or in check mode would be.
  returned: success
  type: dict
  sample: {ledger Credex: 3120, ledger LoopAnchor: 211, ledger REDEEMED: 740, ledger CREDLOOP: 740, search Credex: 815}
stragglers:
  description: Some of what is flagged and could not be scaled, with C(entity), C(key), C(denomination), C(since) and
    C(multiplier).
  returned: when there are any
  type: list
  elements: dict
executed_statements:
  description: What was sent, or would be in check mode, with its C($parameters) unfilled.
  returned: success
  type: list
  elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._balance import reading, statements, table, usage
from ansible_collections.credex.ops.plugins.module_utils._balance.daynodes import Days, RefusedError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError

TIMEOUT = 3600.0  # seconds for one statement


def run(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    if params["batch"] < 1:
        raise InvalidOptionError(f"batch is {params['batch']}: at least one entity must be scaled at a time")
    found = spaces.find(params)
    days = reading.read_days(found)
    groups = reading.read_groups(found, days.rates)
    reasons = usage.refusals(groups, days)
    if reasons:
        raise RefusedError("Nothing was scaled. " + ". ".join(reasons))
    due = usage.due(groups, days)
    kinds = [kind for kind in table.TABLE if due[usage.title(kind)]]
    scaled = due if check_mode else {**due, **{usage.title(kind): scale(found, kind, days, params) for kind in kinds}}
    return {
        "date": days.active,
        "changed": any(scaled.values()),
        "scaled": scaled,
        "executed_statements": [statements.update(kind) for kind in kinds],
        "stragglers": [] if check_mode else reading.read_stragglers(found, days.active),
        "diff": diff(due, scaled),
    }


def scale(found: reading.Spaces, kind: table.Kind, days: Days, params: dict[str, t.Any]) -> int:
    """How many entities were scaled."""
    answer = found[kind.space].write(
        statements.update(kind), date=days.active, rates=days.rates, cxx=days.factors, batch=params["batch"]
    )
    return int(answer.rows[0]["scaled"])


def diff(due: usage.Counts, scaled: usage.Counts) -> dict[str, str]:
    return {
        "before": "".join(f"{title}: {number} due\n" for title, number in due.items()),
        "after": "".join(f"{title}: {number - scaled[title]} due\n" for title, number in due.items()),
    }


def main() -> None:
    spec = spaces.spaces_argument_spec(TIMEOUT, batch={"type": "int", "default": 10000})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        result = run(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    if result["stragglers"]:
        module.fail_json(msg=left_behind(result), **result)
    module.exit_json(**result)


def left_behind(result: dict[str, t.Any]) -> str:
    named = ", ".join(f"{s['entity']} {s['key']} ({s['denomination']}, {s['since']})" for s in result["stragglers"][:5])
    return (
        f"Everything else is scaled to {result['date']}, but some flagged entities could not be: {named}. Each needs a "
        "Denomination, a CXXmultiplier above 0 and a lastScaled. Mend them, then run again"
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_balance_flags
short_description: Flag everything that the nightly balance update has to scale
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Gives the flag of the balance update (label C(CxxScaled) on nodes, property C(lastScaled) on nodes and
    relationships) to what was created before credex-core did so itself, with the active Daynode's date, and makes the
    indexes that go with it. On Enterprise also constraints, so that no node can have the label without a date.
  - The date must be true, because it decides by how much an amount in CXX is scaled next. A currency's multiplier shows
    it, so only entities with the active Daynode's rate are flagged. Others are in the CXX of an unknown day, and while
    there are any the module refuses, since then amounts in CXX may be too; see O(leave_stale).
  - In transactions of O(batch) entities. A run that ended anywhere is simply run again.
  - Refuses while the nightly run is at work (C(DCOrunningNow)), and for what M(credex.ops.neo4j_balance_update) refuses
    in the active Daynode.
  - Privileges in Neo4j - those of M(credex.ops.neo4j_cluster_info), and C(MATCH), C(SET LABEL), C(SET PROPERTY),
    C(CREATE NEW NODE LABEL), C(CREATE NEW PROPERTY NAME), C(INDEX MANAGEMENT), on Enterprise C(CONSTRAINT MANAGEMENT)
    too, on both databases.
extends_documentation_fragment:
  - credex.ops.neo4j.spaces
  - credex.ops.neo4j
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: It counts what would be flagged.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  batch:
    description: How many entities are flagged in one transaction.
    type: int
    default: 10000
  leave_stale:
    description: Flag the others even when there are entities with another rate than the active one. For when these are
      known to be damaged one by one, and not the trace of an update that has not ended.
    type: bool
    default: false
  restamp:
    description: Also date again, with the active Daynode's date, what is flagged with an earlier date or none and has
      the active rate. For when the old statement, which knows no flags, ran after they had been set. Never right after
      an update of M(credex.ops.neo4j_balance_update) that has not ended.
    type: bool
    default: false
seealso:
  - module: credex.ops.neo4j_balance_update
  - module: credex.ops.neo4j_balance_info
"""

EXAMPLES = r"""
- name: Flag what has no flag yet
  credex.ops.neo4j_balance_flags:
    ledger: {uris: ["bolt://10.0.1.11"], database: ledgerspace}
    search: {uris: ["bolt://10.0.1.11"], database: searchspace}
    username: ops_operator
    password: "{{ neo4j_password }}"
  delegate_to: localhost
"""

RETURN = r"""
date:
  description: The active Daynode's date, with which entities are flagged.
  returned: success
  type: str
  sample: "2024-11-08"
flagged:
  description: How many entities of each kind got the flag, or in check mode would.
  returned: success
  type: dict
  sample: {ledger Credex: 3120, ledger LoopAnchor: 211, ledger REDEEMED: 740, ledger CREDLOOP: 740, search Credex: 815}
restamped:
  description: How many entities of each kind got a new date, or in check mode would.
  returned: success
  type: dict
schema:
  description: Indexes and constraints that were made, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: ["ledger CxxScaled_lastScaled"]
stale:
  description: How many entities of which kind were left, because they have another rate than the active one.
  returned: success
  type: list
  elements: str
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


class Step(t.NamedTuple):
    """One statement, and how many entities it will change, none for a statement of the schema."""

    space: str
    part: str  # flagged, restamped or schema
    name: str
    statement: str
    entities: int = 0


def plan(found: reading.Spaces, days: Days, params: dict[str, t.Any]) -> tuple[list[Step], list[str]]:
    """What is to be done, and what is left because it is stale. The schema comes last, over data that is complete."""
    if days.running:
        raise RefusedError("The nightly run is at work (DCOrunningNow is true). Wait until it has ended")
    groups = reading.read_groups(found, days.rates)
    stale = usage.stale(groups, params["restamp"], days)
    if stale and not params["leave_stale"]:
        raise RefusedError(_refusal(stale, days))
    steps = _steps("flagged", statements.flag, usage.to_flag(groups))
    if params["restamp"]:
        steps += _steps("restamped", statements.restamp, usage.to_restamp(groups, days))
    return [*steps, *_schema(found)], stale


def _steps(part: str, statement: t.Callable[[table.Kind], str], counts: usage.Counts) -> list[Step]:
    return [
        Step(kind.space, part, usage.title(kind), statement(kind), counts[usage.title(kind)])
        for kind in table.TABLE
        if counts[usage.title(kind)]
    ]


def _schema(found: reading.Spaces) -> list[Step]:
    return [
        Step(space, "schema", f"{space} {name}", statement)
        for space in spaces.SPACES
        for name, statement in reading.missing_schema(found[space]).items()
    ]


def carry_out(step: Step, found: reading.Spaces, days: Days, batch: int) -> Step:
    """The step with the number of entities that it really changed."""
    if step.part == "schema":
        found[step.space].write(step.statement)
        return step
    answer = found[step.space].write(step.statement, date=days.active, rates=days.rates, batch=batch)
    return step._replace(entities=int(answer.rows[0]["flagged"]))


def run(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    if params["batch"] < 1:
        raise InvalidOptionError(f"batch is {params['batch']}: at least one entity must be flagged at a time")
    found = spaces.find(params)
    days = reading.read_days(found)
    steps, stale = plan(found, days, params)
    if not check_mode:
        steps = [carry_out(step, found, days, params["batch"]) for step in steps]
    return {
        "changed": bool(steps),
        "date": days.active,
        "flagged": {step.name: step.entities for step in steps if step.part == "flagged"},
        "restamped": {step.name: step.entities for step in steps if step.part == "restamped"},
        "schema": [step.name for step in steps if step.part == "schema"],
        "stale": stale,
        "executed_statements": [step.statement for step in steps],
        "diff": {"before": "", "after": "".join(map(_line, steps))},
    }


def _line(step: Step) -> str:
    return f"{step.name}: {step.entities} {step.part}\n" if step.entities else f"{step.name}\n"


def _refusal(stale: list[str], days: Days) -> str:
    return (
        f"Nothing was flagged. {', '.join(stale)} have another rate than the active Daynode's of {days.active}, so "
        "nobody knows for which day they were last scaled: has the last balance update ended in both spaces? If these "
        "are single damaged entities, flag the others with leave_stale=true"
    )


def main() -> None:
    spec = spaces.spaces_argument_spec(
        TIMEOUT,
        batch={"type": "int", "default": 10000},
        leave_stale={"type": "bool", "default": False},
        restamp={"type": "bool", "default": False},
    )
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        result = run(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()

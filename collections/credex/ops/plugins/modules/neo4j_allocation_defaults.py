#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_allocation_defaults
short_description: How many primaries and secondaries a new database of Neo4j gets
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Sets the numbers of primaries and secondaries that a database gets for which nothing else is said. They begin as
    C(initial.dbms.default_primaries_count) and C(initial.dbms.default_secondaries_count), which only count at the very
    first start of a cluster.
  - Databases that are there stay as they are. M(credex.ops.neo4j_database) changes them.
  - An even number of O(primaries) is warned about.
  - Enterprise Edition only. The module fails on Community, which has one database for users.
  - Privileges in Neo4j - C(EXECUTE PROCEDURE) and C(EXECUTE BOOSTED PROCEDURE), because both are an administrator's,
    for C(dbms.showTopologyGraphConfig) and, for what there is to change, C(dbms.setDefaultAllocationNumbers).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  primaries:
    description: How many primaries, 1 to 11.
    type: int
    required: true
  secondaries:
    description: How many secondaries, 0 to 20.
    type: int
    default: 0
seealso:
  - module: credex.ops.neo4j_database
  - name: Procedures of Neo4j
    description: dbms.setDefaultAllocationNumbers.
    link: https://neo4j.com/docs/operations-manual/current/procedures/
"""

EXAMPLES = r"""
- name: Let new databases have three primaries
  credex.ops.neo4j_allocation_defaults:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    primaries: 3
  delegate_to: localhost
"""

RETURN = r"""
primaries:
  description: The default number of primaries afterwards, in check mode as it would be.
  returned: success
  type: int
  sample: 3
secondaries:
  description: The default number of secondaries afterwards, in check mode as it would be.
  returned: success
  type: int
  sample: 0
executed_statements:
  description: The statements that ran, or in check mode would run, with their C($parameters) unfilled.
  returned: success
  type: list
  elements: str
  sample: ["CALL dbms.setDefaultAllocationNumbers($primaries, $secondaries)"]
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why it could not be done, as in M(credex.ops.neo4j_component_info); V(other) when the server refused.
  returned: failure
  type: str
code:
  description: Neo4j's code of the error, if it gave one.
  returned: failure
  type: str
gql_status:
  description: The GQL status of the error, if the server gave one.
  returned: failure
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import (
    administration,
    connection,
    databases,
    statements,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.users import Step

NEEDS_ENTERPRISE = "new databases are to have a default number of primaries, which only Neo4j Enterprise can"


def main() -> None:
    spec = connection.address_argument_spec(
        primaries={"type": "int", "required": True}, secondaries={"type": "int", "default": 0}
    )
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        result = run(connection.query_target(module.params), module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    warning = databases.even_warning(module.params["primaries"])
    if warning:
        module.warn(warning)
    module.exit_json(**result)


def run(asked: Target, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    after = {name: params[name] for name in ("primaries", "secondaries")}
    databases.check_counts(**after)
    before = current(asked)
    steps = [] if before == after else [Step(statements.SET_ALLOCATION_DEFAULTS, after)]
    if not check_mode:
        administration.carry_out(asked, steps)
    return {
        "changed": bool(steps),
        **after,
        "executed_statements": [step.statement for step in steps],
        "diff": {"before": before, "after": after},
    }


def current(asked: Target) -> dict[str, int]:
    [row] = administration.of_enterprise(asked, NEEDS_ENTERPRISE, statements.ALLOCATION_DEFAULTS)
    return {"primaries": row["defaultPrimariesCount"], "secondaries": row["defaultSecondariesCount"]}


if __name__ == "__main__":
    main()

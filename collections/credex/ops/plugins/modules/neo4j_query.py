#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_query
short_description: Run one Cypher statement that may write
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Runs one statement as an auto-commit transaction, once, and returns its rows and what it changed.
  - RV(ignore:changed) comes from the server's counters, so a C(MERGE) that found everything in place, or a C(CREATE
    USER ... IF NOT EXISTS) that had nothing to do, is not a change.
  - In check mode the statement is only explained (C(EXPLAIN)), which finds errors of syntax, unknown procedures and
    missing privileges of some kinds, but runs nothing. Every statement that could write is then reported as a change,
    because nobody can tell without running it.
  - When no answer arrives within O(timeout), the statement may have taken effect all the same. The server ends it at
    about the same moment, and the module says so; it never sends it a second time.
  - Privileges in Neo4j - those of the statement, and C(ACCESS) to its database.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.neo4j.query
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The diff shows the statement, not the data.
  idempotent:
    support: partial
    details: As far as the statement is; C(MERGE) and C(IF NOT EXISTS) make it so.
notes:
  - The statement's text is returned, and shown in the diff; O(parameters) are not. So a secret belongs into
    O(parameters), and the task that has one needs C(no_log).
  - Over C(bolt://) to a member that does not take the writes the server answers
    C(Neo.ClientError.Cluster.NotALeader), unless it routes by itself; use C(neo4j://).
seealso:
  - module: credex.ops.neo4j_query_info
"""

EXAMPLES = r"""
- name: Have an index for the daily selection
  credex.ops.neo4j_query:
    uri: neo4j://10.0.1.11
    username: ops_operator
    password: "{{ neo4j_password }}"
    database: ledgerspace
    query: CREATE INDEX account_id IF NOT EXISTS FOR (a:Account) ON (a.accountID)
  delegate_to: localhost

- name: Set a password
  credex.ops.neo4j_query:
    uri: neo4j://10.0.1.11
    username: ops_operator
    password: "{{ neo4j_password }}"
    database: system
    query: ALTER USER app SET PASSWORD $new CHANGE NOT REQUIRED
    parameters:
      new: "{{ app_password }}"
  delegate_to: localhost
  no_log: true
"""

RETURN = r"""
executed_statements:
  description: The statement that ran, or in check mode would run, with its C($parameters) unfilled.
  returned: success
  type: list
  elements: str
rows:
  description: The rows, as M(credex.ops.neo4j_query_info) returns them. Empty in check mode.
  returned: success
  type: list
  elements: dict
columns:
  description: The columns in their order.
  returned: success
  type: list
  elements: str
counters:
  description: What the statement changed, by kind, those above zero only. Empty in check mode.
  returned: success
  type: dict
  sample:
    nodes_created: 1
    properties_set: 2
query_type:
  description: What Neo4j takes the statement for, V(r) (reads), V(w) (writes), V(rw) (both) or V(s) (schema and
    administration).
  returned: success
  type: str
  sample: w
notifications:
  description: What Neo4j remarks about the statement, as M(credex.ops.neo4j_query_info) returns it.
  returned: success
  type: list
  elements: dict
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why a statement could not be run, as in M(credex.ops.neo4j_component_info); V(other) when the server
    refused the statement itself.
  returned: failure
  type: str
code:
  description: Neo4j's code of the error, if it gave one.
  returned: failure
  type: str
  sample: Neo.ClientError.Schema.ConstraintValidationFailed
gql_status:
  description: The GQL status of the error, if the server gave one.
  returned: failure
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, queries
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Result
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    module = AnsibleModule(connection.query_argument_spec(), supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        changed, result = run(module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(
        changed=changed,
        diff=statement_diff(module.params, changed),
        executed_statements=[module.params["query"]],
        rows=result.rows,
        columns=result.columns,
        counters=result.counters,
        query_type=result.query_type,
        notifications=result.notifications,
    )


def run(params: dict[str, Any], check_mode: bool) -> tuple[bool, Result]:
    """Whether something changed, or in check mode could change, and the answer."""
    asked = (connection.query_target(params), params["query"], params["parameters"], params["database"])
    if check_mode:
        explained = queries.explain(*asked)
        return not queries.reads(explained, params["query"]), explained
    result = queries.write(*asked)
    return bool(result.counters), result


def statement_diff(params: dict[str, Any], changed: bool) -> dict[str, str]:
    """The statement, never its parameters: they may be secrets."""
    return {
        "before": "",
        "after": f"{params['query'].rstrip()}\n" if changed else "",
        "after_header": f"database {params['database'] or '(home)'} of {params['uri']}",
    }


if __name__ == "__main__":
    main()

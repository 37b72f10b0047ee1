#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_query_info
short_description: Run one Cypher statement that only reads
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Runs one statement and returns its rows. A statement that could change something is refused before it runs.
  - What only reads is decided by Neo4j, which is asked with C(EXPLAIN) first, and must answer with the query type
    V(r).
  - Neo4j gives the type V(s) to all administration, reading or not. Of this, C(SHOW) commands are run, and calls of
    procedures that are known to read (C(dbms.components), C(dbms.cluster.statusCheck), C(dbms.listConnections),
    C(dbms.queryJmx) and the like). C(TERMINATE TRANSACTIONS) is refused, although Neo4j gives it the type V(r).
  - The statement runs in read access mode, so the server itself refuses to write on top of that.
  - Privileges in Neo4j - those of the statement, and C(ACCESS) to its database.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.neo4j.query
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
notes:
  - The result is what the statement returns. Set C(no_log) on the task when that, or O(parameters), holds a secret.
seealso:
  - module: credex.ops.neo4j_query
  - module: credex.ops.neo4j_cluster_info
"""

EXAMPLES = r"""
- name: Count the accounts that were opened since a day
  credex.ops.neo4j_query_info:
    uri: neo4j://10.0.1.11
    username: ops_reader
    password: "{{ neo4j_password }}"
    database: ledgerspace
    query: MATCH (a:Account) WHERE a.createdAt >= datetime($since) RETURN count(a) AS accounts
    parameters:
      since: "2026-01-01T00:00:00Z"
  delegate_to: localhost
  register: opened

- name: Show who may log in
  credex.ops.neo4j_query_info:
    uri: bolt://10.0.1.11
    username: ops_reader
    password: "{{ neo4j_password }}"
    database: system
    query: SHOW USERS YIELD user, suspended
  delegate_to: localhost
  register: users
"""

RETURN = r"""
rows:
  description: >-
    The rows, with the columns as keys. Dates, times and durations are ISO 8601 texts; points are dicts of C(srid) and
    C(coordinates); nodes of C(element_id), C(labels) and C(properties); relationships of C(element_id), C(type),
    C(start), C(end) and C(properties); paths of C(nodes) and C(relationships); bytes are Base64.
  returned: success
  type: list
  elements: dict
  sample:
    - accounts: 42
columns:
  description: The columns in their order.
  returned: success
  type: list
  elements: str
  sample: [accounts]
query_type:
  description: What Neo4j takes the statement for, V(r) (reads), or V(s) for administration.
  returned: success
  type: str
  sample: r
notifications:
  description: What Neo4j remarks about the statement, for example that something in it is deprecated.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: The code.
      type: str
      sample: Neo.ClientNotification.Statement.UnknownLabelWarning
    title:
      description: What it is, in short.
      type: str
    description:
      description: What it is.
      type: str
    severity:
      description: WARNING or INFORMATION.
      type: str
    category:
      description: For example HINT, DEPRECATION, PERFORMANCE.
      type: str
    position:
      description: Where in the statement, as C(line), C(column) and C(offset).
      type: dict
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
  sample: Neo.ClientError.Statement.SyntaxError
gql_status:
  description: The GQL status of the error, if the server gave one.
  returned: failure
  type: str
  sample: "42001"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, queries
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    module = AnsibleModule(connection.query_argument_spec(), supports_check_mode=True, **connection.LOGIN_RULES)
    asked = (module.params["query"], module.params["parameters"], module.params["database"])
    try:
        result = queries.read(connection.query_target(module.params), *asked)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(
        changed=False,
        rows=result.rows,
        columns=result.columns,
        query_type=result.query_type,
        notifications=result.notifications,
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_database_info
short_description: The databases of Neo4j, with where they are
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Returns all databases of a server or cluster, C(system) included, or one of them, each with its allocations, that is
    its copies on the servers, as the writer of C(system) sees them with C(neo4j://), or the server that is asked with
    C(bolt://).
  - How each member of a cluster sees it is told by M(credex.ops.neo4j_cluster_info).
  - Privileges in Neo4j - C(ACCESS) to the databases that are to be seen.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  name:
    description: This database only. Case does not count.
    type: str
seealso:
  - module: credex.ops.neo4j_database
  - module: credex.ops.neo4j_cluster_info
"""

EXAMPLES = r"""
- name: Which databases are there
  credex.ops.neo4j_database_info:
    uri: neo4j://10.0.1.11
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: found

- name: All of them are as they were asked for
  ansible.builtin.assert:
    that: found.databases | map(attribute='waits_for') | flatten | length == 0
    fail_msg: "{{ found.databases | map(attribute='waits_for') | flatten | join('; ') }}"
"""

RETURN = r"""
databases:
  description: The databases, by name. Empty when there is none of O(name), or the user may not see it.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The database.
      type: str
      sample: ledgerspace
    type:
      description: V(standard), V(system), V(composite) and others.
      type: str
      sample: standard
    default:
      description: Whether this is the default database.
      type: bool
      sample: false
    requested_status:
      description: What was asked for, V(online) or V(offline).
      type: str
      sample: online
    requested_primaries:
      description: How many primaries were asked for. V(null) on Community Edition.
      type: int
      sample: 3
    requested_secondaries:
      description: How many secondaries were asked for. V(null) on Community Edition.
      type: int
      sample: 0
    writer:
      description: The Bolt address of the server that takes the writes. V(null) when there is none.
      type: str
      sample: 10.0.1.11:7687
    waits_for:
      description: What is missing until every allocation is as it was asked for. Empty when it is.
      type: list
      elements: str
      sample: []
    allocations:
      description: The copies, by address.
      type: list
      elements: dict
      contains:
        server_id:
          description: The server that holds this copy. V(null) on Community Edition of some versions.
          type: str
        address:
          description: That server's Bolt address. V(null) while it does not answer the others.
          type: str
          sample: 10.0.1.11:7687
        role:
          description: V(primary), V(secondary) or V(unknown).
          type: str
          sample: primary
        writer:
          description: Whether this copy takes the writes.
          type: bool
        current_status:
          description: What is, for example V(online), V(starting), V(store copying), V(quarantined), V(dirty).
          type: str
          sample: online
        status_message:
          description: Why it is so, when something is wrong.
          type: str
        replication_lag:
          description: How many transactions this copy is behind, as V(0) or a negative number.
          type: int
          sample: 0
        last_committed_txn:
          description: The last transaction of this copy, where the server tells.
          type: int
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why there is no answer, as in M(credex.ops.neo4j_component_info); V(other) when the server refused.
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import administration, connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = connection.address_argument_spec(name={"type": "str"})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    name = module.params["name"] and module.params["name"].lower()
    try:
        found = administration.find_databases(connection.query_target(module.params))
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, databases=[each for each in found if name in (None, each["name"])])


if __name__ == "__main__":
    main()

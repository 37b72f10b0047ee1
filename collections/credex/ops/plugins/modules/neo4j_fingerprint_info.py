#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_fingerprint_info
short_description: Counts and checksums of all that a database holds
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads every node and every relationship of a database once, with all properties, and the names of its indexes and
    constraints. Two databases with equal fingerprints hold the same, whatever server and version they are on, and
    P(credex.ops.fingerprint_differences#filter) names in what two of them differ.
  - Neither the order nor element ids count, so that a copy that was dumped and loaded, or made anew, can be proven.
    Types of values count - C(1), C(1.0) and C('1') are three things.
  - The database must be at rest. Nothing is locked, and a writer makes a fingerprint of no moment.
  - The time is linear in nodes and relationships, some ten thousand a second, and all of the data goes over the
    network to the host that runs this. That host needs some 500 bytes of memory for each node.
  - Privileges in Neo4j - C(ACCESS), C(MATCH {*}), C(SHOW INDEX) and C(SHOW CONSTRAINT) on the database. Without
    C(MATCH) data are left out without a word. Community Edition has no privileges.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  database:
    description: The database.
    type: str
    required: true
  timeout:
    description: Seconds that the server may be silent, at the login and in the middle of a read. All of it may take
      longer.
    type: float
    default: 60.0
seealso:
  - plugin: credex.ops.fingerprint_differences
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read what the single server holds
  credex.ops.neo4j_fingerprint_info:
    uri: bolt://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    database: neo4j
  delegate_to: localhost
  register: before

- name: Read what the cluster holds
  credex.ops.neo4j_fingerprint_info:
    uri: bolt://10.0.2.11
    username: neo4j
    password: "{{ neo4j_password }}"
    database: ledgerspace
  delegate_to: localhost
  register: after

- name: Both hold the same
  ansible.builtin.assert:
    that: differences | length == 0
    fail_msg: "{{ differences | join('; ') }}"
  vars:
    differences: "{{ before.fingerprint | credex.ops.fingerprint_differences(after.fingerprint) }}"
"""

RETURN = r"""
fingerprint:
  description: What is there.
  returned: success
  type: dict
  contains:
    checksum:
      description: SHA-256 over everything below. Equal for two databases that hold the same.
      type: str
    counts:
      description: How many C(nodes), C(relationships) and C(properties) there are.
      type: dict
    nodes:
      description: One entry for each combination of C(labels), with C(count), C(digest), and C(properties) by name,
        each with C(count) and C(digest).
      type: list
      elements: dict
    relationships:
      description: The same for each C(type).
      type: list
      elements: dict
    structure:
      description: A digest of how nodes and relationships hang together.
      type: str
    indexes:
      description: The indexes, in words.
      type: list
      elements: str
      sample: ["account_id: RANGE on NODE Account (accountID)"]
    constraints:
      description: The constraints, in words.
      type: list
      elements: str
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
from ansible_collections.credex.ops.plugins.module_utils._fingerprint.reading import Place, read
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = connection.address_argument_spec(
        database={"type": "str", "required": True}, timeout={"type": "float", "default": 60.0}
    )
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        found = read(Place(connection.query_target(module.params), module.params["database"]))
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, fingerprint=found)


if __name__ == "__main__":
    main()

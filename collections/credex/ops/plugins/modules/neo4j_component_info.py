#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_component_info
short_description: Read which Neo4j runs on many servers, and whether each can be reached
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks every server of O(uris) for version, edition and components, all servers at the same time, and times the
    answer.
  - A server that does not answer is a result with a named cause, unless O(fail_on_unreachable=true).
  - Without O(username), nothing is sent but C(GET /) to the HTTP port, whose answer (Neo4j's discovery document)
    names version and edition to anybody. This proves that the HTTP port answers, not that Bolt does.
  - Privileges in Neo4j - C(EXECUTE PROCEDURE) for C(dbms.components), which every user has unless the role C(PUBLIC)
    was curtailed. Without credentials none.
  - Aura answers over Bolt like any server; it has no discovery document to read without credentials.
options:
  http_port:
    description:
      - Where the discovery document is read when no credentials are given.
      - By default 7474, or 7473 (HTTPS) for an address whose scheme asks for TLS.
    type: int
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.fleet
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
seealso:
  - module: credex.ops.neo4j_cluster_info
  - module: credex.ops.neo4j_license_info
  - name: The discovery document
    description: What GET / answers.
    link: https://neo4j.com/docs/http-api/current/endpoints/
"""

EXAMPLES = r"""
- name: Read which Neo4j runs where
  credex.ops.neo4j_component_info:
    uris: "{{ groups['neo4j'] | map('extract', hostvars, 'ansible_host') }}"
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  run_once: true
  register: fleet

- name: Stop unless every server runs Enterprise Edition
  ansible.builtin.assert:
    that: fleet.servers | rejectattr('edition', 'defined') | list + fleet.servers | selectattr('edition', 'defined')
      | rejectattr('edition', 'eq', 'enterprise') | list == []

- name: Ask without credentials, over HTTP
  credex.ops.neo4j_component_info:
    uris: [10.0.1.11, 10.0.1.12]
    timeout: 3
"""

RETURN = r"""
servers:
  description: One entry for each of O(uris), in their order.
  returned: always
  type: list
  elements: dict
  contains:
    uri:
      description: The address as it was given.
      type: str
      sample: bolt://10.0.1.11
    reachable:
      description: Whether the server answered. Over Bolt proved by a statement, since a login alone passes with
        expired credentials.
      type: bool
    cause:
      description: Why it did not answer, one of V(refused), V(timeout), V(tls), V(authentication), V(rate_limit),
        V(credentials_expired), V(forbidden), V(not_neo4j), V(unresolvable), V(unavailable), V(other). V(null) when it
        answered.
      type: str
    message:
      description: What it or the network said, and what to do next. V(null) when it answered.
      type: str
    latency_ms:
      description: Milliseconds from opening the connection to the first answer, login included. With many servers
        asked at once it contains the waiting for the processor of the host that asks. V(null) without an answer.
      type: float
      sample: 11.4
    source:
      description: How the answer was got, V(bolt) or V(http).
      returned: when reachable
      type: str
    version:
      description: The version of the Neo4j kernel.
      returned: when reachable
      type: str
      sample: 5.26.30
    edition:
      description: V(enterprise) or V(community).
      returned: when reachable
      type: str
    components:
      description: The components as the server lists them. Empty over HTTP.
      returned: when reachable
      type: list
      elements: dict
      contains:
        name:
          description: The component. From 2025.05 there is C(Cypher) beside C(Neo4j Kernel).
          type: str
        versions:
          description: Its versions; for Cypher, those of the language.
          type: list
          elements: str
        edition:
          description: Its edition, empty for Cypher.
          type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import refuse_unreachable
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_components


def main() -> None:
    spec = connection.connection_argument_spec(http_port={"type": "int"})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        targets = connection.targets(module.params)
        servers = read_components(targets, module.params["workers"], module.params["http_port"])
        if module.params["fail_on_unreachable"]:
            refuse_unreachable(servers)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, servers=servers)


if __name__ == "__main__":
    main()

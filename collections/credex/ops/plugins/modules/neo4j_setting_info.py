#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_setting_info
short_description: Read which settings are in force on many servers
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks every server of O(uris) for its settings, all servers at the same time. Each answers for itself, not for its
    cluster.
  - A server shows values in its own way, C(1024m) as C(1.00GiB), and says which of them it could change while it runs.
  - A server that does not answer is a result with a named cause, unless O(fail_on_unreachable=true).
  - Privileges in Neo4j - C(SHOW SETTING *), or C(SHOW SETTING) for each of O(names) (a setting that the user may not
    see is left out without a word), and C(EXECUTE PROCEDURE) for C(dbms.components).
options:
  names:
    description: The settings.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.fleet
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
seealso:
  - module: credex.ops.neo4j_conf
  - module: credex.ops.neo4j_component_info
"""

EXAMPLES = r"""
- name: Read how much memory the servers take
  credex.ops.neo4j_setting_info:
    uris: [bolt://10.0.1.11, bolt://10.0.1.12]
    username: ops_reader
    password: "{{ neo4j_password }}"
    names: [server.memory.heap.max_size, server.memory.pagecache.size]
  delegate_to: localhost
  register: fleet
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
      description: Whether the server answered.
      type: bool
    cause:
      description: Why it did not, as in M(credex.ops.neo4j_component_info). V(null) when it answered.
      type: str
    message:
      description: What it or the network said, and what to do next. V(null) when it answered.
      type: str
    latency_ms:
      description: Milliseconds until the first answer, login included. V(null) without an answer.
      type: float
    version:
      description: The version of the Neo4j kernel.
      returned: when reachable
      type: str
      sample: 5.26.30
    edition:
      description: V(enterprise) or V(community).
      returned: when reachable
      type: str
    settings:
      description: >-
        Of each setting that the server has and the user may see: C(value) and C(default_value), texts, V(null) for
        none, and C((hidden\)) where the name tells of a secret; C(dynamic), whether it can be changed while the server
        runs; and C(explicit), whether it is set anywhere.
      returned: when reachable
      type: dict
      sample:
        db.logs.query.enabled:
          value: INFO
          default_value: VERBOSE
          dynamic: true
          explicit: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import refuse_unreachable
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_settings


def main() -> None:
    spec = connection.connection_argument_spec(names={"type": "list", "elements": "str", "required": True})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        servers = read_settings(connection.targets(module.params), module.params["names"], module.params["workers"])
        if module.params["fail_on_unreachable"]:
            refuse_unreachable(servers)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, servers=servers)


if __name__ == "__main__":
    main()

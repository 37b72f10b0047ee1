#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_enterprise_check
short_description: Use what only Neo4j Enterprise Edition has, once, and leave nothing
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Creates a second database, writes a node, creates a role and a user, sees the user refused without a privilege, let
    in with C(ACCESS), and refused to write; then drops all of it. Of several servers it also sees that they are one
    cluster.
  - What it makes is called C(credexops-validation-...) or C(credexops_validation_...). What a killed run left is
    removed by the next one, and told as RV(leftovers). Two runs in one cluster at the same time disturb each other, so
    an operation takes its lock first.
  - A step that fails is a finding, not an error of the task. A cluster that cannot be reached is an error.
  - Privileges in Neo4j - those of M(credex.ops.neo4j_cluster_info), with C(ACCESS) to all databases; also
    C(CREATE DATABASE), C(DROP DATABASE), C(CREATE ROLE), C(ASSIGN ROLE), C(DROP ROLE), C(SHOW ROLE), C(CREATE USER),
    C(DROP USER), C(SHOW USER), C(ASSIGN PRIVILEGE), on all databases C(CREATE NEW NODE LABEL) and C(CREATE NEW PROPERTY
    NAME), and C(WRITE) on all graphs. Who has them could make itself an administrator.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details:
      - In check mode nothing is created, and RV(steps) is empty.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - It ends as it began, so it never reports a change, but for what it removes of a killed run.
options:
  uris:
    description: The members of one cluster, or a single server, as for M(credex.ops.neo4j_cluster_info).
    type: list
    elements: str
    required: true
  workers:
    description: How many servers are asked at the same time.
    type: int
    default: 32
seealso:
  - module: credex.ops.neo4j_component_info
"""

EXAMPLES = r"""
- name: Is this really Enterprise
  credex.ops.neo4j_enterprise_check:
    uris: [bolt://10.0.1.11, bolt://10.0.1.12, bolt://10.0.1.13]
    username: ops_operator
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: enterprise
"""

RETURN = r"""
steps:
  description: What was tried, in order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The step.
      type: str
      sample: enforced
    title:
      description: The step in words.
      type: str
      sample: Without WRITE the user's write is refused
    status:
      description: V(passed), V(failed), or V(unknown) after a step that failed.
      type: str
    detail:
      description: What was seen.
      type: str
      sample: Neo.ClientError.Security.Forbidden
leftovers:
  description: What an earlier run had left, and this one removed.
  returned: success
  type: list
  elements: str
  sample: ["database credexops-validation-1f2e3d4c"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.enterprise_use import EnterpriseUse
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = connection.connection_argument_spec()
    del spec["fail_on_unreachable"]  # a member that is silent is a finding of the step that needs it
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        targets = connection.targets(module.params)
        if module.check_mode:
            module.exit_json(changed=False, steps=[], leftovers=[])
        result = EnterpriseUse(targets, module.params["workers"]).run()
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=bool(result["leftovers"]), **result)


if __name__ == "__main__":
    main()

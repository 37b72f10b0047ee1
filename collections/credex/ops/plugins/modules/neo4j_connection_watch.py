#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_connection_watch
short_description: Keep an application's transactions going, and count what fails
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads, and goes to the writer, over each connection all the time for so many seconds, while something happens to
    the servers. It is done as an application does it that is written as C(docs/application) says - with managed
    transactions, which the driver does again when a server is lost, and with the same limits (30 seconds of retries, 5
    seconds for a connection).
  - Unless O(write=true) nothing is written. A transaction still goes to the writer, wherever that is by then.
  - One login is tried first at each connection. If it is refused the module fails, and nothing else is tried.
  - Failures are results. P(credex.ops.connection_watch_checks#filter) judges them.
  - Privileges in Neo4j - C(ACCESS) to the database. For O(write) also C(CREATE NEW NODE LABEL), C(CREATE NEW PROPERTY
    NAME), C(MATCH {*}) and C(WRITE).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.connections
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details:
      - The same, but nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - With O(write=true) the probe gets new values all the time.
options:
  seconds:
    description: How long. What is on its way at the end is waited for, up to 120 seconds.
    type: float
    required: true
  write:
    description: Write a probe each time. It is one node C(:CredexOpsProbe) in each database, which stays there.
    type: bool
    default: false
  timeout:
    description: Seconds for the first login at each connection.
    type: float
    default: 10.0
seealso:
  - module: credex.ops.neo4j_connection_check
  - plugin: credex.ops.connection_watch_checks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What does the application feel while the servers are restarted
  credex.ops.neo4j_connection_watch:
    seconds: 300
    connections:
      - name: ledger
        uri: neo4j+s://neo4j.example
        username: credex_core
        password: "{{ ledger_password }}"
        database: ledgerspace
  delegate_to: localhost
  register: felt
"""

RETURN = r"""
watched:
  description: Two entries for each of O(connections), one for reads and one for transactions at the writer.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the connection.
      type: str
    kind:
      description: V(read) or V(write).
      type: str
    done:
      description: Transactions that were done, with whatever retries of the driver.
      type: int
    failed:
      description: Transactions that the driver gave up.
      type: int
    failures:
      description: The first five, each with the time (C(at), ISO 8601, UTC) and C(message).
      type: list
      elements: dict
    longest_gap_seconds:
      description: The longest time without one that was done, in seconds.
      type: float
    slowest_seconds:
      description: The longest that one took that was done, in seconds.
      type: float
    servers:
      description: Server to the number of transactions that it did.
      type: dict
wrote:
  description: Whether a probe was written.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import client, client_watch, connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError


def main() -> None:
    spec = client.client_argument_spec(
        seconds={"type": "float", "required": True}, write={"type": "bool", "default": False}
    )
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    write = module.params["write"] and not module.check_mode
    try:
        if module.params["seconds"] <= 0:
            raise InvalidOptionError(f"seconds is {module.params['seconds']:g}: give a number above 0")
        asked = client.given(module.params)
        client_watch.let_in(asked)
        watched = client_watch.watch(asked, module.params["seconds"], write)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=write, watched=watched, wrote=write)


if __name__ == "__main__":
    main()

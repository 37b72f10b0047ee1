#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_connection_check
short_description: Look at the connections of an application from a client's side
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Does with each connection what an application does - resolves the address, logs in, asks for the routing table, goes
    to every server that the table names, reads in a session, goes to the writer in a second one, and reads in a third
    one behind the bookmark of the second.
  - Unless O(write=true) nothing is written, not even at the writer.
  - What it finds are facts. P(credex.ops.connection_checks#filter) judges them.
  - A login that is refused is a result with RV(connections[].reachable=false). It was tried once, nothing else is asked
    there, and the same login is not tried at the same address for another connection.
  - Where all is well each connection logs in once, then once at each server of the routing table, and as often as its
    driver wants to.
  - Privileges in Neo4j - C(ACCESS) to the database and C(EXECUTE PROCEDURE dbms.routing.getRoutingTable), which every
    user has unless it was taken from C(PUBLIC). For O(write) also C(CREATE NEW NODE LABEL), C(CREATE NEW PROPERTY
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
      - With O(write=true) the probe gets a new value each time.
options:
  write:
    description:
      - Write a probe, and see that the session after it finds it. It is one node C(:CredexOpsProbe) in each database,
        which stays there for the next time.
    type: bool
    default: false
  timeout:
    description: Seconds for each part of a connection - the login, each server of the routing table, and the sessions.
    type: float
    default: 10.0
seealso:
  - module: credex.ops.neo4j_connection_watch
  - module: credex.ops.neo4j_cluster_info
  - plugin: credex.ops.connection_checks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Does what the application is given work
  credex.ops.neo4j_connection_check:
    connections:
      - name: ledger
        uri: neo4j+s://neo4j.example
        username: credex_core
        password: "{{ ledger_password }}"
        database: ledgerspace
  delegate_to: localhost
  register: connected
"""

RETURN = r"""
connections:
  description: One entry for each of O(connections), in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    uri:
      description: Its address.
      type: str
    username:
      description: Its user.
      type: str
    routed:
      description: Whether the driver asks for the servers, which C(bolt://) does not.
      type: bool
    tls:
      description: V(s) for verified TLS, V(ssc) for TLS with any certificate, V(null) for none.
      type: str
    addresses:
      description: The IP addresses to which the host leads. Empty if it cannot be resolved.
      type: list
      elements: str
      sample: [10.0.1.11, 10.0.1.12, 10.0.1.13]
    reachable:
      description: Whether the user was let in.
      type: bool
    cause:
      description: Why not, as M(credex.ops.neo4j_cluster_info) names it.
      type: str
      sample: authentication
    message:
      description: The same in words, with what to do.
      type: str
    latency_ms:
      description: Milliseconds until the first answer, connection and login included.
      type: float
    roles:
      description: The roles of the user. V(null) on Community Edition, which has none.
      type: list
      elements: str
    routing:
      description: The routing table - C(writers), C(readers) and C(routers), each a list of C(host:port), or V(null)
        where it was refused.
      type: dict
    routing_message:
      description: Why the routing table was refused.
      type: str
    members:
      description: The servers that the routing table names, each with C(address), C(reachable), C(cause), C(message)
        and C(latency_ms). Empty for an address that does not follow the table.
      type: list
      elements: dict
    database:
      description: The database that answered, by its own name.
      type: str
    sessions:
      description: The sessions, up to the first that failed, each with C(step) (V(read), V(write), V(read after it)),
        the C(server) that answered, the milliseconds that it took (C(ms)), and C(message), why it failed.
      type: list
      elements: dict
wrote:
  description: Whether a probe was written.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import client, connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.client_check import look_at_all
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError


def main() -> None:
    spec = client.client_argument_spec(write={"type": "bool", "default": False})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    write = module.params["write"] and not module.check_mode
    try:
        seen = look_at_all(client.given(module.params), write)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    wrote = write and any(len(one["sessions"]) > 1 for one in seen)
    module.exit_json(changed=wrote, connections=seen, wrote=wrote)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_cluster_info
short_description: Read a Neo4j cluster as each of its servers sees it
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks every server of O(uris) for the servers, for every allocation of every database, and for the replication
    status, all servers at the same time.
  - Members of a cluster can disagree, so each one's own view is returned, and none is preferred. Whether a server may
    be taken down is judged over all of the views, by M(credex.ops.neo4j_gate).
  - A server that does not answer is a result with a named cause, unless O(fail_on_unreachable=true).
  - On Community Edition the server's own two databases are returned; there are no servers to show and no replication
    status.
  - Privileges in Neo4j - C(SHOW SERVERS), C(ACCESS) to the databases that are to be seen, C(SHOW SETTING) for
    C(server.bolt.advertised_address), C(EXECUTE PROCEDURE) for C(dbms.components) and C(dbms.cluster.statusCheck), and
    for the latter C(EXECUTE BOOSTED PROCEDURE), because it is an administrator's. Without a setting's privilege
    C(address) is V(null); a server that refuses another one is not C(reachable), with the cause V(forbidden).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.fleet
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
seealso:
  - module: credex.ops.neo4j_gate
  - module: credex.ops.neo4j_component_info
  - name: SHOW SERVERS
    description: What the states of a server mean.
    link: https://neo4j.com/docs/operations-manual/current/clustering/servers/
"""

EXAMPLES = r"""
- name: Read the cluster as each of its servers sees it
  credex.ops.neo4j_cluster_info:
    uris:
      - bolt://10.0.1.11
      - bolt://10.0.1.12
      - bolt://10.0.1.13
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: cluster

- name: Show who writes
  ansible.builtin.debug:
    msg: "{{ cluster.servers[0].databases | selectattr('writer') | items2dict(key_name='name', value_name='address')
      }}"
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
      description: Whether the server answered all that it was asked. Proved by statements, since a login alone passes
        with expired credentials.
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
      description: Milliseconds from opening the connection to the first answer, login included. V(null) without an
        answer.
      type: float
      sample: 11.4
    version:
      description: The version of the Neo4j kernel.
      returned: when reachable
      type: str
      sample: 5.26.30
    edition:
      description: V(enterprise) or V(community).
      returned: when reachable
      type: str
    address:
      description: The Bolt address by which the server presents itself in the lists below
        (C(server.bolt.advertised_address)).
      returned: when reachable
      type: str
      sample: 10.0.1.11:7687
    clock_ahead_seconds:
      description: How many seconds its clock is ahead of that of who asks, at the least, or behind, as a negative
        number. V(0.0) where it lies between question and answer.
      returned: when reachable
      type: float
      sample: 0.0
    servers:
      description: The servers of the cluster (C(SHOW SERVERS)). Empty on Community Edition and on Aura.
      returned: when reachable
      type: list
      elements: dict
      contains:
        name:
          description: The server's name, its id unless it was renamed.
          type: str
        server_id:
          description: The server's id.
          type: str
        address:
          description: Its Bolt address.
          type: str
        state:
          description: Free, Enabled, Cordoned, Deallocating, Deallocated or Dropped.
          type: str
        health:
          description: Available or Unavailable.
          type: str
        hosting:
          description: Databases that it hosts.
          type: list
          elements: str
        requested_hosting:
          description: Databases that it should host.
          type: list
          elements: str
        mode_constraint:
          description: NONE, PRIMARY or SECONDARY.
          type: str
        allowed_databases:
          description: The only databases that it may host. Empty when it may host any.
          type: list
          elements: str
        denied_databases:
          description: Databases that it may not host.
          type: list
          elements: str
        tags:
          description: The server's tags.
          type: list
          elements: str
        version:
          description: Its version.
          type: str
    databases:
      description: One entry for each allocation, that is each copy of each database (C(SHOW DATABASES)).
      returned: when reachable
      type: list
      elements: dict
      contains:
        name:
          description: The database.
          type: str
        type:
          description: V(standard), V(system), V(composite) and others.
          type: str
        server_id:
          description: The server that holds this copy.
          type: str
        address:
          description: That server's Bolt address.
          type: str
        role:
          description: V(primary), V(secondary) or V(unknown).
          type: str
        writer:
          description: Whether this copy takes the writes.
          type: bool
        requested_status:
          description: What was asked for, V(online) or V(offline).
          type: str
        current_status:
          description: What is, for example V(online), V(starting), V(store copying), V(quarantined), V(dirty).
          type: str
        status_message:
          description: Why it is so, when something is wrong.
          type: str
        replication_lag:
          description: How many transactions this copy is behind, as V(0) or a negative number.
          type: int
        last_committed_txn:
          description: The last transaction of this copy, where the server tells.
          type: int
        primaries:
          description: How many primaries there are.
          type: int
        requested_primaries:
          description: How many primaries were asked for. V(null) on Community Edition.
          type: int
        secondaries:
          description: How many secondaries there are.
          type: int
        requested_secondaries:
          description: How many secondaries were asked for. V(null) on Community Edition.
          type: int
        default:
          description: Whether this is the default database.
          type: bool
    status_check:
      description: The answer of C(dbms.cluster.statusCheck), for which every primary tries to replicate a test entry.
        V(null) where the version (before 5.24) or the edition does not have it.
      returned: when reachable
      type: list
      elements: dict
      contains:
        database:
          description: The database.
          type: str
        server_id:
          description: The member's id.
          type: str
        server_name:
          description: The member's name.
          type: str
        address:
          description: The member's address.
          type: str
        replication_successful:
          description: Whether this member could replicate.
          type: bool
        member_status:
          description: APPLYING, REPLICATING or UNAVAILABLE.
          type: str
        recognised_leader:
          description: The id of the leader that this member follows.
          type: str
        error:
          description: What went wrong, if anything did.
          type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import refuse_unreachable
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster


def main() -> None:
    module = AnsibleModule(connection.connection_argument_spec(), supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        servers = read_cluster(connection.targets(module.params), module.params["workers"])
        if module.params["fail_on_unreachable"]:
            refuse_unreachable(servers)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, servers=servers)


if __name__ == "__main__":
    main()

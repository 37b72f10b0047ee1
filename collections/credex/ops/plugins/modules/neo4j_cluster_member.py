#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_cluster_member
short_description: Have a server of a Neo4j cluster enabled, cordoned, deallocated or dropped
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Brings one server of a cluster into a state, and says which databases may be there. Repeated, it changes nothing.
  - The state is that of C(SHOW SERVERS). A run that was ended between two of its steps is simply run again, and goes on
    from there.
  - What Neo4j would refuse of a deallocation is seen before anything is sent, all of it, with what to do - the only
    primary of a database, a database that is stopped, and one for which no other server is left. Then Neo4j's own
    C(DRYRUN DEALLOCATE DATABASES) is asked. What Neo4j refuses beyond that is told in its own words.
  - A server that is down can be cordoned, deallocated and dropped as well, as long as the databases have a writer
    without it. Its copies are then made anew from the others.
  - It stops and starts no process. A dropped server is seen by the others until its process ends, and must not be
    started again with the same data directory, unless C(neo4j-admin server unbind) has made it a new one.
  - Enterprise Edition only. Community has no clusters, and the module fails there and says so.
  - Privileges in Neo4j - C(SERVER MANAGEMENT), of which C(SHOW SERVERS) is a part, and C(ACCESS) to every database,
    because those that are not seen are not looked at before a server leaves.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: RV(moves) is then the answer of Neo4j's dry run. Where databases go is decided anew when it is done.
  diff_mode:
    support: full
    details: It shows state and options before and after, and what moves.
  idempotent:
    support: full
options:
  server:
    description:
      - The server, by its name, its id, or the Bolt address with which it presents itself (C(host:port), or as in
        O(uri)). A new server's name is its id.
    type: str
    required: true
  state:
    description:
      - V(enabled) has it take part. A free server is enabled, a cordoned one is freed of its cordon.
      - V(cordoned) gives it no new databases; those that it has stay. For a server that is enabled.
      - V(deallocated) moves all databases to other servers, but for C(system). There is no way back from there.
      - V(dropped) does that first where it is to be done, waits until the server is empty, and takes it out of the
        cluster. Of a server that is not there it changes nothing.
    type: str
    choices: [enabled, cordoned, deallocated, dropped]
    default: enabled
  mode_constraint:
    description:
      - In which mode it may host databases. V(none) means both.
      - This and the next three are for O(state=enabled) and O(state=cordoned). Databases that no longer fit move away.
      - What is not given stays as it is. Of a free server it is what C(initial.server.*) in its C(neo4j.conf) say.
    type: str
    choices: [none, primary, secondary]
  allowed_databases:
    description: The only databases that it may host; V([]) for any. Neo4j does not take it together with
      O(denied_databases).
    type: list
    elements: str
  denied_databases:
    description: Databases that it may not host.
    type: list
    elements: str
  tags:
    description: The server's tags, for allocation and routing.
    type: list
    elements: str
  wait:
    description:
      - Whether to wait until an enabled server is available and hosts what is requested of it, and until a deallocated
        one is C(Deallocated) and hosts nothing but C(system).
      - Without it RV(waiting_for) says what is still to come, for a loop that shows its progress. V(dropped) needs it.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait at the most, after which the module fails and says what it still waited for. Run again, it waits
        on; nothing is begun twice. V(0) looks once.
      - A deallocation copies whole databases.
    type: float
    default: 600
notes:
  - While it waits, what it waits for goes into the system log of the host that runs the module, whenever that changes.
seealso:
  - module: credex.ops.neo4j_cluster_info
  - name: Managing servers in a cluster
    description: The states of a server, and the ways between them.
    link: https://neo4j.com/docs/operations-manual/current/clustering/servers/
"""

EXAMPLES = r"""
- name: Have a new server take part, for reports alone
  credex.ops.neo4j_cluster_member:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    server: 10.0.1.14:7687
    state: enabled
    mode_constraint: secondary
    tags: [reports]
  delegate_to: localhost

- name: Show what would move where, if a server left
  credex.ops.neo4j_cluster_member:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    server: 10.0.1.14:7687
    state: deallocated
  delegate_to: localhost
  check_mode: true
  diff: true

- name: Have it leave the cluster
  credex.ops.neo4j_cluster_member:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    server: 10.0.1.14:7687
    state: dropped
    wait_timeout: 7200
  delegate_to: localhost
"""

RETURN = r"""
member:
  description: The server afterwards, in check mode as it would be. Null when it is no member any more, or is not there.
  returned: success
  type: dict
  contains:
    name:
      description: The server's name, its id unless it was renamed.
      type: str
      sample: 25a7efc7-d063-44b8-bdee-f23357f89f01
    server_id:
      description: The server's id.
      type: str
    address:
      description: Its Bolt address.
      type: str
      sample: 10.0.1.14:7687
    state:
      description: Free, Enabled, Cordoned, Deallocating, Deallocated or Dropped.
      type: str
      sample: Enabled
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
      description: The only databases that it may host.
      type: list
      elements: str
    denied_databases:
      description: Databases that it may not host.
      type: list
      elements: str
    tags:
      description: Its tags.
      type: list
      elements: str
    version:
      description: Its version.
      type: str
moves:
  description: What leaves the server and where to, as Neo4j's dry run says. Empty when nothing is deallocated by this
    run.
  returned: success
  type: list
  elements: dict
  sample:
    - database: ledgerspace
      mode: primary
      from_server: db-2
      from_server_id: 135ad202-5405-4d3c-9822-df39f59b823c
      to_server: db-4
      to_server_id: 25a7efc7-d063-44b8-bdee-f23357f89f01
waiting_for:
  description: What the server has still to do, each as a phrase. Empty in check mode, and after it was waited for.
  returned: success
  type: list
  elements: str
  sample: ["database ledgerspace is still on it (10.0.1.14:7687 is store copying)"]
executed_statements:
  description: The statements that ran, or in check mode would run. Names and options are in C($parameters), unfilled.
  returned: success
  type: list
  elements: str
  sample: ["DEALLOCATE DATABASES FROM SERVER $server", "DROP SERVER $server"]
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why it could not be done, as in M(credex.ops.neo4j_component_info); V(other) when the server refused, and
    when it took too long.
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

import time
from typing import Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import (
    administration,
    connection,
    members,
    reading,
    statements,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    SHUT_OUT,
    Cause,
    Neo4jOpsError,
    UnreachableError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.members import Cluster, Row

LISTS = ("allowed_databases", "denied_databases", "tags")
OPTIONS = {
    "server": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["enabled", "cordoned", "deallocated", "dropped"], "default": "enabled"},
    "mode_constraint": {"type": "str", "choices": ["none", "primary", "secondary"]},
    **{name: {"type": "list", "elements": "str"} for name in LISTS},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 600},
}
NEEDS_ENTERPRISE = "this server has no cluster, which only Neo4j Enterprise has"
INTERVAL = 2  # seconds between two readings
# A server that is silent for a moment is waited for; these would lock the user out, or never end
IN_VAIN = (*SHUT_OUT, Cause.FORBIDDEN)


def main() -> None:
    module = AnsibleModule(
        connection.address_argument_spec(**OPTIONS), supports_check_mode=True, **connection.LOGIN_RULES
    )
    try:
        result = run(connection.query_target(module.params), module.params, module.check_mode, module.log)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**result)


def run(asked: Target, params: Row, check_mode: bool, log: Callable[[str], None]) -> Row:
    members.refuse_options(params)
    cluster = read(asked)
    before = cluster.find(params["server"])
    if before is None:
        if params["state"] != "dropped":
            raise members.not_there(cluster, params)
        return told(None, None, None, [], [])
    plan = members.plan(cluster, before, params)
    moved = planned_moves(asked, before) if plan.deallocates else []
    if check_mode:
        return told(before, plan.after, plan, moved, [])
    administration.carry_out(asked, plan.first)
    now, waiting_for = awaited(asked, before, params, log)
    administration.carry_out(asked, plan.last)
    return told(before, plan.after and now, plan, moved, waiting_for)


def read(asked: Target) -> Cluster:
    servers = administration.of_enterprise(asked, NEEDS_ENTERPRISE, statements.SERVERS)
    databases = administration.rows(asked, statements.DATABASES)
    return Cluster(reading.named(servers, reading.SERVER_COLUMNS), reading.named(databases, reading.DATABASE_COLUMNS))


def planned_moves(asked: Target, server: Row) -> list[Row]:
    return members.moves(administration.rows(asked, statements.DEALLOCATION, server=server["name"]))


def awaited(asked: Target, server: Row, params: Row, log: Callable[[str], None]) -> tuple[Row, list[str]]:
    """The server when nothing more is to come, or as it is when nobody waits, and what is still to come then."""
    began, said = time.monotonic(), [""]
    while True:
        now, waiting_for = look(asked, server, params["state"])
        if not (waiting_for and params["wait"]):
            return now, waiting_for
        passed = time.monotonic() - began
        if passed + INTERVAL > params["wait_timeout"]:
            raise Neo4jOpsError(too_late(server, params, passed, waiting_for), asked.uri)
        if waiting_for != said:
            log(f"{server['name']}, to be {params['state']}, after {passed:.0f} s: {'; '.join(waiting_for)}")
        said = waiting_for
        time.sleep(INTERVAL)


def look(asked: Target, server: Row, state: str) -> tuple[Row, list[str]]:
    """An answer that fails to come is waited for, too."""
    try:
        cluster = read(asked)
    except UnreachableError as error:
        if error.cause in IN_VAIN:
            raise
        return server, [f"an answer: {error}"]
    now = cluster.find(server["server_id"])
    return (now, members.unfinished(cluster, now, state)) if now else (server, [f"{server['name']} is not to be seen"])


def too_late(server: Row, params: Row, passed: float, waiting_for: list[str]) -> str:
    return (
        f"{server['name']} ({server['address']}) is not yet {params['state']} after {passed:.0f} s, still waited for: "
        f"{'; '.join(waiting_for)}. What was begun goes on in the cluster, and a new run waits on. If nothing "
        "moves, look into the logs of the servers that are named"
    )


def told(before: Row | None, now: Row | None, plan: members.Plan | None, moved: list[Row], waiting: list[str]) -> Row:
    steps = plan.steps if plan else []
    return {
        "changed": bool(steps),
        "member": now,
        "moves": moved,
        "waiting_for": waiting,
        "executed_statements": [step.statement for step in steps],
        "diff": members.diff(before, plan.after if plan else None, moved),
    }


if __name__ == "__main__":
    main()

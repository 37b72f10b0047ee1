#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_database
short_description: Have a database of Neo4j with this topology, stop it, or have none
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Creates, starts, stops or drops one database of a cluster, and changes how many primaries and secondaries it has.
    All values are bound as parameters.
  - Neo4j carries such statements out after it has answered them. The module therefore waits until every allocation is
    as it was asked for (O(wait)), also when there was nothing to change.
  - Before anything is changed it refuses what Neo4j would refuse, or would begin and not finish - a name that Neo4j
    does not take, fewer servers that are Enabled, Available and permitted than O(primaries) and O(secondaries) need,
    many primaries reduced to a single one, and another topology for a database that is not to be online.
  - An even number of O(primaries) is warned about.
  - Community Edition has one database for users, always online, with one primary. The module finds that one as it is,
    and fails before anything is changed when something else is asked for.
  - A user sees a database with C(ACCESS) to it, and every database with one of C(CREATE DATABASE), C(ALTER DATABASE)
    and C(DROP DATABASE).
  - Privileges in Neo4j - for what there is to change, C(SHOW SERVERS), C(CREATE DATABASE), C(ALTER DATABASE),
    C(DROP DATABASE), C(START), C(STOP).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: Nothing is waited for. RV(database) is the one that is there now. Free servers count like enabled ones,
      because a task before this one would perhaps enable them.
  diff_mode:
    support: full
    details: It shows status and topology as they are declared.
  idempotent:
    support: full
options:
  name:
    description:
      - The database, 3 to 63 characters. Neo4j has it in lower case.
      - C(system), and names that begin with C(system) or an underscore, are Neo4j's own and refused.
    type: str
    required: true
  state:
    description:
      - V(online) - it is there, and started.
      - V(offline) - it is there, and stopped on all servers. Its data stays.
      - V(absent) - it is not there. Refused for the default database of the cluster.
    type: str
    choices: [online, offline, absent]
    default: online
  data:
    description:
      - What becomes of the data with O(state=absent), for which it must be said.
      - V(dump) leaves a dump in C(server.directories.dumps.root) of a server. V(destroy) leaves nothing.
    type: str
    choices: [dump, destroy]
  primaries:
    description:
      - How many servers have the database as a primary, 1 to 11. A majority of them must be there for a write.
      - Without it the number is not looked at, and a new database gets the default number of the cluster
        (M(credex.ops.neo4j_allocation_defaults)).
    type: int
  secondaries:
    description:
      - How many servers have a copy of it for reading, 0 to 20. Needs O(primaries).
      - Without it the number is not looked at. A new database with O(primaries) has none then.
    type: int
  seed_server:
    description:
      - The id of a server of the cluster, as C(SHOW SERVERS) tells it, in whose data directory the database's files
        lie, put there by C(neo4j-admin database load). A database that is not there yet is made from them, and the
        other servers copy it from this one.
      - Needs O(primaries). Of a database that is there it changes nothing.
    type: str
  wait:
    description:
      - Whether to wait until the database is as it was asked for on every server. With O(state=online) that is as many
        primaries and secondaries as requested, each online, and one of them the writer.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at the most. Then the module fails, and says what it still waited for.
    type: float
    default: 300
seealso:
  - module: credex.ops.neo4j_database_info
  - module: credex.ops.neo4j_allocation_defaults
  - name: Managing databases in a cluster
    description: What a topology is.
    link: https://neo4j.com/docs/operations-manual/current/clustering/databases/
"""

EXAMPLES = r"""
- name: Have a database on three servers
  credex.ops.neo4j_database:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: catalogue
    primaries: 3
  delegate_to: localhost

- name: Have a database from a dump that was loaded on one of the servers
  credex.ops.neo4j_database:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: ledgerspace
    primaries: 3
    seed_server: "{{ server_id }}"
  delegate_to: localhost

- name: Have it stopped
  credex.ops.neo4j_database:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: catalogue
    state: offline
  delegate_to: localhost

- name: Have no database of this name, and keep a dump
  credex.ops.neo4j_database:
    uri: neo4j://10.0.1.11
    username: neo4j
    password: "{{ neo4j_password }}"
    name: archive
    state: absent
    data: dump
  delegate_to: localhost
"""

RETURN = r"""
database:
  description: The database afterwards, in check mode as it is now, with the fields that
    M(credex.ops.neo4j_database_info) returns. Null when there is none.
  returned: success
  type: dict
executed_statements:
  description: The statements that ran, or in check mode would run, with their C($parameters) unfilled.
  returned: success
  type: list
  elements: str
  sample: ["ALTER DATABASE $database SET TOPOLOGY $primaries PRIMARIES $secondaries SECONDARIES"]
waited_seconds:
  description: How long it took until everything was as asked for, in seconds.
  returned: success
  type: float
  sample: 4.2
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why it could not be done, as in M(credex.ops.neo4j_component_info); V(other) when the server refused.
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
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import (
    administration,
    connection,
    databases,
    reading,
    statements,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.databases import Declared, Row
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, Neo4jOpsError, UnreachableError

OPTIONS = {
    "name": {"type": "str", "required": True},
    "state": {
        "type": "str",
        "choices": [databases.ONLINE, databases.OFFLINE, databases.ABSENT],
        "default": databases.ONLINE,
    },
    "data": {"type": "str", "choices": ["dump", "destroy"]},
    "primaries": {"type": "int"},
    "secondaries": {"type": "int"},
    "seed_server": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 300},
}
NEEDS_ENTERPRISE = "a database is to be changed, which only Neo4j Enterprise can"
INTERVAL = 1.0
# While a writer is elected, or the server that is asked is busy
PASSING = (Cause.TIMEOUT, Cause.UNAVAILABLE, Cause.REFUSED)


def main() -> None:
    module = AnsibleModule(
        connection.address_argument_spec(**OPTIONS),
        supports_check_mode=True,
        required_if=[("state", databases.ABSENT, ["data"])],
        required_by={"secondaries": ["primaries"], "seed_server": ["primaries"]},
        **connection.LOGIN_RULES,
    )
    try:
        result = run(connection.query_target(module.params), module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    warning = databases.even_warning(module.params["primaries"])
    if warning:
        module.warn(warning)
    module.exit_json(**result)


def run(asked: Target, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    name = databases.valid_name(params["name"])
    databases.check_counts(params["primaries"], params["secondaries"])
    found = find(asked, name)
    current = databases.declared(found)
    after = databases.wanted(current, name, params)
    steps = databases.plan(current, after, params["data"], params["seed_server"])
    refuse(asked, found, after, bool(steps), check_mode)
    waited = 0.0
    if not check_mode:
        administration.carry_out(asked, steps)
        if params["wait"]:
            waited = wait(asked, name, params)
        found = find(asked, name)
    return {
        "changed": bool(steps),
        "database": found,
        "executed_statements": [step.statement for step in steps],
        "waited_seconds": waited,
        "diff": databases.diff(current, after),
    }


def find(asked: Target, name: str) -> Row | None:
    return next((each for each in administration.find_databases(asked) if each["name"] == name), None)


def refuse(asked: Target, found: Row | None, after: Declared | None, is_change: bool, check_mode: bool) -> None:
    """Everything that speaks against it, before the first statement that changes something."""
    databases.refuse_kind(found)
    if not is_change:
        return
    if found and after is None:
        databases.refuse_drop(found)
    rows = administration.of_enterprise(asked, NEEDS_ENTERPRISE, statements.SERVERS)
    if after is not None:
        servers = reading.named(rows, reading.SERVER_COLUMNS)
        # In check mode an earlier task may have said that it would enable a free server
        states = (databases.ENABLED, databases.FREE) if check_mode else (databases.ENABLED,)
        databases.refuse_topology(databases.declared(found), after, servers, states)


def wait(asked: Target, name: str, params: dict[str, Any]) -> float:
    """The seconds until nothing is missing any more."""
    began = time.monotonic()
    while reasons := missing(asked, name, params["state"]):
        if time.monotonic() - began + INTERVAL > params["wait_timeout"]:
            raise Neo4jOpsError(
                f"{name} is not {params['state']} after {params['wait_timeout']:g} s, and this is still waited for: "
                f"{'; '.join(reasons)}",
                asked.uri,
            )
        time.sleep(INTERVAL)
    return round(time.monotonic() - began, 1)


def missing(asked: Target, name: str, state: str) -> list[str]:
    try:
        found = find(asked, name)
    except UnreachableError as error:
        if error.cause in PASSING:
            return [str(error)]
        raise
    if state == databases.ABSENT:
        return [f"{name} is still on {place['address']}" for place in found["allocations"]] if found else []
    if found is None:
        return [f"{name} is not shown to {asked.username}: has this user ACCESS to it?"]
    return databases.waits_for(found, state)


if __name__ == "__main__":
    main()

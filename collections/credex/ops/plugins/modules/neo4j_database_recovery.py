#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_database_recovery
short_description: Recreate a database of a Neo4j cluster that has lost the majority of its primaries
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Brings back a database that takes no writes any more because servers were lost, as Neo4j's manual has it - from the
    copies that are left, or, where none is left, from a backup.
  - It gives up what only the lost servers had committed, and cannot be undone. Of a database that has not lost its
    majority it changes nothing, so that it may be run again.
  - Neo4j carries a recreation out after it has answered, and a second one at the same time can leave the database
    offline for ever. So the cluster is looked at twice, O(settle) seconds apart, before the statement is sent, which is
    sent once; and afterwards until the cluster shows that it has begun.
  - Which servers are lost is what the cluster itself says (C(health) in C(SHOW SERVERS)). Refused, before anything is
    sent, are a lost server that is not cordoned, too few servers for the database's topology, and a database that is
    stopped.
  - All copies that are left are named as seeds, of which Neo4j takes the newest. One that is quarantined is no seed.
  - It does not wait for the data. M(credex.ops.neo4j_database_info) tells what a database still waits for.
  - Needs Neo4j 5.24 or later, Enterprise Edition.
  - Privileges in Neo4j - C(SHOW SERVERS), C(CREATE DATABASE) and C(DROP DATABASE), and C(EXECUTE PROCEDURE) for
    C(dbms.cluster.recreateDatabase) or, from 2025.04 on, C(dbms.recreateDatabase).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.address
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_neo4j
attributes:
  check_mode:
    support: full
    details: Lost servers count as cordoned, because a task before this one would have done that. Nothing is waited for.
  diff_mode:
    support: full
    details: It shows on which servers the copies are, and from what they would be made.
  idempotent:
    support: full
options:
  name:
    description: The database. Not C(system), and no composite one.
    type: str
    required: true
  seed_uri:
    description:
      - The address of a backup, for a database of which no copy is left (C(s3://bucket/ledgerspace.backup)). Every
        server that gets a copy must be able to read it.
      - Refused while a copy is left.
    type: str
  settle:
    description: Seconds between the two looks before the statement is sent, and at the most until it is seen to have
      begun.
    type: float
    default: 10
seealso:
  - module: credex.ops.neo4j_cluster_member
  - module: credex.ops.neo4j_database_info
  - name: Disaster recovery
    description: The steps of Neo4j's manual.
    link: https://neo4j.com/docs/operations-manual/current/clustering/multi-region-deployment/disaster-recovery/
"""

EXAMPLES = r"""
- name: Bring back a database from what is left of it
  credex.ops.neo4j_database_recovery:
    uri: bolt://10.0.1.12 # the server that writes system
    username: neo4j
    password: "{{ neo4j_password }}"
    name: ledgerspace
  delegate_to: localhost

- name: Bring back one of which nothing is left
  credex.ops.neo4j_database_recovery:
    uri: bolt://10.0.1.12
    username: neo4j
    password: "{{ neo4j_password }}"
    name: reports
    seed_uri: s3://credex-backups/reports.backup
  delegate_to: localhost
"""

RETURN = r"""
database:
  description: The database as it was found.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: ledgerspace
    case:
      description: V(whole) and V(minority) take writes; V(majority) and V(all) were lost and are recreated; V(stopped)
        and V(down) are for people to look at.
      type: str
      sample: majority
    survivors:
      description: The copies that are left, each with C(server), C(server_id), C(address), C(role), C(status), and
        C(last_committed_txn).
      type: list
      elements: dict
    quarantined:
      description: Addresses of copies that are left and quarantined.
      type: list
      elements: str
    lost_on:
      description: Names of the lost servers that have a copy.
      type: list
      elements: str
    primaries:
      description: How many primaries were asked for.
      type: int
    secondaries:
      description: How many secondaries were asked for.
      type: int
executed_statements:
  description: The statements that ran, or in check mode would run, with their parameters unfilled.
  returned: success
  type: list
  elements: str
  sample: ["CALL dbms.cluster.recreateDatabase($database, $options)"]
server:
  description: The address that was asked.
  returned: failure
  type: str
cause:
  description: Why it could not be done, as in M(credex.ops.neo4j_component_info).
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import (
    administration,
    connection,
    databases,
    lost_database,
    reading,
    statements,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError, Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.members import Cluster, Row

OPTIONS = {
    "name": {"type": "str", "required": True},
    "seed_uri": {"type": "str"},
    "settle": {"type": "float", "default": 10},
}
NEEDS_ENTERPRISE = "this server has no cluster, which only Neo4j Enterprise has"
INTERVAL = 0.5  # seconds between two looks whether it has begun


def main() -> None:
    module = AnsibleModule(
        connection.address_argument_spec(**OPTIONS), supports_check_mode=True, **connection.LOGIN_RULES
    )
    try:
        result = run(connection.query_target(module.params), module.params, module.check_mode)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**result)


def run(asked: Target, params: Row, check_mode: bool) -> Row:
    name = databases.valid_name(params["name"])
    cluster, found = look(asked, name)
    if found["case"] not in lost_database.RECREATED:
        refuse_to_judge(found)
        return told(found, [])
    lost_database.refuse(cluster, found, params["seed_uri"], is_predicted=check_mode)
    step = lost_database.step(cluster, found, params["seed_uri"])
    if not check_mode:
        look_again(asked, found, params["settle"])
        administration.carry_out(asked, [step])
        await_beginning(asked, name, params["settle"])
    return told(found, [step.statement])


def look(asked: Target, name: str) -> tuple[Cluster, Row]:
    servers = administration.of_enterprise(asked, NEEDS_ENTERPRISE, statements.SERVERS)
    copies = administration.rows(asked, statements.DATABASES)
    cluster = Cluster(reading.named(servers, reading.SERVER_COLUMNS), reading.named(copies, reading.DATABASE_COLUMNS))
    if name not in lost_database.names(cluster):
        known = ", ".join(lost_database.names(cluster)) or "none"
        raise InvalidOptionError(f"there is no standard database {name} to be seen, but: {known}")
    return cluster, lost_database.state(cluster, name)


def refuse_to_judge(found: Row) -> None:
    if found["case"] == lost_database.STOPPED:
        raise InvalidOptionError(
            f"database {found['name']} is stopped, so that nobody can tell whether it has lost its majority: start it "
            f"first (START DATABASE {found['name']})"
        )


def look_again(asked: Target, before: Row, settle: float) -> None:
    """Somebody may just have recreated it, or a server come back."""
    time.sleep(settle)
    now = look(asked, before["name"])[1]
    if _essence(now) != _essence(before):
        raise Neo4jOpsError(
            f"database {before['name']} is not as it was {settle:g} s ago ({before['case']}, now {now['case']}): a "
            "server comes back, or somebody recreates it. Nothing was sent; look again when it has settled",
            asked.uri,
        )


def _essence(found: Row) -> tuple[str, list[str], list[str]]:
    return found["case"], found["lost_on"], [survivor["server_id"] for survivor in found["survivors"]]


def await_beginning(asked: Target, name: str, settle: float) -> None:
    """Until nobody who looks takes it for lost any more, so that no other run sends it a second time."""
    began = time.monotonic()
    while look(asked, name)[1]["case"] in lost_database.RECREATED:
        if time.monotonic() - began > settle:
            raise Neo4jOpsError(
                f"database {name} was told to be recreated, and after {settle:g} s the cluster does not show that this "
                "has begun. Do not send it again: see SHOW DATABASES and the debug.log of the servers first",
                asked.uri,
            )
        time.sleep(INTERVAL)


def told(found: Row, sent: list[str]) -> Row:
    where = {"copies on": [survivor["server"] for survivor in found["survivors"]] + found["lost_on"]}
    after = {"recreated": lost_database.loss(found)} if sent else where
    return {
        "changed": bool(sent),
        "database": found,
        "executed_statements": sent,
        "diff": {"before": where, "after": after},
    }


if __name__ == "__main__":
    main()

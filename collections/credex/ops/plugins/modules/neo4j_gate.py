#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_gate
short_description: Wait until a Neo4j server may be taken down, or is back
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads the whole cluster again and again until the condition holds for one of its servers, and says what it still
    waited for when it does not in time.
  - V(may_go_down) holds when every member answered; every server is Enabled, Available and hosts what it should;
    every allocation has the status that was asked for and does not lag; no clock differs from the others; a test
    replication succeeded where the version has one; each database with a primary on the server keeps a majority of its
    primaries without it; and the environment's own O(queries) are quiet. A server that is down already may always be
    worked on.
  - V(is_back) holds when the server answers, every member that answers sees it Enabled and Available and hosting what
    it should, its own allocations are online and do not lag, and its clock does not differ from the others. It judges
    no other server.
  - The judgements are those of P(credex.ops.may_go_down#filter) and P(credex.ops.is_back#filter).
  - Privileges in Neo4j - those of M(credex.ops.neo4j_cluster_info), and C(MATCH) on what O(queries) read.
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  uris:
    description: The addresses of all members of the cluster, as for M(credex.ops.neo4j_cluster_info). A gate that
      asked only some would lie.
    type: list
    elements: str
    required: true
  workers:
    description: How many servers are asked at the same time.
    type: int
    default: 64
  server:
    description: The server in question, one of O(uris).
    type: str
    required: true
  condition:
    description: What to wait for.
    type: str
    choices: [may_go_down, is_back]
    required: true
  wait:
    description: Seconds to wait at the most. V(0) asks once.
    type: float
    default: 600
  interval:
    description: Seconds between two readings.
    type: float
    default: 2
  max_lag:
    description: Transactions that an allocation may lag behind.
    type: int
    default: 1000
  max_clock_skew:
    description: Seconds that a server's clock may be ahead of the median of the cluster's clocks, or behind.
    type: float
    default: 30
  ignore_databases:
    description: Databases whose outage is accepted. The default database C(neo4j) has one primary in most clusters.
    type: list
    elements: str
    default: []
  allow_downtime:
    description: Accept the outage of databases that have one primary, as on a standalone server. Lifts no other rule.
    type: bool
    default: false
  queries:
    description:
      - Reading statements that say whether the application is at work. The first column of each row is V(true)
        (busy), or V(false) or V(null) (quiet). A query without rows keeps the gate shut, because it tells nothing.
      - Only asked for O(condition=may_go_down), and when everything else is fine.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What is at work, in words for the message.
        type: str
        required: true
      database:
        description: The database to ask. Its writer is asked, else any member with an online copy.
        type: str
        required: true
      query:
        description: The statement.
        type: str
        required: true
      uris:
        description: The members of the cluster that has the database, where it is another one than that of O(server).
        type: list
        elements: str
        default: []
  stuck_after:
    description: Seconds of being busy without a break after which the message suspects a stuck flag. The gate stays
      shut.
    type: float
    default: 300
  fail_when_shut:
    description: Whether a condition that does not hold in time fails the task. V(false) returns it as a finding.
    type: bool
    default: true
seealso:
  - module: credex.ops.neo4j_cluster_info
  - plugin: credex.ops.may_go_down
    plugin_type: filter
  - plugin: credex.ops.is_back
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Wait until the server may be taken down
  credex.ops.neo4j_gate:
    condition: may_go_down
    server: bolt://10.0.1.11
    uris:
      - bolt://10.0.1.11
      - bolt://10.0.1.12
      - bolt://10.0.1.13
    username: ops_reader
    password: "{{ neo4j_password }}"
    ignore_databases: [neo4j]
    queries:
      - name: the nightly balance run
        database: ledgerspace
        query: "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS busy"
  delegate_to: localhost
"""

RETURN = r"""
open:
  description: Whether the condition holds.
  returned: always
  type: bool
reasons:
  description: Why it does not, empty when it does.
  returned: always
  type: list
  elements: str
  sample: ["database ledgerspace on 10.0.1.12:7687 is starting, wanted online"]
down:
  description: Whether the server was down already, which opens O(condition=may_go_down).
  returned: always
  type: bool
waited_seconds:
  description: How long it took, in seconds.
  returned: always
  type: float
  sample: 4.2
readings:
  description: How often the cluster was read.
  returned: always
  type: int
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster, connection, quiet
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    SHUT_OUT,
    InvalidOptionError,
    Neo4jOpsError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster


class Gate:
    """One server's gate: asked once by `ask`, waited for by `wait`."""

    def __init__(self, params: dict[str, t.Any]) -> None:
        self._params = params
        self._targets = connection.targets(params)
        if params["server"] not in params["uris"]:
            raise InvalidOptionError(f"server {params['server']} is not among uris {params['uris']}")
        self._judge = getattr(cluster, params["condition"])
        self._policy = cluster.Policy(
            params["max_lag"],
            tuple(params["ignore_databases"]),
            params["allow_downtime"],
            params["max_clock_skew"],
        )
        self._shut_out = False
        self._watch = quiet.Watch(params["stuck_after"])
        self._queries = params["queries"] if params["condition"] == "may_go_down" else []

    def ask(self) -> cluster.Verdict:
        members = read_cluster(self._targets, self._params["workers"])
        self._shut_out = any(m["cause"] in SHUT_OUT for m in members)
        verdict = self._judge(members, self._params["server"], self._policy)
        if verdict.reasons or verdict.down:
            return verdict
        readings = {(): members} | {
            uris: self._read(uris) for uris in {tuple(q["uris"]) for q in self._queries} if uris
        }
        found = [self._at_work(query, readings[tuple(query["uris"])]) for query in self._queries]
        return cluster.Verdict(tuple(reason for reason in found if reason))

    def _read(self, uris: tuple[str, ...]) -> list[dict[str, t.Any]]:
        return read_cluster(self._at(uris), self._params["workers"])

    def _at(self, uris: t.Sequence[str]) -> list[connection.Target]:
        return connection.targets({**self._params, "uris": list(uris)})

    def _at_work(self, query: dict[str, t.Any], members: list[dict[str, t.Any]]) -> str | None:
        uri = quiet.member_for(members, query["database"])
        if uri is None:
            return (
                f"{query['name']}: no member has database {query['database']} online, so its gate query cannot be asked"
            )
        [target] = self._at([uri])
        try:
            rows = connection.query_rows(target, query["database"], query["query"])
        except Neo4jOpsError as error:
            return f"{query['name']}: the gate query was not answered: {error}"
        return self._watch.reason(query["name"], rows, time.monotonic())

    def wait(self) -> dict[str, t.Any]:
        began = time.monotonic()
        verdict, readings = self.ask(), 1
        while not (verdict.open or self._shut_out) and self._may_wait(began):
            time.sleep(self._params["interval"])
            verdict, readings = self.ask(), readings + 1
        return {**verdict.as_dict(), "waited_seconds": round(time.monotonic() - began, 1), "readings": readings}

    def _may_wait(self, began: float) -> bool:
        return time.monotonic() - began + self._params["interval"] <= self._params["wait"]


def main() -> None:
    spec = connection.connection_argument_spec(
        server={"type": "str", "required": True},
        condition={"type": "str", "choices": ["may_go_down", "is_back"], "required": True},
        wait={"type": "float", "default": 600},
        interval={"type": "float", "default": 2},
        max_lag={"type": "int", "default": 1000},
        max_clock_skew={"type": "float", "default": 30},
        ignore_databases={"type": "list", "elements": "str", "default": []},
        allow_downtime={"type": "bool", "default": False},
        queries={
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                **{name: {"type": "str", "required": True} for name in ("name", "database", "query")},
                "uris": {"type": "list", "elements": "str", "default": []},
            },
        },
        stuck_after={"type": "float", "default": 300},
        fail_when_shut={"type": "bool", "default": True},
    )
    del spec["fail_on_unreachable"]  # a silent member is what the gate is there to judge
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        result = Gate(module.params).wait()
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    if not result["open"] and module.params["fail_when_shut"]:
        module.fail_json(msg=_shut(module.params, result), **result)
    module.exit_json(changed=False, **result)


def _shut(params: dict[str, t.Any], result: dict[str, t.Any]) -> str:
    question = "may not go down" if params["condition"] == "may_go_down" else "is not back"
    return f"{params['server']} {question} after {result['waited_seconds']:.0f} s: {'; '.join(result['reasons'])}"


if __name__ == "__main__":
    main()

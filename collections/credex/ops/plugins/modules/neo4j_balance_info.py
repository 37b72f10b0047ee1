#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_balance_info
short_description: Read the balances of both spaces, to be verified
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads the Daynodes, and of everything that has amounts in CXX how much there is, flagged or not, for which day it
    was last scaled, at which rates, and what it adds up to in CXX and in face values.
  - Also which flagged entities are behind, what both spaces hold of what is owed, and which LoopAnchors and
    relationships in CXX the old balance statement has scaled more than once; the amounts of a loop are known twice, and
    must agree.
  - P(credex.ops.balance_checks#filter) judges it.
  - Reads each entity once or twice, some seconds for a million. Fails when not exactly one Daynode is active or its
    rates cannot be used.
  - Privileges in Neo4j - those of M(credex.ops.neo4j_cluster_info), and C(MATCH) on both graphs.
extends_documentation_fragment:
  - credex.ops.neo4j.spaces
  - credex.ops.neo4j
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  until:
    description: A moment (ISO 8601), RV(at) of an earlier reading. Sums in RV(compared) are of what had been created by
      then, so that they can be held against those of that reading.
    type: str
seealso:
  - module: credex.ops.neo4j_balance_update
  - module: credex.ops.neo4j_balance_flags
  - plugin: credex.ops.balance_checks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the balances
  credex.ops.neo4j_balance_info:
    ledger: {uris: ["bolt://10.0.1.11"], database: ledgerspace}
    search: {uris: ["bolt://10.0.1.11"], database: searchspace}
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  register: balances
"""

RETURN = r"""
at:
  description: When it was read, by LedgerSpace's clock.
  returned: success
  type: str
  sample: "2024-11-08T00:20:11.221Z"
date:
  description: The active Daynode's date.
  returned: success
  type: str
  sample: "2024-11-08"
running:
  description: Whether the nightly run is at work.
  returned: success
  type: bool
rates:
  description: The active Daynode's rates, by denomination.
  returned: success
  type: dict
prior_current:
  description: Its C(CXXprior_CXXcurrent), by which amounts in CXX were divided in the last night.
  returned: success
  type: float
factors:
  description: Date of a Daynode to the factor from its CXX to the active one's, as far as the chain of Daynodes goes.
  returned: success
  type: dict
chain_ends:
  description: Why it goes no further.
  returned: success
  type: str
groups:
  description:
    - All entities, in groups of one C(space), C(kind), C(flagged), C(denomination) and C(since), the date, which is
      null where there is none.
    - C(entities), C(current) (at the active rate), C(odd) (an amount that is NaN or infinite) and C(empty) (no amount
      at all) are numbers of them, C(lowest) and C(highest) their multipliers, C(cxx_...) and C(face_...) the sums of
      each amount over C(summed) of them, which had been created by RV(at).
  returned: success
  type: list
  elements: dict
compared:
  description: The same groups, with sums of what had been created by O(until).
  returned: success
  type: list
  elements: dict
stragglers:
  description: Some of what is flagged and behind, with C(entity), C(key), C(denomination), C(since), C(multiplier).
  returned: success
  type: list
  elements: dict
strangers:
  description: Labels and types that the table of kinds does not know and that have a C(CXXmultiplier) or a flag.
  returned: success
  type: list
  elements: dict
owed:
  description: By denomination, how many credexes LedgerSpace has that belong into SearchSpace, and what is owed.
  returned: success
  type: list
  elements: dict
searched:
  description: The same of SearchSpace's credexes.
  returned: success
  type: list
  elements: dict
damage:
  description: By kind, what does not agree with the other amounts of its loop. C(factor) is by how much it is off.
  returned: success
  type: list
  elements: dict
  sample: [{kind: LoopAnchor, entities: 2, smallest: 0.25, largest: 0.25, samples: [{key: 6a1f, factor: 0.25}]}]
missing_schema:
  description: Indexes, and on Enterprise constraints, that the flags should have and have not.
  returned: success
  type: list
  elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._balance import reading, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError

TIMEOUT = 3600.0  # seconds for one statement


def read(params: dict[str, t.Any]) -> dict[str, t.Any]:
    found = spaces.find(params)
    ledger, search = found["ledger"], found["search"]
    days = reading.read_days(found)
    now, until = ledger.rows(statements.NOW)[0]["now"], params["until"]
    groups = reading.read_groups(found, days.rates, now)
    return {
        "at": now,
        "date": days.active,
        "running": days.running,
        "rates": days.rates,
        "prior_current": days.prior_current,
        "factors": days.factors,
        "chain_ends": days.chain_ends,
        "groups": groups,
        "compared": reading.read_groups(found, days.rates, until) if until else groups,
        "stragglers": reading.read_stragglers(found, days.active),
        "strangers": reading.read_strangers(found),
        "owed": ledger.rows(statements.OWED),
        "searched": search.rows(statements.SEARCHED),
        "damage": ledger.rows(statements.DAMAGE, cxx=days.factors, samples=reading.SAMPLES),
        "missing_schema": [
            f"{name} {index}" for name in spaces.SPACES for index in reading.missing_schema(found[name])
        ],
    }


def main() -> None:
    module = AnsibleModule(
        spaces.spaces_argument_spec(TIMEOUT, until={"type": "str"}), supports_check_mode=True, **connection.LOGIN_RULES
    )
    try:
        result = read(module.params)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()

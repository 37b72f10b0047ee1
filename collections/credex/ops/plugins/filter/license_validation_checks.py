# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_validation_checks
short_description: Judge the cases of a license validation that only read
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Cases 1 (application), 2 (instance count) and 3 (resource limits); of case 5 (expiry handling) how long everything
    is in force, and of case 6 (renewal) what the last one left.
  - Checks are as O(credex.ops.ops_journal#module:checks) wants them, each in the group of its case.
options:
  _input:
    description: >-
      What was read, C(members) (P(credex.ops.rolling_members#filter), of this run's servers), C(answers)
      (RV(credex.ops.neo4j_license_info#module:servers) of these, in their order), C(clusters)
      (RV(credex.ops.neo4j_cluster_info#module:servers)), C(instances)
      (RV(amazon.aws.ec2_instance_info#module:instances) of the whole account and region), C(types)
      (RV(amazon.aws.ec2_instance_type_info#module:instance_types)), and C(last_renewal)
      (RV(credex.ops.ops_report_info#module:report)). Before trials also C(observed), what
      P(credex.ops.license_plan#filter) takes, and C(tried), the fingerprints of the files to try. A server that runs
      with one of them was left so by a killed trial, and is no finding, because the trial puts its file back.
    type: dict
    required: true
  contract:
    description: C(neo4j_license_contract).
    type: dict
    required: true
  environment:
    description: The environment, as the tag Environment says it.
    type: str
    required: true
  instance_ids:
    description: Host to the id of its instance.
    type: dict
    required: true
  required:
    description: Numbers of the cases without whose reading the validation is not green. One that is tried needs none.
    type: list
    elements: int
    required: true
  renewal_max_age:
    description: Days after which the last renewal is not recent any more.
    type: int
    default: 400
  now:
    description: The moment to judge for (ISO 8601). Without it, now.
    type: str
"""

EXAMPLES = r"""
- name: Judge what was read
  ansible.builtin.set_fact:
    checks: "{{ readings | credex.ops.license_validation_checks(contract, 'production', ids, [1, 2, 3, 4]) }}"
"""

RETURN = r"""
_value:
  description: The checks.
  type: list
  elements: dict
"""

import datetime
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import contract as on_paper
from ansible_collections.credex.ops.plugins.module_utils._validation import (
    application,
    expiry,
    last_renewal,
    machines,
    resources,
    trial,
)

Item = dict[str, t.Any]


def license_validation_checks(
    readings: t.Mapping[str, t.Any],
    contract: t.Mapping[str, t.Any],
    environment: str,
    instance_ids: t.Mapping[str, str],
    required: t.Sequence[int],
    renewal_max_age: int = 400,
    now: str | None = None,
) -> list[Item]:
    try:
        limits = on_paper.read(contract, environment)
    except on_paper.ContractError as error:
        raise AnsibleFilterError(str(error)) from error
    moment = datetime.datetime.fromisoformat(now) if now else datetime.datetime.now(datetime.timezone.utc)
    members = [{**m, "instance_id": instance_ids.get(m["host"])} for m in readings["members"]]
    answers, clusters = readings["answers"], readings["clusters"]
    found = [machines.machine(i) for i in readings["instances"]]
    own = machines.own_machines(found, environment)
    left = trial.left(readings.get("observed", []), readings.get("tried", []))
    return [
        *application.checks(members, answers),
        *machines.checks(found, environment, limits, clusters),
        *resources.checks(own, resources.types(readings["types"]), members, answers, limits),
        *expiry.checks(members, answers, limits, moment.date(), left),
        *last_renewal.checks(readings["last_renewal"], members, answers, moment, renewal_max_age, 6 in required),
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_validation_checks": license_validation_checks}

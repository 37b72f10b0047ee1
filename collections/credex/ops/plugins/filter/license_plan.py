# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_plan
short_description: Plan the renewal of license files on a fleet
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares what lies on each server with what must lie there, and says for each whether a file is to be placed, a
    restart is due, and what an undo would put back. A run that was killed is continued, because only what is observed
    counts.
options:
  _input:
    description: >-
      For each server C(host), C(ownership) (dict of C(owner), C(group), C(mode)), C(files) (from
      M(credex.ops.neo4j_license_file_info), in the order of O(wanted)) and C(service) (from
      M(credex.ops.neo4j_service_info)).
    type: list
    elements: dict
    required: true
  wanted:
    description: >-
      The files that must lie on every server, each with C(product), C(license) (what
      P(credex.ops.license_wanted#filter) shows of it) and C(accept) (objections that somebody overruled).
    type: list
    elements: dict
    required: true
  agreement:
    description: The agreement under which every server must run, V(commercial) or V(evaluation).
    type: str
    required: true
  answers:
    description: RV(credex.ops.neo4j_license_info#module:servers), in the order of the input.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Plan
  ansible.builtin.set_fact:
    plan: "{{ observed | credex.ops.license_plan(wanted, 'commercial', answers.servers) }}"
  vars:
    wanted: "{{ neo4j_license_files | credex.ops.license_wanted([gds_license]) }}"
"""

RETURN = r"""
_value:
  description: >-
    For each server C(host), C(steps), C(agreement) (present and wanted), C(accept) (bool, it must be accepted),
    C(place) (bool, a file must be placed), C(restart), C(start), C(due) (bool, a restart or a start is),
    C(also_in_force) (other files changed since the server started, which a restart brings into force too), C(refused)
    (why the files must not be placed).
  type: list
  elements: dict
"""

import datetime
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal


def license_plan(
    observed: list[dict[str, t.Any]], wanted: list[dict[str, t.Any]], agreement: str, answers: list[dict[str, t.Any]]
) -> list[dict[str, t.Any]]:
    now = datetime.datetime.now(datetime.timezone.utc)
    servers = [renewal.plan_server(server, wanted, agreement, answer, now) for server, answer in zip(observed, answers)]
    return [dict(server, due=renewal.is_due(server)) for server in servers]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_plan": license_plan}

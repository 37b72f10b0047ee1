# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_verdicts
short_description: Judge whether products answer with the license that was placed
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Turns the products' own answers into checks for a report. A check passes when the product says that it is
    licensed, and until the date that the placed file shows. Bloom says days only; one day's difference is allowed
    there.
options:
  _input:
    description: RV(credex.ops.neo4j_license_info#module:servers).
    type: list
    elements: dict
    required: true
  hosts:
    description: The names of the servers, in the same order.
    type: list
    elements: str
    required: true
  wanted:
    description: The placed files, each with C(product) and C(license) (what P(credex.ops.license_wanted#filter) shows
      of it).
    type: list
    elements: dict
    required: true
  agreement:
    description: The agreement under which every server must run, V(commercial) or V(evaluation).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ answers.servers | credex.ops.license_verdicts(['n1'], wanted, 'commercial') }}"
  vars:
    wanted: "{{ neo4j_license_files | credex.ops.license_wanted([gds_license]) }}"
"""

RETURN = r"""
_value:
  description: >-
    Checks, each with C(id), C(title), C(server), C(phase), C(status) (V(passed), V(failed), V(unknown)), C(detail),
    C(evidence).
  type: list
  elements: dict
"""

import datetime
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal


def license_verdicts(
    servers: list[dict[str, t.Any]], hosts: list[str], wanted: list[dict[str, t.Any]], agreement: str
) -> list[dict[str, t.Any]]:
    now = datetime.datetime.now(datetime.timezone.utc)
    return [c for host, answer in zip(hosts, servers) for c in renewal.verdicts(host, answer, wanted, agreement, now)]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_verdicts": license_verdicts}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: restart_proof
short_description: Prove that a server was restarted
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A check for a report that passes when the server runs with another process than before, and shows both.
options:
  _input:
    description: What M(credex.ops.neo4j_service_info) says now.
    type: dict
    required: true
  before:
    description: What it said before the restart.
    type: dict
    required: true
  host:
    description: The name of the server.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Hold the proof
  ansible.builtin.set_fact:
    proof: "{{ service | credex.ops.restart_proof(observed.service, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: >-
    The check, with C(id), C(title), C(server), C(phase), C(status) (V(passed), V(failed)), C(detail) and C(evidence),
    the number and start of both processes.
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import restart


def restart_proof(after: dict[str, t.Any], before: dict[str, t.Any], host: str) -> dict[str, t.Any]:
    return restart.proof(host, before, after)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"restart_proof": restart_proof}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: patching_proof
short_description: Prove that a host was patched
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A check for a report that passes when what was to be upgraded is upgraded, nothing is half done, excluded packages
    are what they were, and no reboot is due.
options:
  _input:
    description: What M(credex.ops.os_update_info) says now.
    type: dict
    required: true
  before:
    description: What it said before.
    type: dict
    required: true
  host:
    description: The name of the host.
    type: str
    required: true
  reboot:
    description: When to reboot, as in P(credex.ops.patching_plan#filter).
    type: str
    choices: [if_needed, never, always]
    default: if_needed
"""

EXAMPLES = r"""
- name: Hold the proof
  ansible.builtin.set_fact:
    proof: "{{ now | credex.ops.patching_proof(before, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: >-
    The check, with C(id), C(title), C(server), C(phase), C(status) (V(passed), V(failed)), C(detail) and C(evidence),
    the versions before and after.
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import patching


def patching_proof(
    after: dict[str, t.Any], before: dict[str, t.Any], host: str, reboot: str = "if_needed"
) -> dict[str, t.Any]:
    return patching.proof(host, before, after, reboot)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"patching_proof": patching_proof}

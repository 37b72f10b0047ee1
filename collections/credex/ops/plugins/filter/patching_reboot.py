# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: patching_reboot
short_description: Why a host is to be rebooted
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Says why a host is to be rebooted now, by what it says of itself.
options:
  _input:
    description: What M(credex.ops.os_update_info) says.
    type: dict
    required: true
  reboot:
    description: When to reboot, as in P(credex.ops.patching_plan#filter).
    type: str
    choices: [if_needed, never, always]
    default: if_needed
"""

EXAMPLES = r"""
- name: Reboot
  ansible.builtin.reboot:
  become: true
  when: updates | credex.ops.patching_reboot('if_needed')
"""

RETURN = r"""
_value:
  description: Why, or an empty text.
  type: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import patching


def patching_reboot(updates: dict[str, t.Any], reboot: str = "if_needed") -> str:
    return patching.needs_reboot(updates, reboot)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"patching_reboot": patching_reboot}

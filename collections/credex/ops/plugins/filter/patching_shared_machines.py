# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: patching_shared_machines
short_description: Which hosts are one machine
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Names the hosts that cannot be patched and rebooted alone, because they run on the same kernel as another one or as
    the controller.
options:
  _input:
    description: Host to the content of its C(/proc/sys/kernel/random/boot_id).
    type: dict
    required: true
  controller:
    description: The same of the controller; empty where it has none.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Each is a machine of its own
  ansible.builtin.assert:
    that: machines | credex.ops.patching_shared_machines(controller) | length == 0
"""

RETURN = r"""
_value:
  description: A sentence for each such host.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import patching


def patching_shared_machines(machines: dict[str, t.Any], controller: str = "") -> list[str]:
    return patching.shared_machines(machines, controller)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"patching_shared_machines": patching_shared_machines}

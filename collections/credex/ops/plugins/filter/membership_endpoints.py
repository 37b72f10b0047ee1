# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: membership_endpoints
short_description: Tell whether the others will look for a new server when they start
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A server that joins finds the others by its own list. Theirs lack it until they are configured anew, which is a
    warning, as one that is found is enough.
options:
  _input:
    description: RV(credex.ops.neo4j_setting_info#module:servers) of the others, with the settings of their endpoints.
    type: list
    elements: dict
    required: true
  members:
    description: The others in the same order, as P(credex.ops.rolling_members#filter) lists them.
    type: list
    elements: dict
    required: true
  address:
    description: The Bolt address of the new server.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    check: "{{ settings.servers | credex.ops.membership_endpoints(others, '10.0.1.14:7687') }}"
"""

RETURN = r"""
_value:
  description: A check for a report, which is not required.
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import joining


def membership_endpoints(
    answers: list[dict[str, t.Any]], members: list[dict[str, t.Any]], address: str
) -> dict[str, t.Any]:
    return joining.endpoints_check(answers, members, address)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"membership_endpoints": membership_endpoints}

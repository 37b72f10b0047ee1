# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: membership_observed
short_description: See how far a server has left its cluster
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What the other members say of a server, for an operation that is to remove it and may have been ended before.
options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all members of one cluster.
    type: list
    elements: dict
    required: true
  uri:
    description: The server, as it was asked.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See how far it is
  ansible.builtin.set_fact:
    leaving: "{{ reading.servers | credex.ops.membership_observed('bolt://10.0.1.14:7687') }}"
"""

RETURN = r"""
_value:
  description: >-
    C(address), the Bolt address by which the others know it; C(state), that of M(credex.ops.neo4j_cluster_info), or
    V(Gone) when no other member lists it; C(via), a C(neo4j://) address of another member that answers.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import leaving


def membership_observed(reading: list[dict[str, t.Any]], uri: str) -> dict[str, t.Any]:
    try:
        return leaving.observed(reading, uri)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"membership_observed": membership_observed}

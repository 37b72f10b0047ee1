# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site_server_check
short_description: Say what became of one host
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What was installed and started, and whether it runs with what lies there. A server that ran before is never
    restarted; one that would have to be is told as a warning.

options:
  _input:
    description: RV(credex.ops.neo4j_service_info#module:state) and the module's other values, afterwards.
    type: dict
    required: true
  before:
    description: The same as it was, and C(installed), what was installed then.
    type: dict
    required: true
  host:
    description: The name of the server.
    type: str
    required: true
  wanted:
    description: What is installed now.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    check: "{{ service | credex.ops.site_server_check(before, inventory_hostname, 'neo4j-enterprise 5.26.30') }}"
"""

RETURN = r"""
_value:
  description: The checks, for the role P(credex.ops.ops_report#role).
  type: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import site

Item = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]


def site_server_check(after: Vars, before: Vars, host: str, wanted: str) -> Item:
    return site.server_check(host, before, after, wanted)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"site_server_check": site_server_check}

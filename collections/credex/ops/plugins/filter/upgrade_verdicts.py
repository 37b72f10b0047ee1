# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_verdicts
short_description: Judge whether servers are the wanted version, as checks for a report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A server says itself what it is, and in a cluster everybody who answers lists all servers with their versions. Both
    must agree.
options:
  _input:
    description: What M(credex.ops.neo4j_cluster_info) returned as C(servers).
    type: list
    elements: dict
    required: true
  hosts:
    description: The names of these servers, in the same order.
    type: list
    elements: str
    required: true
  version:
    description: The wanted version.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ cluster.servers | credex.ops.upgrade_verdicts(['db-1', 'db-2', 'db-3'], '5.26.31') }}"
"""

RETURN = r"""
_value:
  description: A check C(upgrade.version) for each server.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import upgrade


def upgrade_verdicts(servers: list[dict[str, t.Any]], hosts: list[str], version: str) -> list[dict[str, t.Any]]:
    if len(servers) != len(hosts):
        raise AnsibleFilterError(f"{len(servers)} servers were asked, and {len(hosts)} are named.")
    return [upgrade.verdict(host, server, servers, str(version)) for host, server in zip(hosts, servers)]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"upgrade_verdicts": upgrade_verdicts}

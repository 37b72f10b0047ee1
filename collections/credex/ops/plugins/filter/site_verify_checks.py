# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site_verify_checks
short_description: Say whether clusters are as they were asked for
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Every server is enabled, available, and hosts what it should; every database has its primaries online, and a
    writer, in the eyes of every server.

options:
  _input:
    description: RV(credex.ops.neo4j_cluster_info#module:servers) of all hosts.
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts in the same order, each with C(host) and C(cluster).
    type: list
    elements: dict
    required: true
  clusters:
    description: C(neo4j_clusters), with the number of C(primaries) of each.
    type: dict
    required: true
  spaces:
    description: C(neo4j_spaces), with C(cluster) and C(database) of each.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ reading.servers | credex.ops.site_verify_checks(members, neo4j_clusters, neo4j_spaces) }}"
"""

RETURN = r"""
_value:
  description: The checks, for the role P(credex.ops.ops_report#role).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import site

Item = dict[str, t.Any]
Vars = t.Mapping[str, t.Any]


def site_verify_checks(
    answers: t.Sequence[Item], hosts: t.Sequence[Vars], clusters: Vars, spaces: Vars
) -> list[Item]:
    return site.verify_checks(answers, hosts, clusters, spaces)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"site_verify_checks": site_verify_checks}

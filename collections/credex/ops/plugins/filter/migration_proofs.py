# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: migration_proofs
short_description: Whether databases in a cluster hold what those of single servers hold, as checks for the report
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares the fingerprints of both ends, for C(playbooks/migrate_to_cluster.yml).
options:
  _input:
    description: What P(credex.ops.migration_plan#filter) returned as C(entries).
    type: list
    elements: dict
    required: true
  sources:
    description: What M(credex.ops.neo4j_fingerprint_info) returned for each entry's source, in their order.
    type: list
    elements: dict
    required: true
  copies:
    description: The same for each entry's database in the cluster.
    type: list
    elements: dict
    required: true
  phase:
    description: The phase of the report.
    type: str
    default: verify
"""

EXAMPLES = r"""
- name: Compare
  ansible.builtin.set_fact:
    checks: "{{ entries | credex.ops.migration_proofs(sources.results, copies.results) }}"
"""

RETURN = r"""
_value:
  description: Checks with C(id), C(title), C(phase), C(status), C(detail) and C(evidence).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import migration

Rows = t.Sequence[dict[str, t.Any]]


def migration_proofs(entries: Rows, sources: Rows, copies: Rows, phase: str = "verify") -> list[dict[str, t.Any]]:
    return [
        migration.proof(entry, source["fingerprint"], copy["fingerprint"], phase)
        for entry, source, copy in zip(entries, sources, copies)
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"migration_proofs": migration_proofs}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fingerprint_differences
short_description: Name in what two databases differ
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares two fingerprints of M(credex.ops.neo4j_fingerprint_info), and names labels, types and properties of what
    differs.
options:
  _input:
    description: The fingerprint of one database.
    type: dict
    required: true
  other:
    description: That of the other one.
    type: dict
    required: true
  names:
    description: What the two are called.
    type: list
    elements: str
    default: [one, other]
seealso:
  - module: credex.ops.neo4j_fingerprint_info
"""

EXAMPLES = r"""
- name: Both hold the same
  ansible.builtin.assert:
    that: differences | length == 0
    fail_msg: "{{ differences | join('; ') }}"
  vars:
    names: [before, after]
    differences: "{{ before.fingerprint | credex.ops.fingerprint_differences(after.fingerprint, names) }}"
"""

RETURN = r"""
_value:
  description: What differs, in words, as in C(nodes Account - before has 5, after has 4). Empty when nothing does.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._fingerprint import fingerprint


def fingerprint_differences(
    one: t.Mapping[str, t.Any], other: t.Mapping[str, t.Any], names: t.Sequence[str] = ("one", "other")
) -> list[str]:
    return fingerprint.differences(one, other, names)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"fingerprint_differences": fingerprint_differences}

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_validation_features
short_description: Judge what the use of Enterprise features showed
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Case 4 of a license validation.
options:
  _input:
    description: >-
      Results of M(credex.ops.neo4j_enterprise_check) in a loop, each with C(item), the members of a cluster
      (P(credex.ops.rolling_members#filter)).
    type: list
    elements: dict
    required: true
  check_mode:
    description: Whether the run only looked, and used nothing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Judge case 4
  ansible.builtin.debug:
    msg: "{{ used.results | credex.ops.license_validation_features }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) wants them.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._validation import features


def license_validation_features(
    results: t.Sequence[dict[str, t.Any]], check_mode: bool = False
) -> list[dict[str, t.Any]]:
    return features.checks(results, check_mode)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_validation_features": license_validation_features}

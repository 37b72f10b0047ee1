# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_validation_metrics
short_description: Write the figures of a license validation for Prometheus
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - "For the textfile collector of node_exporter: C(credex_license_days_left) (of the contract, of agreements, of
    license files), C(credex_license_warn_days), C(credex_license_machines) and C(credex_license_machines_allowed),
    C(credex_license_check_passed)."
  - Needs C(prometheus_client) on the controller.
options:
  _input:
    description: Checks of P(credex.ops.license_validation_checks#filter).
    type: list
    elements: dict
    required: true
  environment:
    description: The environment, a label of every figure.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Leave the figures where node_exporter finds them
  ansible.builtin.copy:
    content: "{{ checks | credex.ops.license_validation_metrics('production') }}"
    dest: /var/lib/prometheus/node-exporter/license.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The file's text.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._validation import metrics


def license_validation_metrics(checks: t.Sequence[dict[str, t.Any]], environment: str) -> str:
    if not metrics.HAS_PROMETHEUS_CLIENT:
        raise AnsibleFilterError(
            "license_validation_metrics needs prometheus_client on the controller: pip install it."
        )
    return metrics.textfile(checks, environment)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_validation_metrics": license_validation_metrics}

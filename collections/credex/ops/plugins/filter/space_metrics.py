# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: space_metrics
short_description: Write the figures of a comparison of the two spaces for Prometheus
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - "For the textfile collector of node_exporter: C(credex_space_differences) by kind (those without any are 0),
    C(credex_space_in_flight), C(credex_space_rows), C(credex_space_compared_seconds),
    C(credex_space_compared_timestamp_seconds)."
  - Needs C(prometheus_client) on the controller.
options:
  _input:
    description: What M(credex.ops.neo4j_space_diff) returned.
    type: dict
    required: true
  environment:
    description: The environment, a label of every figure.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Leave the figures where node_exporter finds them
  ansible.builtin.copy:
    content: "{{ spaces | credex.ops.space_metrics('production') }}"
    dest: /var/lib/prometheus/node-exporter/spaces.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The file's text.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._spaces import metrics


def space_metrics(result: t.Mapping[str, t.Any], environment: str) -> str:
    if not metrics.HAS_PROMETHEUS_CLIENT:
        raise AnsibleFilterError("space_metrics needs prometheus_client on the controller: pip install it.")
    return metrics.textfile(result, environment)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"space_metrics": space_metrics}

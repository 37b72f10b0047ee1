# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connection_watch_checks
short_description: Judge what an application felt while something happened to the servers
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What M(credex.ops.neo4j_connection_watch) counted, as checks for a report. One transaction that failed is one too
    many, and none at all proves nothing.
options:
  _input:
    description: What M(credex.ops.neo4j_connection_watch) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    checks: "{{ felt | credex.ops.connection_watch_checks }}"
"""

RETURN = r"""
_value:
  description: Checks, as O(credex.ops.ops_journal#module:checks) takes them, grouped by the connections' names.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import client_judge


def connection_watch_checks(result: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    return client_judge.watched(result["watched"], result["wrote"])


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"connection_watch_checks": connection_watch_checks}

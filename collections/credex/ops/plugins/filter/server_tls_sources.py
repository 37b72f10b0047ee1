# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_tls_sources
short_description: All that must be read for a server's TLS policies, as one list
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - So that one task reads it, see M(credex.ops.ops_secret_info). P(credex.ops.server_tls#filter) takes what was read.
options:
  _input:
    description: Policies by scope, see O(credex.ops.neo4j_server#role:main:neo4j_server_tls).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read keys and certificates
  credex.ops.ops_secret_info:
    sources: "{{ neo4j_server_tls | credex.ops.server_tls_sources }}"
  no_log: true
"""

RETURN = r"""
_value:
  description: The sources, of each policy the certificate, the key, and those that are trusted.
  type: list
  elements: dict
"""

import typing as t


def server_tls_sources(policies: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[t.Mapping[str, t.Any]]:
    return [
        source
        for policy in policies.values()
        for source in (policy["certificate"], policy["private_key"], *policy.get("trusted", []))
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"server_tls_sources": server_tls_sources}

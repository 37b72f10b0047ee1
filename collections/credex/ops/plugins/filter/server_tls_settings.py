# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_tls_settings
short_description: The settings of a server's TLS policies
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What C(neo4j.conf) says of them, for which no key and no certificate must be read.
options:
  _input:
    description: Policies by scope, see O(credex.ops.neo4j_server#role:main:neo4j_server_tls).
    type: dict
    required: true
  home:
    description: The server's home, whose C(certificates) has a folder for each scope.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What neo4j.conf says of them
  ansible.builtin.debug:
    msg: "{{ neo4j_server_tls | credex.ops.server_tls_settings('/var/lib/neo4j') }}"
"""

RETURN = r"""
_value:
  description: Setting to value.
  type: dict
  sample:
    dbms.ssl.policy.bolt.enabled: true
    dbms.ssl.policy.bolt.base_directory: /var/lib/neo4j/certificates/bolt
    dbms.ssl.policy.bolt.client_auth: NONE
    server.bolt.tls_level: REQUIRED
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import tls


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"server_tls_settings": tls.settings}

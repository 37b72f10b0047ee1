# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_plugins
short_description: The jars that a server's plugins are, and what they need
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Looks up the plugins that Neo4j brings, switched off, in its C(labs) and C(products), and says what is wrong with
    the list, before any host is touched.
options:
  _input:
    description:
      - Plugins as dictionaries. C(name) is V(apoc), V(gds) or V(bloom) for the one that Neo4j brings, of which
        Community brings V(apoc) alone.
      - Any other comes from C(source), an address or a path of the controller, and C(sha256) is what its SHA-256 must
        be.
    type: list
    elements: dict
    required: true
  home:
    description: Where the server has C(labs), C(products) and C(plugins).
    type: str
    required: true
  edition:
    description: The server's edition.
    type: str
    choices: [enterprise, community]
    required: true
"""

EXAMPLES = r"""
- name: Where APOC is
  ansible.builtin.debug:
    msg: "{{ ([{'name': 'apoc'}] | credex.ops.server_plugins('/var/lib/neo4j', 'enterprise')).jars }}"
"""

RETURN = r"""
_value:
  description:
    - C(jars), each with C(path), a pattern on the host, and C(sha256), which may be null, for
      M(credex.ops.neo4j_plugins). C(fetched), those of them that must be brought there, with their C(source).
    - C(unrestricted), what they need in C(dbms.security.procedures.unrestricted), C(declares), the settings that come
      with them, and C(problems), a list of sentences.
  type: dict
  sample:
    jars: [{path: /var/lib/neo4j/labs/apoc-*-core.jar, sha256: null}]
    fetched: []
    unrestricted: []
    declares: []
    problems: []
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import plugins


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"server_plugins": plugins.wanted}

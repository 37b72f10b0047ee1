# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_tls
short_description: The certificates that a server's TLS policies are, and what is wrong with them
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Puts the policies of a server and the texts that were read for them together, and judges them before any is in
    place - whether key and certificate belong together, dates, the chain, names, what the certificate may be used for,
    whether members would trust one another.
  - Needs the Python package cryptography on the controller.
options:
  _input:
    description: Policies by scope, see O(credex.ops.neo4j_server#role:main:neo4j_server_tls).
    type: dict
    required: true
  secrets:
    description: What M(credex.ops.ops_secret_info) read for P(credex.ops.server_tls_sources#filter), in its order. When
      anything could not be read, there are no policies.
    type: list
    elements: dict
    required: true
  home:
    description: The server's home, whose C(certificates) has a folder for each scope.
    type: str
    required: true
  edition:
    description: The server's edition.
    type: str
    choices: [enterprise, community]
    required: true
  address:
    description: The name or address under which clients and members look for the server.
    type: str
    required: true
  uri:
    description: The address over Bolt at which operations look for it.
    type: str
    required: true
  now:
    description: The time, as ISO 8601 with an offset.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What speaks against these certificates
  ansible.builtin.debug:
    msg: >-
      {{ (neo4j_server_tls | credex.ops.server_tls(read.secrets, '/var/lib/neo4j', 'enterprise', '10.0.1.11',
          'bolt+s://10.0.1.11:7687', now(utc=true).isoformat())).problems }}
"""

RETURN = r"""
_value:
  description:
    - C(policies), by scope, for M(credex.ops.neo4j_certificates), each with C(folder), C(certificate), C(private_key)
      and C(trusted). They hold a secret.
    - C(problems), a list of sentences. With problems there are no policies.
  type: dict
"""

import typing as t
from datetime import datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import tls


def server_tls(
    wanted: dict[str, dict[str, t.Any]],
    secrets: list[dict[str, t.Any]],
    home: str,
    edition: str,
    address: str,
    uri: str,
    now: str,
) -> dict[str, t.Any]:
    if not tls.HAS_CRYPTOGRAPHY:
        raise AnsibleFilterError(
            "The Python package cryptography is missing on the controller: it judges certificates."
        )
    texts = [secret["value"] for secret in secrets]
    if None in texts:  # why is what the module says
        return {"policies": {}, "problems": []}
    policies = read(wanted, texts)
    problems = tls.of_host(policies, edition, address, uri, datetime.fromisoformat(now))
    return {
        "policies": {} if problems else {scope: placed(home, scope, material) for scope, material in policies.items()},
        "problems": problems,
    }


def read(wanted: dict[str, dict[str, t.Any]], texts: list[str]) -> dict[str, tls.Material]:
    """Texts in the order of the filter server_tls_sources."""
    left = iter(texts)
    return {
        scope: tls.Material(
            certificate=next(left),
            private_key=next(left),
            trusted=[next(left) for _each in policy.get("trusted", [])],
            client_auth=tls.client_auth(scope, policy),
        )
        for scope, policy in wanted.items()
    }


def placed(home: str, scope: str, material: tls.Material) -> dict[str, t.Any]:
    return {
        "folder": tls.folder(home, scope),
        "certificate": material.certificate,
        "private_key": material.private_key,
        "trusted": list(material.trusted),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"server_tls": server_tls}

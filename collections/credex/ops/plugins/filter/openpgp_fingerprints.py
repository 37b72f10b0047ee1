# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: openpgp_fingerprints
short_description: Read the fingerprints of the public keys in a text
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - A repository is as trustworthy as its key, and a key that was just fetched is known by its fingerprint alone.
  - Fails for a text that holds no armored public key, or a damaged one.
options:
  _input:
    description: The text, with C(-----BEGIN PGP PUBLIC KEY BLOCK-----).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The key is the expected one, and no other is with it
  ansible.builtin.assert:
    that: key | credex.ops.openpgp_fingerprints == [fingerprint]
"""

RETURN = r"""
_value:
  description: The fingerprint of each primary key, in capital hex digits without spaces. Subkeys are not listed.
  type: list
  elements: str
  sample: [C3CD99F60D64B1B0A2F4C9F2B5F1A0D6C0C8D4E7]
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._host import openpgp


def openpgp_fingerprints(text: str) -> list[str]:
    try:
        return openpgp.fingerprints(text)
    except openpgp.KeyFileError as error:
        raise AnsibleFilterError(f"This is no key of a repository: {error}.") from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"openpgp_fingerprints": openpgp_fingerprints}

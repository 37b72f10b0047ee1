# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: license_wanted
short_description: Describe the license files that must lie on every server
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads what the new files say of themselves. Returns fingerprints and dates, never content. Fails for what cannot
    be a license, such as an empty, binary or cut off file, naming its product and source.
options:
  _input:
    description: C(neo4j_license_files), each with C(product), C(source), C(path).
    type: list
    elements: dict
    required: true
  contents:
    description: Their contents, in the same order.
    type: list
    elements: str
    required: true
  accept:
    description: Objections that somebody overruled, see O(credex.ops.neo4j_license_file#module:accept).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See what the new files say of themselves
  ansible.builtin.set_fact:
    wanted: "{{ neo4j_license_files | credex.ops.license_wanted(secrets.secrets | map(attribute='value')) }}"
"""

RETURN = r"""
_value:
  description: >-
    For each file C(product), C(license) (dict of C(fingerprint), the first 16 hex digits of the SHA-256; C(opaque),
    nothing could be decoded; C(product) and C(expires), UTC, V(null) where the file does not say), C(accept).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license


def license_wanted(
    files: list[dict[str, t.Any]], contents: t.Iterable[str], accept: t.Sequence[str] = ()
) -> list[dict[str, t.Any]]:
    return [
        {"product": file["product"], "license": _read(file, content), "accept": list(accept)}
        for file, content in zip(files, contents, strict=True)
    ]


def _read(file: dict[str, t.Any], content: str) -> dict[str, t.Any]:
    try:
        return neo4j_license.read(content.encode("utf-8")).as_dict()
    except neo4j_license.LicenseError as error:
        source = {key: value for key, value in file["source"].items() if key != "value"}
        raise AnsibleFilterError(f"the license for {file['product']} from {source} cannot be used: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_wanted": license_wanted}

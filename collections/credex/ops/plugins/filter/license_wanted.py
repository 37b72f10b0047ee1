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
    be a license, such as an empty, binary or cut off file, naming its product and source, and for two files of one
    product.
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
    nothing could be decoded; C(product) and C(expires), UTC, V(null) where the file does not say), C(accept),
    C(restart) (the product reads it only when the server starts).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license


def license_wanted(
    files: list[dict[str, t.Any]], contents: t.Iterable[str], accept: t.Sequence[str] = ()
) -> list[dict[str, t.Any]]:
    pairs = list(zip(files, contents, strict=True))
    _refuse_two_of_a_kind([file["product"] for file in files])
    _refuse_unusable(pairs)
    return [
        {
            "product": file["product"],
            "license": neo4j_license.read(content.encode("utf-8")).as_dict(),
            "accept": list(accept),
            "restart": file.get("restart", True),
        }
        for file, content in pairs
    ]


def _refuse_two_of_a_kind(products: list[str]) -> None:
    twice = sorted({product for product in products if products.count(product) > 1})
    if twice:
        raise AnsibleFilterError(
            f"neo4j_license_files has product {twice[0]} twice, and its answer could prove only one. Take one out."
        )


def _refuse_unusable(pairs: list[tuple[dict[str, t.Any], str]]) -> None:
    """All of them at once, so that all can be mended at once."""
    damage = [(file, _damage(content)) for file, content in pairs]
    said = [
        f"the license for {file['product']} from {_place(file)} cannot be used: {why}" for file, why in damage if why
    ]
    if said:
        raise AnsibleFilterError(f"{'; '.join(said)}. Nothing was changed.")


def _damage(content: str) -> str:
    try:
        neo4j_license.read(content.encode("utf-8"))
    except neo4j_license.LicenseError as error:
        return str(error)
    return ""


def _place(file: dict[str, t.Any]) -> str:
    source = file["source"]
    return f"{source['type']} {next(source[key] for key in ('name', 'path', 'variable') if source.get(key))}"


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"license_wanted": license_wanted}

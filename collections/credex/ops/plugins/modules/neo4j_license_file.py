#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_license_file
short_description: Place the license file of a Neo4j product on its server
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Puts the license file of a product (Graph Data Science, Bloom, or another one) in its place, atomically, never
    readable by others even for an instant, and keeps the replaced content beside it as C(NAME.FINGERPRINT.kept).
  - There is no license file for the Neo4j server itself. Its agreement is another matter.
  - The products read their file only when the server starts, so the new one is in force after a restart;
    M(credex.ops.neo4j_service_info) tells whether one is due.
  - The vendor does not publish the format of these files. What can be decoded (a JWT's C(exp) and C(product)) is used
    to refuse an evident mistake before anything changes. What is opaque is placed; only the product's own answer
    after the restart, see M(credex.ops.neo4j_license_info), proves it.
  - Runs on the host, with Python 3.9 or later and nothing else.
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows fingerprints, dates and modes, never the content.
  idempotent:
    support: full
options:
  path:
    description: Absolute path of the file. Its folder must exist.
    type: path
    required: true
  state:
    description:
      - V(present) places O(content), or the kept copy that O(fingerprint) names.
      - V(absent) takes the file away, keeping its content beside it.
    type: str
    choices: [present, absent]
    default: present
  content:
    description: The license itself. Give it from a variable that came from a secret store, see
      M(credex.ops.ops_secret_info).
    type: str
  fingerprint:
    description:
      - Place the copy that was kept under this fingerprint, as a new file. This is how a placement is undone, so it
        is not judged.
    type: str
  product:
    description: The product whose file it is. Compared with what the file says of itself, where it says so.
    type: str
    choices: [gds, bloom, other]
    required: true
  accept:
    description:
      - Objections that you overrule. V(expired) places an expired file, V(earlier) one that ends before the present
        one, V(other_product) one that names another product.
    type: list
    elements: str
    choices: [expired, earlier, other_product]
    default: []
  owner:
    description: Name of the owning user. Left as it is when not given; a new file then belongs to the user who runs
      the module.
    type: str
  group:
    description: Name of the owning group.
    type: str
  mode:
    description: The file's mode, in octal notation.
    type: str
    default: "0640"
seealso:
  - module: credex.ops.neo4j_license_file_info
  - module: credex.ops.neo4j_license_info
  - module: credex.ops.neo4j_service_info
"""

EXAMPLES = r"""
- name: Place the license of Graph Data Science
  credex.ops.neo4j_license_file:
    path: /var/lib/neo4j/licenses/neo4j-gds.license
    product: gds
    content: "{{ gds_license }}"
    owner: neo4j
    group: neo4j
  become: true
  register: placed

- name: Put back what was there before
  credex.ops.neo4j_license_file:
    path: /var/lib/neo4j/licenses/neo4j-gds.license
    product: gds
    fingerprint: "{{ placed.previous.fingerprint }}"
  become: true
"""

RETURN = r"""
path:
  description: The file.
  returned: always
  type: str
  sample: /var/lib/neo4j/licenses/neo4j-gds.license
license:
  description: What the placed file shows of itself. V(null) after O(state=absent).
  returned: always
  type: dict
  contains:
    fingerprint:
      description: The first 16 hex digits of the content's SHA-256.
      type: str
      sample: 3f1c9a0b5d7e2a64
    opaque:
      description: Whether nothing could be decoded. Then only the product's own answer tells whether it is valid.
      type: bool
    product:
      description: The product that it names, V(null) if it names none.
      type: str
      sample: gds
    expires:
      description: The end that it names, UTC, V(null) if it names none.
      type: str
      sample: "2027-05-31T00:00:00Z"
previous:
  description: What was there before, in the same form, with the C(path) of its kept copy. V(null) if there was no
    file.
  returned: always
  type: dict
"""

import datetime
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import kept_file
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license


class RefusedError(Exception):
    """The file was not changed, and why."""


def wanted_content(params: dict[str, t.Any], present: bytes | None) -> bytes | None:
    if params["state"] == "absent":
        return None
    if not params["fingerprint"]:
        return params["content"].encode("utf-8")
    content = kept_file.content_of(params["path"], params["fingerprint"], present)
    if content is None:
        raise RefusedError(f"there is no kept copy {kept_file.kept_path(params['path'], params['fingerprint'])}")
    return content


def judged(params: dict[str, t.Any], content: bytes | None, present: bytes | None) -> dict[str, t.Any] | None:
    """What the wanted file shows of itself; raises RefusedError when it must not be placed."""
    if content is None:
        return None
    if params["fingerprint"]:  # what was there before may always come back
        return neo4j_license.read_present(content).as_dict()
    try:
        new = neo4j_license.read(content)
    except neo4j_license.LicenseError as error:
        raise RefusedError(f"this is no license for {params['product']}: {error}") from error
    old = neo4j_license.read_present(present) if present is not None else None
    now = datetime.datetime.now(datetime.timezone.utc)
    found = neo4j_license.objections(new, params["product"], old, now, params["accept"]) if content != present else []
    if found:
        raise RefusedError(f"{'; '.join(found)}. Give the right file, or overrule with accept: the word in brackets")
    return new.as_dict()


def previous_of(path: str, present: bytes | None, changed: bool) -> dict[str, t.Any] | None:
    if present is None:
        return None
    shown = neo4j_license.read_present(present).as_dict()
    return dict(shown, path=kept_file.kept_path(path, shown["fingerprint"]) if changed else path)


def ownership(params: dict[str, t.Any]) -> kept_file.Ownership:
    try:
        return kept_file.Ownership.named(params["owner"], params["group"], params["mode"])
    except (LookupError, ValueError) as error:
        raise RefusedError(f"owner, group or mode cannot be used: {error}") from error


def apply(path: str, content: bytes | None, present: bytes | None, owned: kept_file.Ownership) -> None:
    if content is not None:
        kept_file.place(path, content, present, owned)
    elif present is not None:
        kept_file.keep(path, present, kept_file.fingerprint(present), owned)
        os.unlink(path)


def ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    path, owned = params["path"], ownership(params)
    if not os.path.isdir(os.path.dirname(path)):
        raise RefusedError(f"its folder {os.path.dirname(path)} does not exist: is Neo4j installed there?")
    present = kept_file.read_bytes(path)
    content = wanted_content(params, present)
    shown = judged(params, content, present)
    changed = content != present or (present is not None and owned.differs(path))
    before = previous_of(path, present, content != present)
    if changed and not check_mode:
        apply(path, content, present, owned)
    return {"changed": changed, "path": path, "license": shown, "previous": before, "diff": _diff(before, shown, path)}


def _diff(before: dict[str, t.Any] | None, after: dict[str, t.Any] | None, path: str) -> dict[str, t.Any]:
    def lines(shown: dict[str, t.Any] | None) -> str:
        return "".join(f"{key}: {shown[key]}\n" for key in ("fingerprint", "product", "expires")) if shown else ""

    return {"before_header": path, "after_header": path, "before": lines(before), "after": lines(after)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "content": {"type": "str", "no_log": True},
            "fingerprint": {"type": "str"},
            "product": {"type": "str", "choices": ["gds", "bloom", "other"], "required": True},
            "accept": {
                "type": "list",
                "elements": "str",
                "choices": ["expired", "earlier", "other_product"],
                "default": [],
            },
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "mode": {"type": "str", "default": "0640"},
        },
        mutually_exclusive=[("content", "fingerprint")],
        required_if=[("state", "present", ("content", "fingerprint"), True)],
        supports_check_mode=True,
    )
    try:
        result = ensure(module.params, module.check_mode)
    except (RefusedError, OSError) as error:
        module.fail_json(
            msg=f"Failed to place the license file {module.params['path']}: {error}. Nothing was replaced."
        )
    module.exit_json(**result)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_license_file_info
short_description: Read which license files of Neo4j products lie on a server
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads license files and the copies kept beside them by M(credex.ops.neo4j_license_file). Returns fingerprints,
    dates, owners and modes, never content.
  - What lies on disk is not what is in force; ask M(credex.ops.neo4j_license_info) for that.
  - Runs on the host, with Python 3.9 or later and nothing else. It needs read access to the files, so usually
    C(become).
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
options:
  paths:
    description: Absolute paths of the files.
    type: list
    elements: path
    required: true
seealso:
  - module: credex.ops.neo4j_license_file
"""

EXAMPLES = r"""
- name: Read which license files lie there
  credex.ops.neo4j_license_file_info:
    paths:
      - /var/lib/neo4j/licenses/neo4j-gds.license
  become: true
"""

RETURN = r"""
files:
  description: One entry for each of O(paths), in their order.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      sample: /var/lib/neo4j/licenses/neo4j-gds.license
    exists:
      description: Whether it is there.
      type: bool
    license:
      description: What it shows of itself, C(fingerprint), C(opaque), C(product), C(expires) (UTC). V(null) where
        there is no file.
      type: dict
    owner:
      description: The owner's name, or its number where it has none.
      type: str
      sample: neo4j
    group:
      description: The group's name, or its number where it has none.
      type: str
      sample: neo4j
    mode:
      description: The mode, in octal notation.
      type: str
      sample: "0640"
    kept:
      description: The copies kept beside it, the one replaced last first, each with C(fingerprint), C(path),
        C(kept_at) (UTC).
      type: list
      elements: dict
"""

import datetime
import grp
import os
import pwd
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import kept_file
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license


def describe(path: str) -> dict[str, t.Any]:
    content = kept_file.read_bytes(path)
    entry: dict[str, t.Any] = {"path": path, "exists": content is not None, "license": None, "kept": _kept(path)}
    if content is None:
        return {**entry, "owner": None, "group": None, "mode": None}
    return {**entry, "license": neo4j_license.read_present(content).as_dict(), **_ownership(path)}


def _kept(path: str) -> list[dict[str, str]]:
    return [
        {"path": k.path, "fingerprint": k.fingerprint, "kept_at": _utc(k.kept_at)} for k in kept_file.kept_copies(path)
    ]


def _ownership(path: str) -> dict[str, str]:
    found = os.stat(path)
    return {
        "owner": _name(lambda: pwd.getpwuid(found.st_uid).pw_name, found.st_uid),
        "group": _name(lambda: grp.getgrgid(found.st_gid).gr_name, found.st_gid),
        "mode": f"{found.st_mode & 0o7777:04o}",
    }


def _name(look_up: t.Callable[[], str], number: int) -> str:
    try:
        return look_up()
    except KeyError:
        return str(number)


def _utc(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    module = AnsibleModule(
        argument_spec={"paths": {"type": "list", "elements": "path", "required": True}},
        supports_check_mode=True,
    )
    files = []
    for path in module.params["paths"]:
        try:
            files.append(describe(path))
        except OSError as error:
            module.fail_json(msg=f"Failed to read the license file {path}: {error}. Is become: true set?")
    module.exit_json(changed=False, files=files)


if __name__ == "__main__":
    main()

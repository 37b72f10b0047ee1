#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_archive
short_description: Unpack an archive of Neo4j beside other versions
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Lets the archive that Neo4j publishes become a folder C(neo4j-EDITION-VERSION), whole or not at all, once its
    SHA-256 is the expected one and it holds the wanted version and edition.
  - What is unpacked belongs to the user that runs this module, and can be read by O(group); others cannot look in. So a
    server that runs as another user cannot change its own programs.
  - A version that was unpacked from the same archive is left alone. It needs its archive no more. No
    server is stopped or started, and no folder of another version is touched.
  - Runs on the host, with Python 3.9 or later.
extends_documentation_fragment:
  - credex.ops.archive
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
    details: Looks at an archive that is there already.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  versions:
    description: The folder in which versions lie side by side. It must exist.
    type: path
    required: true
  group:
    description: The group that may read and run it. Without it, the group of who runs this module.
    type: str
seealso:
  - module: credex.ops.neo4j_archive_info
"""

EXAMPLES = r"""
- name: Unpack Neo4j
  credex.ops.neo4j_archive:
    path: /srv/packages/neo4j-enterprise-5.26.30-unix.tar.gz
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    version: 5.26.30
    edition: enterprise
    versions: /opt/neo4j/versions
    group: neo4j
  become: true
"""

RETURN = r"""
folder:
  description: What the archive became.
  returned: success
  type: str
  sample: /opt/neo4j/versions/neo4j-enterprise-5.26.30
"""

import grp
import os
import tarfile
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import archive, files


def ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    path, wanted = params["path"], params["sha256"].strip().lower()
    folder = os.path.join(params["versions"], archive.folder_name(params["version"], params["edition"]))
    present = archive.unpacked_from(folder)
    if present not in (None, wanted):
        raise archive.ArchiveError(f"{folder} was unpacked from another archive, with SHA-256 {present}")
    if present is None and (os.path.exists(path) or not check_mode):
        refuse(path, wanted, params)
    if present is None and not check_mode:
        archive.unpack(path, folder, wanted, gid(params["group"]))
    diff = {"before": f"{folder}\n" if present else "", "after": f"{folder}\n"}
    return {"changed": present is None, "folder": folder, "diff": diff}


def refuse(path: str, wanted: str, params: dict[str, t.Any]) -> None:
    found = archive.problems(path, files.sha256(path), wanted, params["version"], params["edition"])
    if found:
        raise archive.ArchiveError(" ".join(found).rstrip("."))


def gid(group: str | None) -> int:
    try:
        return grp.getgrnam(group).gr_gid if group else -1
    except KeyError:
        raise archive.ArchiveError(f"this host has no group {group}") from None


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **archive.ARGUMENTS,
            "versions": {"type": "path", "required": True},
            "group": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        result = ensure(module.params, module.check_mode)
    except (archive.ArchiveError, tarfile.TarError, EOFError, OSError) as error:
        module.fail_json(msg=f"Failed to unpack {module.params['path']}: {error}. Nothing was unpacked.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()

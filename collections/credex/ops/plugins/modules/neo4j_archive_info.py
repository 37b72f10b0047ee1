#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_archive_info
short_description: Tell what speaks against an archive of Neo4j
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Compares the SHA-256 of an archive (C(neo4j-EDITION-VERSION-unix.tar.gz), as Neo4j publishes it) with the expected
    one, and the version and edition that are in it, by the name of its folder and its C(packaging_info), with the
    wanted ones.
  - An archive with another checksum is not opened.
  - Runs where the archive is, with Python 3.9 or later, as a user who may read it. It changes nothing.
extends_documentation_fragment:
  - credex.ops.archive
  - credex.ops.attributes
  - credex.ops.attributes.info_module
seealso:
  - module: credex.ops.neo4j_archive
"""

EXAMPLES = r"""
- name: Look at an archive on the controller
  credex.ops.neo4j_archive_info:
    path: files/neo4j-enterprise-5.26.30-unix.tar.gz
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    version: 5.26.30
    edition: enterprise
  delegate_to: localhost
  register: archive
"""

RETURN = r"""
problems:
  description: What speaks against it, sentences. Empty for an archive that can be unpacked.
  returned: always
  type: list
  elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import archive, files


def problems(path: str, sha256: str, version: str, edition: str) -> list[str]:
    if not os.path.isfile(path):
        return [f"There is no file {path} on {os.uname().nodename}."]
    return archive.problems(path, files.sha256(path), sha256, version, edition)


def main() -> None:
    module = AnsibleModule(argument_spec=archive.ARGUMENTS, supports_check_mode=True)
    try:
        found = problems(**module.params)
    except OSError as error:
        module.fail_json(msg=f"Failed to read the archive {module.params['path']}: {error}.")
    module.exit_json(changed=False, problems=found)


if __name__ == "__main__":
    main()

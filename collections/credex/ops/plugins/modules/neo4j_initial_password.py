#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_initial_password
short_description: Set the first password of a Neo4j server that has never been started
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Gives the user C(neo4j) its password by C(neo4j-admin dbms set-initial-password), before the first start. The
    password never appears in arguments, where every user of the host could read it; it goes through a file that only
    O(owner) can read, in the one form that keeps quotes, C(#), C($), a leading C(-) and letters of any language.
  - After the first start that command says success and does nothing. So this module leaves a server alone that has
    databases, and says so.
  - Log in afterwards, see M(credex.ops.neo4j_component_info). Nothing else proves a password.
  - Runs on the host as root, with Python 3.9 or later and C(runuser), and runs neo4j-admin as O(owner).
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: From the first start on. Before it, the password is set again.
options:
  password:
    description: The password, 8 characters or more, without line breaks and other control characters.
    type: str
    required: true
  data:
    description: The server's data folder, C(server.directories.data).
    type: path
    default: /var/lib/neo4j/data
  admin:
    description: Path of C(neo4j-admin).
    type: path
    default: /usr/bin/neo4j-admin
  java_home:
    description: The Java that runs it. Without it, the one that C(neo4j-admin) finds.
    type: path
  owner:
    description: The user whom the server belongs to.
    type: str
    default: neo4j
seealso:
  - module: credex.ops.neo4j_component_info
"""

EXAMPLES = r"""
- name: Set the first password
  credex.ops.neo4j_initial_password:
    password: "{{ secrets.secrets[0].value }}"
  become: true
"""

RETURN = r"""
was_started:
  description: Whether the server had databases already, so that nothing was done.
  returned: success
  type: bool
"""

import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import run_as
from ansible_collections.credex.ops.plugins.module_utils._neo4j import admin

LEAST = 8  # characters; Neo4j's own default


class RefusedError(Exception):
    """No password was set, and why."""


def argument_file(password: str) -> bytes:
    """`--`, so that a leading `-` is no option; in quotes, so that `#` is no comment."""
    escaped = password.replace("\\", "\\\\").replace('"', '\\"')
    return f'--\n"{escaped}"\n'.encode()


def check(password: str) -> None:
    if len(password) < LEAST:
        raise RefusedError(f"it has {len(password)} characters, and Neo4j wants {LEAST}")
    if re.search(r"[\x00-\x1f\x7f]", password):
        raise RefusedError("it has a control character. Does a line break end the file that it was read from?")


def set_password(module: AnsibleModule) -> None:
    user = run_as.owner(module.params["owner"])
    with run_as.private_folder(user) as folder:
        path = os.path.join(folder, "arguments")
        run_as.write(user, path, argument_file(module.params["password"]))
        command = [*admin.command(module.params["admin"], "set_initial_password"), f"@{path}"]
        # Java reads the file in the locale's letters
        ended = run_as.run(module, user, command, folder, LC_ALL="C.UTF-8")
    if ended.code != 0:
        raise RefusedError(admin.failure(ended.words, ended.code, ended.said))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "password": {"type": "str", "required": True, "no_log": True},
            "data": {"type": "path", "default": "/var/lib/neo4j/data"},
            "admin": {"type": "path", "default": "/usr/bin/neo4j-admin"},
            "java_home": {"type": "path"},
            "owner": {"type": "str", "default": "neo4j"},
        },
        supports_check_mode=True,
    )
    try:
        was_started = os.path.isdir(os.path.join(module.params["data"], "databases"))
        if not was_started:
            check(module.params["password"])
            if not module.check_mode:
                set_password(module)
    except (RefusedError, OSError, LookupError) as error:
        module.fail_json(msg=f"Failed to set the first password of Neo4j: {error}. The server was not started.")
    module.exit_json(changed=not was_started, was_started=was_started)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_current_version
short_description: Have one of the unpacked versions of Neo4j be the one that is used
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Lets C(current) in O(home) mean one of the folders that M(credex.ops.neo4j_archive) unpacked, and has links through
    it to the version's programs, so that O(home) is a home as any other. To go back to another version is to run it
    with that one.
  - Each link is replaced by one rename. What is no link is left alone, and refused.
  - The server must not run.
  - Runs on the host, with Python 3.9 or later.
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
    details: Of a version that is not unpacked yet, it predicts the links to all that a version can bring.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  home:
    description: NEO4J_HOME. It must exist.
    type: path
    required: true
  folder:
    description: The version's folder, relative to O(home).
    type: str
    required: true
  conf_dir:
    description: The folder of C(neo4j.conf). Outside of the home, there is a link to it.
    type: path
    required: true
  admin:
    description: Where C(neo4j-admin) is to be found. Outside of the home, there is a link.
    type: path
    required: true
seealso:
  - module: credex.ops.neo4j_archive
"""

EXAMPLES = r"""
- name: Use this version
  credex.ops.neo4j_current_version:
    home: /opt/neo4j
    folder: versions/neo4j-enterprise-5.26.30
    conf_dir: /etc/neo4j
    admin: /usr/bin/neo4j-admin
  become: true
"""

RETURN = r"""
links:
  description: Every link, and what it means.
  returned: success
  type: dict
  sample: {/opt/neo4j/current: versions/neo4j-enterprise-5.26.30, /opt/neo4j/bin: current/bin}
"""

import os
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "home": {"type": "path", "required": True},
    "folder": {"type": "str", "required": True},
    "conf_dir": {"type": "path", "required": True},
    "admin": {"type": "path", "required": True},
}
PROGRAMS = ("bin", "lib", "labs", "products", "web", "packaging_info")
CURRENT = "current"


class RefusedError(Exception):
    """No link was changed, and why."""


def wanted(params: dict[str, t.Any], check_mode: bool) -> dict[str, str]:
    """Every link with its target, C(current) first."""
    home, version = params["home"], os.path.join(params["home"], params["folder"])
    if not os.path.isdir(version) and not check_mode:
        raise RefusedError(f"there is no {version}")
    brought = [name for name in PROGRAMS if not os.path.isdir(version) or os.path.exists(os.path.join(version, name))]
    links = {CURRENT: params["folder"], **{name: f"{CURRENT}/{name}" for name in brought}, "conf": params["conf_dir"]}
    found = {os.path.join(home, name): target for name, target in links.items()}
    found[params["admin"]] = os.path.join(home, "bin", "neo4j-admin")
    # Of a configuration or a neo4j-admin that lies in the home there is no link
    return {link: target for link, target in found.items() if link != target}


def present(link: str) -> str:
    if os.path.lexists(link) and not os.path.islink(link):
        raise RefusedError(f"{link} is there, and no link: what is it? Take it away")
    return os.readlink(link) if os.path.islink(link) else ""


def put(link: str, target: str) -> None:
    """In one step, so that there is always one of the two."""
    with tempfile.TemporaryDirectory(prefix=".credex-ops-", dir=os.path.dirname(link)) as folder:
        new = os.path.join(folder, "link")
        os.symlink(target, new)
        os.rename(new, link)


def ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    links = wanted(params, check_mode)
    before = {link: present(link) for link in links}
    changes = {link: target for link, target in links.items() if before[link] != target}
    if not check_mode:
        for link, target in changes.items():
            put(link, target)
    old, new = ("".join(f"{link} -> {target}\n" for link, target in each.items() if target) for each in (before, links))
    return {"changed": bool(changes), "links": links, "diff": {"before": old, "after": new}}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        result = ensure(module.params, module.check_mode)
    except (RefusedError, OSError) as error:
        module.fail_json(msg=f"Failed to use {module.params['folder']} in {module.params['home']}: {error}.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()

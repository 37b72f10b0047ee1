#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_java_info
short_description: Tell which Java there is on this host
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks each Java of the host for its version, by C(java -version). Neo4j 5.26 wants 17 or 21; calendar versions want
    21, from 2025.10 on also 25; with another one Neo4j only warns.
  - Looks for C(java) on the C(PATH), and in C(/usr/lib/jvm), C(/usr/java) and C(/opt/java). What does not answer, or
    says no version, is left out.
  - Runs on the host, with Python 3.9 or later. It changes nothing.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
options:
  home:
    description: Look at this one alone, a folder with C(bin/java).
    type: path
seealso:
  - module: credex.ops.neo4j_conf
"""

EXAMPLES = r"""
- name: See which Java there is
  credex.ops.neo4j_java_info:
  register: java

- name: Where Java 21 is
  ansible.builtin.debug:
    msg: "{{ (java.javas | selectattr('version', 'eq', 21) | first).home }}"
"""

RETURN = r"""
javas:
  description: Each once, the oldest first.
  returned: always
  type: list
  elements: dict
  contains:
    home:
      description: >-
        Its C(JAVA_HOME). Of several names, one that stays right when the host's default Java changes, or its patch
        level.
      type: str
      sample: /usr/lib/jvm/java-17-openjdk-amd64
    version:
      description: Its version.
      type: int
      sample: 17
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import java


def ask(module: AnsibleModule, home: str) -> int | None:
    """None where it does not answer as a Java does."""
    try:
        code, output, errors = module.run_command([java.program(home), "-version"], handle_exceptions=False)
    except OSError:
        return None
    return java.version(output + errors) if code == 0 else None


def look(module: AnsibleModule) -> list[dict[str, t.Any]]:
    given = module.params["home"]
    candidates = {given: [given]} if given else java.homes()
    found = []
    for real, names in candidates.items():
        version = ask(module, real)
        if version is not None:
            home = given or java.lasting_name(real, names, version)
            found.append({"home": home, "version": version})
    return sorted(found, key=lambda one: (one["version"], one["home"]))


def main() -> None:
    module = AnsibleModule(argument_spec={"home": {"type": "path"}}, supports_check_mode=True)
    module.exit_json(changed=False, javas=look(module))


if __name__ == "__main__":
    main()

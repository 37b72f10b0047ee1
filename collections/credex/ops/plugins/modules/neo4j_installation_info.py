#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_installation_info
short_description: Tell what of Neo4j is installed on a host, and what the host is like
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Tells which packages of Neo4j are installed, which versions from archives are there, and what else somebody who
    installs Neo4j must know of a host, in one go.
  - Runs on the host, with Python 3.9 or later, as a user who may look into O(home). It changes nothing.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
options:
  home:
    description: NEO4J_HOME.
    type: path
    required: true
  admin:
    description: Where C(neo4j-admin) is to be found.
    type: path
    required: true
  unpacked:
    description: The folder of a version from an archive, see M(credex.ops.neo4j_archive).
    type: path
    required: true
  owner:
    description: The user who shall run the server.
    type: str
    default: ""
  group:
    description: The group of its files.
    type: str
    default: ""
seealso:
  - module: credex.ops.neo4j_archive
  - module: credex.ops.neo4j_java_info
"""

EXAMPLES = r"""
- name: What is there
  credex.ops.neo4j_installation_info:
    home: /var/lib/neo4j
    admin: /usr/bin/neo4j-admin
    unpacked: /var/lib/neo4j/versions/neo4j-enterprise-5.26.30
  become: true
  register: installation
"""

RETURN = r"""
packages:
  description: The installed packages of Neo4j with their versions; none on a host whose packages are of another kind.
  returned: success
  type: list
  elements: str
  sample: ["neo4j-enterprise 1:5.26.30"]
package_kind:
  description: >-
    What packages of the host's distribution are, V(deb) or V(rpm); of SUSE's and others empty.
  returned: success
  type: str
  sample: deb
distribution:
  description: The name of the host's distribution, C(ID) of its C(os-release).
  returned: success
  type: str
  sample: amzn
current:
  description: The version from an archive that is used, by the name of its folder. Empty for none.
  returned: success
  type: str
  sample: neo4j-enterprise-5.26.30
unpacked_from:
  description: The SHA-256 of the archive that O(unpacked) was, V(unknown) where it does not tell. Empty where it is not
    there.
  returned: success
  type: str
has_archive:
  description: Whether an archive is there that somebody brought for it, and has not taken away.
  returned: success
  type: bool
in_the_way:
  description: What lies where an archive's links go and is not such a link.
  returned: success
  type: list
  elements: str
  sample: [/usr/bin/neo4j-admin]
has_owner:
  description: Whether the user is there.
  returned: success
  type: bool
has_group:
  description: Whether the group is there.
  returned: success
  type: bool
architecture:
  description: The machine's architecture, as the kernel calls it.
  returned: success
  type: str
  sample: x86_64
memory_mib:
  description: The machine's memory in MiB.
  returned: success
  type: int
"""

import grp
import os
import pwd
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import archive, distribution

PACKAGES = ("neo4j", "neo4j-enterprise")
_UNKNOWN_PACKAGE = 1  # how dpkg-query ends when it does not know one of them


def packages(module: AnsibleModule, kind: str) -> list[str]:
    asks = {"deb": debian_packages, "rpm": rpm_packages}
    return asks[kind](module) if kind else []


def debian_packages(module: AnsibleModule) -> list[str]:
    form = "--showformat=${db:Status-Status} ${Package} ${Version}\n"
    told = ask(module, ["dpkg-query", "--show", form, *PACKAGES], (0, _UNKNOWN_PACKAGE))
    states = (line.partition(" ") for line in told)
    return [package for state, _space, package in states if state == "installed"]


def rpm_packages(module: AnsibleModule) -> list[str]:
    return ask(module, ["rpm", "--query", "--all", "--queryformat=%{NAME} %{VERSION}\n", *PACKAGES], (0,))


def ask(module: AnsibleModule, command: list[str], well: tuple[int, ...]) -> list[str]:
    """The lines of what the host's database of packages tells."""
    code, output, errors = module.run_command(command)
    if code not in well:
        raise OSError(f"{' '.join(command)} ended with {code} and said: {errors.strip()}")
    return output.splitlines()


def unpacked_from(folder: str) -> str:
    try:
        return archive.unpacked_from(folder) or ""
    except archive.ArchiveError:
        return "unknown"


def in_the_way(home: str, admin: str) -> list[str]:
    """A home's programs and neo4j-admin that are not the links that an archive brings."""
    programs = os.path.join(home, "bin")
    own_admin = os.path.join(programs, "neo4j-admin")
    found = [programs] if os.path.lexists(programs) and not os.path.islink(programs) else []
    if admin != own_admin and os.path.lexists(admin) and link_target(admin) != own_admin:
        found.append(admin)
    return found


def link_target(path: str) -> str:
    return os.readlink(path) if os.path.islink(path) else ""


def knows(look_up: t.Callable[[str], object], name: str) -> bool:
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def memory_mib() -> int:
    with open("/proc/meminfo", encoding="ascii") as stream:
        words = next(line for line in stream if line.startswith("MemTotal:")).split()
    return int(words[1]) // 1024


def look(module: AnsibleModule) -> dict[str, t.Any]:
    params = module.params
    release = distribution.read()
    kind = distribution.package_kind(release)
    return {
        "packages": packages(module, kind),
        "package_kind": kind,
        "distribution": release.get("ID", ""),
        "current": os.path.basename(link_target(os.path.join(params["home"], "current"))),
        "unpacked_from": unpacked_from(params["unpacked"]),
        "has_archive": os.path.exists(f"{params['unpacked']}.tar.gz"),
        "in_the_way": in_the_way(params["home"], params["admin"]),
        "has_owner": knows(pwd.getpwnam, params["owner"]),
        "has_group": knows(grp.getgrnam, params["group"]),
        "architecture": os.uname().machine,
        "memory_mib": memory_mib(),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "home": {"type": "path", "required": True},
            "admin": {"type": "path", "required": True},
            "unpacked": {"type": "path", "required": True},
            "owner": {"type": "str", "default": ""},
            "group": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    try:
        result = look(module)
    except OSError as error:
        module.fail_json(msg=f"Failed to see what of Neo4j is installed here: {error}.")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()

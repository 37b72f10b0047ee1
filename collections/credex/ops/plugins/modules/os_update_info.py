#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: os_update_info
short_description: Tell which packages of this host would be upgraded, and whether it waits for a reboot
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks C(apt-get --simulate) what an upgrade would do, without the packages of O(exclude) and those that they would
    bring. No package is removed, packages on hold and phased updates are left out as C(apt-get upgrade) does.
  - Tells also which packages were left unfinished by an interrupted C(dpkg), whether the host waits for a reboot, and
    whether packages changed since it booted.
  - A host waits for a reboot when C(/run/reboot-required) is there, or when the kernel that it would boot with
    (C(/vmlinuz), C(/boot/vmlinuz)) is not the one that runs.
  - Runs on the host, with Debian or Ubuntu, Python 3.9 or later and nothing else. It changes nothing but, with
    O(refresh), the package lists.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
options:
  exclude:
    description: Packages that are not upgraded; names or patterns such as V(neo4j*).
    type: list
    elements: str
    default: []
  security_only:
    description: Leave out what does not come from a security archive. What such a package needs comes with it.
    type: bool
    default: false
  refresh:
    description: Run C(apt-get update) first, which needs root, also in check mode. Without it the old lists count.
    type: bool
    default: true
seealso:
  - module: ansible.builtin.apt
  - module: ansible.builtin.reboot
"""

EXAMPLES = r"""
- name: See what would be upgraded
  credex.ops.os_update_info:
    exclude: [neo4j*, cypher-shell]
  become: true
  register: found

- name: Upgrade just that
  ansible.builtin.apt:
    name: "{{ found.wanted }}"
    only_upgrade: true
    fail_on_autoremove: true
  become: true
  when: found.wanted
"""

RETURN = r"""
updates:
  description: What one transaction with RV(wanted) would do, new packages included, sorted by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The package.
      type: str
      sample: libssl3
    installed:
      description: Its version now; empty when it is new.
      type: str
      sample: 3.0.15-1~deb12u1
    candidate:
      description: The version that it would get.
      type: str
      sample: 3.0.16-1~deb12u1
    origin:
      description: The archives that offer it.
      type: str
      sample: Debian-Security:12/stable-security
    security:
      description: Whether one of them is a security archive.
      type: bool
wanted:
  description: The same for M(ansible.builtin.apt), without the new ones, which come as dependencies.
  returned: always
  type: list
  elements: str
  sample: [libssl3=3.0.16-1~deb12u1]
left_alone:
  description: Packages of O(exclude) for which there is a newer version.
  returned: always
  type: list
  elements: str
excluded:
  description: The installed packages that O(exclude) names, and their versions.
  returned: always
  type: dict
  sample: {neo4j-enterprise: "1:5.26.30"}
unfinished:
  description: >-
    Packages that are unpacked and not configured. C(dpkg --configure -a) has to finish them first, so RV(updates) is
    empty then.
  returned: always
  type: list
  elements: str
reboot_needed:
  description: Whether the host waits for a reboot.
  returned: always
  type: bool
reboot_reasons:
  description: Why.
  returned: always
  type: list
  elements: str
  sample: ["/run/reboot-required is there, by linux-image-6.1.0-38-cloud-amd64"]
booted_at:
  description: When it booted, UTC.
  returned: always
  type: str
  sample: "2026-11-23T04:56:35.370000Z"
changed_since_boot:
  description: Whether packages were installed, upgraded or removed since then.
  returned: always
  type: bool
"""

import fnmatch
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import apt, procfs, reboot
from ansible_collections.credex.ops.plugins.module_utils._host.process import utc

STATUS = "/var/lib/dpkg/status"
JOURNAL = "/var/lib/dpkg/updates"  # holds something after an interrupted dpkg, and apt-get refuses to work


def run(module: AnsibleModule, *command: str) -> str:
    path = module.get_bin_path(command[0])
    if path is None:
        module.fail_json(msg=f"Failed to look for updates: {command[0]} is not there. Debian and Ubuntu are supported.")
    rc, out, err = module.run_command([path, *command[1:]], environ_update={"LC_ALL": "C"})
    if rc != 0:
        told = (err or out).strip()
        module.fail_json(msg=f"Failed to look for updates: {' '.join(command)[:200]} ended with {rc}: {told}")
    return out


def simulate(module: AnsibleModule, *command: str) -> list[apt.Update]:
    return apt.parse_simulation(run(module, "apt-get", "--simulate", "-o", "Debug::NoLocking=1", *command))


def is_excluded(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.partition(":")[0], pattern) for pattern in patterns)


def is_interrupted() -> bool:
    return os.path.isdir(JOURNAL) and bool(os.listdir(JOURNAL))


def look(module: AnsibleModule) -> dict[str, t.Any]:
    """What an upgrade offers, and of that what the wanted ones alone would do."""
    exclude, security_only = module.params["exclude"], module.params["security_only"]
    updates = simulate(module, "--with-new-pkgs", "upgrade")
    offered = [one for one in updates if one.installed]
    allowed = [one for one in offered if not is_excluded(one.name, exclude)]
    wanted = [one.wanted for one in allowed if one.is_security or not security_only]
    if len(wanted) < len(offered):  # what those alone bring with them
        updates = simulate(module, "--no-remove", "--only-upgrade", "install", *wanted) if wanted else []
    dragged = [one.name for one in updates if is_excluded(one.name, exclude)]
    if dragged:
        module.fail_json(
            msg=f"Failed to leave {', '.join(dragged)} alone: the other updates need another version of it. "
            "Exclude those too, or upgrade it first."
        )
    return {
        "updates": [one._asdict() | {"security": one.is_security} for one in sorted(updates)],
        "wanted": sorted(wanted),
        "left_alone": sorted(one.name for one in offered if is_excluded(one.name, exclude)),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "exclude": {"type": "list", "elements": "str", "default": []},
            "security_only": {"type": "bool", "default": False},
            "refresh": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    installed = apt.parse_status(run(module, "dpkg-query", "--show", f"--showformat={apt.QUERY}"))
    unfinished = installed.unfinished or (["dpkg's own journal"] if is_interrupted() else [])
    if module.params["refresh"]:
        run(module, "apt-get", "--quiet", "--error-on=any", "update")
    found = {"updates": [], "wanted": [], "left_alone": []} if unfinished else look(module)
    exclude = module.params["exclude"]
    excluded = {name: version for name, version in installed.versions.items() if is_excluded(name, exclude)}
    init = procfs.read_process(1)
    booted = procfs.started_at_ns(init) if init else 0
    reasons = reboot.reasons()
    module.exit_json(
        changed=False,
        **found,
        excluded=excluded,
        unfinished=unfinished,
        reboot_needed=bool(reasons),
        reboot_reasons=reasons,
        booted_at=utc(booted),
        changed_since_boot=os.stat(STATUS).st_mtime_ns > booted,
    )


if __name__ == "__main__":
    main()

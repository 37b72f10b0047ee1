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
  - Asks C(apt-get --simulate) or C(dnf --assumeno) what an upgrade would do, without the packages of O(exclude) and
    those that they would bring. No package is removed, but an old kernel beyond C(installonly_limit) of C(dnf).
    Packages on hold, phased updates, and what C(dnf) skips for want of something are left out as those programs do.
  - Tells also which packages were left unfinished by an interrupted C(dpkg) or C(rpm), whether the host waits for a
    reboot, and whether packages changed since it booted.
  - On Debian and Ubuntu a host waits for a reboot when C(/run/reboot-required) is there, or when the kernel that it
    would boot with (C(/vmlinuz), C(/boot/vmlinuz)) is not the one that runs.
  - Elsewhere it waits for one when the kernel that runs is not the one of its series (C(kernel), C(kernel6.12)) that
    was installed last, or when a package such as C(glibc), C(systemd) or C(openssl-libs) was installed after the boot.
    Those are the packages after which C(needs-restarting --reboothint) wants a reboot, with the libraries of TLS. That
    plugin itself is not needed.
  - With C(dnf), what obsoletes an installed package does not come by itself, and updates that would bring it are
    refused. C(rpm) has no journal. Of a package that it was killed over, two versions are installed, and those are
    unfinished.
  - Runs on the host, with Python 3.9 or later and nothing else. That is Debian or Ubuntu, or Amazon Linux 2023, Red
    Hat 8 or 9 and their kin, with C(dnf) 4. It changes nothing but, with O(refresh), the package lists.
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
    description: >-
      Leave out what does not come from a security archive, or, with C(dnf), what no security advisory of its repository
      names. What such a package needs comes with it.
    type: bool
    default: false
  refresh:
    description: >-
      Read anew what the archives offer (C(apt-get update), C(dnf makecache)), which needs root, also in check mode.
      Without it the old lists count. An archive that does not answer is an error.
    type: bool
    default: true
  releasever:
    description: >-
      The release whose repositories C(dnf) asks, as its option of that name. Amazon Linux 2023 stays within the one
      that is installed, and is offered nothing, until another is named here (V(2023.6.20241031), V(latest)) or in
      C(/etc/dnf/vars/releasever). By default the host's own. Refused with C(apt).
    type: str
    default: ""
seealso:
  - module: ansible.builtin.apt
  - module: ansible.builtin.dnf
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
  when: found.wanted and found.manager == 'apt'

- name: The same with dnf
  ansible.builtin.dnf:
    name: "{{ found.wanted }}"
    exclude: [neo4j*, cypher-shell]
  become: true
  when: found.wanted and found.manager == 'dnf'
"""

RETURN = r"""
manager:
  description: What manages the packages of this host, V(apt) or V(dnf).
  returned: always
  type: str
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
      description: >-
        Its version now; empty when it is new. Of a kernel, which C(dnf) installs beside the others, the one that was
        installed last.
      type: str
      sample: 3.0.15-1~deb12u1
    candidate:
      description: The version that it would get.
      type: str
      sample: 3.0.16-1~deb12u1
    origin:
      description: The archives, or the repository, that offer it.
      type: str
      sample: Debian-Security:12/stable-security
    security:
      description: Whether one of them is a security archive, or a security advisory names it.
      type: bool
wanted:
  description: >-
    The same for M(ansible.builtin.apt) or M(ansible.builtin.dnf), without the new ones, which come as dependencies.
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
    Packages that are unpacked and not configured, or of which C(rpm) left two versions. C(dpkg --configure -a) or
    C(dnf remove --duplicates) has to finish them first, so RV(updates) is empty then.
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
  description: Whether packages were installed or upgraded since then, with C(apt) also whether any was removed.
  returned: always
  type: bool
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import package_managers, procfs
from ansible_collections.credex.ops.plugins.module_utils._host.package_update import is_excluded
from ansible_collections.credex.ops.plugins.module_utils._host.process import utc


def look(host: package_managers.Manager, module: AnsibleModule) -> dict[str, t.Any]:
    """What an upgrade offers, and of that what the wanted ones alone would do."""
    exclude, security_only = module.params["exclude"], module.params["security_only"]
    updates = host.offered()
    offered = [one for one in updates if one.installed]
    allowed = [one for one in offered if not is_excluded(one.name, exclude)]
    wanted = [one.wanted for one in allowed if one.security or not security_only]
    if host.replaces or len(wanted) < len(offered):  # what those alone bring with them
        updates = host.alone(wanted) if wanted else []
    dragged = [one.name for one in updates if is_excluded(one.name, exclude)]
    if dragged:
        module.fail_json(
            msg=f"Failed to leave {', '.join(dragged)} alone: the other updates need another version of it. "
            "Exclude those too, or upgrade it first."
        )
    return {
        "updates": [one.described() for one in sorted(updates)],
        "wanted": sorted(wanted),
        "left_alone": sorted(one.name for one in offered if is_excluded(one.name, exclude)),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "exclude": {"type": "list", "elements": "str", "default": []},
            "security_only": {"type": "bool", "default": False},
            "refresh": {"type": "bool", "default": True},
            "releasever": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    host = package_managers.of_host(module)
    if module.params["refresh"]:
        host.refresh()
    found = {"updates": [], "wanted": [], "left_alone": []} if host.unfinished else look(host, module)
    exclude = module.params["exclude"]
    excluded = {name: version for name, version in host.versions.items() if is_excluded(name, exclude)}
    init = procfs.read_process(1)
    booted = procfs.started_at_ns(init) if init else 0
    reasons = host.reboot_reasons(booted)
    module.exit_json(
        changed=False,
        **found,
        manager=host.manager,
        excluded=excluded,
        unfinished=host.unfinished,
        reboot_needed=bool(reasons),
        reboot_reasons=reasons,
        booted_at=utc(booted),
        changed_since_boot=host.changed_since(booted),
    )


if __name__ == "__main__":
    main()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Ask what manages the packages of this host, apt or dnf, what it would do. It is asked alike, and changes nothing but
its lists. What cannot be asked fails the module."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import apt, distribution, dnf, reboot
from ansible_collections.credex.ops.plugins.module_utils._host.package_update import Update

STATUS = "/var/lib/dpkg/status"
JOURNAL = "/var/lib/dpkg/updates"  # holds something after an interrupted dpkg, and apt-get refuses to work


def run(module: AnsibleModule, *command: str, answer: str = "") -> str:
    """Its output. What holds C(answer) is one, however it ended."""
    path = module.get_bin_path(command[0])
    if path is None:
        module.fail_json(msg=f"Failed to look for updates: {command[0]} is not there.")
    rc, out, err = module.run_command([path, *command[1:]], environ_update={"LC_ALL": "C"})
    if rc != 0 and not (answer and answer in out):
        told = (err or out).strip()
        module.fail_json(msg=f"Failed to look for updates: {' '.join(command)[:200]} ended with {rc}: {told}")
    return out


class Apt:
    """Of Debian and Ubuntu."""

    manager = "apt"
    replaces = False

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        if module.params["releasever"]:
            module.fail_json(msg="Failed to look for updates: releasever is of dnf, and this host has apt.")
        installed = apt.parse_status(run(module, "dpkg-query", "--show", f"--showformat={apt.QUERY}"))
        self.versions, self.unfinished = installed.versions, installed.unfinished
        if not self.unfinished and os.path.isdir(JOURNAL) and os.listdir(JOURNAL):
            self.unfinished = ["dpkg's own journal"]

    def refresh(self) -> None:
        run(self._module, "apt-get", "--quiet", "--error-on=any", "update")

    def offered(self) -> list[Update]:
        return self._simulate("--with-new-pkgs", "upgrade")

    def alone(self, wanted: list[str]) -> list[Update]:
        return self._simulate("--no-remove", "--only-upgrade", "install", *wanted)

    def _simulate(self, *command: str) -> list[Update]:
        said = run(self._module, "apt-get", "--simulate", "-o", "Debug::NoLocking=1", *command)
        return apt.parse_simulation(said)

    def reboot_reasons(self, booted: int) -> list[str]:
        return reboot.reasons()

    def changed_since(self, booted: int) -> bool:
        return os.stat(STATUS).st_mtime_ns > booted


class Dnf:
    """Of Amazon Linux 2023, Red Hat and its kin."""

    manager = "dnf"
    replaces = True  # an upgrade of everything brings also what takes the place of something else

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        if os.path.basename(os.path.realpath(module.get_bin_path("dnf") or "")) == "dnf5":
            module.fail_json(msg="Failed to look for updates: this host has dnf 5. Only dnf 4 is known here.")
        self._packages = dnf.parse_installed(run(module, "rpm", "--query", "--all", f"--queryformat={dnf.QUERY}"))
        self.versions = {one.name: one.version for one in self._packages}
        self.unfinished = sorted(self._query("--duplicates", "--disablerepo=*"))
        self._security: set[str] | None = None

    def refresh(self) -> None:
        run(self._module, "dnf", *self._chosen(), "--quiet", "--refresh", "makecache")

    def offered(self) -> list[Update]:
        return self._simulate().updates

    def alone(self, wanted: list[str]) -> list[Update]:
        transaction = self._simulate(*wanted)
        if transaction.removed:
            self._module.fail_json(
                msg=f"Failed to keep {', '.join(transaction.removed)}: the updates would remove it. "
                "Exclude what takes its place, or see to it by hand first."
            )
        return transaction.updates

    def reboot_reasons(self, booted: int) -> list[str]:
        return dnf.reboot_reasons(self._packages, os.uname().release, booted)

    def changed_since(self, booted: int) -> bool:
        return any(dnf.is_since(one, booted) for one in self._packages)

    def _simulate(self, *wanted: str) -> dnf.Transaction:
        said = self._ask("--assumeno", "upgrade", *wanted, answer=dnf.SUMMARY)
        if self._security is None:
            self._security = self._query("--upgrades", "--security")
        try:
            return dnf.parse_transaction(said, self._packages, self._security)
        except dnf.DnfError as error:
            self._module.fail_json(msg=f"Failed to look for updates: {error}.")

    def _query(self, *which: str) -> set[str]:
        return set(self._ask("--quiet", "repoquery", f"--queryformat={dnf.QUERIED}", *which).split())

    def _ask(self, *command: str, answer: str = "") -> str:
        return run(self._module, "dnf", "--cacheonly", *self._chosen(), *command, answer=answer)

    def _chosen(self) -> list[str]:
        """Where a repository may be skipped, all updates that it has would be missing silently."""
        releasever = self._module.params["releasever"]
        return ["--setopt=*.skip_if_unavailable=0", *([f"--releasever={releasever}"] if releasever else [])]


Manager = t.Union[Apt, Dnf]  # Python 3.9

MANAGERS: dict[str, type[Manager]] = {"deb": Apt, "rpm": Dnf}


def of_host(module: AnsibleModule) -> Manager:
    kind = distribution.package_kind(distribution.read())
    if kind not in MANAGERS:
        module.fail_json(
            msg="Failed to look for updates: this host has neither packages of Debian and Ubuntu nor those of "
            "Amazon Linux 2023, Red Hat and their kin."
        )
    return MANAGERS[kind](module)

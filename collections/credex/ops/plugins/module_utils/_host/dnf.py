# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What dnf and rpm say about the packages of a host. Pure. Standard library alone.

The texts are those of dnf 4, which Amazon Linux 2023 and Red Hat 8 and 9 have; dnf 5 writes others.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._host.package_update import Update

NS_PER_SECOND = 1_000_000_000
# What rpm and dnf repoquery are asked for
QUERY = "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{INSTALLTIME}\n"
QUERIED = "%{name}.%{arch}\n"
# In what it says of a transaction, though it ends with 1 when the answer is no
SUMMARY = "Transaction Summary"

_SECTION = re.compile(r"(?P<verb>Installing|Upgrading|Downgrading|Removing)[a-z ]*:$")
# In the summary of a transaction, beside those that are skipped
_COUNT = re.compile(r"^(?:Install|Upgrade|Downgrade|Remove) +(\d+) Packages?", re.MULTILINE)
_REPLACES = "replacing"
# What a kernel's own package is called: RHEL's has the kernel in kernel-core, Amazon's later ones have their series
_KERNEL = re.compile(r"kernel(\d+\.\d+)?(-(rt|64k|uek))?(-core)?")
# Those after which dnf's plugin needs-restarting and Red Hat (access.redhat.com/solutions/27943) want a reboot
_CORE = {
    "dbus",
    "dbus-broker",
    "dbus-daemon",
    "glibc",
    "gnutls",
    "linux-firmware",
    "microcode_ctl",
    "openssl-libs",
    "systemd",
}


class Package(t.NamedTuple):
    name: str
    version: str  # with epoch and release, as dnf writes it
    arch: str
    installed_at: int  # seconds

    @property
    def kernel_release(self) -> str:
        """What uname says where this kernel runs."""
        return f"{self.version}.{self.arch}"


class Transaction(t.NamedTuple):
    updates: list[Update]
    removed: list[str]  # what would be gone, and not by a newer one of its name


class DnfError(ValueError):
    """What dnf said is not what this reads."""


def parse_installed(text: str) -> list[Package]:
    """Of rpm with C(QUERY). Keys of repositories are packages to rpm alone."""
    rows = [line.split("\t") for line in text.splitlines() if line.count("\t") == 3]
    return [
        Package(name, version.removeprefix("0:"), arch, int(installed_at))
        for name, version, arch, installed_at in rows
        if name != "gpg-pubkey"
    ]


def parse_transaction(text: str, installed: list[Package], security: set[str]) -> Transaction:
    """Of dnf --assumeno. C(security): those that an advisory names, as C(QUERIED) tells them."""
    newest = {f"{one.name}.{one.arch}": one.version for one in sorted(installed, key=lambda one: one.installed_at)}
    rows = list(_rows(text))
    replaced = [words[1].rpartition(".")[0] for _verb, words in rows if words[0] == _REPLACES]
    packages = [(verb, words) for verb, words in rows if words[0] != _REPLACES]
    _compare(len(packages), text)
    updates = [_update(words, newest, security) for verb, words in packages if verb != "Removing"]
    removed = {words[0] for verb, words in packages if verb == "Removing"} | set(replaced)
    # One of several kernels makes place for the next
    return Transaction(updates, sorted(removed - {one.name for one in updates}))


def _update(words: list[str], newest: dict[str, str], security: set[str]) -> Update:
    name, arch, candidate, origin = words[:4]
    known = f"{name}.{arch}"
    return Update(name, newest.get(known, ""), candidate, origin, known in security, f"{name}-{candidate}.{arch}")


def _rows(text: str) -> t.Iterator[tuple[str, list[str]]]:
    """Rows of the sections that change something."""
    verb = ""
    begun: list[str] = []
    for line in text.splitlines():
        if not line.startswith(" "):
            found = _SECTION.match(line)
            verb, begun = found["verb"] if found else "", []
            continue
        begun += line.split() if verb else []
        if begun and len(begun) >= (3 if begun[0] == _REPLACES else 4):  # a long name has a line of its own
            yield verb, begun
            begun = []


def _compare(count: int, text: str) -> None:
    told = sum(int(number) for number in _COUNT.findall(text))
    if count != told:
        raise DnfError(f"dnf tells of {told} packages, and {count} could be read: {text.strip()[-2000:]}")


def reboot_reasons(packages: list[Package], running: str, booted_ns: int) -> list[str]:
    """By the packages alone: neither distribution writes a flag, and needs-restarting is not everywhere."""
    return [*_newer_kernel(packages, running), *_core_since(packages, booted_ns)]


def _newer_kernel(packages: list[Package], running: str) -> list[str]:
    """A host with two series of kernels boots the one that somebody chose: compared is what runs with its like."""
    kernels = [one for one in packages if _KERNEL.fullmatch(one.name)]
    release = running.partition("+")[0]  # +rt, +64k, +debug
    series = {one.name for one in kernels if one.kernel_release == release}
    alike = [one for one in kernels if one.name in series] or kernels
    latest = max(alike, key=lambda one: one.installed_at, default=None)  # none in a container
    if latest is None or latest.kernel_release == release:
        return []
    return [f"kernel {running} runs, and {latest.kernel_release} is what was installed last ({latest.name})"]


def _core_since(packages: list[Package], booted_ns: int) -> list[str]:
    found = sorted(f"{one.name} {one.version}" for one in packages if one.name in _CORE and is_since(one, booted_ns))
    return [f"installed after the boot: {', '.join(found)}"] if found else []


def is_since(package: Package, booted_ns: int) -> bool:
    return package.installed_at * NS_PER_SECOND > booted_ns

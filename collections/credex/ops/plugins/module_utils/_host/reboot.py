# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Whether this host waits for a reboot, as Debian and Ubuntu tell it. Standard library alone."""

from __future__ import annotations

import os

# Written by packages that need one; /run is empty after it
FLAG = "/run/reboot-required"
# The kernel that the host boots with next, a link to /boot/vmlinuz-RELEASE
KERNELS = ("/vmlinuz", "/boot/vmlinuz")


def reasons() -> list[str]:
    return [*_asked_for(), *_another_kernel(os.uname().release)]


def _asked_for() -> list[str]:
    if not os.path.exists(FLAG):
        return []
    try:
        with open(f"{FLAG}.pkgs", encoding="utf-8", errors="replace") as file:
            packages = sorted(set(file.read().split()))
    except FileNotFoundError:
        packages = []
    return [f"{FLAG} is there" + (f", by {', '.join(packages)}" if packages else "")]


def _another_kernel(running: str) -> list[str]:
    """Debian writes the flag only where unattended-upgrades is installed, so the kernel itself is looked at too."""
    next_one = next((os.path.basename(os.readlink(link)) for link in KERNELS if os.path.islink(link)), "")
    release = next_one.partition("-")[2]
    return [f"kernel {running} runs, and {release} is the one to boot"] if release and release != running else []

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which distribution a host has, and what its packages are, by its os-release. Standard library alone."""

from __future__ import annotations

import os
import shlex

PLACES = ("/etc/os-release", "/usr/lib/os-release")
# Not by the programs that are there: a host may have those of another kind of packages too
KINDS = {"debian": "deb", "ubuntu": "deb", "amzn": "rpm", "fedora": "rpm", "rhel": "rpm"}


def read() -> dict[str, str]:
    """Empty on a host that does not tell."""
    path = next((place for place in PLACES if os.path.exists(place)), None)
    if not path:
        return {}
    with open(path, encoding="utf-8") as stream:
        return parse(stream.read())


def parse(text: str) -> dict[str, str]:
    """Assignments as a shell reads them."""
    words = shlex.split(text, comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def package_kind(release: dict[str, str]) -> str:
    """deb or rpm, of a distribution or one that it is like; empty for others."""
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((KINDS[name] for name in names if name in KINDS), "")

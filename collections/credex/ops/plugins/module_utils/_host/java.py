# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which Java there is on this host, and in which of its folders to call it. Standard library alone."""

from __future__ import annotations

import glob
import os
import re
import shutil

# Where distributions and vendors put them, beside the one on the PATH
PLACES = ("/usr/lib/jvm/*", "/usr/java/*", "/opt/java/*")
_SAID = re.compile(r'^\S+ version "(1\.)?(\d+)[^"]*"', re.MULTILINE)


def version(said: str) -> int | None:
    """Of what C(java -version) says: openjdk version "17.0.15" 2025-04-15; up to Java 8 it was 1.8."""
    found = _SAID.search(said)
    return int(found[2]) if found else None


def homes() -> dict[str, list[str]]:
    """Real path to names, of all that has a C(bin/java)."""
    on_path = shutil.which("java")
    names = [os.path.dirname(os.path.dirname(os.path.realpath(on_path)))] if on_path else []
    found: dict[str, list[str]] = {}
    for name in [*names, *(name for place in PLACES for name in sorted(glob.glob(place)))]:
        if os.access(program(name), os.X_OK):
            found.setdefault(os.path.realpath(name), []).append(name)
    return found


def program(home: str) -> str:
    return os.path.join(home, "bin", "java")


def lasting_name(real: str, names: list[str], version: int) -> str:
    """The shortest that tells the version: it outlives a patch of Java, and another default of the host."""
    telling = [name for name in names if re.search(rf"\b{version}\b", os.path.basename(name))]
    return min(telling, key=lambda name: (len(name), name), default=real)

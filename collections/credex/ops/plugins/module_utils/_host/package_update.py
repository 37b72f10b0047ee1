# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A package that would get another version, whoever manages packages. Pure. Standard library alone."""

from __future__ import annotations

import fnmatch
import typing as t


class Update(t.NamedTuple):
    name: str
    installed: str  # empty for one that is new
    candidate: str
    origin: str
    security: bool
    wanted: str  # as Ansible's module of the package manager takes it

    def described(self) -> dict[str, t.Any]:
        return {name: value for name, value in self._asdict().items() if name != "wanted"}


def is_excluded(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.partition(":")[0], pattern) for pattern in patterns)

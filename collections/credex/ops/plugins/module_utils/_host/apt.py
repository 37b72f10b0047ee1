# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What apt-get and dpkg say about the packages of a host. Pure. Standard library alone."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._host.package_update import Update

# Interrupted between unpacking and configuring: the second letter of dpkg's status
_UNFINISHED = "UFHWt"
# Inst libssl3 [3.0.15-1] (3.0.16-1 Debian-Security:12/stable-security [amd64]); a new package has no [version]
_INSTALLED = re.compile(r"^Inst (?P<name>\S+)(?: \[(?P<installed>[^\]]*)\])? \((?P<candidate>\S+) ?(?P<origin>[^\[]*)")

# What dpkg-query is asked for
QUERY = "${db:Status-Abbrev}\t${Package}\t${Version}\n"


class Installed(t.NamedTuple):
    versions: dict[str, str]
    unfinished: list[str]


def parse_simulation(text: str) -> list[Update]:
    """Of apt-get --simulate."""
    found = [_INSTALLED.match(line) for line in text.splitlines()]
    return [_update(one) for one in found if one]


def _update(found: re.Match[str]) -> Update:
    name, candidate, origin = found["name"], found["candidate"], found["origin"].strip()
    return Update(
        name, found["installed"] or "", candidate, origin, "security" in origin.lower(), f"{name}={candidate}"
    )


def parse_status(text: str) -> Installed:
    """Of dpkg-query with C(QUERY). What was removed and left its configuration behind is not installed."""
    rows = [line.split("\t") for line in text.splitlines() if line.count("\t") == 2]
    return Installed(
        versions={name: version for status, name, version in rows if status[1:2] == "i" or status[1:2] in _UNFINISHED},
        unfinished=[name for status, name, _version in rows if status[1:2] in _UNFINISHED],
    )

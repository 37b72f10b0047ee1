# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of Neo4j: 5.26.30, and from 2025.01.0 on by the calendar."""

from __future__ import annotations


def before(version: str, *other: int) -> bool:
    """Whether a version is older than `other`, compared in as many parts as that has."""
    return tuple(int(part) for part in version.split(".")[: len(other)]) < other

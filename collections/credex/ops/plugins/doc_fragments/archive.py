# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """An archive of Neo4j, and what must be in it."""

    DOCUMENTATION = r"""
options:
  path:
    description: The archive.
    type: path
    required: true
  sha256:
    description: Its SHA-256, 64 hexadecimal digits.
    type: str
    required: true
  version:
    description: The version that it must hold.
    type: str
    required: true
  edition:
    description: The edition that it must hold.
    type: str
    choices: [enterprise, community]
    required: true
"""

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """A data volume, what must be on it, and where it belongs."""

    DOCUMENTATION = r"""
options:
  serial:
    description: The serial number of the device. That of an EBS volume is its id, such as V(vol-0abc).
    type: str
  label:
    description: The label of the file system that is on it.
    type: str
  device:
    description: The path of the device, where it has neither. A name such as V(/dev/nvme1n1) may mean another one after
      a reboot; those in V(/dev/disk/by-id) do not.
    type: path
  filesystem:
    description: The file system. Neo4j supports these two, and recommends V(ext4).
    type: str
    choices: [ext4, xfs]
    default: ext4
  path:
    description: The folder where it belongs.
    type: path
    required: true
"""

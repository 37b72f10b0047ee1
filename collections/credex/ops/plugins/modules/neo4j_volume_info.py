#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_volume_info
short_description: Tell what speaks against a data volume for Neo4j
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Finds a block device by serial number, label or path, and tells what is on it, where it is mounted, and why
    M(credex.ops.neo4j_volume) would refuse it.
  - Runs on the host as root, with Python 3.9 or later and C(blkid). It changes nothing.
extends_documentation_fragment:
  - credex.ops.volume
  - credex.ops.attributes
  - credex.ops.attributes.info_module
seealso:
  - module: credex.ops.neo4j_volume
"""

EXAMPLES = r"""
- name: Look at the data volume
  credex.ops.neo4j_volume_info:
    serial: vol-0123456789abcdef0
    path: /var/lib/neo4j/data
  become: true
  register: volume
"""

RETURN = r"""
problems:
  description: What speaks against it, sentences. Empty for a volume that can be used.
  returned: success
  type: list
  elements: str
device:
  description: The path of the device; empty where none was found, or several.
  returned: success
  type: str
  sample: /dev/nvme1n1
filesystem:
  description: The file system on it; empty for a blank device.
  returned: success
  type: str
  sample: ext4
steps:
  description: What M(credex.ops.neo4j_volume) would do with device and mount, of V(format), V(mount) and V(remount).
  returned: success
  type: list
  elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import block_devices, volumes


def look(module: AnsibleModule) -> dict[str, t.Any]:
    observed = block_devices.observe(module)
    problems = volumes.problems(observed, module.params)
    device = observed.found[0] if len(observed.found) == 1 else volumes.Device("")
    steps = [] if problems else volumes.steps(observed)
    return {"problems": problems, "device": device.path, "filesystem": device.filesystem, "steps": steps}


def main() -> None:
    module = AnsibleModule(
        argument_spec=volumes.ARGUMENTS,
        mutually_exclusive=[volumes.NAMED_BY],
        required_one_of=[volumes.NAMED_BY],
        supports_check_mode=True,
    )
    try:
        result = look(module)
    except (block_devices.DeviceError, OSError) as error:
        module.fail_json(msg=f"Failed to look at the volume for {module.params['path']}: {error}.")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()

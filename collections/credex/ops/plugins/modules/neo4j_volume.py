#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_volume
short_description: Have a data volume of Neo4j formatted, once, and mounted
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Finds a block device by serial number, label or path, gives it a file system if there is nothing on it, and mounts
    it by a unit of systemd, without access times, now and at every boot.
  - A device is formatted only when C(blkid) finds nothing on it and its first and last MiB are zeros, as those of a new
    EBS volume are. The wanted file system is taken as it is, with what it holds. Whatever else is there is refused; so
    are partitions, a volume that is mounted elsewhere, another one at O(path), and files in O(path), which a mount
    would hide.
  - Owner and mode of the mounted folder are left as they are.
  - A unit, and no line of C(/etc/fstab), since it is a file of this module alone; systemd.mount(5) prefers units for
    what programs write. A boot does not wait for the volume. Let C(AssertPathIsMountPoint) and C(RequiresMountsFor) of
    the server's unit see that it does not start without.
  - Runs on the host as root, with Python 3.9 or later, systemd, C(blkid), and the C(mkfs) of the file system.
extends_documentation_fragment:
  - credex.ops.volume
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: credex.ops.neo4j_volume_info
"""

EXAMPLES = r"""
- name: Data volume
  credex.ops.neo4j_volume:
    serial: vol-0123456789abcdef0
    path: /var/lib/neo4j/data
  become: true
"""

RETURN = r"""
device:
  description: The path of the device.
  returned: success
  type: str
  sample: /dev/nvme1n1
unit:
  description: The mount unit.
  returned: success
  type: str
  sample: /etc/systemd/system/var-lib-neo4j-data.mount
steps:
  description: What was done with device and mount, of V(format), V(mount) and V(remount).
  returned: success
  type: list
  elements: str
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import block_devices, kept_file, volumes

UNITS = "/etc/systemd/system"
UDEV = "/run/udev/control"  # there where udev runs, which makes lasting names of devices
BY_UUID = "/dev/disk/by-uuid"
_TO_COME = "the one that it gets"


class RefusedError(Exception):
    """Nothing was done, and why."""


class StepError(Exception):
    """A command failed; what came before it is done."""


def command(module: AnsibleModule, *words: str) -> str:
    code, output, errors = module.run_command([module.get_bin_path(words[0], required=True), *words[1:]])
    if code != 0:
        said = " ".join((errors or output).split()) or "nothing"
        raise StepError(f"{' '.join(words)} ended with {code} and said: {said}")
    return output.strip()


def ensure(module: AnsibleModule) -> dict[str, t.Any]:
    observed = block_devices.observe(module)
    found = volumes.problems(observed, module.params)
    if found:
        raise RefusedError(" ".join(found).rstrip("."))
    steps, device, path = volumes.steps(observed), observed.found[0], module.params["path"]
    unit = os.path.join(UNITS, command(module, "systemd-escape", "--path", "--suffix=mount", path))
    present = (kept_file.read_bytes(unit) or b"").decode()
    if volumes.FORMAT in steps and not module.check_mode:
        format_blank(module, device)
        device = block_devices.look_at(module, device.path, [])
    text = volumes.unit(lasting_name(device), module.params)
    is_due = text != present or not is_enabled(module, unit)
    if not module.check_mode:
        put_in_place(module, unit, text, is_due, steps)
    before, after = observed, volumes.after(observed, module.params["filesystem"])
    return {
        "changed": bool(steps) or is_due,
        "device": device.path,
        "unit": unit,
        "steps": steps,
        "diff": {"before": volumes.lines(before, path, present), "after": volumes.lines(after, path, text)},
    }


def format_blank(module: AnsibleModule, device: volumes.Device) -> None:
    # mkfs.ext4 itself overwrites whatever there is when nobody can be asked: so look once more
    if not block_devices.holds_zeros(device.path):
        raise RefusedError(f"{device.path} has been written to just now")
    command(module, f"mkfs.{module.params['filesystem']}", "-q", device.path)
    if os.path.exists(UDEV):
        command(module, "udevadm", "settle", "--timeout=60")


def lasting_name(device: volumes.Device) -> str:
    """The name that means the same device after a reboot. Where no udev runs nobody makes one."""
    return os.path.join(BY_UUID, device.signature.get("UUID", _TO_COME)) if os.path.exists(UDEV) else device.path


def is_enabled(module: AnsibleModule, unit: str) -> bool:
    code, _output, _errors = module.run_command(["systemctl", "is-enabled", "--quiet", os.path.basename(unit)])
    return code == 0


def put_in_place(module: AnsibleModule, unit: str, text: str, is_due: bool, steps: t.Sequence[str]) -> None:
    path, name = module.params["path"], os.path.basename(unit)
    # Closed, so that nobody writes there while nothing is mounted
    os.makedirs(path, mode=0o700, exist_ok=True)
    if is_due:
        kept_file.replace(unit, text.encode(), kept_file.Ownership(0o644))
        command(module, "systemctl", "daemon-reload")
        command(module, "systemctl", "enable", name)
    if volumes.MOUNT in steps:
        command(module, "systemctl", "start", name)
    if volumes.REMOUNT in steps:
        command(module, "mount", "--options", f"remount,{volumes.OPTIONS}", path)
    observed = block_devices.observe(module)
    # Such as a copy of the volume with the same UUID, which was mounted in its stead
    if volumes.problems(observed, module.params) or volumes.steps(observed):
        raise StepError(f"{name} was started, and {path} is not mounted as it should be")


def main() -> None:
    module = AnsibleModule(
        argument_spec=volumes.ARGUMENTS,
        mutually_exclusive=[volumes.NAMED_BY],
        required_one_of=[volumes.NAMED_BY],
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        result = ensure(module)
    except RefusedError as error:
        module.fail_json(msg=f"Refused to have a volume at {path}: {error}. Nothing was changed.")
    except (StepError, block_devices.DeviceError, OSError) as error:
        module.fail_json(msg=f"Failed to have a volume at {path}: {error}. Run it again when the cause is gone.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()

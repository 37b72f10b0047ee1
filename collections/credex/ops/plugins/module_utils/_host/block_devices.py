# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The block devices of this host, what is on them, and where they are mounted. Reads, and writes nothing."""

from __future__ import annotations

import errno
import os
import re
import stat
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host.volumes import Device, Observed, normal_serial

DEV = "/dev"
SYSFS = "/sys/class/block"
NUMBERS = "/sys/dev/block"  # the same by number, whatever the name of the node
MOUNTS = "/proc/self/mountinfo"
_EDGE = 2**20  # bytes at either end of a device in which every format has a part
_NOTHING, _AMBIVALENT = 2, 8  # how blkid ends
_LOST = "lost+found"


class DeviceError(Exception):
    """A device could not be read, and what was tried."""


class Mount(t.NamedTuple):
    number: str
    at: str
    options: frozenset[str]


def observe(module: AnsibleModule) -> Observed:
    """What is there of the volume that the module's options want."""
    params = module.params
    mounts = read_mounts()
    found = [look_at(module, path, mounts) for path in paths_of(module)]
    others = [] if found else [Device(path, serial) for path, serial in sorted(serials().items())]
    place = os.path.realpath(params["path"])
    here = [mount for mount in mounts if mount.at == place][-1:]
    return Observed(
        found=found,
        others=others,
        mounted=next((device.path for device in found if here and number(device.path) == here[0].number), "")
        or next((f"another mount ({mount.number})" for mount in here), ""),
        options=here[0].options if here else frozenset(),
        in_the_way="" if here else first_file(params["path"]),
        has_mkfs=bool(module.get_bin_path(f"mkfs.{params['filesystem']}")),
        resolved=place,
    )


def paths_of(module: AnsibleModule) -> list[str]:
    """The devices that are meant."""
    params = module.params
    if params["device"]:
        path = os.path.realpath(params["device"])
        return [path] if number(path) else []
    if params["serial"]:
        wanted = normal_serial(params["serial"])
        return sorted(path for path, serial in serials().items() if serial == wanted)
    command = ["--cache-file", "/dev/null", "--output", "device", "--match-token", f"LABEL={params['label']}"]
    return sorted({os.path.realpath(path) for path in blkid(module, command).split()})


def serials() -> dict[str, str]:
    """Path to serial of every disk that can be seen; partitions and others have none."""
    names = [name for name in os.listdir(SYSFS) if read(name, "hidden") != "1" and read(name, "size") != "0"]
    return {os.path.join(DEV, name.replace("!", "/")): normal_serial(read(name, "device/serial")) for name in names}


def read(name: str, entry: str) -> str:
    """What sysfs says of a device; empty where it says nothing."""
    try:
        with open(os.path.join(SYSFS, name, entry), encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def look_at(module: AnsibleModule, path: str, mounts: t.Sequence[Mount]) -> Device:
    name = os.path.basename(os.path.realpath(os.path.join(NUMBERS, number(path))))
    said = blkid(module, ["--probe", "--output", "export", path])
    signature = dict(line.partition("=")[::2] for line in said.splitlines())
    mounted_at = [mount.at for mount in mounts if mount.number == number(path)]
    return Device(
        path=path,
        serial=normal_serial(read(name, "device/serial")),
        signature=signature,
        is_blank=not signature and not mounted_at and holds_zeros(path),
        used_by=made_of(name),
        mounted_at=mounted_at,
        is_read_only=read(name, "ro") == "1",
    )


def made_of(name: str) -> list[str]:
    """A disk's partitions, and the volumes that LVM, RAID or encryption made of it."""
    folder = os.path.join(SYSFS, name)
    entries = os.listdir(folder) if os.path.isdir(folder) else []
    parts = [entry for entry in entries if os.path.exists(os.path.join(folder, entry, "partition"))]
    holders = os.path.join(folder, "holders")
    return sorted(
        os.path.join(DEV, part) for part in [*parts, *(os.listdir(holders) if os.path.isdir(holders) else [])]
    )


def blkid(module: AnsibleModule, arguments: t.Sequence[str]) -> str:
    """What it prints; nothing where it finds nothing, and a signature without a name where it finds too much."""
    command = [module.get_bin_path("blkid", required=True), *arguments]
    code, output, errors = module.run_command(command, environ_update={"LC_ALL": "C"})
    if code == _AMBIVALENT:
        return "TYPE=more than one format"
    if code not in (0, _NOTHING):
        raise DeviceError(f"{' '.join(command)} ended with {code} and said: {errors.strip() or 'nothing'}")
    return output.strip() if code == 0 else ""


def holds_zeros(path: str) -> bool:
    """Whether nothing was ever written where a format begins or ends, and the kernel makes no use of the device."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_EXCL)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        edges = [os.pread(descriptor, _EDGE, place) for place in (0, max(0, size - _EDGE))]
        return size > 0 and not any(any(edge) for edge in edges)
    finally:
        os.close(descriptor)


def number(path: str) -> str:
    """Major and minor number as mountinfo writes them; empty where this is no block device."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}" if stat.S_ISBLK(found.st_mode) else ""


def read_mounts() -> list[Mount]:
    with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as stream:
        fields = [line.split(" ") for line in stream]
    return [Mount(each[2], _unescaped(each[4]), frozenset(each[5].split(","))) for each in fields if len(each) > 5]


def _unescaped(text: str) -> str:
    """Spaces and the like are octal there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def first_file(folder: str) -> str:
    """The first thing in it that is no folder; empty for folders alone, or none at all."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != _LOST)
        links = [name for name in folders if os.path.islink(os.path.join(top, name))]
        if names or links:
            return os.path.join(top, min([*names, *links]))
    return ""

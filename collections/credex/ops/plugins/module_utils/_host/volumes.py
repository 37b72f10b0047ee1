# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A data volume: what speaks against it, what is to be done with it, and its mount unit. Pure.

What a device holds is never lost: only one that is known to hold nothing is formatted, whoever asks for what.
"""

from __future__ import annotations

import re
import typing as t

# Options of the modules about a volume, as in the documentation fragment
ARGUMENTS = {
    "serial": {"type": "str"},
    "label": {"type": "str"},
    "device": {"type": "path"},
    "filesystem": {"type": "str", "choices": ["ext4", "xfs"], "default": "ext4"},
    "path": {"type": "path", "required": True},
}
NAMED_BY = ("serial", "label", "device")
TOOLS = {"ext4": "e2fsprogs", "xfs": "xfsprogs"}  # the package of its mkfs, in every distribution
FORMAT, MOUNT, REMOUNT = "format", "mount", "remount"
# Neo4j's manual: without access times a read is no write. It implies nodiratime
OPTIONS = "noatime"


class Device(t.NamedTuple):
    """A block device, and what is known of it."""

    path: str
    serial: str = ""
    signature: t.Mapping[str, str] = {}  # what blkid says of it: TYPE, UUID, LABEL, PTTYPE
    is_blank: bool = False  # no signature, and nothing but zeros where formats begin and end
    used_by: t.Sequence[str] = ()  # its partitions, and what else is made of it
    mounted_at: t.Sequence[str] = ()
    is_read_only: bool = False

    @property
    def filesystem(self) -> str:
        return self.signature.get("TYPE", "")


class Observed(t.NamedTuple):
    """What is there of a wanted volume."""

    found: t.Sequence[Device]  # those that serial, label or path mean
    others: t.Sequence[Device] = ()  # the rest of the host's, for who has mistaken the name
    mounted: str = ""  # the device at the wanted place
    options: t.Collection[str] = ()  # with which it is mounted there
    in_the_way: str = ""  # a file that a mount would hide
    has_mkfs: bool = True
    resolved: str = ""  # where the wanted place is, if it is a link


def normal_serial(serial: str) -> str:
    """EBS calls the volume vol-0abc, and the device that it is says vol0abc."""
    return re.sub(r"^vol-", "vol", serial.strip())


def problems(observed: Observed, params: t.Mapping[str, t.Any]) -> list[str]:
    """What speaks against having this volume at its place, sentences."""
    if len(observed.found) != 1:
        return [_not_one(observed, params)]
    device, path = observed.found[0], params["path"]
    found = [*_of_content(device, params["filesystem"], observed.has_mkfs), *_of_use(device, path)]
    if observed.resolved not in ("", path):
        found.append(f"{path} is a link, and systemd mounts on none: name {observed.resolved} in path.")
    if observed.mounted and observed.mounted != device.path:
        found.append(f"{path} is {observed.mounted}, not {device.path}. Unmount it, or name that one.")
    if observed.in_the_way and not observed.mounted:
        found.append(
            f"{path} holds files, such as {observed.in_the_way}, which the volume would hide. Stop what uses them, and "
            "move them away, or onto the volume."
        )
    return found


def _not_one(observed: Observed, params: t.Mapping[str, t.Any]) -> str:
    by = next(name for name in NAMED_BY if params.get(name))
    said = f"{by} {params[by]}"
    if observed.found:
        paths = ", ".join(device.path for device in observed.found)
        return f"{paths} have all {said}. Name one of them by serial or device."
    there = ", ".join(
        f"{device.path} ({device.serial})" if device.serial else device.path for device in observed.others
    )
    return f"There is no block device with {said}, but {there or 'none at all'}. Is the volume attached?"


def _of_content(device: Device, wanted: str, has_mkfs: bool) -> list[str]:
    if device.used_by:
        made = ", ".join(device.used_by)
        return [f"{device.path} has {made} on it: name one of these in device, if it is the data volume."]
    if device.is_read_only:
        return [f"{device.path} can only be read."]
    if device.is_blank:
        absent = f"There is no mkfs.{wanted} to format {device.path}: install {TOOLS.get(wanted)}."
        return [] if has_mkfs else [absent]
    if device.filesystem == wanted:
        return []
    holds = f"{device.path} holds {_content(device)}, not {wanted}, and is not formatted."
    advice = f"If nobody needs what is on it, clear it yourself (blkdiscard --zeroout {device.path})"
    return [f"{holds} {advice}; or say in filesystem what it holds."]


def _content(device: Device) -> str:
    signature = device.signature
    what = signature.get("TYPE") or (f"a partition table ({signature['PTTYPE']})" if "PTTYPE" in signature else "")
    names = ", ".join(f"{name} {signature[name]}" for name in ("LABEL", "UUID") if name in signature)
    return (what or "something that blkid cannot name") + (f" ({names})" if names else "")


def _of_use(device: Device, path: str) -> list[str]:
    elsewhere = [place for place in device.mounted_at if place != path]
    return [f"{device.path} is mounted at {', '.join(elsewhere)}. Unmount it there."] if elsewhere else []


def steps(observed: Observed) -> list[str]:
    """What is to be done with the device and its mount; nothing speaks against it."""
    device = observed.found[0]
    if not observed.mounted:
        return [FORMAT, MOUNT] if device.is_blank else [MOUNT]
    return [] if OPTIONS in observed.options else [REMOUNT]


def unit(what: str, params: t.Mapping[str, t.Any]) -> str:
    """The mount unit. Wanted and not required by the boot: a host whose volume is gone must be reachable."""
    return f"""\
# Written by credex.ops
[Unit]
Description=Data volume of Neo4j

[Mount]
What={_escaped(what)}
Where={_escaped(params["path"])}
Type={params["filesystem"]}
Options={OPTIONS}

[Install]
WantedBy=multi-user.target
"""


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def lines(observed: Observed, path: str, text: str) -> str:
    """What is there, for a diff."""
    device = observed.found[0]
    holds = "nothing" if device.is_blank else _content(device)
    options = ",".join(sorted(observed.options))
    mounted = f"{observed.mounted} ({options})" if observed.mounted else "nothing"
    return f"{device.path}: {holds}\n{path}: {mounted}\n{text}"


def after(observed: Observed, filesystem: str) -> Observed:
    """What will be there once all steps are done."""
    device = observed.found[0]
    if device.is_blank:
        device = device._replace(is_blank=False, signature={"TYPE": filesystem})
    return observed._replace(found=[device], mounted=device.path, options={*observed.options, OPTIONS})

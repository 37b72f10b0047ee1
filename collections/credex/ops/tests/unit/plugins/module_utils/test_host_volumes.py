# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks against a data volume, and what is done with one."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import volumes
from ansible_collections.credex.ops.plugins.module_utils._host.volumes import Device, Observed

PATH = "/var/lib/neo4j/data"
WANTED = {"serial": "vol0abc", "label": None, "device": None, "filesystem": "ext4", "path": PATH}
BLANK = Device("/dev/nvme1n1", "vol0abc", is_blank=True)
EXT4 = Device("/dev/nvme1n1", "vol0abc", {"TYPE": "ext4", "UUID": "1-2"})
HERE = EXT4._replace(mounted_at=[PATH])
NOATIME = ("rw", "noatime")


def mounted(options=NOATIME):
    return Observed([HERE], mounted=HERE.path, options=options)


@pytest.mark.parametrize(
    ("observed", "steps"),
    [
        (Observed([BLANK]), ["format", "mount"]),
        (Observed([EXT4]), ["mount"]),
        (Observed([EXT4], has_mkfs=False), ["mount"]),
        (mounted(), []),
        (mounted(["rw", "relatime"]), ["remount"]),
        # What is on the volume lies in the folder, once it is mounted
        (mounted()._replace(in_the_way=f"{PATH}/databases/neo4j"), []),
    ],
)
def test_what_is_done(observed, steps):
    assert volumes.problems(observed, WANTED) == []
    assert volumes.steps(observed) == steps


OTHERS = [Device("/dev/nvme0n1", "vol0root"), Device("/dev/vda")]


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (Observed([], others=OTHERS), "no block device with serial vol0abc, but /dev/nvme0n1 (vol0root), /dev/vda."),
        (Observed([]), "but none at all. Is the volume attached?"),
        (Observed([BLANK, BLANK._replace(path="/dev/sdb")]), "/dev/nvme1n1, /dev/sdb have all serial vol0abc."),
        (Observed([BLANK._replace(is_read_only=True)]), "can only be read"),
        (Observed([BLANK], has_mkfs=False), "no mkfs.ext4 to format /dev/nvme1n1: install e2fsprogs."),
        (Observed([BLANK._replace(used_by=["/dev/nvme1n1p1"])]), "/dev/nvme1n1 has /dev/nvme1n1p1 on it"),
        (Observed([EXT4._replace(used_by=["/dev/dm-0"])]), "/dev/nvme1n1 has /dev/dm-0 on it"),
        (Observed([EXT4._replace(mounted_at=["/mnt", PATH])]), "is mounted at /mnt. Unmount it there."),
        (Observed([EXT4], mounted="/dev/sdb"), f"{PATH} is /dev/sdb, not /dev/nvme1n1."),
        (Observed([BLANK], mounted="/dev/sdb"), f"{PATH} is /dev/sdb, not /dev/nvme1n1."),
        (
            Observed([BLANK], in_the_way=f"{PATH}/x"),
            f"{PATH} holds files, such as {PATH}/x, which the volume would hide",
        ),
        (Observed([EXT4], in_the_way=f"{PATH}/x"), f"{PATH} holds files, such as {PATH}/x"),
        (Observed([BLANK], resolved="/srv/data"), f"{PATH} is a link, and systemd mounts on none: name /srv/data"),
    ],
)
def test_what_is_refused(observed, words):
    [problem] = volumes.problems(observed, WANTED)
    assert words in problem


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ({"TYPE": "xfs", "UUID": "3-4", "LABEL": "backups"}, "holds xfs (LABEL backups, UUID 3-4), not ext4"),
        ({"TYPE": "LVM2_member"}, "holds LVM2_member, not ext4"),
        ({"TYPE": "crypto_LUKS"}, "holds crypto_LUKS, not ext4"),
        ({"TYPE": "swap"}, "holds swap, not ext4"),
        ({"TYPE": "ext3"}, "holds ext3, not ext4"),
        ({"PTTYPE": "gpt"}, "holds a partition table (gpt), not ext4"),
        ({"TYPE": "more than one format"}, "holds more than one format, not ext4"),
        ({}, "holds something that blkid cannot name, not ext4"),
    ],
)
def test_what_holds_anything_else_is_never_formatted(signature, words):
    [problem] = volumes.problems(Observed([Device("/dev/nvme1n1", signature=signature)]), WANTED)
    assert words in problem and "is not formatted" in problem


def test_all_is_told_at_once():
    device = EXT4._replace(signature={"TYPE": "xfs"}, mounted_at=["/mnt"])
    assert len(volumes.problems(Observed([device], in_the_way=f"{PATH}/x"), WANTED)) == 3


@pytest.mark.parametrize(("given", "serial"), [("vol-0abc", "vol0abc"), ("vol0abc ", "vol0abc"), ("S3-X-1", "S3-X-1")])
def test_serial(given, serial):
    assert volumes.normal_serial(given) == serial


def test_unit():
    lines = volumes.unit("/dev/disk/by-uuid/1-2", WANTED | {"path": "/srv/100%"}).splitlines()
    assert {"What=/dev/disk/by-uuid/1-2", "Where=/srv/100%%", "Type=ext4", "Options=noatime"} < set(lines)
    assert "WantedBy=multi-user.target" in lines, "a host whose volume is gone must boot"


def test_the_diff_shows_what_will_be():
    before = Observed([BLANK])
    assert volumes.lines(before, PATH, "") == f"/dev/nvme1n1: nothing\n{PATH}: nothing\n"
    after = volumes.after(before, "ext4")
    assert volumes.lines(after, PATH, "unit\n") == f"/dev/nvme1n1: ext4\n{PATH}: /dev/nvme1n1 (noatime)\nunit\n"
    assert volumes.after(mounted(), "ext4") == mounted()._replace(options=set(NOATIME))

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules neo4j_volume and neo4j_volume_info: a file is the device, blkid and mkfs are real, systemd is made up.

molecule/server does it with a block device and a real systemd.
"""

from __future__ import annotations

import os
import shutil
import stat

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import block_devices
from ansible_collections.credex.ops.plugins.modules import neo4j_volume, neo4j_volume_info

TOOLS = ("blkid", "mkfs.ext4")
ROOT = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
# systemd's part: it mounts what the unit says
SYSTEMCTL = """\
echo "$@" >> {log}
case $1 in
    is-enabled) test -e {folder}/enabled ;;
    enable) touch {folder}/enabled ;;
    start) echo '31 22 7:5 / {path} rw,noatime - ext4 {device} rw' >> {mounts} ;;
esac
"""


@pytest.fixture
def host(tmp_path, monkeypatch, run_module):
    """A host with one more disk, of serial vol0abc, and no systemd of its own."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in TOOLS if not shutil.which(name, path=path)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")

    class Host:
        folder, device = tmp_path, tmp_path / "nvme1n1"
        path, units, mounts, log = (tmp_path / name for name in ("data", "units", "mountinfo", "systemctl.log"))
        sysfs = tmp_path / "sys"

        def tool(self, name, script):
            (self.folder / "bin").mkdir(exist_ok=True)
            program = self.folder / "bin" / name
            program.write_text(f"#!/bin/sh\n{script}")
            program.chmod(0o755)

        def has(self, name, **entries):
            for entry, text in {"ro": "0", "size": "8192", **entries}.items():
                file = self.sysfs / name / entry
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{text}\n")

        def run(self, module=neo4j_volume, check=False, **params):
            named = {} if {"label", "device"} & set(params) else {"serial": "vol-0abc"}
            return run_module(module, check, path=str(self.path), **named, **params)

        def content(self):
            return self.device.read_bytes()

        def asked(self):
            return self.log.read_text().splitlines() if self.log.exists() else []

    host = Host()
    with host.device.open("wb") as device:
        device.truncate(16 * 2**20)
    host.units.mkdir()
    host.mounts.write_text(ROOT)
    host.has("nvme1n1", **{"device/serial": "vol0abc"})
    (tmp_path / "numbers").mkdir()
    (tmp_path / "numbers" / "7:5").symlink_to(host.sysfs / "nvme1n1")
    host.has("nvme0n1", **{"device/serial": "vol0root"})
    words = {"folder": tmp_path, "path": host.path, "device": host.device, "mounts": host.mounts, "log": host.log}
    host.tool("systemctl", SYSTEMCTL.format(**words))
    host.tool("systemd-escape", "echo data.mount\n")
    host.tool("mount", f"echo mount $* >> {host.log}; sed -i s/relatime/noatime/ {host.mounts}\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{path}")
    monkeypatch.setattr(block_devices, "SYSFS", str(host.sysfs))
    monkeypatch.setattr(block_devices, "NUMBERS", str(tmp_path / "numbers"))
    monkeypatch.setattr(block_devices, "MOUNTS", str(host.mounts))
    monkeypatch.setattr(block_devices, "number", lambda path: "7:5" if os.path.basename(path) == "nvme1n1" else "")
    monkeypatch.setattr(block_devices, "DEV", str(tmp_path))
    monkeypatch.setattr(neo4j_volume, "UNITS", str(host.units))
    monkeypatch.setattr(neo4j_volume, "UDEV", str(tmp_path / "none"))
    return host


def test_a_blank_device_is_formatted_and_mounted_and_then_left_alone(host):
    predicted = host.run(check=True)
    assert predicted["changed"] and predicted["steps"] == ["format", "mount"]
    assert not any(host.content()) and not host.path.exists() and not list(host.units.iterdir())
    done = host.run()
    assert [done[name] for name in ("changed", "device", "steps")] == [True, str(host.device), ["format", "mount"]]
    assert done["diff"] == predicted["diff"]
    assert stat.S_IMODE(host.path.stat().st_mode) == 0o700, "nobody writes there while nothing is mounted"
    assert f"What={host.device}\n" in (host.units / "data.mount").read_text()
    assert [line for line in host.asked() if "is-enabled" not in line] == [
        "daemon-reload",
        "enable data.mount",
        "start data.mount",
    ]
    formatted, unit = host.content(), os.stat(host.units / "data.mount").st_ctime_ns
    again = host.run()
    assert not again["changed"] and again["steps"] == [] and again["diff"]["before"] == again["diff"]["after"]
    assert host.content() == formatted and os.stat(host.units / "data.mount").st_ctime_ns == unit


def test_a_volume_that_has_the_file_system_keeps_what_is_on_it(host):
    host.run()
    formatted = host.content()
    host.mounts.write_text(ROOT)
    assert host.run(neo4j_volume_info)["steps"] == ["mount"]
    assert host.run()["steps"] == ["mount"]
    assert host.content() == formatted


def test_access_times_are_switched_off_where_it_is_mounted_already(host):
    host.run()
    host.mounts.write_text(host.mounts.read_text().replace("noatime", "relatime"))
    assert host.run()["steps"] == ["remount"] and not host.run()["changed"]


def test_killed_between_format_and_mount_it_goes_on(host):
    host.tool("systemctl", "exit 1\n")
    failed = host.run()
    assert failed["failed"] and "systemctl daemon-reload ended with 1" in failed["msg"]
    formatted = host.content()
    host.tool(
        "systemctl", f"[ $1 = start ] && echo '31 22 7:5 / {host.path} rw,noatime - ext4 x rw' >> {host.mounts}; :"
    )
    assert host.run()["steps"] == ["mount"] and host.content() == formatted


@pytest.mark.parametrize("place", [0, 4096, 2**20 - 1, 15 * 2**20, 16 * 2**20 - 1])
def test_a_byte_that_is_not_zero_is_never_overwritten(host, place):
    with host.device.open("r+b") as device:
        device.seek(place)
        device.write(b"!")
    before = host.content()
    refused = host.run()
    assert "holds something that blkid cannot name, not ext4, and is not formatted" in refused["msg"]
    assert "Nothing was changed" in refused["msg"] and host.content() == before and not host.path.exists()


def test_another_file_system_is_refused(host):
    host.run()
    host.mounts.write_text(ROOT)
    before = host.content()
    problem = host.run(neo4j_volume_info, filesystem="xfs")["problems"][0]
    assert "holds ext4 (UUID " in problem and "not xfs" in problem
    assert problem.rstrip(".") in host.run(filesystem="xfs")["msg"] and host.content() == before


def test_what_is_written_between_the_look_and_mkfs_is_kept(host, monkeypatch):
    zeros = iter([True, False])
    monkeypatch.setattr(block_devices, "holds_zeros", lambda path: next(zeros))
    assert "has been written to just now" in host.run()["msg"] and not any(host.content())


def test_files_that_a_mount_would_hide_are_refused_and_folders_are_not(host):
    (host.path / "databases" / "neo4j").mkdir(parents=True)
    assert host.run(neo4j_volume_info)["problems"] == []
    (host.path / "databases" / "neo4j" / "neostore").touch()
    refused = host.run()
    assert f"such as {host.path}/databases/neo4j/neostore" in refused["msg"] and not any(host.content())


def test_a_disk_of_which_something_is_made_is_refused(host):
    host.has("nvme1n1/nvme1n1p1", partition="1")
    (host.sysfs / "nvme1n1" / "holders" / "dm-3").mkdir(parents=True)
    refused = host.run()
    assert f"has {host.folder}/dm-3, {host.folder}/nvme1n1p1 on it" in refused["msg"] and not any(host.content())


def test_a_disk_that_can_only_be_read_is_refused(host):
    host.has("nvme1n1", ro="1")
    assert host.run(neo4j_volume_info)["problems"] == [f"{host.device} can only be read."]


@pytest.mark.parametrize("params", [{"device": "/dev/none"}, {"label": "nobody-has-this-label"}])
def test_a_device_that_is_not_there(host, params):
    [problem] = host.run(neo4j_volume_info, **params)["problems"]
    assert f"{host.folder}/nvme0n1 (vol0root)" in problem and "Is the volume attached?" in problem


def test_a_step_that_fails_says_what_it_said(host):
    host.tool("mkfs.ext4", "echo disk on fire >&2; exit 1\n")
    failed = host.run()
    assert failed["failed"] and f"mkfs.ext4 -q {host.device} ended with 1 and said: disk on fire" in failed["msg"]
    assert not (host.units / "data.mount").exists()


def test_a_mount_that_is_none_is_noticed(host):
    host.tool("systemctl", "exit 0\n")
    assert "was started, and" in host.run()["msg"]


def test_a_copy_that_was_mounted_in_its_stead_is_noticed(host):
    host.tool(
        "systemctl", f"[ $1 = start ] && echo '31 22 7:6 / {host.path} rw,noatime - ext4 x rw' >> {host.mounts}; :"
    )
    assert "was started, and" in host.run()["msg"]


def test_it_is_named_once(host, run_module):
    assert run_module(neo4j_volume, path="/x")["failed"]
    assert run_module(neo4j_volume, path="/x", label="a", serial="b")["failed"]


def test_mountinfo_is_read_as_the_kernel_writes_it(host):
    host.mounts.write_text("31 22 7:5 / /srv/a\\040b rw,noatime shared:1 - ext4 /dev/x rw\n")
    [mount] = block_devices.read_mounts()
    assert mount == block_devices.Mount("7:5", "/srv/a b", frozenset({"rw", "noatime"}))

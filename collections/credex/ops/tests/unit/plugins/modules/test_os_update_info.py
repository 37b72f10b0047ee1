# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host would upgrade, among programs that say what apt-get and dpkg-query say."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._host import apt, distribution, package_managers, reboot
from ansible_collections.credex.ops.plugins.modules import os_update_info

INSTALLED = """\
ii \tlibssl3\t3.0.15-1
hi \tneo4j-enterprise\t1:5.26.30
rc \tcypher-shell\t1:5.20.0
"""
LIBSSL = "Inst libssl3 [3.0.15-1] (3.0.16-1 Debian:12.11/stable, Debian-Security:12/stable-security [amd64]) []"
BASH = "Inst bash [5.2] (5.3 Debian:12.11/stable [amd64])"
NEO4J = "Inst neo4j-enterprise [1:5.26.30] (1:5.26.31 neo4j:stable [all])"
NEW = "Inst linux-image-2 (2 Debian:12.11/stable [amd64])"
NOTHING = "Reading package lists...\nConf libssl3 (3.0.16-1 Debian:12.11/stable [amd64])"


class Host:
    """Commands, their answers, and what was asked."""

    def __init__(self, folder):
        self.folder, self.asked = folder, folder / "asked"
        self.say("dpkg-query", INSTALLED)

    def say(self, name, text, code=0):
        (self.folder / f"{name}.says").write_text(text)
        program = self.folder / name
        program.write_text(
            f'#!/bin/sh\necho "$0 $*" >>{self.asked}\n'
            f'case "$*" in *" install "*) exec cat {self.folder}/install.says ;; esac\n'
            f"cat {self.folder}/{name}.says >&{2 if code else 1}\nexit {code}\n"
        )
        program.chmod(0o755)

    def offer(self, *lines, alone=()):
        """What a whole upgrade would do, and what the wanted ones alone would."""
        self.say("apt-get", "\n".join([NOTHING, *lines]))
        (self.folder / "install.says").write_text("\n".join([NOTHING, *alone]))

    def commands(self):
        return [line.split("/")[-1] for line in self.asked.read_text().splitlines()]


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "os-release").write_text("ID=debian\n")
    monkeypatch.setattr(distribution, "PLACES", (str(tmp_path / "os-release"),))
    monkeypatch.setattr(package_managers, "STATUS", str(tmp_path / "status"))
    monkeypatch.setattr(package_managers, "JOURNAL", str(tmp_path / "updates"))
    monkeypatch.setattr(reboot, "FLAG", str(tmp_path / "reboot-required"))
    monkeypatch.setattr(reboot, "KERNELS", (str(tmp_path / "vmlinuz"),))
    (tmp_path / "status").touch()
    os.utime(tmp_path / "status", (0, 0))
    host = Host(tmp_path)
    host.offer()
    return host


@pytest.fixture
def look(host, capsys):
    def look(**params):
        with patch_module_args({"exclude": ["neo4j*", "cypher-shell"], **params}), pytest.raises(SystemExit):
            os_update_info.main()
        return json.loads(capsys.readouterr().out)

    return look


def test_nothing_to_do(look):
    found = look()
    assert {name: found[name] for name in ("updates", "wanted", "left_alone", "unfinished")} == {
        "updates": [],
        "wanted": [],
        "left_alone": [],
        "unfinished": [],
    }
    assert found["excluded"] == {"neo4j-enterprise": "1:5.26.30"}, "what was removed is not installed"
    assert (found["reboot_needed"], found["changed_since_boot"], found["changed"]) == (False, False, False)
    assert found["manager"] == "apt"


def test_what_is_offered_and_what_comes_with_it(host, look):
    host.offer(NEW, LIBSSL)
    found = look()
    assert found["updates"] == [
        {
            "name": "libssl3",
            "installed": "3.0.15-1",
            "candidate": "3.0.16-1",
            "origin": "Debian:12.11/stable, Debian-Security:12/stable-security",
            "security": True,
        },
        {
            "name": "linux-image-2",
            "installed": "",
            "candidate": "2",
            "origin": "Debian:12.11/stable",
            "security": False,
        },
    ]
    assert found["wanted"] == ["libssl3=3.0.16-1"]


def test_what_is_excluded_is_named_and_the_others_are_asked_for_alone(host, look):
    host.offer(NEO4J, LIBSSL, BASH, alone=[LIBSSL, BASH])
    found = look()
    assert found["left_alone"] == ["neo4j-enterprise"] and found["wanted"] == ["bash=5.3", "libssl3=3.0.16-1"]
    assert [one["name"] for one in found["updates"]] == ["bash", "libssl3"]
    assert host.commands()[-1].endswith("--no-remove --only-upgrade install libssl3=3.0.16-1 bash=5.3")


def test_security_alone(host, look):
    host.offer(LIBSSL, BASH, alone=[LIBSSL])
    assert look(security_only=True)["wanted"] == ["libssl3=3.0.16-1"]
    host.offer(BASH)
    assert look(security_only=True)["updates"] == []


def test_an_update_that_would_drag_an_excluded_one_along_is_refused(host, look):
    host.offer(NEO4J, LIBSSL, alone=[LIBSSL, NEO4J])
    assert "Failed to leave neo4j-enterprise alone" in look()["msg"]


def test_lists_are_read_anew_only_where_that_is_wanted(host, look):
    look(refresh=False)
    assert not [command for command in host.commands() if command.endswith(" update")]
    look()
    assert [command for command in host.commands() if command.endswith(" update")]


def test_what_was_interrupted_comes_first(host, look):
    host.say("dpkg-query", f"{INSTALLED}iF \tbash\t5.3\niU \tperl\t5\n")
    host.say("apt-get", "E: dpkg was interrupted", code=100)
    found = look(refresh=False)
    assert found["unfinished"] == ["bash", "perl"] and found["updates"] == []


def test_dpkg_s_own_journal(host, look):
    (host.folder / "updates").mkdir()
    assert look()["unfinished"] == []
    (host.folder / "updates" / "0001").touch()
    assert look()["unfinished"] == ["dpkg's own journal"]


def test_a_command_that_fails_is_told(host, look):
    host.say("apt-get", "E: Unable to locate package", code=100)
    assert look()["msg"] == (
        "Failed to look for updates: apt-get --quiet --error-on=any update ended with 100: E: Unable to locate package"
    )


def test_another_distribution(host, look):
    (host.folder / "os-release").write_text("ID=suse\n")
    assert "neither packages of Debian and Ubuntu nor those of Amazon Linux 2023" in look()["msg"]


def test_a_release_is_chosen_for_dnf_alone(look):
    assert "releasever is of dnf" in look(releasever="12")["msg"]


def test_a_reboot_that_packages_asked_for(host, look):
    (host.folder / "reboot-required").touch()
    assert look()["reboot_reasons"] == [f"{reboot.FLAG} is there"]
    (host.folder / "reboot-required.pkgs").write_text("linux-image-2\nlibc6\nlibc6\n")
    found = look()
    assert found["reboot_needed"] and found["reboot_reasons"] == [f"{reboot.FLAG} is there, by libc6, linux-image-2"]


def test_a_kernel_that_does_not_run_yet(host, look):
    link = host.folder / "vmlinuz"
    link.symlink_to(f"boot/vmlinuz-{os.uname().release}")
    assert look()["reboot_reasons"] == []
    link.unlink()
    link.symlink_to("boot/vmlinuz-99.1-cloud-amd64")
    assert look()["reboot_reasons"] == [f"kernel {os.uname().release} runs, and 99.1-cloud-amd64 is the one to boot"]


def test_packages_that_changed_since_the_boot(host, look):
    os.utime(host.folder / "status")
    assert look()["changed_since_boot"]


def test_each_state_in_which_dpkg_may_leave_a_package():
    rows = "".join(f"i{letter} \tp{letter}\t1\n" for letter in "icnUFHWt")
    found = apt.parse_status(rows)
    assert found.unfinished == ["pU", "pF", "pH", "pW", "pt"] and list(found.versions) == ["pi", *found.unfinished]

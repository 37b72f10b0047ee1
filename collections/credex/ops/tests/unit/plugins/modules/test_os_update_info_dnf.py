# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host with dnf would upgrade, among programs that say what dnf and rpm say.

The texts are those of dnf 4.14.0 and rpm 4.18.0, of a container of Debian 12 that took itself for Amazon Linux 2023."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._host import distribution, dnf
from ansible_collections.credex.ops.plugins.modules import os_update_info

BEFORE_BOOT, AFTER_BOOT = 1, 4_000_000_000
INSTALLED = f"""\
openssl-libs	1:3.0.8-1.amzn2023	noarch	{BEFORE_BOOT}
openssl	1:3.0.8-1.amzn2023	noarch	{BEFORE_BOOT}
slow	0:1-1.amzn2023	noarch	{BEFORE_BOOT}
tool	0:1-1.amzn2023	noarch	{BEFORE_BOOT}
neo4j	0:5.26.0-1.amzn2023	noarch	{BEFORE_BOOT}
curl	0:8.0-1.amzn2023	noarch	{BEFORE_BOOT}
oldname	0:1-1.amzn2023	noarch	{BEFORE_BOOT}
gpg-pubkey	0:b2adf6a0-12c0b2b1	(none)	{AFTER_BOOT}
"""
KERNEL = f"kernel	0:6.1.10-1.amzn2023	x86_64	{BEFORE_BOOT}\n"
RUNNING = "6.1.10-1.amzn2023.x86_64"

NOTHING = """\
Last metadata expiration check: 0:00:25 ago on Tue Dec  1 01:20:39 2026.
Dependencies resolved.
Nothing to do.
Complete!
"""
WHOLE = """\
Last metadata expiration check: 0:00:26 ago on Tue Dec  1 01:19:28 2026.
Dependencies resolved.
====================================================================================================
 Package                                              Arch    Version             Repository    Size
====================================================================================================
Installing:
 kernel                                               x86_64  6.1.13-1.amzn2023   amazonlinux  5.5 k
 newname                                              noarch  2-1.amzn2023        amazonlinux  5.5 k
     replacing  oldname.noarch 1-1.amzn2023
Upgrading:
 curl                                                 noarch  8.1-1.amzn2023      amazonlinux  5.5 k
 neo4j                                                noarch  5.26.30-1.amzn2023  amazonlinux  5.4 k
 openssl                                              noarch  1:3.0.10-1.amzn2023 amazonlinux  5.5 k
 openssl-libs                                         noarch  1:3.0.10-1.amzn2023 amazonlinux  5.5 k
 slow                                                 noarch  2-1.amzn2023        amazonlinux  5.5 k
 tool                                                 noarch  2-1.amzn2023        amazonlinux  5.4 k
 tzdata                                               noarch  2024b-1.amzn2023    amazonlinux  5.4 k
Installing dependencies:
 libcurl-with-a-name-that-is-longer-than-the-column   noarch  8.1-1.amzn2023      amazonlinux  5.5 k
Skipping packages with broken dependencies:
 broken                                               noarch  2-1.amzn2023        amazonlinux  5.4 k

Transaction Summary
====================================================================================================
Install  3 Packages
Upgrade  7 Packages
Skip     1 Package

Total size: 55 k
"""
SECURITY = """\
Last metadata expiration check: 0:00:25 ago on Tue Dec  1 01:19:28 2026.
Dependencies resolved.
================================================================================
 Package           Arch        Version                   Repository        Size
================================================================================
Upgrading:
 openssl           noarch      1:3.0.10-1.amzn2023       amazonlinux      5.5 k
 openssl-libs      noarch      1:3.0.10-1.amzn2023       amazonlinux      5.5 k

Transaction Summary
================================================================================
Upgrade  2 Packages

Total size: 11 k
"""
DRAGS = """\
Last metadata expiration check: 0:00:25 ago on Tue Dec  1 01:19:28 2026.
Dependencies resolved.
================================================================================
 Package      Architecture  Version                    Repository          Size
================================================================================
Upgrading:
 neo4j        noarch        5.26.30-1.amzn2023         amazonlinux        5.4 k
 tool         noarch        2-1.amzn2023               amazonlinux        5.4 k

Transaction Summary
================================================================================
Upgrade  2 Packages

Total size: 11 k
"""
OLD_KERNEL_GOES = """\
Dependencies resolved.
================================================================================
 Package       Architecture  Version                   Repository          Size
================================================================================
Installing:
 kernel        x86_64        6.1.13-1.amzn2023         amazonlinux        5.5 k
Removing:
 kernel        x86_64        6.1.10-1.amzn2023         @System              0

Transaction Summary
================================================================================
Install  1 Package
Remove   1 Package

Total size: 5.5 k
"""
REPLACES = """\
Last metadata expiration check: 0:00:01 ago on Tue Dec  1 01:27:57 2026.
Dependencies resolved.
================================================================================
 Package        Architecture  Version                  Repository          Size
================================================================================
Installing:
 kernel         x86_64        6.1.13-1.amzn2023        amazonlinux        5.5 k
 newname        noarch        2-1.amzn2023             amazonlinux        5.5 k
     replacing  oldname.noarch 1-1.amzn2023
Upgrading:
 puller         noarch        2-1.amzn2023             amazonlinux        5.4 k

Transaction Summary
================================================================================
Install  2 Packages
Upgrade  1 Package

Total size: 16 k
"""
DUPLICATES = "curl.noarch\ncurl.noarch\nslow.noarch\nslow.noarch\n"
CACHE_FAILS = "Error: Failed to download metadata for repo 'amazonlinux': Cannot download repomd.xml"


class Host:
    """Commands, their answers, and what was asked."""

    def __init__(self, folder):
        self.folder, self.asked = folder, folder / "asked"
        self.installed(INSTALLED)
        self.offer(NOTHING)
        self.say("duplicates", "")
        self.say("security", "openssl-libs.noarch\n")
        self.say("makecache", "")
        self._program("rpm", f"exec cat {folder}/installed")
        self._program(
            "dnf",
            f"""case "$*" in
            *--duplicates*) cat {folder}/duplicates ;;
            *--security*) cat {folder}/security ;;
            *makecache*) cat {folder}/makecache >&2; exit $(wc -l <{folder}/makecache) ;;
            *" upgrade") cat {folder}/whole; exec grep -q "Nothing to do" {folder}/whole ;;
            *" upgrade "*) cat {folder}/alone; exit 1 ;;
            esac""",
        )

    def _program(self, name, script):
        program = self.folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.asked}\n{script}\n')
        program.chmod(0o755)

    def say(self, name, text):
        (self.folder / name).write_text(text)

    def installed(self, text):
        self.say("installed", text)

    def offer(self, whole, alone=""):
        """What a whole upgrade would do, and what the wanted ones alone would."""
        self.say("whole", whole)
        self.say("alone", alone)

    def commands(self):
        return self.asked.read_text().splitlines()


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "os-release").write_text('ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n')
    monkeypatch.setattr(distribution, "PLACES", (str(tmp_path / "os-release"),))
    return Host(tmp_path)


@pytest.fixture
def look(host, capsys):
    def look(**params):
        with patch_module_args({"exclude": ["neo4j*"], **params}), pytest.raises(SystemExit):
            os_update_info.main()
        return json.loads(capsys.readouterr().out)

    return look


def test_nothing_to_do(look):
    found = look()
    assert {name: found[name] for name in ("manager", "updates", "wanted", "left_alone", "unfinished")} == {
        "manager": "dnf",
        "updates": [],
        "wanted": [],
        "left_alone": [],
        "unfinished": [],
    }
    assert found["excluded"] == {"neo4j": "5.26.0-1.amzn2023"}
    assert (found["reboot_needed"], found["changed_since_boot"], found["changed"]) == (False, False, False)


def test_what_is_offered_is_asked_for_without_the_excluded_and_what_replaces_others(host, look):
    host.installed(INSTALLED + KERNEL)
    host.offer(WHOLE, alone=SECURITY)
    found = look(exclude=["neo4j*", "tool"])
    assert found["left_alone"] == ["neo4j", "tool"]
    assert found["wanted"] == [
        "curl-8.1-1.amzn2023.noarch",
        "kernel-6.1.13-1.amzn2023.x86_64",
        "openssl-1:3.0.10-1.amzn2023.noarch",
        "openssl-libs-1:3.0.10-1.amzn2023.noarch",
        "slow-2-1.amzn2023.noarch",
    ], "a newer kernel is wanted, what is new is not, and what dnf skips is no part"
    asked = host.commands()[-1]
    assert asked.startswith("dnf --cacheonly --setopt=*.skip_if_unavailable=0 --assumeno upgrade kernel-6.1.13-1")
    assert not any(name in asked for name in ("neo4j", "newname", "tool"))


def test_security_alone_and_what_it_brings(host, look):
    host.offer(WHOLE, alone=SECURITY)
    found = look(exclude=["neo4j*", "tool"], security_only=True)
    assert found["wanted"] == ["openssl-libs-1:3.0.10-1.amzn2023.noarch"]
    assert found["updates"] == [
        {
            "name": name,
            "installed": "1:3.0.8-1.amzn2023",
            "candidate": "1:3.0.10-1.amzn2023",
            "origin": "amazonlinux",
            "security": security,
        }
        for name, security in (("openssl", False), ("openssl-libs", True))
    ]


def test_an_update_that_would_drag_an_excluded_one_along_is_refused(host, look):
    host.offer(WHOLE, alone=DRAGS)
    assert look()["msg"].startswith("Failed to leave neo4j alone: the other updates need another version of it.")


def test_an_update_that_would_remove_something_is_refused(host, look):
    host.offer(WHOLE, alone=REPLACES)
    assert look()["msg"].startswith("Failed to keep oldname: the updates would remove it.")


def test_an_old_kernel_makes_place_for_the_next():
    packages = dnf.parse_installed(f"kernel\t0:6.1.12-1.amzn2023\tx86_64\t3\n{KERNEL}")
    found = dnf.parse_transaction(OLD_KERNEL_GOES, packages, set())
    assert found.removed == [] and [(one.installed, one.candidate) for one in found.updates] == [
        ("6.1.12-1.amzn2023", "6.1.13-1.amzn2023")
    ]


def test_a_name_may_have_a_line_of_its_own():
    text = SECURITY.replace("openssl           noarch", "openssl\n                   noarch")
    assert dnf.parse_transaction(text, [], set()) == dnf.parse_transaction(SECURITY, [], set())


def test_what_cannot_be_read_is_told_and_not_passed_over(host, look):
    host.offer(WHOLE.replace("Upgrading:", "Aufgewertet:"))
    assert "dnf tells of 10 packages, and 3 could be read" in look()["msg"]


def test_what_was_interrupted_comes_first(host, look):
    host.say("duplicates", DUPLICATES)
    found = look()
    assert found["unfinished"] == ["curl.noarch", "slow.noarch"] and found["updates"] == []
    assert not [command for command in host.commands() if "upgrade" in command.split()]


def test_lists_are_read_anew_only_where_that_is_wanted_and_no_repository_is_skipped(host, look):
    look(refresh=False)
    assert "makecache" not in host.asked.read_text()
    host.say("makecache", f"{CACHE_FAILS}\n")
    assert look(releasever="2025")["msg"] == (
        "Failed to look for updates: dnf --setopt=*.skip_if_unavailable=0 --releasever=2025 --quiet --refresh "
        f"makecache ended with 1: {CACHE_FAILS}"
    )


def test_an_error_of_dnf_is_no_answer(host, look):
    host.say("whole", "Last metadata expiration check: 0:00:26 ago on Tue Dec  1 01:19:28 2026.\n")
    assert "upgrade ended with 1" in look()["msg"]


def test_dnf_5_says_other_things(host, look):
    (host.folder / "dnf").rename(host.folder / "dnf5")
    (host.folder / "dnf").symlink_to("dnf5")
    assert "this host has dnf 5" in look()["msg"] and not host.asked.exists()


def test_packages_after_which_a_reboot_is_due(host, look):
    host.installed(INSTALLED + f"slow-too\t0:2-1\tnoarch\t{AFTER_BOOT}\n")
    found = look()
    assert found["changed_since_boot"] and not found["reboot_needed"]
    host.installed(INSTALLED + f"systemd\t0:252.4-1\tx86_64\t{AFTER_BOOT}\nglibc\t0:2.34-1\tx86_64\t{AFTER_BOOT}\n")
    assert look()["reboot_reasons"] == ["installed after the boot: glibc 2.34-1, systemd 252.4-1"]


def kernel(name, version, installed_at):
    return f"{name}\t0:{version}\tx86_64\t{installed_at}\n"


CORE = kernel("kernel-core", "6.1.10-1.amzn2023", 1)


@pytest.mark.parametrize(
    ("rows", "newest"),
    [
        ("", ()),
        (KERNEL, ()),
        (kernel("kernel-tools", "6.2-1", 9) + kernel("kernel-headers", "6.2-1", 9) + KERNEL, ()),
        (kernel("kernel", "6.1.13-1.amzn2023", 9) + KERNEL, ("6.1.13-1.amzn2023", "kernel")),
        (kernel("kernel6.12", "6.12.1-2.amzn2023", 9) + KERNEL, ()),
        (kernel("kernel6.12", "6.12.1-2.amzn2023", 9), ("6.12.1-2.amzn2023", "kernel6.12")),
        (kernel("kernel-core", "6.1.13-503.el9", 9) + KERNEL + CORE, ("6.1.13-503.el9", "kernel-core")),
    ],
    ids=["none", "the one that runs", "no kernels", "newer", "of another series", "the only one", "of Red Hat"],
)
def test_a_kernel_that_does_not_run_yet(rows, newest):
    said = "kernel {} runs, and {}.x86_64 is what was installed last ({})"
    expected = [said.format(RUNNING, *newest)] if newest else []
    assert dnf.reboot_reasons(dnf.parse_installed(rows), RUNNING, 0) == expected


def test_a_kernel_says_of_which_flavor_it_is():
    assert dnf.reboot_reasons(dnf.parse_installed(KERNEL), f"{RUNNING}+rt", 0) == []

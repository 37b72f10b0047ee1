# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What os-release says, as distributions write it."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import distribution

AMAZON = """
NAME="Amazon Linux"
VERSION="2023"
# ours
ID="amzn"
ID_LIKE="fedora"

PRETTY_NAME='Amazon Linux 2023 (it is "new")'
"""


def test_it_is_read_as_a_shell_does():
    told = distribution.parse(AMAZON)
    assert told == {
        "NAME": "Amazon Linux",
        "VERSION": "2023",
        "ID": "amzn",
        "ID_LIKE": "fedora",
        "PRETTY_NAME": 'Amazon Linux 2023 (it is "new")',
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ID=debian", "deb"),
        ("ID=ubuntu\nID_LIKE=debian", "deb"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'", "deb"),
        (AMAZON, "rpm"),
        ('ID="rhel"\nID_LIKE="fedora"', "rpm"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "rpm"),
        ("ID=fedora", "rpm"),
        ('ID="sles"\nID_LIKE="suse"', ""),
        ("ID=alpine", ""),
        ("", ""),
    ],
)
def test_of_which_kind_its_packages_are(text, kind):
    assert distribution.package_kind(distribution.parse(text)) == kind


def test_the_first_place_is_read_and_a_host_without_any_tells_nothing(tmp_path, monkeypatch):
    own, vendors = tmp_path / "etc", tmp_path / "usr"
    monkeypatch.setattr(distribution, "PLACES", (str(own), str(vendors)))
    assert distribution.read() == {}
    vendors.write_text("ID=debian\n")
    assert distribution.read() == {"ID": "debian"}
    own.write_text("ID=amzn\n")
    assert distribution.read() == {"ID": "amzn"}

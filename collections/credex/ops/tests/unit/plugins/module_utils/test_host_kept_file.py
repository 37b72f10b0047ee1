# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import kept_file

PRIVATE = kept_file.Ownership(0o640)


def test_the_new_file_has_its_mode_whatever_the_umask(tmp_path):
    target = tmp_path / "x.license"
    before = os.umask(0)
    try:
        kept_file.replace(str(target), b"new", PRIVATE)
    finally:
        os.umask(before)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_the_file_is_never_readable_by_others_not_even_before_its_rename(tmp_path, monkeypatch):
    seen = []
    rename = os.rename

    def watch(source, target):
        seen.append(stat.S_IMODE(os.stat(source).st_mode))
        rename(source, target)

    monkeypatch.setattr(os, "rename", watch)
    monkeypatch.setattr(
        kept_file.Ownership, "apply", lambda self, path: seen.append(stat.S_IMODE(os.stat(path).st_mode))
    )
    kept_file.replace(str(tmp_path / "x"), b"new", PRIVATE)
    assert seen == [0o600, 0o600]


def test_a_full_disk_leaves_the_old_file_and_no_remains(tmp_path, monkeypatch):
    target = tmp_path / "x"
    target.write_bytes(b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept_file.replace(str(target), b"new", PRIVATE)
    assert [p.name for p in tmp_path.iterdir()] == ["x"] and target.read_bytes() == b"old"


def test_kept_copies_come_with_the_one_replaced_last_first(tmp_path):
    path = str(tmp_path / "x.license")
    for number, name in enumerate(["a", "b", "a"]):
        kept = kept_file.keep(path, name.encode(), name, PRIVATE)
        os.utime(kept, (number, number))
    (tmp_path / "x.license.other").write_text("not ours")
    assert [k.fingerprint for k in kept_file.kept_copies(path)] == ["a", "b"]
    assert kept_file.kept_copies(str(tmp_path / "none" / "x")) == []


def test_a_missing_file_is_none(tmp_path):
    assert kept_file.read_bytes(str(tmp_path / "none")) is None

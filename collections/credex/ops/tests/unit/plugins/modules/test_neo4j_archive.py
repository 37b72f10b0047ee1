# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an archive of Neo4j to a folder beside others, with archives of a few bytes."""

from __future__ import annotations

import grp
import hashlib
import io
import json
import os
import stat
import tarfile

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.modules import neo4j_archive, neo4j_archive_info

TOP = "neo4j-community-5.26.30"
PACKAGING = b"Version: 5.26.30\nEdition: Community\nPackage Type: tar\n"


def run(module, capsys, check=False, **params):
    with patch_module_args({**params, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    return json.loads(capsys.readouterr().out)


def member(name, **facts):
    found = tarfile.TarInfo(name)
    for fact, value in facts.items():
        setattr(found, fact, value)
    return found


@pytest.fixture
def server(tmp_path, capsys):
    """An archive in the vendor's layout, and the folder of versions, which both modules are given."""

    class Server:
        path = tmp_path / "neo4j.tar.gz"
        versions = tmp_path / "versions"
        folder = versions / TOP

        def pack(self, *more, top=TOP, packaging=PACKAGING):
            files = {f"{top}/packaging_info": (packaging, 0o644), f"{top}/bin/neo4j": (b"#!/bin/sh\n", 0o777)}
            with tarfile.open(self.path, "w:gz") as archive:
                archive.addfile(member(top, type=tarfile.DIRTYPE, mode=0o777))
                for name, (content, mode) in files.items():
                    archive.addfile(member(name, size=len(content), mode=mode, uid=4711), io.BytesIO(content))
                for one in more:
                    archive.addfile(one)

        def given(self, **params):
            checksum = hashlib.sha256(self.path.read_bytes()).hexdigest() if self.path.exists() else "0" * 64
            wanted = {"path": str(self.path), "sha256": checksum, "version": "5.26.30", "edition": "community"}
            return {**wanted, **params}

        def info(self, **params):
            return run(neo4j_archive_info, capsys, **self.given(**params))

        def unpack(self, check=False, **params):
            return run(neo4j_archive, capsys, check, **self.given(versions=str(self.versions), **params))

        def is_untouched(self):
            return os.listdir(self.versions) == []

    Server.versions.mkdir()
    found = Server()
    found.pack()
    return found


def test_a_right_archive_is_unpacked_and_closed_to_others(server):
    assert server.info()["problems"] == []
    result = server.unpack(group=grp.getgrgid(os.getgid()).gr_name)
    assert result["changed"] and result["folder"] == str(server.folder)
    modes = {path: stat.S_IMODE((server.folder / path).stat().st_mode) for path in (".", "bin/neo4j", "packaging_info")}
    assert modes == {".": 0o750, "bin/neo4j": 0o750, "packaging_info": 0o640}
    assert (server.folder / "bin/neo4j").stat().st_uid == os.geteuid()
    assert os.listdir(server.versions) == [TOP]


def test_the_same_again_changes_nothing_and_needs_no_archive(server):
    sha256 = server.given()["sha256"]
    server.unpack()
    server.path.unlink()
    assert not server.unpack(sha256=sha256.upper())["changed"]


def test_another_version_is_left_alone(server):
    server.unpack()
    server.pack(top="neo4j-community-5.26.31", packaging=b"Version: 5.26.31\n")
    assert server.unpack(version="5.26.31")["changed"]
    assert sorted(os.listdir(server.versions)) == [TOP, "neo4j-community-5.26.31"]


def test_check_mode_unpacks_nothing_and_looks_at_what_is_there(server):
    assert server.unpack(check=True)["changed"] and server.is_untouched()
    assert server.unpack(check=True, version="5.26.7")["failed"]
    server.path.unlink()
    assert server.unpack(check=True)["changed"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sha256": "0" * 64}, f"not {'0' * 64}"),
        ({"version": "5.26.7"}, f"holds {TOP} (packaging_info: version 5.26.30, edition community)"),
        ({"edition": "enterprise"}, "not neo4j-enterprise-5.26.30"),
    ],
)
def test_another_archive_is_told_and_not_unpacked(server, wrong, words):
    assert words in server.info(**wrong)["problems"][0]
    result = server.unpack(**wrong)
    assert result["failed"] and words in result["msg"] and server.is_untouched()


@pytest.mark.parametrize(
    ("packaging", "says"),
    [(b"Version: 5.26.31\n", "version 5.26.31"), (b"Edition: Enterprise\n", "edition enterprise")],
)
def test_a_folder_of_the_right_name_with_something_else_in_it(server, packaging, says):
    server.pack(packaging=packaging)
    assert says in server.info()["problems"][0] and server.unpack()["failed"] and server.is_untouched()


def test_an_archive_without_packaging_info_goes_by_its_folder(server):
    server.pack(packaging=b"")
    assert server.info()["problems"] == []
    server.pack(top="neo4j-enterprise-5.26.30", packaging=b"")
    assert server.info()["problems"] == [f"{server.path} holds neo4j-enterprise-5.26.30, not {TOP}."]


def test_there_is_no_such_file(server):
    server.path.unlink()
    assert f"There is no file {server.path}" in server.info()["problems"][0]
    assert server.unpack()["failed"]


@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>", None])
def test_what_is_no_archive_or_half_of_one(server, content):
    server.path.write_bytes(server.path.read_bytes()[:-60] if content is None else content)
    result = server.unpack()
    assert result["failed"] and str(server.path) in result["msg"] and server.is_untouched()


@pytest.mark.parametrize(
    "stranger",
    [
        member("/etc/passwd"),
        member(f"{TOP}/../../outside"),
        member("other/file"),
        member(f"{TOP}/out", type=tarfile.SYMTYPE, linkname="../../outside"),
        member(f"{TOP}/out", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member(f"{TOP}/pipe", type=tarfile.FIFOTYPE),
    ],
)
def test_nothing_leaves_its_folder(server, stranger):
    server.pack(stranger)
    result = server.unpack()
    assert result["failed"] and stranger.name in result["msg"] and server.is_untouched()


def test_a_link_within_is_kept(server):
    server.pack(member(f"{TOP}/bin/again", type=tarfile.SYMTYPE, linkname="neo4j"))
    assert server.unpack()["changed"] and (server.folder / "bin/again").read_text() == "#!/bin/sh\n"


def test_a_folder_that_is_there_is_never_replaced(server):
    server.folder.mkdir()
    assert "was not unpacked by this module" in server.unpack()["msg"]
    server.folder.rmdir()
    server.unpack()
    server.pack(member(f"{TOP}/more"))
    assert "was unpacked from another archive" in server.unpack()["msg"]


def test_a_group_that_is_not_there(server):
    assert "no group nobody-here" in server.unpack(group="nobody-here")["msg"] and server.is_untouched()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module neo4j_plugins, on folders of its own."""

from __future__ import annotations

import hashlib
import stat
import zipfile

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_plugins

OLD, NEW = "apoc-5.26.29-core.jar", "apoc-5.26.30-core.jar"


def jar(path, content="class"):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("apoc/Apoc.class", content)
    return path


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def host(tmp_path, run_module):
    """A host whose Neo4j brings APOC in labs, with an older one and a plugin of somebody else in its folder."""

    class Host:
        labs, folder, kept = (tmp_path / name for name in ("labs", "plugins", "plugins.kept"))

        def has(self):
            return sorted(path.name for path in self.folder.iterdir())

        def run(self, *paths, check=False, **params):
            wanted = [
                each if isinstance(each, dict) else {"path": str(each)}
                for each in paths or (self.labs / "apoc-*-core.jar",)
            ]
            given = {"folder": str(self.folder), "kept": str(self.kept), "neo4j_version": "5.26.30", **params}
            return run_module(neo4j_plugins, check, **{"plugins": wanted, **given})

    found = Host()
    for folder in (found.labs, found.folder):
        folder.mkdir()
    jar(found.labs / NEW)
    jar(found.folder / OLD, "older")
    jar(found.folder / "own-rules.jar")
    return found


def test_a_new_version_takes_the_place_of_the_old_one_which_is_kept(host):
    old = sha256(host.folder / OLD)
    result = host.run()
    assert result["changed"] and host.has() == [NEW, "own-rules.jar"]
    new = {"path": str(host.folder / NEW), "sha256": sha256(host.labs / NEW), "before": None, "changed": True}
    assert result["plugins"] == [new]
    assert result["kept"] == [str(host.kept / OLD)] and sha256(host.kept / OLD) == old
    assert stat.S_IMODE((host.folder / NEW).stat().st_mode) == 0o640
    assert result["diff"]["before"] == f"{OLD}\nown-rules.jar\n"
    assert result["diff"]["after"] == f"{NEW} {sha256(host.labs / NEW)}\nown-rules.jar\n"


def test_again_nothing_changes_and_no_file_is_touched(host):
    host.run()
    before = (host.folder / NEW).stat()
    assert not host.run()["changed"]
    assert (host.folder / NEW).stat().st_ctime_ns == before.st_ctime_ns, "or a restart would be due"


def test_check_mode_predicts_and_changes_nothing(host):
    predicted = host.run(check=True)
    assert predicted["changed"] and host.has() == [OLD, "own-rules.jar"] and not host.kept.exists()
    assert predicted["diff"] == host.run()["diff"]


def test_check_mode_predicts_before_neo4j_is_there(host, tmp_path):
    result = host.run(
        tmp_path / "none/apoc-*-core.jar", check=True, folder=str(tmp_path / "none/plugins"), owner="nobody-here"
    )
    assert result["changed"] and result["plugins"][0]["sha256"] is None


def test_another_content_under_the_same_name_is_replaced_and_kept(host):
    first = host.run()["plugins"][0]["sha256"]
    jar(host.labs / NEW, "mended")
    result = host.run()
    assert result["changed"] and sha256(host.folder / NEW) == sha256(host.labs / NEW)
    assert result["kept"] == [str(host.kept / NEW)] and sha256(host.kept / NEW) == first
    assert result["plugins"][0]["before"] == first
    assert host.run(host.kept / NEW)["plugins"][0]["sha256"] == first == sha256(host.folder / NEW), "and comes back"


def test_a_jar_that_shall_not_be_there_is_kept_elsewhere(host):
    result = host.run(plugins=[], absent=[OLD, "never-there.jar"])
    assert result["changed"] and host.has() == ["own-rules.jar"] and result["kept"] == [str(host.kept / OLD)]
    assert not host.run(plugins=[], absent=[OLD])["changed"]


def test_another_mode_is_a_change(host):
    host.run()
    assert host.run(mode="0600")["changed"] and not host.run(mode="0600")["changed"]


def test_the_expected_checksum_in_capitals_is_the_same(host):
    wanted = {"path": str(host.labs / NEW), "sha256": sha256(host.labs / NEW).upper()}
    assert host.run(wanted)["changed"]


@pytest.mark.parametrize(
    ("wanted", "params", "words"),
    [
        ({"path": "{labs}/apoc-5.26.30-core.jar", "sha256": "0" * 64}, {}, "Find out why before you trust it"),
        ({"path": "{labs}/bloom-*.jar"}, {}, "means no file, and must mean one"),
        ({"path": "{labs}/*"}, {}, "and must mean one"),
        ({"path": "{labs}/cut-1.0.jar"}, {}, "is no jar, or was cut off"),
        ({"path": "{labs}/apoc-5.26.30-core.jar"}, {"neo4j_version": "2025.04.0"}, "take APOC 2025.04"),
        ({"path": "{labs}/apoc-5.26.30-core.jar"}, {"owner": "nobody-here"}, "owner, group or mode cannot be used"),
        ({"path": "{labs}/apoc-5.26.30-core.jar"}, {"folder": "/nonexistent"}, "/nonexistent"),
    ],
)
def test_what_is_refused_changes_nothing(host, wanted, params, words):
    whole = jar(host.labs / "cut-1.0.jar").read_bytes()
    (host.labs / "cut-1.0.jar").write_bytes(whole[: len(whole) // 2])
    result = host.run({**wanted, "path": wanted["path"].format(labs=host.labs)}, **params)
    assert result["failed"] and words in result["msg"] and host.has() == [OLD, "own-rules.jar"]


def test_a_disk_that_is_full_leaves_all_as_it_was(host, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(neo4j_plugins.shutil, "copyfileobj", full)
    result = host.run()
    assert result["failed"] and "No space left" in result["msg"] and host.has() == [OLD, "own-rules.jar"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of the role neo4j_server, with a neo4j-admin that writes down what it was given."""

from __future__ import annotations

import getpass
import grp
import json
import os
import stat

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.modules import neo4j_conf, neo4j_initial_password

NEW = "# comment\nnew=1\n"
ME, GROUP = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name


@pytest.fixture
def admin(tmp_path):
    """A neo4j-admin whose end and words a test decides, and what it saw."""

    class Admin:
        path = tmp_path / "neo4j-admin"
        seen = tmp_path / "seen"

        def does(self, script: str) -> None:
            self.path.write_text(f"#!/bin/sh\n{script}\n")
            self.path.chmod(0o755)

        def saw(self) -> str:
            return self.seen.read_text() if self.seen.exists() else ""

    return Admin()


def run(module, capsys, check=False, **params):
    with patch_module_args({**params, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    return json.loads(capsys.readouterr().out)


# --- neo4j_conf ---


@pytest.fixture
def place(tmp_path, capsys, admin):
    """Replace a neo4j.conf; neo4j-admin finds it valid and says where it read it, unless the test wants another."""
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "neo4j.conf").write_text("old=1\n")
    (folder / "user-logs.xml").write_text("<logs/>")
    (folder / "neo4j.conf.0123456789abcdef.kept").write_text("older=1\n")
    admin.does(
        f'echo $* $JAVA_HOME "$(ls $NEO4J_CONF)" "$(cat $NEO4J_CONF/neo4j.conf)" >> {admin.seen}; echo $NEO4J_CONF'
    )

    def replace(content, check=False, **params):
        given = {
            "content": content,
            "path": str(folder / "neo4j.conf"),
            "owner": ME,
            "group": GROUP,
            "java_home": "/java",
        }
        given |= {"admin": str(admin.path), **params}
        return run(neo4j_conf, capsys, check, **{name: value for name, value in given.items() if value is not None})

    replace.file = folder / "neo4j.conf"
    return replace


def test_a_valid_file_is_placed_and_the_old_one_kept(place, admin):
    result = place(NEW)
    assert result["changed"] and place.file.read_text() == NEW
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o640
    with open(result["kept"]) as kept:
        assert kept.read() == "old=1\n"
    assert admin.saw().split() == ["server", "validate-config", "/java", "neo4j.conf", "user-logs.xml", *NEW.split()]
    assert (result["diff"]["before"], result["diff"]["after"]) == ("old = 1\n", "new = 1\n")


def test_the_same_file_again_changes_nothing_and_asks_nobody(place, admin):
    place(NEW)
    asked = admin.saw()
    assert not place(NEW)["changed"] and admin.saw() == asked


def test_another_mode_is_a_change_and_the_file_stays(place, admin):
    result = place("old=1\n", mode="0600")
    assert result["changed"] and result["kept"] is None and admin.saw() == ""
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600


def test_check_mode_lets_it_be_judged_and_replaces_nothing(place, admin):
    predicted = place(NEW, check=True)
    assert predicted["changed"] and admin.saw() and place.file.read_text() == "old=1\n"
    assert predicted["diff"] == place(NEW)["diff"]


def test_check_mode_predicts_before_neo4j_is_there(place):
    result = place(
        NEW, check=True, admin="/nonexistent/neo4j-admin", path="/nonexistent/neo4j.conf", owner="nobody-here"
    )
    assert result["changed"] and result["diff"]["after"] == "new = 1\n"


def test_the_kept_content_comes_back_as_a_new_file_that_nobody_judges(place, admin):
    placed = place(NEW)
    before, asked = place.file.stat(), admin.saw()
    result = place(None, fingerprint=placed["fingerprint"])
    assert result["changed"] and place.file.read_text() == "old=1\n" and admin.saw() == asked
    assert place.file.stat().st_ino != before.st_ino
    assert [copy["fingerprint"] for copy in result["kept_copies"]] == [placed["fingerprint"], "0123456789abcdef"]
    assert not place(None, fingerprint=placed["fingerprint"])["changed"]


def test_a_fingerprint_of_which_nothing_was_kept(place):
    result = place(None, fingerprint="fedcba9876543210")
    assert result["failed"] and "there is no kept copy" in result["msg"] and place.file.read_text() == "old=1\n"


def test_what_somebody_wrote_in_latin_1_stays_to_the_byte(place):
    place.file.write_bytes(b"# Z\xfcrich\na=1\n")
    assert not place("# Z\u00fcrich\na=1\n", mode=oct(place.file.stat().st_mode & 0o777))["changed"]


def test_what_neo4j_refuses_is_not_placed(place, admin):
    admin.does('echo "1 issue found."; echo "Error: $NEO4J_CONF/neo4j.conf is bad" >&2; exit 78')
    result = place(NEW)
    assert result["failed"] and result["rc"] == 78 and f"Error: {place.file} is bad" in result["msg"]
    assert place.file.read_text() == "old=1\n"


def test_a_judgement_of_another_file_is_none(place, admin):
    admin.does("echo Validating Neo4j configuration: /etc/neo4j/neo4j.conf")
    result = place(NEW)
    assert result["failed"] and "does not say that it read" in result["msg"] and place.file.read_text() == "old=1\n"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"owner": "nobody-here"}, "no user nobody-here"),
        ({"group": "nobody-here"}, "nobody-here"),
        ({"mode": "rw"}, "rw"),
        ({"content": "a=\u20ac\n"}, "latin-1"),
        ({"admin": "/nonexistent/x"}, "/nonexistent/x"),
    ],
)
def test_what_cannot_be_used_is_told(place, wrong, words):
    result = place(**{"content": NEW, **wrong})
    assert result["failed"] and words in result["msg"] and place.file.read_text() == "old=1\n"


def test_no_secret_in_the_result(place):
    result = place("# x\ndbms.security.keystore.password=hunter2hunter2\n")
    assert result["changed"] and "hunter2" not in json.dumps(result)


# --- neo4j_initial_password ---


@pytest.fixture
def first(tmp_path, capsys, admin):
    file = tmp_path / "arguments"
    admin.does(
        f'echo "$1 $2 $LC_ALL $JAVA_HOME" > {admin.seen}; cp "${{3#@}}" {file}; stat -c %a "${{3#@}}" >> {admin.seen}'
    )

    def set_password(password, check=False, **params):
        given = {"password": password, "data": str(tmp_path / "data"), "owner": ME, "java_home": "/java"}
        return run(neo4j_initial_password, capsys, check, **{**given, "admin": str(admin.path), **params})

    set_password.file = file
    set_password.data = tmp_path / "data"
    return set_password


@pytest.mark.parametrize(
    ("password", "line"),
    [
        ("password", '"password"'),
        ("-password", '"-password"'),
        ("pass#word", '"pass#word"'),
        ('pass"word', '"pass\\"word"'),
        ("pass\\word", '"pass\\\\word"'),
        ("$HOME `id` é漢", '"$HOME `id` é漢"'),
        ("x" * 1000, '"' + "x" * 1000 + '"'),
    ],
)
def test_a_password_goes_through_a_private_file_as_it_is(first, admin, password, line):
    result = first(password)
    assert result["changed"] and not result["was_started"] and password not in json.dumps(result)
    assert first.file.read_text(encoding="utf-8") == f"--\n{line}\n"
    assert admin.saw() == "dbms set-initial-password C.UTF-8 /java\n600\n"


def test_a_server_that_was_started_is_left_alone(first, admin):
    (first.data / "databases").mkdir(parents=True)
    result = first("password")
    assert not result["changed"] and result["was_started"] and admin.saw() == ""


def test_in_check_mode_the_password_is_judged_and_not_set(first, admin):
    assert first("password", check=True)["changed"] and admin.saw() == ""
    assert first("short", check=True)["failed"]


@pytest.mark.parametrize(("password", "words"), [("seven77", "has 7 characters"), ("password\n", "a line break")])
def test_what_is_no_password_is_refused(first, admin, password, words):
    result = first(password)
    assert result["failed"] and words in result["msg"] and admin.saw() == "" and password not in result["msg"]


def test_what_neo4j_refuses_is_told_without_the_password(first, admin):
    admin.does('echo "no such thing" >&2; exit 70')
    result = first("a-good-password")
    assert result["failed"] and "ended with 70 and said: no such thing" in result["msg"]
    assert "a-good-password" not in json.dumps(result)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Java is found, among programs that say what Java says."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._host import java
from ansible_collections.credex.ops.plugins.modules import neo4j_java_info


@pytest.fixture
def look(tmp_path, monkeypatch, capsys):
    """Look for Java in a folder of its own; C(put) puts one there."""
    monkeypatch.setattr(java, "PLACES", (str(tmp_path / "jvm" / "*"),))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))

    def look(**params):
        with patch_module_args(params), pytest.raises(SystemExit):
            neo4j_java_info.main()
        return json.loads(capsys.readouterr().out)["javas"]

    def put(place, said, code=0):
        program = tmp_path / place / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {code}\n")
        program.chmod(0o755)

    look.put, look.folder = put, tmp_path
    return look


def said(version):
    return f'openjdk version "{version}" 2025-04-15\nOpenJDK Runtime Environment (build {version}+6)'


def test_each_is_found_once_the_oldest_first(look):
    look.put("jvm/temurin-25/bin", said("25.0.2"))
    look.put("jvm/java-17-openjdk-17.0.15.el9/bin", said("17.0.15"))
    for name in ("java-17", "java-17-openjdk", "jre"):
        (look.folder / "jvm" / name).symlink_to("java-17-openjdk-17.0.15.el9")
    (look.folder / "path").mkdir()
    (look.folder / "path" / "java").symlink_to("../jvm/java-17-openjdk-17.0.15.el9/bin/java")
    jvm = look.folder / "jvm"
    assert look() == [
        {"home": str(jvm / "java-17"), "version": 17},
        {"home": str(jvm / "temurin-25"), "version": 25},
    ]


def test_what_does_not_answer_is_left_out(look):
    look.put("path", "This is the wrong Java", code=42)
    look.put("jvm/broken/bin", said("17.0.15"), code=1)
    look.put("jvm/silent/bin", "hello")
    (look.folder / "jvm" / "empty").mkdir()
    assert look() == []


def test_the_one_that_is_named_keeps_its_name(look):
    look.put("jvm/java-21/bin", said("21"))
    look.put("elsewhere/bin", said("1.8.0_402"))
    home = str(look.folder / "elsewhere")
    assert look(home=home) == [{"home": home, "version": 8}]
    assert look(home="/nonexistent") == []


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('java version "21.0.1" 2023-10-17 LTS', 21),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17" 2021-09-14', 17),
        ('openjdk version "1.8.0_402"', 8),
        ("version 17", None),
    ],
)
def test_version(text, version):
    assert java.version(text) == version


def test_a_name_that_tells_nothing_is_not_taken():
    assert java.lasting_name("/jvm/real", ["/jvm/default", "/jvm/jre"], 17) == "/jvm/real"

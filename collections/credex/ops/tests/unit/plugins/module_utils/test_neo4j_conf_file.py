# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import conf_file

SOMEBODYS = """\
# Written by hand. With the comment password=x
server.bolt.listen_address = :7687
! another comment
server.jvm.additional=-XX:+UseG1GC
  server.jvm.additional=-Dx=y:z

db.logs.query.enabled: OFF
db.format\\
   block
dbms.security.procedures.unrestricted=a.*,\\
  b.*
server.windows_service_name=C:\\\\\\u00f6
"""


def test_what_a_file_of_java_properties_sets():
    assert conf_file.values(SOMEBODYS) == {
        "server.bolt.listen_address": [":7687"],
        "server.jvm.additional": ["-XX:+UseG1GC", "-Dx=y:z"],
        "db.logs.query.enabled": ["OFF"],
        "db.formatblock": [""],  # a continued line has no space at its joint
        "dbms.security.procedures.unrestricted": ["a.*,b.*"],
        "server.windows_service_name": ["C:\\ö"],
    }


def test_only_what_is_named_is_changed():
    wanted = {
        "db.logs.query.enabled": ["INFO"],
        "dbms.security.procedures.unrestricted": [],
        "server.jvm.additional": ["-Dx=y:z", "-Dnew"],
        "server.windows_service_name": ["C:\\ö"],
        "server.http.enabled": ["false"],
    }
    changed = conf_file.brought_in(SOMEBODYS, wanted)
    assert changed == (
        "# Written by hand. With the comment password=x\n"
        "server.bolt.listen_address = :7687\n"
        "! another comment\n"
        "server.jvm.additional=-Dx=y:z\nserver.jvm.additional=-Dnew\n"
        "\n"
        "db.logs.query.enabled=INFO\n"
        "db.format\\\n   block\n"
        "server.windows_service_name=C:\\\\\\u00f6\n"
        "server.http.enabled=false\n"
    )
    assert conf_file.brought_in(changed, wanted) == changed


@pytest.mark.parametrize("content", ["", "\n", "a=1", "a=1\n", "a=1\n\n\n", "# x\r\na = 1\r\n"])
def test_a_file_that_is_right_already_is_left_to_the_byte_or_ends_its_last_line(content):
    kept = conf_file.brought_in(content, {"gone": []})
    assert kept == (content if content.endswith("\n") or not content else f"{content}\n")
    assert conf_file.values(kept) == conf_file.values(content)


def test_a_setting_that_stood_twice_stands_once():
    assert conf_file.brought_in("a=1\nb=2\na=3\n", {"a": ["3"]}) == "a=3\nb=2\n"


def test_a_diff_shows_no_secret_however_it_is_written():
    content = (
        "# password=x\na=b\ndbms.ssl.policy.bolt.private_key_password : hunter2\n"
        "server.jvm.additional=-Djavax.net.ssl.keyStorePassword=hunter2\nserver.jvm.additional=-Dx\n"
    )
    assert conf_file.without_secrets(content).splitlines() == [
        "a = b",
        "dbms.ssl.policy.bolt.private_key_password = (hidden)",
        "server.jvm.additional = (hidden)",
        "server.jvm.additional = -Dx",
    ]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles: made, given, shown and dropped; the built-in ones with the privileges that the manual lists."""

from __future__ import annotations

import pytest

from tests.lab.second_user import FORBIDDEN, SecondUser, commands, refusal

PUBLIC = [
    "GRANT ACCESS ON HOME DATABASE TO `PUBLIC`",
    "GRANT EXECUTE FUNCTION * ON DBMS TO `PUBLIC`",
    "GRANT EXECUTE PROCEDURE * ON DBMS TO `PUBLIC`",
    "GRANT LOAD ON ALL DATA TO `PUBLIC`",
]
READER = [
    "GRANT ACCESS ON DATABASE * TO `reader`",
    "GRANT MATCH {*} ON GRAPH * NODE * TO `reader`",
    "GRANT MATCH {*} ON GRAPH * RELATIONSHIP * TO `reader`",
    "GRANT SHOW CONSTRAINT ON DATABASE * TO `reader`",
    "GRANT SHOW INDEX ON DATABASE * TO `reader`",
]
ADMIN = [
    "GRANT ACCESS ON DATABASE * TO `admin`",
    "GRANT ALL DBMS PRIVILEGES ON DBMS TO `admin`",
    "GRANT CONSTRAINT MANAGEMENT ON DATABASE * TO `admin`",
    "GRANT INDEX MANAGEMENT ON DATABASE * TO `admin`",
    "GRANT LOAD ON ALL DATA TO `admin`",
    "GRANT MATCH {*} ON GRAPH * NODE * TO `admin`",
    "GRANT MATCH {*} ON GRAPH * RELATIONSHIP * TO `admin`",
    "GRANT NAME MANAGEMENT ON DATABASE * TO `admin`",
    "GRANT SHOW CONSTRAINT ON DATABASE * TO `admin`",
    "GRANT SHOW INDEX ON DATABASE * TO `admin`",
    "GRANT START ON DATABASE * TO `admin`",
    "GRANT STOP ON DATABASE * TO `admin`",
    "GRANT TRANSACTION MANAGEMENT (*) ON DATABASE * TO `admin`",
    "GRANT WRITE ON GRAPH * TO `admin`",
]


@pytest.fixture
def second(servers) -> SecondUser:
    return SecondUser(servers)


def test_roles_come_and_go(second):
    built_in = ["PUBLIC", "admin", "architect", "editor", "publisher", "reader"]
    assert [row["role"] for row in second.admin("SHOW ROLES").rows] == built_in
    assert second.admin("SHOW ALL ROLES YIELD *").columns == ["role", "immutable"]
    assert second.admin("CREATE ROLE night").counters.system_updates == 1
    assert second.admin("CREATE ROLE night IF NOT EXISTS").counters.system_updates == 0
    assert [row["role"] for row in second.admin("SHOW ROLES WHERE role = 'night'").rows] == ["night"]
    second.admin("CREATE ROLE copy AS COPY OF reader")
    assert commands(second.admin("SHOW ROLE copy PRIVILEGES AS COMMANDS")) == [
        command.replace("reader", "copy") for command in READER
    ]
    second.admin("GRANT ROLES night, copy TO joe, neo4j")
    shown = {row["user"]: row["roles"] for row in second.admin("SHOW USERS").rows}
    assert shown == {"joe": ["copy", "night", "PUBLIC"], "neo4j": ["admin", "copy", "night", "PUBLIC"]}
    second.admin("REVOKE ROLE copy FROM joe, neo4j")
    members = second.admin("SHOW POPULATED ROLES WITH USERS").rows
    assert [(row["role"], row["member"]) for row in members] == [
        *(("PUBLIC", "joe"), ("PUBLIC", "neo4j"), ("admin", "neo4j"), ("night", "joe"), ("night", "neo4j"))
    ]
    assert {"role": "copy", "member": None} in second.admin("SHOW ROLES WITH USERS").rows
    second.admin("DROP ROLE night")
    second.admin("DROP ROLE copy")
    assert second.admin("DROP ROLE night IF EXISTS").counters.system_updates == 0
    assert [row["role"] for row in second.admin("SHOW ROLES").rows] == built_in
    assert {row["user"]: row["roles"] for row in second.admin("SHOW USERS").rows}["joe"] == ["PUBLIC"]


def test_what_can_not_be_done_with_roles(second):
    argument = "Neo.ClientError.Statement.ArgumentError"
    failed = "Failed to"
    for text, message in (
        ("CREATE ROLE reader", f"{failed} create the specified role 'reader': Role already exists."),
        ("CREATE ROLE PUBLIC", f"{failed} create the specified role 'PUBLIC': 'PUBLIC' is a reserved role."),
        ("CREATE ROLE `a-b`", "Role name 'a-b' contains illegal characters."),
        ("CREATE ROLE x AS COPY OF nobody", f"{failed} create a role as copy of 'nobody': Role does not exist."),
        ("DROP ROLE nobody", f"{failed} delete the specified role 'nobody': Role does not exist."),
        ("DROP ROLE PUBLIC", f"{failed} delete the specified role 'PUBLIC': 'PUBLIC' is a reserved role."),
        ("GRANT ROLE nobody TO joe", f"{failed} grant role 'nobody' to user 'joe': Role does not exist."),
        ("GRANT ROLE reader TO nobody", f"{failed} grant role 'reader' to user 'nobody': User does not exist."),
        ("REVOKE ROLE PUBLIC FROM joe", f"{failed} revoke role 'PUBLIC' from user 'joe': 'PUBLIC' is a reserved role."),
        ("GRANT ACCESS ON DATABASE * TO nobody", f"{failed} grant access privilege to role 'nobody': Role does not"),
    ):
        code, told = refusal(second.admin, text)
        assert (code, told[: len(message)]) == (argument, message)
    code, message = refusal(second.admin, "GRANT ACCESS ON DATABASE nowhere TO reader")
    assert code == "Neo.ClientError.Database.DatabaseNotFound"
    assert second.admin("REVOKE ROLE nobody FROM joe").counters.system_updates == 0, "a notification, not an error"


def test_built_in_roles_are_those_of_the_manual(second):
    for role, expected in (("PUBLIC", PUBLIC), ("reader", READER), ("admin", ADMIN)):
        assert commands(second.admin(f"SHOW ROLE {role} PRIVILEGES AS COMMANDS")) == expected
    shown = commands(second.admin("SHOW ROLES editor, publisher, architect PRIVILEGES AS COMMANDS"))
    more = {role: {each.replace(f"`{role}`", "`reader`") for each in shown if role in each} for role in
            ("editor", "publisher", "architect")}  # fmt: skip
    assert more["editor"] - set(READER) == {"GRANT WRITE ON GRAPH * TO `reader`"}
    assert more["publisher"] - more["editor"] == {"GRANT NAME MANAGEMENT ON DATABASE * TO `reader`"}
    assert more["architect"] - more["publisher"] == {
        "GRANT CONSTRAINT MANAGEMENT ON DATABASE * TO `reader`",
        "GRANT INDEX MANAGEMENT ON DATABASE * TO `reader`",
    }


def test_show_privileges(second):
    columns = ["access", "action", "resource", "graph", "segment", "role", "immutable"]
    answer = second.admin("SHOW ROLE PUBLIC PRIVILEGES")
    assert answer.columns == columns
    shown = [(row["action"], row["graph"], row["segment"]) for row in answer.rows]
    assert shown[:2] == [("execute", "*", "FUNCTION(*)"), ("execute", "*", "PROCEDURE(*)")]
    assert ("access", "DEFAULT", "database") in shown
    rows = second.admin("SHOW PRIVILEGES WHERE role = 'editor' AND action = 'write'").rows
    assert [(row["resource"], row["segment"]) for row in rows] == [("graph", "NODE(*)"), ("graph", "RELATIONSHIP(*)")]
    second.grant("DENY ACCESS ON DATABASE neo4j")
    own = second.joe("SHOW USER PRIVILEGES")
    assert own.columns == [*columns, "user"]
    assert {"DENIED", "GRANTED"} == {row["access"] for row in own.rows}
    assert {row["user"] for row in own.rows} == {"joe"}
    assert "DENY ACCESS ON DATABASE `neo4j` TO $role" in commands(second.joe("SHOW USER joe PRIVILEGES AS COMMANDS"))
    assert "REVOKE DENY ACCESS ON DATABASE `neo4j` FROM `test`" in commands(
        second.admin("SHOW ALL PRIVILEGES AS REVOKE COMMANDS YIELD command")
    )
    assert refusal(second.joe, "SHOW PRIVILEGES")[0] == FORBIDDEN
    assert refusal(second.joe, "SHOW USERS neo4j, joe PRIVILEGES")[0] == FORBIDDEN


def test_what_was_granted_or_denied_is_revoked(second):
    def shown():
        return commands(second.admin("SHOW ROLE test PRIVILEGES AS COMMANDS"))

    second.grant("GRANT ACCESS ON DATABASE *", "DENY ACCESS ON DATABASE *", "GRANT SHOW SERVERS ON DBMS")
    assert len(shown()) == 3
    second.admin("REVOKE DENY ACCESS ON DATABASE * FROM test")
    assert shown() == ["GRANT ACCESS ON DATABASE * TO `test`", "GRANT SHOW SERVERS ON DBMS TO `test`"]
    second.admin("DENY ACCESS ON DATABASE * TO test")
    second.admin("REVOKE ACCESS ON DATABASE * FROM test")
    second.admin("REVOKE GRANT SHOW SERVERS ON DBMS FROM test")
    assert shown() == []

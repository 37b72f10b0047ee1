# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Privileges as commands: what is taken for the same, what is refused, what is granted and revoked."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import privileges
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("GRANT ACCESS ON DATABASE * TO app", ["GRANT ACCESS ON DATABASE * TO `app`"]),
        ("  DENY   WRITE ON\nGRAPH  neo4j  TO `app` ", ["DENY WRITE ON GRAPH `neo4j` TO `app`"]),
        ("GRANT ACCESS ON HOME DATABASE TO app", ["GRANT ACCESS ON HOME DATABASE TO `app`"]),
        (
            "GRANT ACCESS ON DATABASES LedgerSpace,`search-space` , c TO app",
            [f"GRANT ACCESS ON DATABASE `{name}` TO `app`" for name in ("ledgerspace", "search-space", "c")],
        ),
        (
            "GRANT MATCH {*} ON GRAPHS a, B TO app",
            [
                f"GRANT MATCH {{*}} ON GRAPH `{graph}` {element} * TO `app`"
                for graph in "ab"
                for element in ("NODE", "RELATIONSHIP")
            ],
        ),
        (
            "GRANT TRAVERSE ON HOME GRAPH ELEMENTS * TO app",
            [f"GRANT TRAVERSE ON HOME GRAPH {element} * TO `app`" for element in ("NODE", "RELATIONSHIP")],
        ),
        ("GRANT READ {name} ON GRAPH * NODES Person TO app", ["GRANT READ {name} ON GRAPH * NODE Person TO `app`"]),
        ("GRANT WRITE ON GRAPH * TO app", ["GRANT WRITE ON GRAPH * TO `app`"]),
        ("DENY LOAD ON ALL DATA TO app", ["DENY LOAD ON ALL DATA TO `app`"]),
        ("GRANT EXECUTE PROCEDURE db.* ON DBMS TO app", ["GRANT EXECUTE PROCEDURE db.* ON DBMS TO `app`"]),
        ("GRANT LOAD ON CIDR '127.0.0.1/32  TO x' TO app", ["GRANT LOAD ON CIDR '127.0.0.1/32  TO x' TO `app`"]),
        (
            "GRANT READ {x} ON GRAPH * NODE ` ON DBMS TO ``x` TO app",
            ["GRANT READ {x} ON GRAPH * NODE ` ON DBMS TO ``x` TO `app`"],
        ),
    ],
)
def test_as_neo4j_shows_it(written, shown):
    assert privileges.as_shown(written, "app") == shown
    assert [again for command in shown for again in privileges.as_shown(command, "app")] == shown


@pytest.mark.parametrize(
    "command",
    [
        "",
        "DROP ROLE app",
        "REVOKE ACCESS ON DATABASE * FROM app",
        "GRANT ACCESS ON DATABASE *",
        "GRANT ACCESS ON DATABASE * TO app, other",
        "GRANT ACCESS ON DATABASE * TO other TO app",
        "GRANT ACCESS ON DATABASE * TO app; DROP USER neo4j",
        "GRANT ACCESS ON DATABASE * TO app // x",
        "GRANT ACCESS ON DATABASE * TO app x",
        "GRANT /* ON x */ ACCESS ON DATABASE * TO app",
        "GRANT /**/ROLE admin /* ON y */ TO app",
        "GRANT \\u0052OLE admin, x ON y TO app",
        "GRANT ACCESS ON DATABASE `* TO app",
        "GRANT ACCESS ON DATABASE '* TO app",
        "grant access on database * to app",
    ],
)
def test_what_is_not_one_command_is_refused(command):
    with pytest.raises(InvalidOptionError, match="is not one privilege command: write GRANT or DENY"):
        privileges.wanted([command], "app")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("GRANT ACCESS ON DATABASE * TO other", "is for another role than `app`"),
        ("GRANT ACCESS ON DATABASE * TO `App`", "is for another role than `app`"),
        ("GRANT IMMUTABLE ACCESS ON DATABASE * TO app", "immutable privileges are left alone"),
        ("GRANT ROLE admin ON DBMS TO app", "gives a role to a user"),
        ("GRANT ROLES a, b ON DBMS TO app", "gives a role to a user"),
    ],
)
def test_what_is_something_else_is_refused(command, why):
    with pytest.raises(InvalidOptionError, match=why):
        privileges.wanted([command], "app")


def test_a_name_cannot_end_before_its_end():
    assert privileges.quoted("a` TO `admin") == "`a`` TO ``admin`"
    assert privileges.as_shown("GRANT ACCESS ON DATABASE * TO `a`` TO ``admin`", "a` TO `admin")


HELD = ["GRANT ACCESS ON DATABASE `neo4j` TO `app`", "GRANT MATCH {*} ON GRAPH * NODE `Person` TO `app`"]


def plan(held, commands, append=False):
    return privileges.plan(held, privileges.wanted(commands, "app"), append)


def test_nothing_to_do_however_it_is_spelled():
    found = plan(HELD, ["GRANT ACCESS ON DATABASES Neo4j TO app", "GRANT MATCH {*} ON GRAPH * NODES Person TO app"])
    assert found == privileges.Plan(grant=[], revoke=[], unlisted=[], after=HELD)


def test_exactly_what_is_listed():
    found = plan(HELD, ["DENY WRITE ON GRAPH * TO app", HELD[0]])
    assert found.grant == ["DENY WRITE ON GRAPH * TO app"]
    assert found.revoke == ["REVOKE GRANT MATCH {*} ON GRAPH * NODE `Person` FROM `app`"]
    assert (found.unlisted, found.after) == (HELD[1:], ["DENY WRITE ON GRAPH * TO `app`", HELD[0]])


def test_appended_nothing_is_revoked_and_all_else_is_named():
    found = plan(HELD, ["GRANT WRITE ON GRAPH * TO app"], append=True)
    assert (found.revoke, found.unlisted) == ([], HELD)
    assert found.after == [*HELD, "GRANT WRITE ON GRAPH * TO `app`"]


def test_a_command_for_several_privileges_is_sent_when_one_is_missing():
    command = "GRANT MATCH {*} ON GRAPH * TO app"
    found = plan(["GRANT MATCH {*} ON GRAPH * NODE * TO `app`"], [command])
    assert (found.grant, found.revoke) == ([command], [])
    assert len(found.after) == 2
    assert plan(found.after, [command]).grant == []


def test_denied_is_not_granted():
    found = plan(["DENY WRITE ON GRAPH * TO `app`"], ["GRANT WRITE ON GRAPH * TO `app`"])
    assert found.revoke == ["REVOKE DENY WRITE ON GRAPH * FROM `app`"] and len(found.grant) == 1


def test_a_copy_has_the_same_privileges_under_its_own_name():
    assert privileges.copied(HELD[0], "app", "b") == "GRANT ACCESS ON DATABASE `neo4j` TO `b`"

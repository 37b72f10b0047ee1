# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Privileges as they are written, shown and judged."""

from __future__ import annotations

import pytest
from neo4j.exceptions import ClientError

from lab.server import grammar, lexer
from lab.server.access import Access, State
from lab.server.errors import Neo4jError
from lab.server.privileges import KINDS, Privilege, read
from tests.lab.emulated import ONE
from tests.lab.examples import privileges
from tests.lab.second_user import FORBIDDEN


@pytest.mark.parametrize("privilege", list(privileges()), ids=lambda privilege: privilege.kind)
def test_what_is_shown_can_be_granted_again(privilege):
    """AS COMMANDS is Cypher: each command is read as the privilege that it shows."""
    found = lexer.tokens(f"{privilege.command} TO x")
    assert read(found, 0, {}) == ([privilege], len(found) - 2)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ACCESS ON DATABASES neo4j, LedgerSpace", ["ACCESS ON DATABASE `neo4j`", "ACCESS ON DATABASE `ledgerspace`"]),
        ("ACCESS ON HOME DATABASE", ["ACCESS ON HOME DATABASE"]),
        ("INDEX ON DATABASE *", ["INDEX MANAGEMENT ON DATABASE *"]),
        ("CREATE NEW LABELS ON DATABASE *", ["CREATE NEW NODE LABEL ON DATABASE *"]),
        ("TRANSACTION ON DATABASE *", ["TRANSACTION MANAGEMENT (*) ON DATABASE *"]),
        ("ALL ON DATABASE *", ["ALL DATABASE PRIVILEGES ON DATABASE *"]),
        ("ALL PRIVILEGES ON GRAPH *", ["ALL GRAPH PRIVILEGES ON GRAPH *"]),
        ("ALL DBMS PRIVILEGES ON DBMS", ["ALL DBMS PRIVILEGES ON DBMS"]),
        ("TRAVERSE ON GRAPH a NODES *", ["TRAVERSE ON GRAPH `a` NODE *"]),
        ("MATCH {*} ON HOME GRAPH",
         ["MATCH {*} ON HOME GRAPH NODE *", "MATCH {*} ON HOME GRAPH RELATIONSHIP *"]),
        ("READ {*} ON GRAPH * RELATIONSHIPS *", ["READ {*} ON GRAPH * RELATIONSHIP *"]),
        ("SET PASSWORDS ON DBMS", ["SET PASSWORD ON DBMS"]),
        ("EXECUTE PROCEDURES dbms.cluster*, gds.`license`.? ON DBMS",
         ["EXECUTE PROCEDURE dbms.cluster* ON DBMS", "EXECUTE PROCEDURE gds.license.? ON DBMS"]),
        ("EXECUTE USER DEFINED FUNCTION * ON DBMS", ["EXECUTE FUNCTION * ON DBMS"]),
        ("SHOW SETTINGS server.bolt.* ON DBMS", ["SHOW SETTING server.bolt.* ON DBMS"]),
        ("SHOW SERVER ON DBMS", ["SHOW SERVERS ON DBMS"]),
    ],
)  # fmt: skip
def test_spellings(written, shown):
    found, _ = read(lexer.tokens(f"{written} TO x"), 0, {})
    assert [privilege.command for privilege in found] == shown


@pytest.mark.parametrize(
    "written",
    [
        "ACCESS ON DBMS",
        "ACCESS ON GRAPH *",
        "READ {secret} ON GRAPH *",
        "TRAVERSE ON GRAPH * NODES Daynode",
        "WRITE ON GRAPH * NODES *",
        "CREATE ON GRAPH *",
        "EXECUTE PROCEDURE ON DBMS",
        "IMPERSONATE (joe) ON DBMS",
        "IMMUTABLE ACCESS ON DATABASE *",
        "LOAD ON CIDR '127.0.0.1/32'",
    ],
)
def test_what_the_table_does_not_have_is_refused_by_name(servers, written):
    with pytest.raises(grammar.NoMatchError):
        read(lexer.tokens(f"{written} TO x"), 0, {})
    with pytest.raises(ClientError, match="emulator does not know: GRANT "):
        servers.ask(ONE, f"GRANT {written} TO reader")


def test_what_is_included_is_a_privilege_as_well():
    for kind in KINDS:
        for other in KINDS:
            if Privilege(kind).includes(other):
                assert KINDS[kind].on == KINDS[other].on, (kind, other)


def test_denied_outweighs_granted():
    granted = (Privilege("ALL DBMS PRIVILEGES"), Privilege("ACCESS", "*"))
    denied = (Privilege("DATABASE MANAGEMENT"), Privilege("ACCESS", "HOME"))
    access = Access("joe", ("PUBLIC",), "neo4j", granted, denied)
    assert access.state("CREATE DATABASE") == State.DENIED
    assert access.state("SHOW SERVERS") == State.GRANTED
    assert access.state("START", "neo4j") == State.NOT_GRANTED
    assert [access.allows("ACCESS", name) for name in ("neo4j", "ledgerspace")] == [False, True]


@pytest.mark.parametrize(
    ("pattern", "name", "is_covered"),
    [
        ("*", "dbms.components", True),
        ("dbms.*", "dbms.cluster.statusCheck", True),
        ("dbms.cluster*", "dbms.components", False),
        ("*.components", "dbms.components", True),
        ("dbms.component?", "dbms.components", True),
        ("dbms.component?", "dbms.component", False),
        ("dbms.Components", "dbms.components", False),
        ("dbms.comp[o]nents", "dbms.components", False),
    ],
)
def test_names_with_wildcards(pattern, name, is_covered):
    assert Privilege("EXECUTE PROCEDURE", detail=pattern).covers(name) is is_covered


def test_a_refusal_names_what_is_missing():
    access = Access("joe", ("PUBLIC",), "neo4j", denied=(Privilege("SET PASSWORD"),))
    with pytest.raises(Neo4jError) as missing:
        access.require("SHOW ROLE", "SHOW USER")
    assert missing.value.message.startswith("Permission has not been granted for SHOW ROLE and/or SHOW USER. Try ")
    with pytest.raises(Neo4jError) as denied:
        access.require("SET PASSWORD", "SET USER STATUS")
    assert denied.value.message.startswith("Permission denied for SET PASSWORDS. Try ")
    with pytest.raises(Neo4jError) as database:
        access.require("START", database="neo4j")
    assert database.value.message.startswith("Permission has not been granted for START DATABASE. Try ")
    assert (missing.value.code, missing.value.gql_status) == (FORBIDDEN, "42NFF")

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is granted is allowed, and nothing else: databases, data, administration, procedures, settings.

Which statement takes which privilege is from the manual; the texts of refusals are checked against the real jars by
tests/contract/test_texts.py, but for that of a database without access, which issues of Neo4j's clients quote.
"""

from __future__ import annotations

import pytest
from neo4j.exceptions import ClientError

from lab.server.statements.probe import LABEL
from tests.lab.emulated import ALL, PROBE
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser, commands, refusal
from tests.lab.test_emulator_statements import DCO


@pytest.fixture
def second(servers) -> SecondUser:
    return SecondUser(servers)


def test_a_database_takes_access(second):
    """Everybody may use their home database, and any other one only with a privilege."""
    assert second.joe("RETURN 1 AS x", None).rows == [{"x": 1}]
    refused = (FORBIDDEN, "Database access is not allowed for user 'joe' with roles [PUBLIC].")
    assert refusal(second.joe, "RETURN 1 AS x", "ledgerspace") == refused
    second.grant("GRANT ACCESS ON DATABASE ledgerspace")
    assert second.joe("RETURN 1 AS x", "ledgerspace").rows == [{"x": 1}]
    assert refusal(second.joe, "RETURN 1 AS x", "searchspace")[0] == FORBIDDEN
    second.admin("DENY ACCESS ON HOME DATABASE TO test")
    assert refusal(second.joe, "RETURN 1 AS x", "neo4j")[0] == FORBIDDEN
    second.admin("ALTER USER joe SET HOME DATABASE ledgerspace")
    assert refusal(second.joe, "RETURN 1 AS x", "ledgerspace")[0] == FORBIDDEN


def test_an_explicit_transaction_takes_access_as_well(second):
    with (
        second.servers.driver(ALL[0], "joe", SECRET) as driver,
        driver.session(database="ledgerspace") as session,
        pytest.raises(ClientError, match="Database access is not allowed"),
    ):
        session.begin_transaction().run("RETURN 1 AS x").consume()


def test_a_database_without_access_is_not_shown(second):
    def shown():
        return sorted({row["name"] for row in second.joe("SHOW DATABASES").rows})

    assert shown() == ["neo4j", "system"]
    second.grant("GRANT ACCESS ON DATABASE searchspace")
    assert shown() == ["neo4j", "searchspace", "system"]
    second.grant("GRANT CREATE DATABASE ON DBMS")
    assert shown() == ["ledgerspace", "neo4j", "searchspace", "system"]


def test_the_probe_takes_write(second):
    second.admin("CREATE DATABASE fresh TOPOLOGY 3 PRIMARIES WAIT")
    for roles, database, refused in (
        (["reader"], "fresh", "Creating new node label on database 'fresh' is not allowed for user 'joe' with roles"),
        (["editor"], "fresh", "Creating new node label on database 'fresh' is not allowed for user 'joe' with roles"),
        (["publisher"], "fresh", None),
        (["reader"], "fresh", f"Create node with labels '{LABEL}' on database 'fresh' is not allowed for user 'joe'"),
        (["editor"], "fresh", None),
    ):
        second.admin(f"GRANT ROLE {roles[0]} TO joe")
        if refused is None:
            assert second.probe(database, roles[0]).counters.nodes_created == 1
        else:
            code, message = refusal(second.probe, database, "not there yet")
            assert (code, message[: len(refused)]) == (FORBIDDEN, refused)
        second.admin(f"REVOKE ROLE {roles[0]} FROM joe")
    second.admin("GRANT ROLE reader TO joe")
    refused = "Set property for property 'at' on database 'fresh' is not allowed for user 'joe' with roles"
    assert refusal(second.probe, "fresh", "publisher") == (FORBIDDEN, f"{refused} [PUBLIC, reader].")


def test_a_graph_can_be_denied(second):
    second.servers.ask(second.writer("ledgerspace"), PROBE, "ledgerspace", name="first", at="now")
    second.admin("GRANT ROLE publisher TO joe")
    assert second.probe("ledgerspace", "first").counters.nodes_created == 0
    second.grant("DENY WRITE ON GRAPH ledgerspace")
    assert refusal(second.probe, "ledgerspace")[0] == FORBIDDEN
    second.admin("REVOKE DENY WRITE ON GRAPH ledgerspace FROM test")
    second.admin("DENY TRAVERSE ON GRAPH ledgerspace TO test")
    assert second.probe("ledgerspace", "first").counters.nodes_created == 1, "what one may not see, one makes again"


def test_gate_queries_see_what_may_be_read(second):
    second.grant("GRANT ACCESS ON DATABASE *", "GRANT TRAVERSE ON GRAPH ledgerspace")
    assert second.joe(DCO, "ledgerspace").rows == []
    second.admin("GRANT READ {*} ON GRAPH ledgerspace TO test")
    assert second.joe(DCO, "ledgerspace").rows == [{"busy": False}]
    second.admin("DENY MATCH {*} ON GRAPH * TO test")
    assert second.joe(DCO, "ledgerspace").rows == []


@pytest.mark.parametrize(
    ("text", "privilege", "named"),
    [
        ("SHOW SERVERS", "SHOW SERVERS", None),
        ("SHOW USERS", "SHOW USER", None),
        ("SHOW ROLES", "SHOW ROLE", None),
        ("SHOW ROLES WITH USERS", "USER MANAGEMENT", "SHOW ROLE and/or SHOW USER"),
        ("SHOW PRIVILEGES", "SHOW PRIVILEGE", None),
        ("CREATE USER new SET PASSWORD 'longer-than-8'", "CREATE USER", None),
        ("ALTER USER neo4j IF EXISTS SET PASSWORD CHANGE NOT REQUIRED", "SET PASSWORD", "SET PASSWORDS"),
        ("ALTER USER nobody IF EXISTS SET STATUS ACTIVE", "SET USER STATUS", None),
        ("ALTER USER nobody IF EXISTS SET HOME DATABASE x", "ALTER USER", "SET USER HOME DATABASE"),
        ("ALTER USER neo4j REMOVE AUTH 'x'", "SET AUTH", None),
        ("RENAME USER nobody IF EXISTS TO other", "RENAME USER", None),
        ("DROP USER nobody IF EXISTS", "DROP USER", None),
        ("CREATE ROLE new", "CREATE ROLE", None),
        ("DROP ROLE nobody IF EXISTS", "DROP ROLE", None),
        ("GRANT ROLE reader TO joe", "ASSIGN ROLE", None),
        ("REVOKE ROLE reader FROM joe", "REMOVE ROLE", None),
        ("DENY ACCESS ON DATABASE neo4j TO reader", "ASSIGN PRIVILEGE", None),
        ("REVOKE ACCESS ON DATABASE neo4j FROM reader", "REMOVE PRIVILEGE", None),
        ("CREATE DATABASE new", "CREATE DATABASE", None),
        ("DROP DATABASE nowhere IF EXISTS", "DROP DATABASE", None),
        ("ALTER DATABASE nowhere IF EXISTS SET TOPOLOGY 1 PRIMARY", "ALTER DATABASE", None),
        ("ENABLE SERVER 'neo4j-production-1'", "SERVER MANAGEMENT", None),
        ("DRYRUN REALLOCATE DATABASES", "SERVER MANAGEMENT", None),
        ("DRYRUN DEALLOCATE DATABASES FROM SERVERS []", "SERVER MANAGEMENT", None),
    ],
)
def test_administration_takes_the_privilege_of_the_statement(second, text, privilege, named):
    code, message = refusal(second.joe, text)
    assert code == FORBIDDEN
    assert message.startswith(f"Permission has not been granted for {named or privilege}. Try executing SHOW USER")
    second.joe(f"EXPLAIN {text}")
    others = {"SHOW ROLES WITH USERS": ["GRANT SHOW ROLE ON DBMS"]}.get(text, [])
    second.grant(f"GRANT {privilege} ON DBMS", *others)
    second.joe(text)
    second.admin(f"DENY {privilege} ON DBMS TO test")
    code, message = refusal(second.joe, text)
    assert (code, message.partition(".")[0].partition(" for ")[0]) == (FORBIDDEN, "Permission denied")


def test_starting_and_stopping_are_privileges_of_a_database(second):
    assert refusal(second.joe, "STOP DATABASE searchspace")[0] == FORBIDDEN
    second.grant("GRANT STOP ON DATABASE searchspace", "GRANT START ON DATABASE *")
    second.joe("STOP DATABASE searchspace WAIT")
    assert {row["currentStatus"] for row in second.admin("SHOW DATABASE searchspace").rows} == {"offline"}
    second.joe("START DATABASE searchspace WAIT")
    _, message = refusal(second.joe, "STOP DATABASE ledgerspace")
    assert message.startswith("Permission has not been granted for STOP DATABASE.")


def test_procedures_can_be_denied(second):
    assert second.joe("CALL db.ping()").rows == [{"success": True}]
    second.grant("DENY EXECUTE PROCEDURE db.* ON DBMS")
    refused = "Executing procedure is not allowed for user 'joe' with roles [PUBLIC, test]."
    assert refusal(second.joe, "CALL db.ping()") == (FORBIDDEN, refused)
    assert second.joe("CALL dbms.components()").rows


def test_procedures_for_administrators(second):
    text = "CALL dbms.cluster.statusCheck([])"
    code, message = refusal(second.joe, text)
    assert code == FORBIDDEN
    assert message == (
        "Executing admin procedure 'dbms.cluster.statusCheck' permission has not been granted for user 'joe' with "
        "roles [PUBLIC]."
    )
    second.grant("GRANT EXECUTE ADMIN PROCEDURES ON DBMS")
    assert second.joe(text).rows
    second.admin("REVOKE EXECUTE ADMIN PROCEDURES ON DBMS FROM test")
    second.admin("GRANT EXECUTE BOOSTED PROCEDURE dbms.cluster.* ON DBMS TO test")
    assert second.joe(text).rows


def test_settings_are_shown_to_who_may_see_them(second):
    text = "SHOW SETTINGS YIELD name WHERE name STARTS WITH 'server.bolt.' RETURN name"
    assert second.joe(text).rows == []
    second.grant("GRANT SHOW SETTING server.bolt.* ON DBMS", "DENY SHOW SETTING *.tls_level ON DBMS")
    shown = [row["name"] for row in second.joe("SHOW SETTINGS YIELD name").rows]
    assert shown == ["server.bolt.advertised_address", "server.bolt.enabled", "server.bolt.listen_address"]


def test_the_cordon_takes_server_management(second):
    server = ALL[2]
    code, message = refusal(second.joe, f"CALL dbms.cluster.cordonServer('{server}')")
    assert (code, message.partition(".")[0]) == (FORBIDDEN, "Permission has not been granted for SERVER MANAGEMENT")
    second.grant("GRANT SERVER MANAGEMENT ON DBMS")
    second.joe(f"CALL dbms.cluster.cordonServer('{server}')")
    states = {row["name"]: row["state"] for row in second.joe("SHOW SERVERS").rows}
    assert states[server] == "Cordoned"


def test_a_database_made_anew_has_lost_its_privileges(second):
    second.admin("CREATE DATABASE passing WAIT")
    second.grant("GRANT ACCESS ON DATABASE passing", "GRANT ACCESS ON DATABASE ledgerspace")
    second.admin("DROP DATABASE passing WAIT")
    second.admin("CREATE DATABASE passing WAIT")
    assert commands(second.admin("SHOW ROLE test PRIVILEGES AS COMMANDS")) == [
        "GRANT ACCESS ON DATABASE `ledgerspace` TO `test`"
    ]


def test_nobody_is_limited_without_authentication(servers):
    servers.restart_with(ALL[0], "dbms.security.auth_enabled=false")
    with servers.driver(ALL[0], "anybody", "anything") as driver, driver.session(database="ledgerspace") as session:
        assert session.run("RETURN 1 AS x").single(strict=True)["x"] == 1

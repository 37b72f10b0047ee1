# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users whose password, status and home are changed. What Community can do too, tests/contract compares.

That a suspended user is refused like one with a wrong password, and has no roles in the sessions that are open, rests
on the manual.
"""

from __future__ import annotations

import pytest
from neo4j.exceptions import AuthError, ClientError

from tests.lab.emulated import ALL, ONE, TWO

FIRST, SECOND = "longer-than-8", "even-longer-than-8"


@pytest.fixture
def admin(servers):
    """Asks the writer of the system database."""

    def ask(text, **parameters):
        return servers.ask(servers.writers(ONE)["system"], text, **parameters)

    ask("CREATE USER ann SET PASSWORD $password CHANGE NOT REQUIRED", password=FIRST)
    return ask


def user(admin, name="ann"):
    (row,) = admin("SHOW USERS YIELD * WHERE user = $name", name=name).rows
    return row


def test_a_password_is_changed_for_somebody_else(servers, admin):
    admin("ALTER USER ann SET PASSWORD $password", password=SECOND)
    assert servers.ask_as(("ann", SECOND), TWO, "SHOW CURRENT USER").rows[0]["user"] == "ann"
    with pytest.raises(AuthError):
        servers.ask_as(("ann", FIRST), TWO, "SHOW CURRENT USER")
    with pytest.raises(ClientError, match="Old password and new password cannot be the same"):
        admin("ALTER USER ann SET PASSWORD $password", password=SECOND)


def test_open_sessions_outlive_a_change_of_password(servers, admin):
    with servers.driver(TWO, "ann", FIRST) as driver, driver.session(database="system") as session:
        session.run("SHOW CURRENT USER").consume()
        admin("ALTER USER ann SET PASSWORD $password", password=SECOND)
        assert session.run("SHOW CURRENT USER").single(strict=True)["user"] == "ann"


@pytest.mark.parametrize(
    ("clause", "is_required"),
    [
        ("SET PASSWORD CHANGE REQUIRED", True),
        ("SET PASSWORD CHANGE NOT REQUIRED", False),
        (f"SET PLAINTEXT PASSWORD '{SECOND}' CHANGE REQUIRED", True),
        (f"SET PASSWORD '{SECOND}' SET PASSWORD CHANGE NOT REQUIRED", False),
    ],
)
def test_a_change_of_password_is_required(admin, clause, is_required):
    admin(f"ALTER USER ann SET PASSWORD CHANGE {'NOT ' if is_required else ''}REQUIRED")
    admin(f"ALTER USER ann {clause}")
    assert user(admin)["passwordChangeRequired"] is is_required


def test_a_new_password_says_nothing_of_another_change(admin):
    admin("ALTER USER ann SET PASSWORD CHANGE REQUIRED")
    admin("ALTER USER ann SET PASSWORD $password", password=SECOND)
    assert user(admin)["passwordChangeRequired"] is True


def test_who_is_suspended_cannot_log_in(servers, admin):
    admin("ALTER USER ann SET STATUS SUSPENDED")
    assert user(admin)["suspended"] is True
    with pytest.raises(AuthError) as refused:
        servers.ask_as(("ann", FIRST), ONE, "SHOW CURRENT USER")
    assert refused.value.code == "Neo.ClientError.Security.Unauthorized"
    admin("ALTER USER ann SET STATUS ACTIVE")
    assert servers.ask_as(("ann", FIRST), ONE, "SHOW CURRENT USER").rows[0]["suspended"] is False


def test_who_is_suspended_while_logged_in_has_no_roles(servers, admin):
    admin("GRANT ROLE reader TO ann")
    with servers.driver(ONE, "ann", FIRST) as driver, driver.session(database="ledgerspace") as session:
        session.run("RETURN 1 AS x").consume()
        admin("ALTER USER ann SET STATUS SUSPENDED")
        with pytest.raises(ClientError) as refused:
            session.run("RETURN 1 AS x").consume()
        assert refused.value.message == "Database access is not allowed for user 'ann' with no roles."
        admin("ALTER USER ann SET STATUS ACTIVE")
        assert session.run("RETURN 1 AS x").single(strict=True)["x"] == 1


def test_nobody_suspends_or_deletes_themselves(admin):
    for text, message in (
        ("ALTER USER neo4j SET STATUS SUSPENDED", "alter the specified user 'neo4j': Changing your own activation"),
        ("DROP USER neo4j", "delete the specified user 'neo4j': Deleting yourself is not allowed."),
    ):
        with pytest.raises(ClientError, match=f"Failed to {message}"):
            admin(text)


def test_a_user_has_a_home(servers, admin):
    assert user(admin)["home"] is None
    admin("ALTER USER ann SET HOME DATABASE ledgerspace")
    assert user(admin)["home"] == "ledgerspace"
    shown = {row["name"]: row["home"] for row in servers.ask_as(("ann", FIRST), ONE, "SHOW DATABASES").rows}
    assert shown == {"ledgerspace": True, "system": False}, "PUBLIC lets in at home"
    with servers.driver(ONE, "ann", FIRST) as driver, driver.session() as session:
        result = session.run("RETURN 1 AS x")
        assert result.consume().database == "ledgerspace"
    admin("ALTER USER ann REMOVE HOME DATABASE")
    assert user(admin)["home"] is None
    assert servers.ask_as(("ann", FIRST), TWO, "RETURN 1 AS x", "neo4j").rows == [{"x": 1}]


def test_a_user_is_made_with_a_status_and_a_home(admin):
    admin("CREATE USER eve SET PASSWORD $password SET STATUS SUSPENDED SET HOME DATABASE LedgerSpace", password=FIRST)
    eve = user(admin, "eve")
    assert (eve["suspended"], eve["home"], eve["roles"]) == (True, "ledgerspace", ["PUBLIC"])
    assert eve["passwordChangeRequired"] is True


def test_a_user_gets_another_name(servers, admin):
    admin("GRANT ROLE editor TO ann")
    admin("RENAME USER ann TO anna")
    assert user(admin, "anna")["roles"] == ["editor", "PUBLIC"]
    assert servers.ask_as(("anna", FIRST), ONE, "SHOW CURRENT USER").rows[0]["user"] == "anna"


def test_passwords_are_obfuscated_in_the_log_of_writes(servers, admin):
    admin(f"ALTER USER ann SET PASSWORD '{SECOND}'")
    with servers.cluster() as cluster:
        written = [row["statement"] for row in cluster.write_log()]
    assert written[-1] == "ALTER USER ann SET PASSWORD '******'"


def test_every_server_knows_the_change(servers, admin):
    admin("ALTER USER ann SET PASSWORD $password", password=SECOND)
    for server in ALL:
        assert servers.ask_as(("ann", SECOND), server, "SHOW CURRENT USER").rows

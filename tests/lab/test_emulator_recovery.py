# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A database that has lost its majority, recreated by the emulated servers; and neo4j_database_recovery with no more
than the privileges in its documentation. All of it rests on Neo4j's manual (Recreate a database, Disaster recovery)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_database_recovery
from neo4j.exceptions import ClientError

from tests.contract.calls import run_module
from tests.lab.emulated import PROBE, THREE
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.lab.test_emulator_servers import FOUR, Wide
from tests.static.test_collection import needs

PROCEDURE = "dbms.cluster.recreateDatabase"
RECREATE = f"CALL {PROCEDURE}($database, $options)"
CORDON = "CALL dbms.cluster.cordonServer($name)"


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Wide]:
    """Four servers, and a database of two primaries, one of which is on the fourth."""
    emulated = Wide(tmp_path)
    emulated.enable_the_fourth()
    emulated.admin("CREATE DATABASE pair TOPOLOGY 2 PRIMARIES WAIT")
    emulated.admin("CREATE DATABASE only TOPOLOGY 1 PRIMARY WAIT")
    yield emulated
    emulated.end()


def test_a_database_is_recreated_from_what_is_left(wide):
    assert wide.places("pair").keys() == {FOUR, wide.writers(THREE)["system"]}
    [left] = wide.places("pair").keys() - {FOUR}
    wide.ask(wide.writers(THREE)["pair"], PROBE, "pair", name="before", at="now")
    wide.fault("lag", left, transactions=1)
    before = wide.ask(THREE, "SHOW DATABASES YIELD * WHERE name = 'pair'").rows
    wide.fault("kill", FOUR)
    assert "pair" not in wide.writers(THREE) and wide.writers(THREE)["system"]
    with pytest.raises(ClientError, match="unavailable and not cordoned"):
        wide.admin(RECREATE, database="pair", options={"seedingServers": []})
    wide.admin(CORDON, name=FOUR)
    assert wide.admin(RECREATE, database="pair", options={"seedingServers": []}).counters.system_updates
    wide.heal()
    wide.wait(lambda: {status for _, status in wide.places("pair").values()} == {"online"})
    after = wide.ask(THREE, "SHOW DATABASES YIELD * WHERE name = 'pair'").rows
    assert FOUR not in wide.places("pair") and left in wide.places("pair") and len(after) == 2
    assert after[0]["databaseID"] != before[0]["databaseID"]
    newest = max(row["lastCommittedTxn"] for row in before)
    assert {row["lastCommittedTxn"] for row in after} == {newest - 1}, "what only the lost one had is lost"
    assert "pair" in wide.writers(THREE)


@pytest.mark.parametrize(
    ("database", "options", "why"),
    [
        ("system", {"seedingServers": []}, "It is no database of users"),
        ("nobody", {"seedingServers": []}, "It is no database of users"),
        ("pair", {}, "Either seedingServers or seedURI"),
        ("pair", {"seedingServers": ["x"], "seedURI": "s3://b/x"}, "Either seedingServers or seedURI"),
        ("pair", {"seedingServers": ["x"]}, "Not every seeding server"),
        ("pair", {"clearData": True}, "emulator does not know"),
    ],
)
def test_what_cannot_be_recreated(wide, database, options, why):
    with pytest.raises(ClientError, match=why):
        wide.admin(RECREATE, database=database, options=options)


def test_the_newer_name_comes_with_its_version(wide):
    with pytest.raises(ClientError, match=r"no procedure with the name `dbms.recreateDatabase`"):
        wide.admin("CALL dbms.recreateDatabase($database, $options)", database="pair", options={"seedURI": "s3://b/x"})


PRIVILEGES = {"SHOW SERVERS": "DBMS", "CREATE DATABASE": "DBMS", "DROP DATABASE": "DBMS", "EXECUTE PROCEDURE": ""}


def test_the_documented_privileges_are_enough_and_each_is_missed(wide):
    told = needs(Path(neo4j_database_recovery.__file__ or ""), "neo4j")
    assert all(f"C({privilege})" in told for privilege in PRIVILEGES) and f"C({PROCEDURE})" in told
    second = SecondUser(wide)
    second.operate(roles=[])
    written = [f"{name} {PROCEDURE if name.startswith('EXECUTE') else ''} ON DBMS" for name in PRIVILEGES]
    second.grant(*(f"GRANT {privilege}" for privilege in written))
    wide.fault("kill", FOUR)
    wide.admin(CORDON, name=FOUR)

    def joe(**params: Any) -> dict[str, Any]:
        login = {"uri": f"bolt://{wide.address(second.writer())}", "username": "joe", "password": SECRET}
        return run_module(neo4j_database_recovery, **login, name="pair", settle=0, **params)

    for privilege in written:
        second.admin(f"REVOKE GRANT {privilege} FROM test")
        assert joe()["code"] == FORBIDDEN, privilege
        second.admin(f"GRANT {privilege} TO test")
    assert joe()["changed"] is True

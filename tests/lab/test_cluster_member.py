# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_cluster_member on a cluster of four: a server that comes, one that goes, alive or dead, while somebody writes;
and that the privileges in its documentation are enough, and none is idle.

It is the emulator that judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_cluster_member

from tests.contract.calls import run_module
from tests.lab.emulated import ALL, ONE, THREE, TWO
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.lab.test_emulator_servers import ARGUMENT, FOUR, Wide
from tests.static.test_collection import needs

DEALLOCATE, DROP = "DEALLOCATE DATABASES FROM SERVER $server", "DROP SERVER $server"


@pytest.fixture
def wide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wide]:
    """Production's three, and a fourth that is free."""
    monkeypatch.setattr(neo4j_cluster_member, "INTERVAL", 0.1)
    servers = Wide(tmp_path)
    servers.install(FOUR, 14)
    servers.start_all()
    yield servers
    servers.end()


def member(servers: Wide, name: str, state: str, **params: Any) -> dict[str, Any]:
    """A module that asks the third server, wherever system is written."""
    login = {"uri": f"neo4j://{servers.address(THREE)}", "username": "neo4j", "password": servers.password}
    return run_module(
        neo4j_cluster_member, **{**login, "server": servers.address(name), "state": state, "wait_timeout": 5, **params}
    )


def test_a_new_server_takes_the_place_of_one_that_leaves(wide):
    assert wide.writers(THREE)["ledgerspace"] == ONE
    would = member(wide, ONE, "dropped", _ansible_check_mode=True)
    assert "database ledgerspace has 3 primaries and 0 secondaries" in would["msg"], "the fourth is free"
    came = member(wide, FOUR, "enabled", tags=["new"])
    assert (came["executed_statements"], came["member"]["tags"]) == (
        ["ENABLE SERVER $server OPTIONS $options"],
        ["new"],
    )
    would = member(wide, ONE, "dropped", _ansible_check_mode=True)
    assert wide.states() == dict.fromkeys((*ALL, FOUR), "Enabled")
    did = member(wide, ONE, "dropped")
    assert did["executed_statements"] == would["executed_statements"] == [DEALLOCATE, DROP]
    assert did["moves"] == would["moves"]
    assert [(move["database"], move["to_server"]) for move in did["moves"]] == [
        ("ledgerspace", FOUR),
        ("searchspace", FOUR),
    ]
    for database in ("ledgerspace", "searchspace"):
        assert wide.places(database) == dict.fromkeys([TWO, THREE, FOUR], ("primary", "online"))
    assert member(wide, ONE, "dropped")["changed"] is False, "its process runs"
    wide.run(ONE, "stop")
    assert member(wide, ONE, "dropped")["changed"] is False, "it is not to be seen any more"
    assert "there is no server" in member(wide, ONE, "enabled")["msg"]


def test_a_server_that_is_down_leaves_as_well(wide):
    member(wide, FOUR, "enabled")
    wide.fault("kill", ONE)
    assert member(wide, ONE, "cordoned")["changed"] is True
    late = member(wide, ONE, "enabled", wait_timeout=0.2)
    assert "still waited for: it is Unavailable" in late["msg"]
    gone = member(wide, ONE, "dropped")
    assert gone["executed_statements"] == [DEALLOCATE, DROP], gone
    assert ONE not in wide.states()
    assert sorted(wide.places("ledgerspace")) == [TWO, THREE, FOUR]


def test_a_server_waits_until_the_last_copy_has_come(wide):
    member(wide, FOUR, "enabled")
    wide.fault("kill", FOUR)
    late = member(wide, ONE, "deallocated", wait_timeout=0.2)
    assert f"database ledgerspace is still on it ({wide.address(FOUR)}:7687 is unknown)" in late["msg"]
    wide.start_all()
    assert member(wide, ONE, "deallocated")["member"]["hosting"] == ["system"]


def test_a_cordon_of_most_is_neo4j_s_to_refuse(wide):
    """What the module does not foresee, its dry run tells, before anything is sent."""
    member(wide, FOUR, "enabled")
    for name in (TWO, THREE):
        member(wide, name, "cordoned")
    result = member(wide, ONE, "deallocated")
    assert "A quorum of the servers that host database 'ledgerspace' is cordoned" in result["msg"]
    assert wide.states()[ONE] == "Enabled"


PRIVILEGES = {"SERVER MANAGEMENT": "DBMS", "ACCESS": "DATABASE *"}
FORESEEN = "database ledgerspace has 3 primaries and 0 secondaries"


def test_the_documented_privileges_are_enough_and_each_is_missed(wide):
    told = needs(Path(neo4j_cluster_member.__file__ or ""), "neo4j")
    assert all(f"C({privilege})" in told for privilege in PRIVILEGES)
    second = SecondUser(wide)
    second.operate(roles=[])
    second.grant(*(f"GRANT {privilege} ON {on}" for privilege, on in PRIVILEGES.items()))

    def joe(name: str, state: str, without: str | None = None) -> dict[str, Any]:
        if without:
            second.admin(f"REVOKE GRANT {without} ON {PRIVILEGES[without]} FROM test")
        result = member(wide, name, state, username="joe", password=SECRET)
        if without:
            second.admin(f"GRANT {without} ON {PRIVILEGES[without]} TO test")
        return result

    assert joe(FOUR, "enabled", without="SERVER MANAGEMENT")["code"] == FORBIDDEN, "to see the servers is part of it"
    assert FORESEEN in joe(ONE, "deallocated")["msg"]
    blind = joe(ONE, "deallocated", without="ACCESS")
    assert FORESEEN not in blind["msg"] and blind["code"] == ARGUMENT, "Neo4j refuses it all the same"
    assert joe(FOUR, "enabled")["member"]["state"] == "Enabled"
    assert joe(ONE, "dropped")["executed_statements"] == [DEALLOCATE, DROP]

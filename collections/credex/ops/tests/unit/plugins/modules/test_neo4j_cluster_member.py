# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_cluster_member on emulated Enterprise servers: three, of which the third is empty."""

from __future__ import annotations

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_cluster_member

ONE, TWO, THREE = (f"neo4j-production-{number}" for number in (1, 2, 3))
TWO_PRIMARIES = [f"ALTER DATABASE {name} SET TOPOLOGY 2 PRIMARIES WAIT" for name in ("ledgerspace", "searchspace")]


@pytest.fixture
def admin(enterprise, login):
    """A statement on the writer of system."""

    def admin(text, **parameters):
        with neo4j.GraphDatabase.driver(enterprise.uris[0], auth=("neo4j", login["password"])) as driver:
            return [row.data() for row in driver.execute_query(text, parameters, database_="system").records]

    with enterprise.running():
        yield admin


@pytest.fixture
def ask(enterprise, admin, run_module, login, monkeypatch):
    monkeypatch.setattr(neo4j_cluster_member, "INTERVAL", 0.05)
    return lambda **params: run_module(
        neo4j_cluster_member, **{"uri": enterprise.uris[0], "server": TWO, "wait_timeout": 60, **login, **params}
    )


@pytest.fixture
def member(ask):
    """The second server, as these parameters have it; the same in check mode first, and again afterwards."""

    def member(**params):
        would = ask(check_mode=True, **params)
        did = ask(**params)
        assert not did.get("failed"), did
        for part in ("changed", "executed_statements", "diff", "moves"):
            assert would[part] == did[part]
        assert (would["member"] or {}).get("state") == (did["member"] or {}).get("state")
        again = ask(**params)
        assert (again["changed"], again["executed_statements"], again["moves"]) == (False, [], [])
        assert did["waiting_for"] == []
        return did

    return member


def states(admin):
    return {row["name"]: row["state"] for row in admin("SHOW SERVERS")}


def test_a_server_from_a_cordon_to_its_end(member, ask, admin, enterprise):
    for statement in TWO_PRIMARIES:
        admin(statement)
    assert member(state="cordoned")["executed_statements"] == ["CALL dbms.cluster.cordonServer($server)"]
    assert states(admin)[TWO] == "Cordoned"
    assert member()["diff"]["after"]["state"] == "Enabled"
    left = member(state="deallocated", server=enterprise.servers[1].address)
    assert [(move["database"], move["from_server"], move["to_server"]) for move in left["moves"]] == [
        (name, TWO, THREE) for name in ("ledgerspace", "searchspace")
    ]
    assert left["diff"]["after"]["moves"][0] == f"ledgerspace (primary): {TWO} -> {THREE}"
    assert (left["member"]["state"], left["member"]["hosting"]) == ("Deallocated", ["system"])
    refused = ask(state="enabled")
    assert refused["failed"] and "no way leads back to enabled" in refused["msg"]
    gone = member(state="dropped", server="id-1")
    assert (gone["member"], gone["executed_statements"]) == (None, ["DROP SERVER $server"])
    assert states(admin)[TWO] == "Dropped"
    assert "server unbind" in ask(state="enabled")["msg"]


def test_an_enabled_server_is_dropped_in_one_run(member, admin):
    for statement in TWO_PRIMARIES:
        admin(statement)
    gone = member(state="dropped")
    assert gone["executed_statements"] == ["DEALLOCATE DATABASES FROM SERVER $server", "DROP SERVER $server"]
    assert len(gone["moves"]) == 2 and gone["diff"]["after"]["moves"]


def test_options_are_kept_where_they_are_not_given(member):
    assert member(mode_constraint="primary", tags=["eu"])["member"]["mode_constraint"] == "PRIMARY"
    changed = member(denied_databases=["Reports"])["member"]
    assert (changed["mode_constraint"], changed["denied_databases"], changed["tags"]) == (
        "PRIMARY",
        ["reports"],
        ["eu"],
    )
    changed = member(allowed_databases=["ledgerspace", "searchspace"], denied_databases=[], tags=[])["member"]
    assert (changed["denied_databases"], changed["tags"]) == ([], [])
    assert changed["allowed_databases"] == ["ledgerspace", "searchspace"]


def test_what_neo4j_refuses_beyond_what_is_foreseen_is_told_in_its_words(ask, admin):
    result = ask(mode_constraint="secondary")
    assert (result["failed"], result["code"]) == (True, "Neo.ClientError.Statement.ArgumentError")
    assert f"Could not alter server '{TWO}'. Desired number of allocations is '3'" in result["msg"]


@pytest.mark.parametrize(
    ("before", "params", "why"),
    [
        ([], {"server": ONE}, "database neo4j has its only primary there"),
        ([], {}, "database ledgerspace has 3 primaries and 0 secondaries"),
        ([*TWO_PRIMARIES, "STOP DATABASE searchspace WAIT"], {}, "database searchspace is stopped"),
        ([], {"server": "nobody"}, f"there is no server nobody in this cluster.*{ONE}"),
        ([], {"state": "dropped", "wait": False}, "wait cannot be false"),
        ([], {"tags": ["a"]}, "nothing is set"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_refused_changes_nothing(ask, admin, before, params, why, check_mode):
    for statement in before:
        admin(statement)
    result = ask(check_mode=check_mode, **{"state": "deallocated", **params})
    assert result.get("failed"), result
    assert all(words in result["msg"] for words in why.split(".*"))
    assert set(states(admin).values()) == {"Enabled"}


def test_who_is_not_there_need_not_be_dropped(ask):
    result = ask(server="nobody", state="dropped")
    assert (result["changed"], result["member"]) == (False, None), result


def test_it_says_what_it_still_waits_for(ask, admin, enterprise):
    for statement in TWO_PRIMARIES:
        admin(statement)
    enterprise.servers[2].fault("never-available", since=0)
    late = ask(state="dropped", wait_timeout=0.2)
    assert (
        late.get("failed") and f"database ledgerspace is still on it ({enterprise.servers[2].address} is" in late["msg"]
    )
    assert states(admin)[TWO] == "Deallocating"
    seen = ask(state="deallocated", wait=False)
    assert (seen["changed"], seen["member"]["state"]) == (False, "Deallocating")
    assert len(seen["waiting_for"]) == 2
    (enterprise.folder / "faults" / THREE / "never-available.json").unlink()
    assert ask(state="dropped")["executed_statements"] == ["DROP SERVER $server"]


def test_a_silent_server_is_waited_for_and_a_wrong_password_is_not(ask, monkeypatch):
    from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError

    read, causes = neo4j_cluster_member.read, []

    def unsteady(asked):
        if causes:
            raise UnreachableError("no answer", asked.uri, causes.pop())
        return read(asked)

    monkeypatch.setattr(neo4j_cluster_member, "read", unsteady)
    first = ask(state="cordoned")
    assert first["changed"] and not causes
    monkeypatch.setattr(neo4j_cluster_member.administration, "carry_out", lambda *_: causes.append(Cause.UNAVAILABLE))
    assert ask(state="enabled", wait_timeout=0.2)["failed"], "nothing was sent, and so it stays cordoned"
    monkeypatch.setattr(
        neo4j_cluster_member.administration, "carry_out", lambda *_: causes.append(Cause.AUTHENTICATION)
    )
    assert ask(state="enabled")["cause"] == "authentication"


def test_community_has_no_cluster_and_says_so(enterprise, tmp_path, run_module, login):
    community = type(enterprise)(tmp_path / "community", edition="community")
    with community.running():
        result = run_module(neo4j_cluster_member, uri=community.uris[0], server=ONE, **login)
    assert result.get("failed")
    assert "this server has no cluster, which only Neo4j Enterprise has" in result["msg"]

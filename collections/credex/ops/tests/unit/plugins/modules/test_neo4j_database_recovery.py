# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_database_recovery on emulated Enterprise servers: three, of which one is lost."""

from __future__ import annotations

import neo4j
import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_database_recovery

ONE, TWO, THREE = (f"neo4j-production-{number}" for number in (1, 2, 3))
SENT = "CALL dbms.cluster.recreateDatabase($database, $options)"
CORDON = "CALL dbms.cluster.cordonServer($name)"


@pytest.fixture
def admin(enterprise, login):
    """A statement on the writer of system, in a cluster where two databases lie on the third server too."""

    def admin(text, **parameters):
        with neo4j.GraphDatabase.driver(enterprise.uris[0], auth=("neo4j", login["password"])) as driver:
            return [row.data() for row in driver.execute_query(text, parameters, database_="system").records]

    with enterprise.running():
        admin("ALTER SERVER $name SET OPTIONS {deniedDatabases: ['pair', 'only']}", name=ONE)
        admin("CREATE DATABASE pair TOPOLOGY 2 PRIMARIES WAIT")
        admin("ALTER SERVER $name SET OPTIONS {deniedDatabases: ['only']}", name=TWO)
        admin("CREATE DATABASE only TOPOLOGY 1 PRIMARY WAIT")
        admin("ALTER SERVER $name SET OPTIONS {}", name=ONE)
        admin("ALTER SERVER $name SET OPTIONS {}", name=TWO)
        yield admin


@pytest.fixture
def lose(enterprise, admin):
    """The third server, as the others see it."""
    from lab.server.cluster import Cluster

    def lose(name=THREE):
        cluster = Cluster(enterprise.folder, "credex")
        cluster.starting(name)
        cluster.close()

    return lose


@pytest.fixture
def ask(enterprise, run_module, login, admin, monkeypatch):
    monkeypatch.setattr(neo4j_database_recovery, "INTERVAL", 0.05)
    return lambda **params: run_module(
        neo4j_database_recovery, **{"uri": enterprise.uris[0], "name": "pair", "settle": 0.1, **login, **params}
    )


def places(admin, name):
    rows = admin("SHOW DATABASES YIELD name, serverID, currentStatus, writer")
    return {row["serverID"]: row["currentStatus"] for row in rows if row["name"] == name}


def test_what_is_left_of_a_database_makes_it_anew(ask, admin, lose):
    before = places(admin, "pair")
    assert sorted(before) == ["id-1", "id-2"]
    assert ask()["database"]["case"] == "whole"
    lose()
    would = ask(check_mode=True)
    assert (would["changed"], would["executed_statements"], places(admin, "pair")["id-2"]) == (True, [SENT], "unknown")
    assert "is lost and not cordoned" in ask()["msg"]
    admin(CORDON, name=THREE)
    did = ask()
    assert (did["changed"], did["executed_statements"], did["diff"]) == (True, [SENT], would["diff"])
    assert (did["database"]["case"], did["database"]["lost_on"]) == ("majority", [THREE])
    assert [survivor["server"] for survivor in did["database"]["survivors"]] == [TWO]
    assert f"What only {THREE} had committed after that is lost for ever" in did["diff"]["after"]["recreated"]
    assert places(admin, "pair") == {"id-0": "online", "id-1": "online"}
    again = ask()
    assert (again["changed"], again["executed_statements"], again["database"]["case"]) == (False, [], "whole")


def test_one_of_which_nothing_is_left_comes_from_a_backup(ask, admin, lose):
    lose()
    admin(CORDON, name=THREE)
    assert "needs the address of a backup" in ask(name="only")["msg"]
    assert "leave the address of the backup out" in ask(seed_uri="s3://backups/pair.backup")["msg"]
    did = ask(name="only", seed_uri="s3://backups/only.backup")
    assert (did["changed"], did["database"]["case"], did["database"]["survivors"]) == (True, "all", [])
    assert list(places(admin, "only").values()) == ["online"]


def test_who_has_lost_a_minority_is_left_alone(ask, lose):
    lose()
    found = ask(name="ledgerspace")
    assert (found["changed"], found["database"]["case"], found["database"]["lost_on"]) == (False, "minority", [THREE])


@pytest.mark.parametrize(
    ("before", "params", "why"),
    [
        (["STOP DATABASE pair WAIT"], {}, "database pair is stopped"),
        ([], {"name": "nobody"}, "no standard database nobody to be seen, but: ledgerspace, neo4j, only, pair, sear"),
        ([], {"name": "system"}, "keeps system"),
        (
            ["ALTER SERVER 'neo4j-production-1' SET OPTIONS {deniedDatabases: ['pair']}"],
            {},
            "the cluster has 1 servers",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_refused_sends_nothing(ask, admin, lose, before, params, why, check_mode):
    for statement in before:
        admin(statement)
    lose()
    admin(CORDON, name=THREE)
    unchanged = places(admin, "pair")
    result = ask(check_mode=check_mode, **params)
    assert result.get("failed") and why in result["msg"], result
    assert places(admin, "pair") == unchanged


def test_it_is_sent_only_when_the_cluster_stays_as_it_is_and_never_twice(ask, admin, lose, monkeypatch):
    lose()
    admin(CORDON, name=THREE)
    sent, look = [], neo4j_database_recovery.look
    monkeypatch.setattr(neo4j_database_recovery.administration, "carry_out", lambda _asked, steps: sent.extend(steps))
    answers = iter(["majority", "whole"])

    def unsteady(asked, name):
        cluster, found = look(asked, name)
        return cluster, {**found, "case": next(answers)}

    monkeypatch.setattr(neo4j_database_recovery, "look", unsteady)
    assert "is not as it was" in ask()["msg"] and sent == []
    monkeypatch.setattr(neo4j_database_recovery, "look", look)
    assert "Do not send it again" in ask()["msg"]
    assert [step.statement for step in sent] == [SENT]


def test_community_has_no_cluster_and_says_so(enterprise, tmp_path, run_module, login):
    community = type(enterprise)(tmp_path / "community", edition="community")
    with community.running():
        result = run_module(neo4j_database_recovery, uri=community.uris[0], name="neo4j", **login)
    assert result.get("failed") and "only Neo4j Enterprise has" in result["msg"]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A database as it is and as it is to be, and the statements between the two."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import databases, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import InvalidOptionError

NOT_GIVEN = {"state": "online", "data": None, "primaries": None, "secondaries": None}
THREE = {"name": "ledger", "status": "online", "primaries": 3, "secondaries": 0}


def row(number, **other):
    """One allocation, online as the primary of one of three servers, of which the first one writes."""
    return {
        "name": "ledger",
        "type": "standard",
        "default": False,
        "requested_status": "online",
        "requested_primaries": 3,
        "requested_secondaries": 0,
        "server_id": f"id-{number}",
        "address": f"10.0.1.{number}:7687",
        "role": "primary",
        "writer": number == 1,
        "current_status": "online",
        "status_message": "",
        "replication_lag": 0,
        "last_committed_txn": 7,
        **other,
    }


def server(number, **other):
    """A row of SHOW SERVERS."""
    return {
        "name": f"s{number}",
        "state": "Enabled",
        "health": "Available",
        "hosting": ["system"],
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        **other,
    }


def sent(current, **given):
    params = {**NOT_GIVEN, **given}
    after = databases.wanted(current, "ledger", params)
    return [step.statement for step in databases.plan(current, after, params["data"])]


def test_a_seed_is_for_a_database_that_is_not_there_yet():
    [step] = databases.plan(None, THREE, seed="id-1")
    assert step.statement == statements.NEW_DATABASE_FROM_SEED
    assert step.parameters["options"] == {"existingData": "use", "existingDataSeedServer": "id-1"}
    assert databases.plan(THREE, THREE, seed="id-1") == []


def test_rows_become_databases_with_their_allocations():
    found = databases.databases([row(2), row(1), row(3), row(1, name="a")])
    assert [each["name"] for each in found] == ["a", "ledger"]
    ledger = found[1]
    assert [place["address"] for place in ledger["allocations"]] == [f"10.0.1.{number}:7687" for number in (1, 2, 3)]
    assert (ledger["writer"], ledger["waits_for"]) == ("10.0.1.1:7687", [])
    assert databases.declared(ledger) == THREE and databases.declared(None) is None


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        ([row(1), row(2), row(3, current_status="starting")], ["ledger on 10.0.1.3:7687 is starting, wanted online"]),
        (
            [row(1), row(2), row(3, current_status="dirty", status_message="no space")],
            ["ledger on 10.0.1.3:7687 is dirty, wanted online (no space)"],
        ),
        ([row(1), row(2)], ["ledger has 2 of 3 primaries"]),
        ([row(number) for number in (1, 2, 3, 4)], ["ledger has 4 of 3 primaries"]),
        (
            [row(1), row(2), row(3), row(4, role="secondary", current_status="deallocating")],
            ["ledger on 10.0.1.4:7687 is deallocating, wanted online"],
        ),
        ([row(number, writer=False) for number in (1, 2, 3)], ["nobody writes ledger yet"]),
        (
            [row(1), row(2), row(3, address=None, role="unknown", current_status="unknown")],
            ["ledger on a server that does not answer, id id-3 is unknown, wanted online"],
        ),
    ],
)
def test_what_is_missing(rows, reasons):
    [found] = databases.databases(rows)
    assert found["waits_for"] == reasons


def test_what_is_to_be_stopped_needs_no_writer():
    stopped = {"requested_status": "offline", "current_status": "offline", "writer": False}
    [found] = databases.databases([row(number, **stopped) for number in (1, 2, 3)])
    assert found["waits_for"] == []
    assert len(databases.waits_for(found, "online")) == 3


def test_community_has_as_many_as_are_there():
    [found] = databases.databases([row(1, requested_primaries=None, requested_secondaries=None)])
    assert found["waits_for"] == []
    assert databases.declared(found) == {**THREE, "primaries": 1}


@pytest.mark.parametrize("name", ["abc", "LedgerSpace", "a-b.c", "3rd", "a" * 63])
def test_names(name):
    assert databases.valid_name(name) == name.lower()


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 64, "system", "System2", "_abc", "-abc", "abc-", "abc.", "a b", "säule", "a`b", "abc\n"]
)
def test_names_that_neo4j_does_not_take(name):
    with pytest.raises(InvalidOptionError, match="is no name for a database"):
        databases.valid_name(name)


@pytest.mark.parametrize(
    ("current", "given", "expected"),
    [
        (None, {}, [statements.NEW_DATABASE]),
        (None, {"primaries": 3}, [statements.NEW_DATABASE_WITH_TOPOLOGY]),
        (None, {"state": "offline"}, [statements.NEW_DATABASE, statements.STOP_DATABASE]),
        (None, {"state": "absent", "data": "dump"}, []),
        (THREE, {}, []),
        (THREE, {"primaries": 3, "secondaries": 0}, []),
        (THREE, {"primaries": 3, "secondaries": 1}, [statements.SET_TOPOLOGY]),
        (THREE, {"state": "offline"}, [statements.STOP_DATABASE]),
        (THREE, {"state": "absent", "data": "dump"}, [statements.DROP_DATABASE_WITH_DUMP]),
        (THREE, {"state": "absent", "data": "destroy"}, [statements.DROP_DATABASE_WITH_DATA]),
        ({**THREE, "status": "offline"}, {}, [statements.START_DATABASE]),
        ({**THREE, "status": "offline"}, {"primaries": 5}, [statements.START_DATABASE, statements.SET_TOPOLOGY]),
    ],
)
def test_statements(current, given, expected):
    assert sent(current, **given) == expected


def test_counts_that_are_not_given_stay():
    assert databases.wanted({**THREE, "secondaries": 2}, "ledger", {**NOT_GIVEN, "primaries": 5})["secondaries"] == 2
    assert databases.wanted(None, "ledger", {**NOT_GIVEN, "primaries": 3}) == THREE


@pytest.mark.parametrize("counts", [(0, 0), (12, 0), (1, -1), (1, 21)])
def test_counts_that_neo4j_does_not_take(counts):
    with pytest.raises(InvalidOptionError, match="Neo4j takes"):
        databases.check_counts(*counts)


def test_counts_that_neo4j_takes():
    databases.check_counts(1, 0)
    databases.check_counts(11, 20)
    databases.check_counts(None, None)


@pytest.mark.parametrize(("primaries", "is_warned"), [(None, False), (1, False), (2, True), (3, False), (4, True)])
def test_an_even_number(primaries, is_warned):
    assert bool(databases.even_warning(primaries)) is is_warned


ALL = [server(1), server(2), server(3)]


@pytest.mark.parametrize(
    "servers",
    [
        ALL[:2],
        [*ALL[:2], server(3, state="Free")],
        [*ALL[:2], server(3, state="Cordoned")],
        [*ALL[:2], server(3, health="Unavailable")],
        [*ALL[:2], server(3, mode_constraint="SECONDARY")],
        [*ALL[:2], server(3, denied_databases=["ledger"])],
        [*ALL[:2], server(3, denied_databases=["led*"])],
        [*ALL[:2], server(3, allowed_databases=["other"])],
    ],
)
def test_too_few_servers(servers):
    with pytest.raises(InvalidOptionError, match="shall have 3 primaries and 0 secondaries, and the cluster has"):
        databases.refuse_topology(None, THREE, servers)


@pytest.mark.parametrize(
    ("secondaries", "servers"),
    [
        (0, ALL),
        (0, [*ALL[:2], server(3, state="Cordoned", hosting=["ledger"])]),
        (0, [*ALL[:2], server(3, allowed_databases=["led*"])]),
        (1, [*ALL, server(4, mode_constraint="SECONDARY")]),
        (1, [*ALL[:2], server(3, mode_constraint="PRIMARY"), server(4)]),
    ],
)
def test_enough_servers(secondaries, servers):
    databases.refuse_topology(None, {**THREE, "secondaries": secondaries}, servers)


def test_servers_do_not_count_where_the_topology_stays_or_is_not_said():
    databases.refuse_topology(THREE, {**THREE, "status": "offline"}, [])
    databases.refuse_topology(None, {**THREE, "primaries": None, "secondaries": None}, [])


@pytest.mark.parametrize(
    ("after", "said"),
    [({"primaries": 1}, "does not reduce them"), ({"primaries": 5, "status": "offline"}, "only an online database")],
)
def test_changes_that_are_refused(after, said):
    with pytest.raises(InvalidOptionError, match=said):
        databases.refuse_topology(THREE, {**THREE, **after}, ALL)


def test_a_single_primary_may_become_many():
    databases.refuse_topology({**THREE, "primaries": 1}, THREE, ALL)


def test_what_is_not_dropped_and_not_managed():
    with pytest.raises(InvalidOptionError, match="default database"):
        databases.refuse_drop(row(1, default=True))
    databases.refuse_drop(row(1))
    with pytest.raises(InvalidOptionError, match="of the type composite"):
        databases.refuse_kind(row(1, type="composite"))
    databases.refuse_kind(row(1))
    databases.refuse_kind(None)

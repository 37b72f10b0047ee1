# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the spaces lie, and who of a space's members is asked."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.space_addresses import FilterModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import spaces
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError

MEMBERS = [
    {"host": "db-1", "uri": "bolt://10.0.1.1:7687", "cluster": "one"},
    {"host": "db-2", "uri": "bolt://10.0.1.2:7687", "cluster": "one"},
    {"host": "db-3", "uri": "bolt://10.0.1.3:7687", "cluster": "two"},
]
ONE = {"cluster": "one", "database": "ledgerspace"}


def addresses(where):
    [function] = FilterModule().filters().values()
    return function(where, MEMBERS)


def test_spaces_in_one_cluster_or_in_two():
    found = addresses({"ledger": ONE, "search": {"cluster": "two", "database": "neo4j"}})
    assert found == {
        "ledger": {"uris": ["bolt://10.0.1.1:7687", "bolt://10.0.1.2:7687"], "database": "ledgerspace"},
        "search": {"uris": ["bolt://10.0.1.3:7687"], "database": "neo4j"},
    }
    both = addresses({"ledger": ONE, "search": {**ONE, "database": "searchspace"}})
    assert both["ledger"]["uris"] == both["search"]["uris"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"ledger": ONE}, "neo4j_spaces has ['ledger'], and no 'search'"),
        (
            {"ledger": ONE, "search": {"cluster": "three", "database": "x"}},
            "lies in cluster 'three', of which no server",
        ),
    ],
)
def test_a_space_that_is_nowhere(where, message):
    with pytest.raises(AnsibleFilterError) as error:
        addresses(where)
    assert message in str(error.value)


def member(uri, writer, reachable=True, database="ledgerspace"):
    row = {"name": database, "address": uri, "writer": writer, "current_status": "online"}
    silent = {"uri": uri, "reachable": False, "cause": "refused", "message": "Nothing listens there"}
    return (
        {"uri": uri, "reachable": True, "edition": "enterprise", "address": uri, "databases": [row]}
        if reachable
        else silent
    )


@pytest.fixture
def params():
    uris = [m["uri"] for m in MEMBERS[:2]]
    login = {"username": None, "password": None, "ca_certificate": None, "timeout": 3600.0}
    return {**login, "ledger": {"uris": uris, "database": "ledgerspace"}, "search": {"uris": uris, "database": "other"}}


def answered_by(monkeypatch, *members):
    asked = []

    def read_cluster(targets):
        asked.extend(target.timeout for target in targets)
        return list(members)

    monkeypatch.setattr(spaces, "read_cluster", read_cluster)
    return asked


def test_the_writer_is_asked_with_the_time_that_the_work_may_take(monkeypatch, params):
    one, two = (m["uri"] for m in MEMBERS[:2])
    asked = answered_by(monkeypatch, member(one, writer=False), member(two, writer=True))
    found = spaces._find("ledger", params)
    assert (found.target.uri, found.target.timeout, found.database) == (two, 3600.0, "ledgerspace")
    assert asked == [spaces.LOCATING] * 2 and found.edition == "enterprise"
    assert str(found) == f"ledger (database ledgerspace on {two})"


def test_who_does_not_answer_is_named(monkeypatch, params):
    one, two = (m["uri"] for m in MEMBERS[:2])
    answered_by(monkeypatch, member(one, True, reachable=False), member(two, True, database="neo4j"))
    with pytest.raises(UnreachableError) as error:
        spaces._find("ledger", params)
    assert f"no server has database ledgerspace online; {one}: Nothing listens there; {two}: has neo4j" in str(
        error.value
    )
    assert error.value.cause is Cause.REFUSED

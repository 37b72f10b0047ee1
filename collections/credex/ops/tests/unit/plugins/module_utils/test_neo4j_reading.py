# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of which server, and what is made of it: Aura, other versions, missing rights."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, reading, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    NotSupportedError,
    StatementRefusedError,
    UnreachableError,
)

ADDRESS = "10.0.0.1:7687"


NOW = 1796087706333  # milliseconds since the epoch


def kernel(version="5.26.12", edition="enterprise"):
    return [{"name": "Neo4j Kernel", "versions": [version], "edition": edition, "now": NOW}]


def database(name, address=ADDRESS, kind="standard", status="online"):
    return {"name": name, "type": kind, "address": address, "currentStatus": status}


class Server:
    """Answers each statement from a table, with rows or with an error; remembers what was asked where."""

    def __init__(self, answers, uri="bolt://10.0.0.1"):
        self.answers = {
            statements.COMPONENTS: kernel(),
            statements.COMPONENTS_NOW: kernel(),
            statements.SETTINGS: [],
            **answers,
        }
        self.target = connection.parse_address(uri)
        self.asked = []

    def rows(self, statement, **parameters):
        return self.run(statement, parameters, "system").rows

    def run(self, statement, parameters, database):
        self.asked.append((statement, database))
        answer = self.answers[statement]
        if isinstance(answer, Exception):
            raise answer
        return connection.Result([], answer, "s", {}, [], None)


LICENSE_OF_NOTHING = {
    statements.LICENSE_AGREEMENT: [{"status": "yes", "daysLeftOnTrial": 0, "totalTrialDays": 0}],
    statements.PROCEDURES: [],
    statements.JMX: [],
}
GDS = {
    **LICENSE_OF_NOTHING,
    statements.PROCEDURES: [{"name": "gds.license.state"}],
    statements.SETTINGS: [{"name": reading.ADVERTISED_ADDRESS, "value": ADDRESS}],
    statements.DATABASES: [database("ledgerspace")],
    statements.GDS_LICENSE: [{"isLicensed": True, "details": "License expires at 2099-01-01T00:00Z[UTC]"}],
}
CLUSTER = {statements.SERVERS: [], statements.DATABASES: [], statements.STATUS_CHECK: []}


def test_the_kernel_is_told_from_the_language():
    rows = [{"name": "Cypher", "versions": ["5", "25"], "edition": ""}, *kernel("2026.09.0")]
    server = Server({statements.COMPONENTS: rows})
    assert reading.kernel(server) == {"version": "2026.09.0", "edition": "enterprise"}


def test_a_server_that_names_no_kernel_is_not_taken_for_one():
    with pytest.raises(StatementRefusedError, match="no Neo4j Kernel"):
        reading.kernel(Server({statements.COMPONENTS: []}))


def test_a_setting_without_a_value_is_left_out():
    rows = [{"name": "a", "value": "No Value"}, {"name": "b", "value": ""}, {"name": "c", "value": "x"}]
    assert reading.settings(Server({statements.SETTINGS: rows}), ["a", "b", "c"]) == {"c": "x"}


@pytest.mark.parametrize(
    ("version", "edition", "uri", "asked"),
    [
        ("5.26.12", "enterprise", "bolt://db1", {statements.SERVERS, statements.STATUS_CHECK}),
        ("5.23.0", "enterprise", "bolt://db1", {statements.SERVERS}),
        ("5.26.12", "community", "bolt://db1", set()),
        ("2025.10.1-aura", "enterprise", "neo4j+s://x.databases.neo4j.io", set()),
    ],
)
def test_only_what_a_server_has_is_asked(version, edition, uri, asked):
    server = Server({**CLUSTER, statements.COMPONENTS_NOW: kernel(version, edition)}, uri)
    found = reading._cluster(server)
    everywhere = {statements.COMPONENTS_NOW, statements.SETTINGS, statements.DATABASES}
    assert {statement for statement, _database in server.asked} == everywhere | asked
    assert (found["status_check"] is None) is (statements.STATUS_CHECK not in asked)


@pytest.mark.parametrize(
    ("asked", "answered", "ahead"),
    [(-1, 1, 0), (0, 0, 0), (-9.5, -9, 9), (9, 9.5, -9)],
    ids=["in between", "at once", "ahead of the answer", "behind the question"],
)
def test_a_clock_is_wrong_by_what_no_travelling_explains(asked, answered, ahead):
    found = reading.clock_ahead(kernel("2026.09.0"), NOW / 1000 + asked, NOW / 1000 + answered)
    assert found == pytest.approx(ahead, abs=0.001)


def test_a_status_check_that_is_not_there_is_null():
    server = Server({**CLUSTER, statements.STATUS_CHECK: NotSupportedError("no such procedure")})
    assert reading._cluster(server)["status_check"] is None


@pytest.mark.parametrize("statement", list(CLUSTER))
def test_a_gate_must_not_take_a_refusal_for_an_empty_cluster(statement):
    server = Server({**CLUSTER, statement: StatementRefusedError("denied", cause=Cause.FORBIDDEN)})
    with pytest.raises(StatementRefusedError):
        reading._cluster(server)


def test_an_enterprise_server_without_show_servers_is_an_error():
    with pytest.raises(NotSupportedError):
        reading._cluster(Server({**CLUSTER, statements.SERVERS: NotSupportedError("Unsupported")}))


def test_columns_that_a_version_does_not_have_are_null():
    found = reading._cluster(Server({**CLUSTER, statements.SERVERS: [{"name": "one", "brandNew": 1}]}))
    assert found["servers"][0]["name"] == "one"
    assert found["servers"][0]["mode_constraint"] is None
    assert "brandNew" not in found["servers"][0]


@pytest.mark.parametrize(
    "refusal", [NotSupportedError("no such procedure"), StatementRefusedError("denied", cause=Cause.FORBIDDEN)]
)
def test_what_a_server_will_not_tell_is_unknown(refusal):
    server = Server({**LICENSE_OF_NOTHING, statements.LICENSE_AGREEMENT: refusal, statements.JMX: refusal})
    found = reading._license(server)
    assert found["agreement"]["status"] == "unknown"
    assert found["processors"] is None
    assert found["memory"] == {"heap_max_mib": None, "page_cache_mib": None, "total_mib": None}


def test_another_error_is_not_swallowed():
    server = Server({**LICENSE_OF_NOTHING, statements.JMX: UnreachableError("gone", cause=Cause.UNAVAILABLE)})
    with pytest.raises(UnreachableError):
        reading._license(server)
    server = Server({**LICENSE_OF_NOTHING, statements.JMX: StatementRefusedError("syntax")})
    with pytest.raises(StatementRefusedError):
        reading._license(server)


def test_on_aura_what_needs_a_host_does_not_apply():
    server = Server({statements.PROCEDURES: []}, "neo4j+s://x.databases.neo4j.io")
    found = reading._license(server)
    assert found["agreement"]["status"] == "not_applicable"
    assert found["license_paths"] == {"gds": None, "bloom": None, "directory": None}
    assert found["processors"] is None
    assert [statement for statement, _database in server.asked] == [statements.COMPONENTS, statements.PROCEDURES]


@pytest.mark.parametrize(
    ("databases", "asked"),
    [
        ([database("system", kind="system"), database("ledgerspace")], "ledgerspace"),
        ([database("a", "10.0.0.2:7687"), database("b")], "b"),
        ([database("a", status="quarantined"), database("b")], "b"),
        ([database("a", kind="composite"), database("b")], "b"),
    ],
)
def test_a_product_is_asked_on_an_online_user_database_of_this_server(databases, asked):
    server = Server({**GDS, statements.DATABASES: databases})
    assert reading._license(server)["products"]["gds"]["licensed"] is True
    assert (statements.GDS_LICENSE, asked) in server.asked


def test_without_such_a_database_the_product_is_not_asked():
    server = Server({**GDS, statements.DATABASES: [database("a", "10.0.0.2:7687"), database("b", status="offline")]})
    gds = reading._license(server)["products"]["gds"]
    assert (gds["installed"], gds["licensed"]) == (True, None)
    assert "no user database is online on this server" in gds["message"]


def test_an_error_of_the_product_is_its_answer():
    server = Server({**GDS, statements.GDS_LICENSE: StatementRefusedError("License could not be read")})
    gds = reading._license(server)["products"]["gds"]
    assert (gds["installed"], gds["licensed"], gds["message"]) == (True, None, "License could not be read.")


def test_what_is_not_installed_is_not_asked():
    server = Server(LICENSE_OF_NOTHING)
    products = reading._license(server)["products"]
    assert [products[name]["installed"] for name in ("gds", "bloom")] == [False, False]
    assert statements.DATABASES not in [statement for statement, _database in server.asked]


def test_another_product_is_asked_by_the_inventorys_own_query():
    query = "CALL other.license() YIELD licensed"
    server = Server({**LICENSE_OF_NOTHING, statements.DATABASES: [database("a")], query: [{"licensed": True}]})
    products = reading._license(server, query)["products"]
    assert products["other"]["licensed"] is True and (query, "a") in server.asked

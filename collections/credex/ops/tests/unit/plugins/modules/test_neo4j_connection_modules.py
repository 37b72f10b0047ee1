# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application's connections to emulated Enterprise servers."""

from __future__ import annotations

import json

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import client_check, client_judge
from ansible_collections.credex.ops.plugins.modules import neo4j_connection_check, neo4j_connection_watch

SPACES = {"ledger": "ledgerspace", "search": "searchspace"}


@pytest.fixture
def check(enterprise, run_module, login):
    def check(scheme="neo4j", module=neo4j_connection_check, databases=None, **params):
        address = f"{scheme}://{enterprise.servers[0].address}"
        asked = [
            {"name": name, "uri": address, "database": database} for name, database in (databases or SPACES).items()
        ]
        return run_module(module, **{"connections": asked, **login, **params})

    return check


def judged(result, **databases):
    """Check -> status, of the connections together; equal ones once."""
    checks = client_judge.connections(result["connections"], {**SPACES, **databases}, result["wrote"])
    return {(check["id"].partition(".")[2], check["status"]) for check in checks}


def told(result, name, number=0):
    checks = client_judge.connections(result["connections"][number : number + 1], SPACES, result["wrote"])
    return next(check["detail"] for check in checks if check["id"] == f"connection.{name}")


def sent(enterprise, word):
    logs = [server.path / "logs/query.log" for server in enterprise.servers]
    return sum(word in line for log in logs if log.exists() for line in log.read_text().splitlines())


REQUIRED = {(name, "passed") for name in ("login", "scheme", "routing", "members", "database", "writer", "bookmarks")}
WARNINGS = {(name, "failed") for name in ("encryption", "first_contact", "privileges")}


def test_a_connection_that_is_well_is_seen_whole_and_writes_nothing(enterprise, check):
    with enterprise.running():
        result = check()
    assert result["changed"] is False and sent(enterprise, "MERGE") == 0
    ledger, search = result["connections"]
    one, two, three = (server.address for server in enterprise.servers)
    assert ledger["routing"] == {
        "writers": [one],
        "readers": sorted([two, three]),
        "routers": sorted([one, two, three]),
    }
    assert [member["reachable"] for member in ledger["members"]] == [True] * 3
    assert [session["step"] for session in search["sessions"]] == list(client_check.STEPS)
    assert ledger["sessions"][0]["server"] in (two, three) and ledger["sessions"][1]["server"] == one
    assert all(session["ms"] > 0 and session["message"] is None for session in ledger["sessions"])
    assert (ledger["roles"], ledger["addresses"]) == (["admin", "PUBLIC"], [one.partition(":")[0]])
    assert judged(result) == REQUIRED | WARNINGS


def test_a_probe_is_written_and_read_on_demand(enterprise, check):
    with enterprise.running():
        result = check(write=True)
        looked = check(write=True, check_mode=True)
    assert result["changed"] and result["wrote"] and judged(result) >= REQUIRED
    assert sent(enterprise, "MERGE") == 2
    assert not looked["changed"] and not looked["wrote"] and judged(looked) >= REQUIRED


def test_a_follower_that_does_not_show_what_was_written_is_found(enterprise, check, monkeypatch):
    monkeypatch.setattr(client_check.statements, "READ_PROBE", "RETURN 'older' AS at")
    with enterprise.running():
        result = check(write=True)
    assert ("bookmarks", "failed") in judged(result)
    assert "does not show what was written before: [{'at': 'older'}]" in told(result, "bookmarks")


def test_bolt_stays_with_one_server(enterprise, check):
    with enterprise.running():
        result = check(scheme="bolt")
    assert ("scheme", "failed") in judged(result) and "stays with this one of 3 servers" in told(result, "scheme")
    assert [one["members"] for one in result["connections"]] == [[], []] and ("members", "skipped") in judged(result)
    assert ("writer", "passed") in judged(result)


def test_a_wrong_password_is_tried_once_and_never_shown(enterprise, check):
    with enterprise.running():
        result = check(password="an-0ther-secret")
        after = check()
    assert [one["cause"] for one in result["connections"]] == ["authentication"] * 2
    assert judged(result) == {("encryption", "failed"), ("login", "failed")}
    assert "It was tried once" in told(result, "login") and "an-0ther-secret" not in json.dumps(result)
    # Of three tries the user would be locked out, and two runs of two connections would be four
    assert judged(after) >= REQUIRED


@pytest.mark.parametrize("database", ["nothing", "neo4j"])
def test_another_database_than_the_space_s(enterprise, check, database):
    with enterprise.running():
        result = check(databases={"ledger": database})
    assert ("database", "failed") in judged(result)
    if database == "neo4j":
        assert "neo4j was read at" in told(result, "database") and "the space is ledgerspace" in told(
            result, "database"
        )
    else:
        assert {("routing", "failed"), ("writer", "failed")} <= judged(result)
        assert "nothing" in told(result, "routing") and "not tried" in told(result, "writer")


def test_without_a_database_it_is_the_home_database(enterprise, check):
    with enterprise.running():
        result = check(databases={"ledger": None})
    assert result["connections"][0]["database"] == "neo4j"


def test_an_advertised_address_that_nobody_reaches_is_named(enterprise, check):
    conf, setting = enterprise.servers[1].path / "conf/neo4j.conf", "server.bolt.advertised_address="
    kept = [line for line in conf.read_text().splitlines() if not line.startswith(setting)]
    conf.write_text("\n".join([*kept, f"{setting}127.98.0.1:1", ""]))
    with enterprise.running():
        result = check()
    assert ("members", "failed") in judged(result)
    assert told(result, "members").startswith("127.98.0.1:1: refused: ")


def test_a_server_that_hangs_is_named(enterprise, check):
    enterprise.servers[2].fault("hang")
    with enterprise.running():
        result = check(timeout=8)
    assert f"{enterprise.servers[2].address}: timeout: " in told(result, "members")


def test_an_address_that_nobody_knows(run_module, login):
    asked = [{"name": "ledger", "uri": "neo4j://no-such-host.invalid"}]
    result = run_module(neo4j_connection_check, connections=asked, **login)
    assert result["connections"][0]["cause"] == "unresolvable" and result["connections"][0]["addresses"] == []


@pytest.mark.parametrize(
    ("connections", "said"),
    [
        ([], "connections names none"),
        ([{"name": "a", "uri": "h"}, {"name": "a", "uri": "h"}], "a name twice: a, a"),
        ([{"name": "a", "uri": "neo4j://u:p@h"}], "an address with credentials in it is not an address"),
        ([{"name": "a", "uri": "h", "username": "u"}], "parameters are required together: username, password"),
    ],
)
@pytest.mark.parametrize("module", [neo4j_connection_check, neo4j_connection_watch], ids=["check", "watch"])
def test_what_cannot_be_right_is_refused(run_module, module, connections, said):
    seconds = {"seconds": 1} if module is neo4j_connection_watch else {}
    result = run_module(module, connections=connections, **seconds)
    assert result["failed"] and said in result["msg"]


# Keeping on


def test_what_goes_on_is_counted(enterprise, check):
    with enterprise.running():
        result = check(module=neo4j_connection_watch, seconds=1)
    assert [(log["name"], log["kind"]) for log in result["watched"]] == [
        (name, kind) for name in SPACES for kind in ("read", "write")
    ]
    for log in result["watched"]:
        assert log["done"] > 0 and log["failed"] == 0 and log["failures"] == []
        assert log["longest_gap_seconds"] >= 0 and sum(log["servers"].values()) == log["done"]
    assert result["changed"] is False and sent(enterprise, "MERGE") == 0
    writers = [log["servers"] for log in result["watched"] if log["kind"] == "write"]
    assert [list(servers) for servers in writers] == [[enterprise.servers[0].address]] * 2
    checks = client_judge.watched(result["watched"], wrote=False)
    assert {check["status"] for check in checks} == {"passed"} and {c["group"] for c in checks} == set(SPACES)


def test_what_goes_on_may_write(enterprise, check):
    with enterprise.running():
        result = check(module=neo4j_connection_watch, seconds=0.5, write=True)
    assert result["changed"] and sent(enterprise, "MERGE") == sum(
        log["done"] for log in result["watched"] if log["kind"] == "write"
    )


def test_what_fails_is_counted_and_told(enterprise, check):
    with enterprise.running():
        result = check(module=neo4j_connection_watch, seconds=0.5, databases={"ledger": "nothing"})
    read = result["watched"][0]
    assert read["done"] == 0 and read["failed"] > 0 and "nothing" in read["failures"][0]["message"]
    assert len(read["failures"]) <= 5
    assert {check["status"] for check in client_judge.watched(result["watched"], wrote=False)} == {"failed"}


def test_a_wrong_password_is_tried_once_before_anything_goes_on(enterprise, check):
    with enterprise.running():
        result = check(module=neo4j_connection_watch, seconds=5, password="an-0ther-secret")
        after = check()
    assert result["failed"] and result["cause"] == "authentication"
    assert judged(after) >= REQUIRED


def test_no_time_at_all_is_refused(check):
    assert "seconds is 0" in check(module=neo4j_connection_watch, seconds=0)["msg"]

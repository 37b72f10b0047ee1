# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cluster has lost, and which steps are ready, over readings of it."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.filter.recovery_checks import FilterModule as Checks
from ansible_collections.credex.ops.plugins.filter.recovery_plan import FilterModule as Plan

plan = Plan().filters()["recovery_plan"]
told = Checks().filters()["recovery_checks"]
COMMAND = "ansible-playbook recover_cluster.yml -i x"


def address(number):
    return f"10.0.0.{number}:7687"


def listed(number, lost=False, **other):
    return {
        "name": f"db-{number}",
        "server_id": f"id-{number}",
        "address": address(number),
        "state": "Enabled",
        "health": "Unavailable" if lost else "Available",
        "hosting": [],
        "requested_hosting": [],
        "mode_constraint": "NONE",
        "allowed_databases": [],
        "denied_databases": [],
        "version": "5.26.30",
        **other,
    }


def copies(name, on, lost=(), primaries=None, writer=None, **other):
    return [
        {
            "name": name,
            "type": "system" if name == "system" else "standard",
            "server_id": f"id-{number}",
            "address": address(number),
            "role": "unknown" if number in lost else "primary",
            "writer": number == writer,
            "requested_status": "online",
            "current_status": "unknown" if number in lost else "online",
            "requested_primaries": primaries or len(on),
            "requested_secondaries": 0,
            "last_committed_txn": None if number in lost else 100 + number,
            **other,
        }
        for number in on
    ]


def answer(number, rows, databases, **other):
    return {
        "uri": f"bolt://10.0.0.{number}:7687",
        "reachable": True,
        "address": address(number),
        "servers": rows,
        "databases": databases,
        "status_check": [{"database": "system", "replication_successful": True}],
        **other,
    }


def silent(number):
    uri = f"bolt://10.0.0.{number}:7687"
    return {"uri": uri, "reachable": False, "cause": "refused", "message": "Nothing listens there."}


def reading(lost=(1,), of=4, rows=None, **other):
    """Four servers: ledger on three, pair on the first and the last, only on the first."""
    everyone = range(1, of + 1)
    rows = rows or [listed(n, lost=n in lost) for n in everyone]
    databases = [
        *copies("system", everyone, lost, writer=2),
        *copies("ledger", [1, 2, 3], lost, writer=2),
        *copies("pair", [1, 4], lost, writer=None if lost else 4),
        *copies("only", [1], lost, writer=None if lost else 1),
    ]
    return [silent(n) if n in lost else answer(n, rows, databases, **other) for n in everyone]


def steps(found):
    return [(step["kind"], step["target"], step["state"]) for step in found["steps"]]


def checks(found, phase="plan"):
    return {check["title"]: check for check in told(found, phase, COMMAND)}


SEEDS = {"only": "s3://b/only.backup"}


def test_a_whole_cluster_needs_nothing():
    found = plan(reading(lost=()), ["drop db-1"])
    assert (found["problems"], found["steps"], found["servers"]) == ([], [], [])
    assert {row["name"]: row["case"] for row in found["databases"]} == dict.fromkeys(
        ("ledger", "only", "pair"), "whole"
    )
    assert {check["status"] for check in told(found, "verify")} == {"passed"}
    assert "drop db-1" in checks(found)["Words that are not needed"]["detail"]


def test_the_steps_of_the_manual_in_their_order_and_none_without_its_word():
    found = plan(reading(), seeds=SEEDS)
    assert found["via"] == "bolt://10.0.0.2:7687"
    assert {row["name"]: row["case"] for row in found["databases"]} == {
        "ledger": "minority",
        "pair": "majority",
        "only": "all",
    }
    assert steps(found) == [
        ("cordon", "db-1", "ready"),
        ("recreate", "only", "waiting"),
        ("recreate", "pair", "waiting"),
        ("drop", "db-1", "waiting"),
    ]
    shown = checks(found)
    assert shown["Step: recreate only"]["detail"].endswith(
        f"""If that is meant: {COMMAND} -e '{{"recover_cluster_words": ["recreate only"]}}'"""
    )
    assert shown["Step: recreate pair"]["detail"].endswith("""-e '{"recover_cluster_words": ["recreate pair"]}'""")
    assert shown["Step: drop db-1"]["detail"].endswith("Comes after: recreate only, recreate pair")
    assert "db-4 (primary, last transaction 104). What only db-1 had" in shown["Step: recreate pair"]["detail"]
    assert not any(check["required"] for check in shown.values())


@pytest.mark.parametrize(
    ("words", "ready"),
    [
        (["recreate  only"], ["cordon", "recreate"]),
        (["recreate pair", "drop db-1"], ["cordon", "recreate"]),
        (["recreate only", "recreate pair"], ["cordon", "recreate", "recreate"]),
        (["recreate only", "recreate pair", "drop db-1"], ["cordon", "recreate", "recreate", "drop"]),
    ],
)
def test_a_step_is_ready_with_its_word_and_a_server_leaves_after_its_databases(words, ready):
    found = plan(reading(), words, SEEDS)
    assert [step["kind"] for step in found["steps"] if step["state"] == "ready"] == ready
    said = [check for check in told(found, "plan", COMMAND) if COMMAND in check["detail"]]
    assert len(said) == {2: 1, 3: 1, 4: 0}[len(ready)]
    assert all(f'"{word}"' in check["detail"] for check in said for word in words if word.startswith("recreate p"))


def test_a_database_of_which_nothing_is_left_waits_for_a_backup():
    found = plan(reading(), ["recreate only", "recreate pair"])
    assert steps(found)[1] == ("recreate", "only", "blocked")
    check = checks(found)["Step: recreate only"]
    assert "needs the address of a backup" in check["detail"] and COMMAND not in check["detail"]


def test_a_lost_server_leaves_only_when_there_is_room():
    rows = [listed(n, lost=n == 1, hosting=["ledger"] if n < 4 else []) for n in (1, 2, 3)]
    minority = [
        answer(n, rows, [*copies("system", [1, 2, 3], [1], writer=2), *copies("ledger", [1, 2, 3], [1], writer=2)])
        for n in (2, 3)
    ]
    found = plan([silent(1), *minority], ["drop db-1"])
    assert steps(found) == [("cordon", "db-1", "ready"), ("drop", "db-1", "blocked")]
    assert "no other enabled server may take the copy" in checks(found)["Step: drop db-1"]["detail"]


def test_a_lost_server_that_leaves_already_is_only_waited_for():
    rows = [listed(1, lost=True, state="Deallocating"), *(listed(n) for n in (2, 3, 4))]
    found = plan(reading(rows=rows), ["drop db-1", "recreate pair", "recreate only"], SEEDS)
    assert [step["kind"] for step in found["steps"]] == ["recreate", "recreate", "drop"]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([silent(1), silent(2)], "no server answers (bolt://10.0.0.1:7687, bolt://10.0.0.2:7687)"),
        (
            reading(lost=(1,), rows=[listed(n, lost=n < 3) for n in range(1, 5)]),
            "db-2 (10.0.0.2:7687) answers here, and",
        ),
        (reading(lost=(1,), rows=[listed(n) for n in range(1, 5)]), "db-1 (10.0.0.1:7687) gives no answer here, and"),
        (
            reading(status_check=[{"database": "system", "replication_successful": False}]),
            "the database system takes no",
        ),
    ],
)
def test_where_nothing_can_be_done_it_says_so(entries, why):
    found = plan(entries, ["recreate pair"])
    assert why in found["problems"][0] and found["steps"] == []
    assert all(check["required"] and check["status"] == "failed" for check in told(found, "plan", COMMAND))


def test_without_a_writer_of_system_the_manual_s_steps_are_told_with_its_last_transactions():
    rows = [listed(n, lost=n > 1) for n in (1, 2, 3)]
    entry = answer(1, rows, copies("system", [1, 2, 3], (2, 3)), status_check=None)
    [problem] = plan([entry, silent(2), silent(3)])["problems"]
    for words in ("unbind-system-db", "database info system", "dump system", "load system", "10.0.0.1:7687: 101"):
        assert words in problem


def test_a_new_server_may_have_the_address_of_the_lost_one():
    rows = [listed(1, lost=True), listed(9, address=address(1)), *(listed(n) for n in (2, 3, 4))]
    entries = reading(rows=rows)
    databases = entries[1]["databases"]
    found = plan([answer(1, rows, databases), *entries[1:]], seeds=SEEDS)
    assert found["problems"] == [] and [row["name"] for row in found["servers"]] == ["db-1"]


def test_what_takes_no_writes_at_the_end_is_a_failure():
    rows = [listed(n) for n in (1, 2, 3)]
    entry = answer(1, rows, [*copies("system", [1], writer=1), *copies("ledger", [1, 2, 3])])
    others = [answer(n, rows, entry["databases"]) for n in (2, 3)]
    check = checks(plan([entry, *others]), "verify")["Database ledger"]
    assert (check["status"], check["required"]) == ("failed", True) and "takes no writes" in check["detail"]

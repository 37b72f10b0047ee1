# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
import threading

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._aws.lock import Claim, Record
from ansible_collections.credex.ops.plugins.module_utils._aws.lock_table import LockTable
from ansible_collections.credex.ops.plugins.module_utils._report import process
from ansible_collections.credex.ops.plugins.modules import ops_lock
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

AWS = {"region": "af-south-1", "access_key": "AKIATEST", "secret_key": "not-a-secret"}
TABLE, NAME = "credex-ops-lock-production", "credex.ops/production"


@pytest.fixture
def dynamodb(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="af-south-1")
        client.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def table(dynamodb):
    return LockTable(dynamodb, TABLE, NAME)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves; what happens while somebody sleeps can be hooked in."""

    class Clock:
        now = 1000.0
        while_asleep = staticmethod(lambda: None)

        def sleep(self, seconds):
            self.now += seconds
            self.while_asleep()

    clock = Clock()
    monkeypatch.setattr(ops_lock.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(ops_lock.time, "sleep", clock.sleep)
    return clock


@pytest.fixture
def lock(dynamodb, capsys):
    def run(state, run_id="run-1", check=False, **more):
        operation = {"operation": "renew_license", "holder": "ops@bastion"} if state == "present" else {}
        given = {"state": state, "table": TABLE, "name": NAME, "run_id": run_id, **AWS, **operation, **more}
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            ops_lock.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_take_renew_release(lock, table):
    taken = lock("present")
    assert (taken["action"], taken["changed"], taken["held_by"]) == ("taken", True, None)
    record = table.read()
    assert (record.run_id, record.operation, record.holder, record.lease) == (
        "run-1",
        "renew_license",
        "ops@bastion",
        1800,
    )
    again = lock("present")
    assert (again["action"], again["changed"]) == ("own", False)
    assert lock("renewed")["action"] == "renewed"
    assert table.read().renewals == 1 and table.read().since == record.since
    released = lock("absent")
    assert (released["action"], released["changed"]) == ("released", True)
    assert table.read() is None
    assert (lock("absent")["action"], lock("absent")["changed"]) == ("left", False)


def test_another_operation_is_refused_and_shown_the_holder(lock, table, clock):
    lock("present")
    before = table.read()
    refused = lock("present", "run-2", operation="dr_drill")
    assert refused["failed"] and refused["held_by"]["run_id"] == "run-1"
    for fact in (NAME, "run-1", "renew_license", "ops@bastion", "by naming its run id"):
        assert fact in refused["msg"]
    assert table.read() == before and clock.now == 1000.0, "refused at once"


def test_a_rerun_waits_out_the_lease_and_takes_over(lock, table, clock):
    lock("present", lease=30)
    taken = lock("present", "run-2", poll=5)
    assert (taken["action"], taken["waited"]) == ("taken_over", 30)
    assert taken["held_by"]["run_id"] == "run-1" and table.read().run_id == "run-2"


def test_without_waiting_the_lock_of_an_earlier_run_is_told_and_left(lock, table, clock):
    lock("present", lease=30)
    held = lock("present", "run-2", wait=False)
    assert (held["action"], held["changed"], held["held_by"]["lease"]) == ("held", False, 30)
    assert "run-1" in held["msg"] and table.read().run_id == "run-1" and clock.now == 1000.0
    assert lock("present", "run-2", wait=False, operation="dr_drill")["failed"], "another operation's is refused"
    lock("absent")
    assert lock("present", "run-2", wait=False)["action"] == "taken"


def test_what_a_killed_run_left_waiting_takes_nothing(lock, table, clock):
    """Neither a lock whose lease is over nor one that is free: nobody would release it."""
    playbook = subprocess.Popen(["sleep", "60"])
    mine = {"host": process.socket.gethostname(), "pid": playbook.pid, "start": process._start(playbook.pid)}
    assert lock("present", lease=30, process=mine)["action"] == "taken"

    def kill():
        playbook.kill()
        playbook.wait()

    clock.while_asleep = kill
    refused = lock("present", "run-2", poll=5, process=mine)
    assert refused["failed"] and "run-2 has ended" in refused["msg"]
    assert table.read().run_id == "run-1"
    lock("absent")
    assert lock("present", "run-2", process=mine)["failed"] and table.read() is None


def test_a_rerun_does_not_wait_for_a_holder_that_lives(lock, table, clock):
    lock("present", lease=30)

    def renew_after_10_seconds():
        if clock.now >= 1010:
            record = table.read()
            table.replace(record, ops_lock.replace(record, renewals=record.renewals + 1))

    clock.while_asleep = renew_after_10_seconds
    refused = lock("present", "run-2", poll=5)
    assert refused["failed"] and "its holder is alive" in refused["msg"]
    assert clock.now == 1010 and table.read().run_id == "run-1"


def test_a_lock_released_while_waiting_is_taken(lock, table, clock):
    lock("present", lease=30)
    clock.while_asleep = lambda: table.delete("run-1")
    assert lock("present", "run-2", poll=5)["action"] == "taken"
    assert table.read().run_id == "run-2"


def test_breaking_breaks_exactly_that_run(lock, table):
    lock("present")
    wrong = lock("present", "run-2", operation="dr_drill", break_run_id="run-0")
    assert wrong["failed"] and table.read().run_id == "run-1"
    broken = lock("present", "run-2", operation="dr_drill", break_run_id="run-1")
    assert broken["action"] == "broken" and table.read().run_id == "run-2"


def test_a_holder_whose_lock_was_taken_away_may_not_go_on(lock, table):
    lock("present")
    lock("present", "run-2", break_run_id="run-1")
    before = table.read()
    lost = lock("renewed")
    assert lost["failed"] and "taken away from run run-1" in lost["msg"] and "run-2" in lost["msg"]
    left = lock("absent")
    assert left["action"] == "left" and not left["changed"] and "run-2" in left["msg"]
    assert table.read() == before
    table.delete("run-2")
    assert "nobody holds it now" in lock("renewed")["msg"]


@pytest.mark.parametrize(
    ("state", "run_id", "operation", "action", "changed"),
    [
        ("present", "run-1", "renew_license", "own", False),
        ("present", "run-2", "renew_license", "held", False),
        ("present", "run-2", "dr_drill", "held", False),
        ("renewed", "run-1", None, "renewed", True),
        ("renewed", "run-2", None, "lost", False),
        ("absent", "run-1", None, "released", True),
        ("absent", "run-2", None, "left", False),
    ],
)
def test_check_mode_only_reads(lock, table, state, run_id, operation, action, changed):
    lock("present")
    before = table.read()
    result = lock(state, run_id, check=True, **({"operation": operation} if operation else {}))
    assert (result["action"], result["changed"], result["held_by"]["run_id"]) == (action, changed, "run-1")
    assert table.read() == before


def test_check_mode_of_a_free_lock_takes_nothing(lock, table):
    assert lock("present", check=True)["action"] == "taken"
    assert table.read() is None


def test_a_missing_table_says_how_to_make_it(lock, dynamodb):
    dynamodb.delete_table(TableName=TABLE)
    failure = lock("present")["msg"]
    assert TABLE in failure and NAME in failure and "aws dynamodb create-table" in failure and "LockID" in failure


def test_a_table_with_another_key_says_so(lock, dynamodb):
    dynamodb.delete_table(TableName=TABLE)
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert "needs the string hash key LockID" in lock("present")["msg"]


def test_a_foreign_item_is_a_holder_and_not_a_crash(lock, dynamodb, table):
    dynamodb.put_item(TableName=TABLE, Item={"LockID": {"S": NAME}, "Info": {"S": "{}"}})
    refused = lock("present")
    assert refused["failed"] and "unknown" in refused["msg"]
    assert lock("absent")["action"] == "left"


# Races


def claim(run_id, operation="renew_license"):
    return Claim(run_id, operation, "ops@bastion", 30)


def test_the_slower_of_two_takers_is_refused_at_once(table, clock):
    class Slow(LockTable):
        """Between its look and its write somebody else takes the lock."""

        def create(self, record):
            assert table.create(ops_lock.replace(record, run_id="quick"))
            return super().create(record)

    slow = Slow(table._client, TABLE, NAME)
    with pytest.raises(ops_lock.LockRefusedError, match="quick") as refusal:
        ops_lock.present(slow, claim("slow"), poll=5, check_mode=False)
    assert refusal.value.record.run_id == "quick" and clock.now == 1000.0


def test_of_two_that_wait_out_the_same_lease_one_takes_over(table, clock):
    dead = Record("dead", "renew_license", "x", "", "", lease=30)
    table.create(dead)

    class Slow(LockTable):
        def replace(self, old, record):
            assert table.replace(old, ops_lock.replace(record, run_id="quick"))
            return super().replace(old, record)

    with pytest.raises(ops_lock.LockRefusedError, match="its holder is alive"):
        ops_lock.present(Slow(table._client, TABLE, NAME), claim("slow"), poll=5, check_mode=False)
    assert table.read().run_id == "quick"


def test_a_write_that_was_sent_twice_is_still_ours(table):
    """The answer to the first write was lost, and botocore sent it again: the condition no longer holds."""

    class Lossy(LockTable):
        def create(self, record):
            assert super().create(record)
            return super().create(record)

        def replace(self, old, record):
            assert super().replace(old, record)
            return super().replace(old, record)

    lossy = Lossy(table._client, TABLE, NAME)
    assert ops_lock.present(lossy, claim("run-1"), poll=5, check_mode=False)["action"] == "own"
    assert ops_lock.renewed(lossy, "run-1", check_mode=False)["action"] == "renewed"


@pytest.fixture
def atomic_writes(monkeypatch):
    """In DynamoDB a condition and the write that it guards are one step; in moto two threads can both see it hold."""
    one_at_a_time, put_item = threading.RLock(), DynamoDBBackend.put_item

    def guarded(*arguments, **named):
        with one_at_a_time:
            return put_item(*arguments, **named)

    monkeypatch.setattr(DynamoDBBackend, "put_item", guarded)


def test_of_many_takers_at_once_exactly_one_gets_it(dynamodb, atomic_writes):
    barrier, results = threading.Barrier(8), []

    def take(number):
        own = LockTable(boto3.client("dynamodb", region_name="af-south-1"), TABLE, NAME)
        barrier.wait(30)
        try:
            results.append(
                ops_lock.present(own, claim(f"run-{number}", f"operation-{number}"), 5, check_mode=False)["action"]
            )
        except ops_lock.LockRefusedError:
            results.append("refused")

    takers = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join(60)
    assert sorted(results) == ["refused"] * 7 + ["taken"]

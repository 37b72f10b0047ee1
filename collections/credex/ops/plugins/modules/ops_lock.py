#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_lock
short_description: Hold the lock of an environment while an operation runs
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Takes, renews and releases a lock that is one item of a DynamoDB table with the hash key C(LockID) (string), as
    Terraform's lock tables have it. All writes are conditional, so that of two takers exactly one gets it.
  - The lock says which run holds it, of which operation, who started it, and since when. The holder renews it before
    each step; O(lease) must outlast the longest single step, because a killed controller leaves its last module
    running.
  - A rerun of the B(same) operation waits until the record has stayed unchanged for the holder's lease, by its own
    monotonic clock (the clocks of two machines are never compared), and takes over. If the record changes meanwhile,
    the holder lives, and the taker is refused at once.
  - B(Another) operation is refused and shown the holder, however old the record is, because what the dead run left
    behind is for its own rerun to finish.
  - O(break_run_id) breaks the lock of exactly that run.
  - Permissions in AWS - C(dynamodb:GetItem), C(dynamodb:PutItem) and C(dynamodb:DeleteItem) on the table. In check mode
    only the first.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
    details:
      - Only reads. A lock that somebody else holds is reported in RV(held_by) and RV(msg), and is no failure.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - C(changed) is V(true) for every V(renewed), since that changes the record.
options:
  state:
    description:
      - V(present) takes the lock.
      - V(renewed) proves that it is still this run's own, and tells the others so. Fails if it was taken away.
      - V(absent) releases it if it is this run's own. A lock of somebody else is left alone, which is said and is no
        failure.
    type: str
    choices: [present, renewed, absent]
    default: present
  table:
    description: Name of the DynamoDB table.
    type: str
    required: true
  name:
    description: The lock, value of the hash key C(LockID).
    type: str
    required: true
  run_id:
    description: This run. Must differ for every run.
    type: str
    required: true
  operation:
    description: What this run does, such as V(renew_license). Required for O(state=present).
    type: str
  holder:
    description: Who runs it, as others shall read it. Without it, the user and host of this process.
    type: str
  lease:
    description: Seconds without a renewal after which a rerun of the same operation may take over.
    type: int
    default: 1800
  wait:
    description:
      - Whether O(state=present) waits for the end of the lease of an earlier run of the same operation. Otherwise such
        a lock is left to its holder, with RV(action=held), which is no failure.
    type: bool
    default: true
  poll:
    description: Seconds between two looks at the record while waiting for a lease to end.
    type: float
    default: 5
  break_run_id:
    description: Run id whose lock is broken, and no other's.
    type: str
    default: ""
  process:
    description:
      - The run's own process on this machine, C(process) of RV(credex.ops.ops_journal#module:run). Once it has ended,
        O(state=present) neither waits nor takes the lock, because nobody would release it. A module outlives the run
        that started it where that is killed.
      - Without it, or where C(/proc) cannot tell, the run is believed to live.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Take the lock of production
  credex.ops.ops_lock:
    table: credex-ops-lock-production
    name: credex.ops/production
    run_id: 20261123T044901Z-bastion-4711
    operation: renew_license
    region: af-south-1
  changed_when: false

- name: Prove that it is still ours before the next server
  credex.ops.ops_lock:
    state: renewed
    table: credex-ops-lock-production
    name: credex.ops/production
    run_id: 20261123T044901Z-bastion-4711
    region: af-south-1
  changed_when: false

- name: Release it
  credex.ops.ops_lock:
    state: absent
    table: credex-ops-lock-production
    name: credex.ops/production
    run_id: 20261123T044901Z-bastion-4711
    region: af-south-1
  changed_when: false
"""

RETURN = r"""
action:
  description:
    - What was done, or would be done in check mode.
    - V(left) means that the lock is not this run's own and was left alone. In check mode V(held) and V(lost) stand for
      the failure that a run would meet. Otherwise there is no V(lost), and V(held) comes with O(wait=false) alone.
  returned: success
  type: str
  sample: taken
  choices: [taken, own, taken_over, broken, renewed, released, left, held, lost]
held_by:
  description: The record as it was found. V(null) if nobody held the lock.
  returned: always
  type: dict
  contains:
    run_id:
      description: The run that holds it.
      type: str
    operation:
      description: Its operation.
      type: str
    holder:
      description: Who started it.
      type: str
    since:
      description: When it took the lock (ISO 8601, UTC).
      type: str
    renewed:
      description: When it last renewed it (ISO 8601, UTC).
      type: str
    lease:
      description: Its lease, in seconds.
      type: int
    renewals:
      description: How often it renewed it.
      type: int
msg:
  description: The same in a sentence.
  returned: always
  type: str
waited:
  description: Seconds spent waiting for the lease of an earlier run to end.
  returned: when O(state=present)
  type: int
"""

import getpass
import socket
import time
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.credex.ops.plugins.module_utils._aws import lock
from ansible_collections.credex.ops.plugins.module_utils._aws.lock import Claim, Decision, Record
from ansible_collections.credex.ops.plugins.module_utils._aws.lock_table import LockTable, LockTableError
from ansible_collections.credex.ops.plugins.module_utils._report import process, times

ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "renewed", "absent"], "default": "present"},
    "table": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "run_id": {"type": "str", "required": True},
    "operation": {"type": "str"},
    "holder": {"type": "str"},
    "lease": {"type": "int", "default": 1800},
    "wait": {"type": "bool", "default": True},
    "poll": {"type": "float", "default": 5},
    "break_run_id": {"type": "str", "default": ""},
    "process": {"type": "dict", "default": {}},
}
# What is done about a decision, and what it is called in the result
ACTIONS = {lock.CREATE: "taken", lock.OWN: "own", lock.TAKE_OVER: "taken_over", lock.BREAK: "broken"}


class LockRefusedError(Exception):
    """The lock is somebody else's; *record* says whose."""

    def __init__(self, message: str, record: Record | None) -> None:
        super().__init__(message)
        self.record = record


class Watch:
    """How long the record has been seen unchanged, by this process's monotonic clock."""

    def __init__(self) -> None:
        self._begun = self._since = time.monotonic()
        self._looks = 0
        self._seen: Record | None = None
        self.moved = False  # somebody wrote the record while it was watched

    def see(self, record: Record | None) -> float:
        """Seconds for which this record has lain unchanged."""
        if self._looks == 0 or record != self._seen:
            self._since = time.monotonic()
            self.moved = self._looks > 0
        self._looks += 1
        self._seen = record
        return time.monotonic() - self._since

    def waited(self) -> int:
        return round(time.monotonic() - self._begun)


def present(
    table: LockTable, claim: Claim, poll: float | None, check_mode: bool, mine: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Take the lock; without *poll* only if nobody has to be waited for."""
    watch = Watch()
    while True:
        record = table.read()
        decision = lock.decide(record, claim, watch.see(record))
        if check_mode:
            return _forecast(decision, record)
        if decision.action == lock.REFUSE:
            raise LockRefusedError(decision.reason, record)
        if process.is_alive(mine) is False:
            raise LockRefusedError(f"run {claim.run_id} has ended, and would never release it", record)
        if decision.action == lock.WAIT:
            if poll is None:
                return _forecast(decision, record)
            _wait(watch, poll, decision, record)
        elif _apply(table, decision, record, claim):
            changed = decision.action != lock.OWN
            return {**_result(ACTIONS[decision.action], decision.reason, record, changed), "waited": watch.waited()}


def renewed(table: LockTable, run_id: str, check_mode: bool) -> dict[str, Any]:
    record = table.read()
    if record is not None and record.run_id == run_id and not check_mode:
        table.replace(record, replace(record, renewed=times.to_text(times.now()), renewals=record.renewals + 1))
        record = table.read()  # the table's word, also where the answer to the write was lost and it was sent twice
    if record is not None and record.run_id == run_id:
        return _result("renewed", "the lock is still this run's own", record, True)
    now = f"it is held by {record.in_words()}" if record else "nobody holds it now"
    if check_mode:
        return _result("lost", f"the lock is not this run's own: {now}", record, False)
    raise LockRefusedError(f"the lock was taken away from run {run_id}: {now}. Nothing may be changed any more", record)


def absent(table: LockTable, run_id: str, check_mode: bool) -> dict[str, Any]:
    record = table.read()
    if record is not None and record.run_id == run_id and (check_mode or table.delete(run_id)):
        return _result("released", "the lock is free", record, True)
    if record is None:
        return _result("left", "nobody held the lock", None, False)
    return _result("left", f"the lock is not this run's own and was left alone: {record.in_words()}", record, False)


def _wait(watch: Watch, poll: float, decision: Decision, record: Record | None) -> None:
    """Until the next look. A record that changed under our eyes has a living holder, for whom nobody waits."""
    if watch.moved:
        raise LockRefusedError(f"its holder is alive; {decision.reason}", record)
    time.sleep(poll)


def _apply(table: LockTable, decision: Decision, record: Record | None, claim: Claim) -> bool:
    """False when somebody else was quicker: then everything is asked anew."""
    if decision.action == lock.OWN:
        return True
    now = times.to_text(times.now())
    mine = Record(claim.run_id, claim.operation, claim.holder, since=now, renewed=now, lease=claim.lease)
    return table.create(mine) if record is None else table.replace(record, mine)


def _forecast(decision: Decision, record: Record | None) -> dict[str, Any]:
    action = ACTIONS.get(decision.action, "held")
    return {**_result(action, decision.reason, record, action not in ("own", "held")), "waited": 0}


def _result(action: str, msg: str, record: Record | None, changed: bool) -> dict[str, Any]:
    return {"action": action, "msg": msg, "held_by": asdict(record) if record else None, "changed": changed}


def run(module: AnsibleAWSModule, table: LockTable) -> dict[str, Any]:
    params = module.params
    if params["state"] == "renewed":
        return renewed(table, params["run_id"], module.check_mode)
    if params["state"] == "absent":
        return absent(table, params["run_id"], module.check_mode)
    holder = params["holder"] or f"{getpass.getuser()}@{socket.gethostname()}"
    claim = Claim(params["run_id"], params["operation"], holder, params["lease"], params["break_run_id"])
    poll = params["poll"] if params["wait"] else None
    return present(table, claim, poll, module.check_mode, params["process"])


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ("operation",))],
    )
    table = LockTable(module.client("dynamodb"), module.params["table"], module.params["name"])
    try:
        module.exit_json(**run(module, table))
    except LockRefusedError as error:
        held_by = asdict(error.record) if error.record else None
        module.fail_json(msg=f"Lock {module.params['name']} refused: {error}.", held_by=held_by)
    except LockTableError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_journal
short_description: Keep the journal of an operation's run
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Opens, extends and ends the journal from which M(credex.ops.ops_report) makes a run's report. It is a file of JSON
    lines on the controller. Every line is on the disk before the module returns, so that a run killed at any point
    leaves what it knew.
  - The first line is the header, under C(run). Then comes one line for each check, then how the run ended, under
    C(finished), and at last C(published), which M(credex.ops.ops_report) adds once the report is where it belongs.
  - Opening also returns the journals of earlier runs that were never published because their run, or its machine, was
    killed. A journal whose playbook still runs on this machine is left alone. One that was begun on another machine
    (a shared folder) counts as orphaned when nothing was added for O(orphan_after) seconds.
  - Run it on the controller, as the user who runs the playbook; it needs nothing but write access to O(directory).
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
    details:
      - In check mode nothing is written. A playbook that wants a report of its check mode sets C(check_mode=false) on
        the task.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Every call adds to the journal, so a playbook sets C(changed_when=false).
options:
  state:
    description:
      - V(opened) begins the journal with O(run) as its header.
      - V(recorded) adds O(checks).
      - V(finished) writes how the run ended.
    type: str
    choices: [opened, recorded, finished]
    required: true
  directory:
    description: Folder of the journals of one environment. Made with mode C(0700) where it does not exist.
    type: path
    required: true
  run_id:
    description:
      - Names the run, and its journal. Letters, digits, dots, dashes and underscores, 128 at most.
      - Required, but for O(state=opened), which makes one from the start (UTC), the host's name and the playbook's
        process id.
    type: str
  run:
    description: What the header says. For O(state=opened).
    type: dict
    suboptions:
      operation:
        description: The operation's name, such as V(renew_license).
        type: str
        required: true
      title:
        description: What people call it. Without it, the operation's name with blanks.
        type: str
      environment:
        description: Name of the environment.
        type: str
        required: true
      holder:
        description: Who runs it. Without it, the user and host of this process.
        type: str
      check_mode:
        description: Whether it is a run in check mode.
        type: bool
        default: false
      servers:
        description: The servers that are expected to give an answer. One that stays silent makes the run incomplete.
        type: list
        elements: str
        default: []
  checks:
    description:
      - What became known. For O(state=recorded).
      - Values under names such as C(password), C(token) or C(secret) in O(checks[].evidence) are replaced before they
        are written. That is a second fence; do not hand secrets over.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Name of the check, stable over runs, such as V(gate.before).
        type: str
        required: true
      title:
        description: The check in words. Without it, its id.
        type: str
      server:
        description: Inventory name of the server; empty for a check of the fleet or the run.
        type: str
      phase:
        description: Phase of the operation.
        type: str
        choices: [preflight, plan, change, verify, report]
        default: change
      status:
        description: V(unknown) is a question that got no answer, V(skipped) one that was not asked.
        type: str
        choices: [passed, failed, skipped, unknown]
        required: true
      required:
        description: Whether the run is green only if this check has passed.
        type: bool
        default: true
      detail:
        description: One or two sentences for the reader of the report.
        type: str
      group:
        description: What the check is a part of, such as a case of a validation. The report tells how each group ended.
        type: str
      follow_up:
        description: What to do when the check does not pass.
        type: str
      evidence:
        description:
          - What the verdict rests on, any JSON.
          - C(changes), a list of C({what, before, after}), shows in the report's table of servers; so does C(present)
            beside C(wanted), two descriptions of one thing.
          - C(state), with C(canary) (bool) and the moments C(began), C(down), C(back) and C(ended) (ISO 8601, UTC, or
            null), says how a server's turn went, and draws it into the report's picture.
        type: raw
      at:
        description: When it became known (ISO 8601, UTC). Without it, now.
        type: str
  failure:
    description: Why the run failed; empty if it did not. For O(state=finished).
    type: str
    default: ""
  nothing_to_do:
    description: Whether the plan found everything as wanted. For O(state=finished).
    type: bool
    default: false
  orphan_after:
    description: Seconds without a new line after which the journal of another machine counts as orphaned. For
      O(state=opened).
    type: int
    default: 21600
seealso:
  - module: credex.ops.ops_report
"""

EXAMPLES = r"""
- name: Open the journal
  credex.ops.ops_journal:
    state: opened
    directory: ~/.ansible/credex.ops/production
    run:
      operation: renew_license
      environment: production
      servers: [neo4j-1, neo4j-2, neo4j-3]
  register: journal
  changed_when: false

- name: Record that a server is back
  credex.ops.ops_journal:
    state: recorded
    directory: ~/.ansible/credex.ops/production
    run_id: "{{ journal.run.id }}"
    checks:
      - id: gate.after
        title: Server is back and caught up
        server: neo4j-3
        phase: change
        status: passed
        evidence:
          lag: 0
  changed_when: false
"""

RETURN = r"""
path:
  description: The journal.
  returned: success
  type: str
  sample: /home/ops/.ansible/credex.ops/production/20261123T044901Z-bastion-4711.jsonl
run:
  description: The header, with C(id), C(started) (ISO 8601, UTC), C(holder) and C(process) (host, pid and start of the
    playbook's process, or null) filled in.
  returned: when O(state=opened)
  type: dict
  sample: {id: 20261123T044901Z-bastion-4711, operation: renew_license, environment: production, started:
    "2026-11-23T04:49:01Z"}
orphans:
  description: Journals of earlier runs that ended without a published report.
  returned: when O(state=opened)
  type: list
  elements: dict
  contains:
    path:
      description: The journal.
      type: str
    run:
      description: Its header.
      type: dict
    interrupted:
      description: Whether the run never came to its end. V(false) for one that ended but could not publish its report.
      type: bool
recorded:
  description: How many checks were added.
  returned: when O(state=recorded)
  type: int
"""

import getpass
import os
import socket
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._report import journal, process, times
from ansible_collections.credex.ops.plugins.module_utils._report.document import (
    PHASES,
    STATUSES,
    CheckError,
    normalized,
)

RUN_OPTIONS = {
    "operation": {"type": "str", "required": True},
    "title": {"type": "str"},
    "environment": {"type": "str", "required": True},
    "holder": {"type": "str"},
    "check_mode": {"type": "bool", "default": False},
    "servers": {"type": "list", "elements": "str", "default": []},
}
CHECK_OPTIONS = {
    "id": {"type": "str", "required": True},
    "title": {"type": "str"},
    "server": {"type": "str"},
    "phase": {"type": "str", "choices": list(PHASES), "default": "change"},
    "status": {"type": "str", "choices": list(STATUSES), "required": True},
    "required": {"type": "bool", "default": True},
    "detail": {"type": "str"},
    "group": {"type": "str"},
    "follow_up": {"type": "str"},
    "evidence": {"type": "raw"},
    "at": {"type": "str"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["opened", "recorded", "finished"], "required": True},
    "directory": {"type": "path", "required": True},
    "run_id": {"type": "str"},
    "run": {"type": "dict", "options": RUN_OPTIONS},
    "checks": {"type": "list", "elements": "dict", "options": CHECK_OPTIONS, "default": []},
    "failure": {"type": "str", "default": ""},
    "nothing_to_do": {"type": "bool", "default": False},
    "orphan_after": {"type": "int", "default": 21600},
}

RULES: dict[str, Any] = {
    "required_if": [
        ("state", "opened", ("run",)),
        ("state", "recorded", ("run_id",)),
        ("state", "finished", ("run_id",)),
    ]
}


def opened(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    run = _header(params)
    path = journal.path_of(params["directory"], run["id"])
    if not check_mode:
        journal.create(path, run)
    others = journal.unpublished(params["directory"], but=path)
    orphans = [
        {"path": other.path, "run": other.run, "interrupted": other.finished is None}
        for other in others
        if _is_orphan(other, params["orphan_after"])
    ]
    return {"path": path, "run": run, "orphans": orphans}


def recorded(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    path = journal.path_of(params["directory"], params["run_id"])
    at = times.to_text(times.now())
    checks = [journal.redacted(normalized(check, at)) for check in params["checks"]]
    if checks and not check_mode:
        journal.append(path, checks)
    return {"path": path, "recorded": len(checks)}


def finished(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    path = journal.path_of(params["directory"], params["run_id"])
    end = {"at": times.to_text(times.now()), "failure": params["failure"], "nothing_to_do": params["nothing_to_do"]}
    if not check_mode:
        journal.append(path, [{"finished": end}])
    return {"path": path}


def _header(params: dict[str, Any]) -> dict[str, Any]:
    now = times.now()
    playbook = process.controller()
    host = socket.gethostname()
    own_id = f"{now:%Y%m%dT%H%M%SZ}-{host.split('.')[0]}-{(playbook or {}).get('pid') or os.getpid()}"
    return {
        "id": params["run_id"] or own_id,
        **params["run"],
        "holder": params["run"]["holder"] or f"{getpass.getuser()}@{host}",
        "started": times.to_text(now),
        "process": playbook,
    }


def _is_orphan(other: journal.Journal, orphan_after: int) -> bool:
    alive = process.is_alive(other.run.get("process"))
    if alive is None:
        return time.time() - os.path.getmtime(other.path) > orphan_after
    return not alive


STEPS = {"opened": opened, "recorded": recorded, "finished": finished}


def main() -> None:
    module = AnsibleModule(ARGUMENT_SPEC, supports_check_mode=True, **RULES)
    try:
        result = STEPS[module.params["state"]](module.params, module.check_mode)
    except (journal.JournalError, CheckError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()

"""The rules that a rolling playbook must keep, so that a lost server stops the run and is reported.

They are ways in which Ansible is known to behave against expectation; docs/decisions/0004-rolling-shape.md tells how
each was found. A rule is a function that takes a play and yields what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Play = dict[str, Any]
Task = dict[str, Any]

BLOCKS = ("block", "rescue", "always")
ASSERT = "ansible.builtin.assert"
FAIL = "ansible.builtin.fail"
QUERY_HOST = "{{ neo4j_rolling_query_host }}"
QUERY_HOSTS = (QUERY_HOST, "{{ ops_operation_query_host }}")
IMPORT = ("ansible.builtin.import_role", "ansible.builtin.import_tasks")


def is_rolling(play: Play) -> bool:
    return "neo4j_rolling_operation" in play.get("vars", {})


def is_framed(play: Play) -> bool:
    """An operation that takes no server down keeps the same rules, in the frame of the role ops_operation."""
    roles = [task.get(IMPORT[0]) for task in every_task(play.get("tasks", []))]
    return {"name": "credex.ops.ops_operation", "tasks_from": "preflight"} in roles


def every_task(tasks: list[Task]) -> Iterator[Task]:
    """All tasks and blocks below, in reading order."""
    for task in tasks:
        yield task
        for part in BLOCKS:
            yield from every_task(task.get(part, []))


def name_of(task: Task) -> str:
    return str(task.get("name", "a task without a name"))


def localhost_comes_first(play: Play) -> Iterator[str]:
    if not str(play["hosts"]).startswith("localhost:"):
        yield f"hosts is {play['hosts']!r}: run_once means the first host; localhost must be it, as it outlives servers"


def one_failure_stops_all(play: Play) -> Iterator[str]:
    if play.get("any_errors_fatal") is not True:
        yield "any_errors_fatal is not true: the others would go on after a failed or lost server"
    if play.get("gather_facts") is not False:
        yield "gather_facts is not false: a server lost there ends the play before any rescue, without report"


def lockstep(play: Play) -> Iterator[str]:
    for keyword in ("serial", "strategy", "throttle", "order", "max_fail_percentage"):
        if keyword in play:
            yield f"the play has {keyword}: its hosts must go in lockstep"
    for task in every_task(play["tasks"]):
        if "throttle" in task:
            yield f"{name_of(task)!r} has throttle: it orders tasks, not servers"


def nothing_is_ignored(play: Play) -> Iterator[str]:
    for part in (play, *every_task(play["tasks"])):
        for keyword in ("ignore_unreachable", "ignore_errors"):
            if keyword in part:
                yield f"{name_of(part)!r} has {keyword}: a lost server would be passed over"


def no_part_can_be_left_out(play: Play) -> Iterator[str]:
    """Tags could leave out the lock or the gate: the first task refuses them, nothing else has any."""
    first, *others = play["tasks"]
    if ASSERT not in first or first.get("tags") != ["always"] or not first.get("run_once"):
        yield f"the first task {name_of(first)!r} is not an assert with run_once and the tag always"
    elif not any("ansible_run_tags" in str(condition) for condition in first[ASSERT]["that"]):
        yield f"the first task {name_of(first)!r} does not refuse tags"
    for part in (play, *every_task(others)):
        if "tags" in part:
            yield f"{name_of(part)!r} has tags"


def run_once_only_on_imports(play: Play) -> Iterator[str]:
    """A run_once task that fails directly in a block with rescue takes one host only into the rescue."""
    for block in guarded_blocks(play):
        closing = block["rescue"][-1]
        for task in (*block["block"], *block["rescue"]):
            if task.get("run_once") and not any(name in task for name in IMPORT) and task is not closing:
                yield f"{name_of(task)!r} has run_once, but is no import_role"


def guarded_blocks(play: Play) -> Iterator[Task]:
    yield from (task for task in every_task(play["tasks"]) if "rescue" in task)


def a_rescue_ends_in_failure(play: Play) -> Iterator[str]:
    blocks = list(guarded_blocks(play))
    if not blocks:
        yield "no block has a rescue: nothing undoes, and nothing reports"
    for block in blocks:
        if FAIL not in block["rescue"][-1]:
            yield f"the rescue of {name_of(block)!r} does not end with fail: the run would be green"
        if not block.get("always"):
            yield f"{name_of(block)!r} has no always: no report, and the lock is kept"


def no_rescue_around_a_turn(play: Play) -> Iterator[str]:
    """A server's own rescue that fails again makes the others skip the outer one."""
    for block in guarded_blocks(play):
        for task in every_task(block["block"]):
            if "rescue" in task:
                yield f"{name_of(task)!r} has a rescue of its own inside {name_of(block)!r}"


def a_lost_query_host_fails_its_task(tasks: list[Task], bolt_modules: Collection[str]) -> Iterator[str]:
    """A delegated task that meets a lost host loses the server for which it asks. Only modules that ask over Bolt have
    the action plugin that makes it a failure instead."""
    for task in every_task(tasks):
        if task.get("delegate_to") in QUERY_HOSTS and not any(f"credex.ops.{name}" in task for name in bolt_modules):
            yield f"{name_of(task)!r} is delegated to the query host, and its loss would be the server's"
        for keyword in ("ignore_unreachable", "ignore_errors"):
            if keyword in task:
                yield f"{name_of(task)!r} has {keyword}: a lost server would be passed over"


RULES = (
    localhost_comes_first,
    one_failure_stops_all,
    lockstep,
    nothing_is_ignored,
    no_part_can_be_left_out,
    run_once_only_on_imports,
    a_rescue_ends_in_failure,
    no_rescue_around_a_turn,
)

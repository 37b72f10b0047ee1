"""Every operation's playbook keeps the rules, and the rules catch what they are for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.static import rolling
from tests.static.repository import COLLECTION, PLAYBOOKS, ROOT, load

ALL_PLAYS = [(path.name, play) for path in PLAYBOOKS for play in load(path)]
PLAYS = [(name, play) for name, play in ALL_PLAYS if rolling.is_rolling(play)]
FRAMED = [(name, play) for name, play in ALL_PLAYS if rolling.is_framed(play)]
TURN_TASKS = sorted((COLLECTION / "roles/neo4j_rolling/tasks").glob("*.yml"))
ENTRY_POINTS = ("observe", "plan", "apply", "undo", "verify_server", "verify")
BOLT_MODULES = load(COLLECTION / "meta/runtime.yml")["action_groups"]["neo4j"]
# What runs in a server's turn: a rescue here would keep the failure from the play
WITHOUT_RESCUE = ("turn", "server", "apply", "verify_server")


@pytest.mark.parametrize("rule", rolling.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("play", [play for _, play in PLAYS + FRAMED], ids=[name for name, _ in PLAYS + FRAMED])
def test_playbook_keeps_the_rule(play: dict[str, Any], rule: Callable[[dict[str, Any]], Iterator[str]]) -> None:
    assert list(rule(play)) == []


@pytest.mark.parametrize("play", [play for _, play in PLAYS], ids=[name for name, _ in PLAYS])
def test_operation_has_every_entry_point(play: dict[str, Any]) -> None:
    operation = play["vars"]["neo4j_rolling_operation"].removeprefix("credex.ops.")
    tasks = COLLECTION / "roles" / operation / "tasks"
    assert [name for name in ENTRY_POINTS if not (tasks / f"{name}.yml").is_file()] == []
    rescues = [
        name for name in WITHOUT_RESCUE if (tasks / f"{name}.yml").is_file() and has_rescue(tasks / f"{name}.yml")
    ]
    assert rescues == []


def has_rescue(path: Any) -> bool:
    return any("rescue" in task for task in rolling.every_task(load(path)))


@pytest.mark.parametrize("path", TURN_TASKS, ids=lambda path: path.name)
def test_rolling_role_goes_in_lockstep(path: Any) -> None:
    tasks = list(rolling.every_task(load(path)))
    assert [task for task in tasks if task.keys() & {"throttle", "tags"}] == []
    assert path.stem not in WITHOUT_RESCUE or not has_rescue(path)


def test_every_playbook_is_an_operation() -> None:
    assert sorted(name for name, _ in PLAYS + FRAMED) == sorted(name for name, _ in ALL_PLAYS)


OPERATION_TASKS = [
    path
    for _, play in PLAYS
    for path in sorted(
        (COLLECTION / "roles" / play["vars"]["neo4j_rolling_operation"].rpartition(".")[2]).glob("tasks/*.yml")
    )
]


FRAMED_TASKS = [
    path
    for role in (
        "ops_operation",
        "neo4j_balance",
        "neo4j_decommission",
        "neo4j_membership",
        "neo4j_migration",
        "neo4j_recovery",
        "neo4j_site",
        "neo4j_space",
    )
    for path in sorted((COLLECTION / "roles" / role / "tasks").glob("*.yml"))
]


@pytest.mark.parametrize(
    "path", [*TURN_TASKS, *OPERATION_TASKS, *FRAMED_TASKS], ids=lambda path: f"{path.parts[-3]}-{path.name}"
)
def test_a_lost_query_host_fails_its_task(path: Any) -> None:
    assert list(rolling.a_lost_query_host_fails_its_task(load(path), BOLT_MODULES)) == []


def test_every_bolt_module_makes_the_loss_of_its_query_host_a_failure() -> None:
    plugins = {path.stem: path.read_text() for path in (COLLECTION / "plugins/action").glob("*.py")}
    assert BOLT_MODULES
    assert [name for name in BOLT_MODULES if "_query_host import ActionModule" not in plugins.get(name, "")] == []


def test_undo_goes_on_after_a_failed_undo() -> None:
    """Without it, a failure in one undo throws the other servers out of the rescue."""
    (undo,) = load(COLLECTION / "roles/neo4j_rolling/tasks/undo.yml")
    assert undo["any_errors_fatal"] is False
    assert not any(rolling.FAIL in task for task in rolling.every_task(undo["rescue"]))


@pytest.mark.parametrize("name", [name for name, _ in ALL_PLAYS])
def test_root_has_the_same_playbook(name: str) -> None:
    assert load(ROOT / name) == [
        {"name": load(ROOT / name)[0]["name"], "ansible.builtin.import_playbook": f"playbooks/{name}"}
    ]


# --- the rules catch what they are for ---


def sound_play() -> dict[str, Any]:
    role = {"ansible.builtin.import_role": {"name": "x"}}
    return {
        "hosts": "localhost:neo4j",
        "gather_facts": False,
        "any_errors_fatal": True,
        "vars": {"neo4j_rolling_operation": "x"},
        "tasks": [
            {
                "name": "Refuse",
                "ansible.builtin.assert": {"that": ["ansible_run_tags | list == ['all']"]},
                "run_once": True,
                "tags": ["always"],
            },
            {
                "name": "Renew",
                "block": [
                    {"name": "Preflight", **role, "run_once": True},
                    {"name": "Change", "ansible.builtin.include_role": {"name": "x"}, "loop": "{{ order }}"},
                ],
                "rescue": [{"name": "Undo", **role}, {"name": "Fail", rolling.FAIL: {"msg": "x"}, "run_once": True}],
                "always": [{"name": "Close", **role, "run_once": True}],
            },
        ],
    }


def test_sound_play_breaks_no_rule() -> None:
    assert [problem for rule in rolling.RULES for problem in rule(sound_play())] == []


def spoil(path: str, value: Any) -> dict[str, Any]:
    """The sound play with one thing changed; the path's steps are keys and list positions, None removes."""
    play = copy.deepcopy(sound_play())
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part: Any = play
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return play


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        (rolling.localhost_comes_first, "hosts", "neo4j"),
        (rolling.localhost_comes_first, "hosts", "neo4j:localhost"),
        (rolling.one_failure_stops_all, "any_errors_fatal", None),
        (rolling.one_failure_stops_all, "gather_facts", None),
        (rolling.lockstep, "serial", 1),
        (rolling.lockstep, "strategy", "free"),
        (rolling.lockstep, "max_fail_percentage", 0),
        (rolling.lockstep, "tasks/1/block/1/throttle", 1),
        (rolling.nothing_is_ignored, "ignore_unreachable", True),
        (rolling.nothing_is_ignored, "tasks/1/block/1/ignore_unreachable", True),
        (rolling.nothing_is_ignored, "tasks/1/rescue/0/ignore_errors", True),
        (rolling.no_part_can_be_left_out, "tasks/0/tags", None),
        (rolling.no_part_can_be_left_out, "tasks/0/run_once", None),
        (rolling.no_part_can_be_left_out, "tasks/0/ansible.builtin.assert/that", ["true"]),
        (rolling.no_part_can_be_left_out, "tasks/1/block/1/tags", ["change"]),
        (rolling.no_part_can_be_left_out, "tags", ["renew"]),
        (rolling.run_once_only_on_imports, "tasks/1/block/1/run_once", True),
        (rolling.run_once_only_on_imports, "tasks/1/rescue/0", {"ansible.builtin.debug": {}, "run_once": True}),
        (rolling.a_rescue_ends_in_failure, "tasks/1/rescue/1", None),
        (rolling.a_rescue_ends_in_failure, "tasks/1/always", None),
        (rolling.a_rescue_ends_in_failure, "tasks/1/rescue", None),
        (rolling.no_rescue_around_a_turn, "tasks/1/block/1", {"block": [], "rescue": [{rolling.FAIL: {"msg": "x"}}]}),
    ],
)
def test_rule_catches(rule: Callable[[dict[str, Any]], Iterator[str]], path: str, value: Any) -> None:
    assert list(rule(spoil(path, value)))


ASKED = {"credex.ops.neo4j_gate": {}, "delegate_to": rolling.QUERY_HOST}


@pytest.mark.parametrize(
    ("tasks", "is_sound"),
    [
        ([ASKED], True),
        ([{"ansible.builtin.command": {}}], True),
        ([{"ansible.builtin.command": {}, "delegate_to": rolling.QUERY_HOST}], False),
        ([{"block": [{"ansible.builtin.command": {}, "delegate_to": rolling.QUERY_HOST}]}], False),
        ([ASKED | {"ignore_unreachable": True}], False),
        ([{"block": [], "rescue": [ASKED | {"ignore_errors": True}]}], False),
    ],
)
def test_an_unnoticed_loss_is_caught(tasks: list[dict[str, Any]], is_sound: bool) -> None:
    assert (list(rolling.a_lost_query_host_fails_its_task(tasks, ["neo4j_gate"])) == []) is is_sound

"""The collection's parts fit together: links, groups, documentation, tests."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.static.repository import COLLECTION, ROLES, ROOT, constant, load, plugins

MODULES = plugins("modules")
FILTERS = plugins("filter")
UNIT_TESTS = COLLECTION / "tests/unit/plugins"
GROUPS = ("aws", "neo4j")

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("collections/ansible_collections/credex/ops", "../../credex/ops"),
        ("collections/ansible_collections/credex/lab", "../../../lab/collection"),
        ("roles", "collections/credex/ops/roles"),
    ],
)
def test_link(link: str, target: str) -> None:
    assert str((ROOT / link).readlink()) == target
    assert (ROOT / link).is_dir()


def test_collection_holds_no_link() -> None:
    """ansible-test refuses them, and a build leaves them out."""
    assert [path for path in COLLECTION.rglob("*") if path.is_symlink()] == []


def fragments(module: Path) -> list[str]:
    found = yaml.safe_load(constant(module, "DOCUMENTATION")).get("extends_documentation_fragment", [])
    return [found] if isinstance(found, str) else found


@pytest.mark.parametrize("group", GROUPS)
def test_action_group_is_what_uses_its_fragment(group: str) -> None:
    fragment = f"credex.ops.attributes.actiongroup_{group}"
    users = [module.stem for module in MODULES if fragment in [name.lower() for name in fragments(module)]]
    assert users
    assert load(COLLECTION / "meta/runtime.yml")["action_groups"][group] == users


def test_no_other_action_group() -> None:
    assert sorted(load(COLLECTION / "meta/runtime.yml")["action_groups"]) == sorted(GROUPS)


@each_module
def test_module_with_a_connection_is_in_its_group(module: Path) -> None:
    used = [name.lower() for name in fragments(module)]
    for prefix, group in (("credex.ops.neo4j", "neo4j"), ("amazon.aws.", "aws")):
        if any(name.startswith(prefix) for name in used):
            assert f"credex.ops.attributes.actiongroup_{group}" in used


# How a module says what it needs, by its group: the beginning of the sentence, and what it names at least
NEEDS = {
    "neo4j": ("Privileges in Neo4j - ", r"[CM]\((credex\.ops\.\w+|[A-Z ]+)\)"),
    "aws": ("Permissions in AWS - ", r"C\(\w+:[A-Z]\w+\)"),
}


def needs(module: Path, group: str) -> str:
    """The sentence of its documentation that says what it needs; empty where none does."""
    begin, _ = NEEDS[group]
    described = yaml.safe_load(constant(module, "DOCUMENTATION"))["description"]
    return next((line.removeprefix(begin) for line in described if line.startswith(begin)), "")


@pytest.mark.parametrize("group", GROUPS)
def test_module_says_what_it_needs(group: str) -> None:
    members = load(COLLECTION / "meta/runtime.yml")["action_groups"][group]
    silent = [
        module.stem
        for module in MODULES
        if (module.stem in members) != (re.search(NEEDS[group][1], needs(module, group)) is not None)
    ]
    assert members and silent == []


@cache
def documentation(kind: str, *names: str) -> dict[str, Any]:
    """What ansible-doc tells a user."""
    program = Path(sys.executable).with_name("ansible-doc")
    command = [str(program), "--type", kind, "--json", *(f"credex.ops.{name}" for name in names)]
    shown = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


@each_module
def test_module_is_documented(module: Path) -> None:
    shown = documentation("module", *(path.stem for path in MODULES))[f"credex.ops.{module.stem}"]
    assert shown["doc"]["attributes"].keys() >= {"check_mode", "diff_mode", "idempotent"}
    assert f"credex.ops.{module.stem}:" in shown["examples"]
    assert shown["return"]


@pytest.mark.parametrize("plugin", FILTERS, ids=lambda path: path.stem)
def test_filter_is_documented(plugin: Path) -> None:
    shown = documentation("filter", *(path.stem for path in FILTERS))[f"credex.ops.{plugin.stem}"]
    assert f"credex.ops.{plugin.stem}" in shown["examples"]
    assert shown["return"]


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_role_is_documented(role: Path) -> None:
    assert documentation("role", role.name)[f"credex.ops.{role.name}"]["entry_points"]


@cache
def modules_under_test() -> set[str]:
    """The modules that some unit test imports."""
    found = set()
    for path in UNIT_TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "ansible_collections.credex.ops.plugins.modules":
                found |= {alias.name for alias in node.names}
    return found


@each_module
def test_module_has_a_unit_test(module: Path) -> None:
    assert module.stem in modules_under_test()

"""What a role's defaults say is what its documentation says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.static.repository import ROLES, load

each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults/main.yml"
    return (load(path) or {}) if path.is_file() else {}


def entry_points(role: Path) -> dict[str, Any]:
    return load(role / "meta/argument_specs.yml")["argument_specs"]


def options(role: Path) -> dict[str, list[dict[str, Any]]]:
    """Every documented variable, and how each entry point describes it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry_point in entry_points(role).values():
        for name, option in (entry_point.get("options") or {}).items():
            found.setdefault(name, []).append(option)
    return found


@each_role
def test_every_default_is_documented(role: Path) -> None:
    assert sorted(set(defaults(role)) - set(options(role))) == []


@each_role
def test_every_documented_default_is_the_real_one(role: Path) -> None:
    real = defaults(role)
    documented = {
        name: option["default"]
        for name, described in options(role).items()
        for option in described
        if "default" in option
    }
    assert documented == {name: value for name, value in real.items() if name in documented}
    assert [name for name in real if name not in documented and real[name] not in (None, "")] == []


@each_role
def test_a_required_variable_has_no_default(role: Path) -> None:
    """It would never be missed."""
    required = {
        name for name, described in options(role).items() if any(option.get("required") for option in described)
    }
    assert sorted(required & set(defaults(role))) == []


@each_role
def test_variables_carry_the_name_of_the_role(role: Path) -> None:
    assert [name for name in {*defaults(role), *options(role)} if not name.startswith(f"{role.name}_")] == []


@each_role
def test_every_entry_point_is_there(role: Path) -> None:
    documented = entry_points(role)
    assert [name for name in documented if not (role / f"tasks/{name}.yml").is_file()] == []
    assert [name for name, spec in documented.items() if not spec.get("short_description")] == []


@each_role
def test_role_explains_itself(role: Path) -> None:
    assert (role / "README.md").read_text().startswith(f"# {role.name}")

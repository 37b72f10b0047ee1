"""What a role's defaults say is what its documentation says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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


FLEET_FACT = re.compile(r"^\{\{ *\w+ *\| *default\((?P<value>.+?)(, *true)?\) *\}\}$")
TEMPLATE_ONLY = re.compile(r"^\{\{[^|]*\}\}$")


def shown(value: Any) -> Any:
    """A default as it is documented: of `{{ fleet_fact | default(600) }}` the 600, of `{{ fleet_fact }}` nothing.

    antsibull-docs refuses a template as the default of anything but a text.
    """
    fact = FLEET_FACT.match(value) if isinstance(value, str) else None
    if fact:
        return yaml.safe_load(fact["value"])
    return None if isinstance(value, str) and TEMPLATE_ONLY.match(value) else value


@each_role
def test_every_documented_default_is_the_real_one(role: Path) -> None:
    real = defaults(role)
    for name, described in options(role).items():
        for option in described:
            if "default" in option:
                assert option["default"] in (real.get(name), shown(real.get(name))), name


@each_role
def test_every_default_worth_telling_is_told(role: Path) -> None:
    telling = {name for name, value in defaults(role).items() if shown(value) not in (None, "", [], {})}
    told = {name for name, described in options(role).items() if any("default" in option for option in described)}
    assert sorted(telling - told) == []


@pytest.mark.parametrize(
    ("value", "documented"),
    [
        ("{{ neo4j_gate_wait | default(600) }}", 600),
        ("{{ neo4j_gate_queries | default([]) }}", []),
        ("{{ neo4j_ca_certificate | default('') }}", ""),
        ("{{ neo4j_home | default('/var/lib/neo4j', true) }}", "/var/lib/neo4j"),
        ("{{ neo4j_password_source }}", None),
        ("{{ a | b }}", "{{ a | b }}"),
        (900, 900),
    ],
)
def test_default_as_shown(value: Any, documented: Any) -> None:
    assert shown(value) == documented


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

"""What Molecule itself would not notice: a step without its playbook is passed over, with success."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.static.repository import ROOT, load

MOLECULE = ROOT / "molecule"
SCENARIOS = sorted(path.parent for path in MOLECULE.glob("*/molecule.yml"))
SAME = {"check": "converge", "idempotence": "converge"}  # run the playbook of another step
# What a test of nodes forces, and nothing else of production may be overridden
FORCED = {"credex_aws_connection", "ops_guard_now", "ops_report_journal_dir", "ops_reports"}


def playbook(scenario: Path, step: str) -> Path:
    """The playbook of a step, such as `verify` or `side_effect breaks.yml`."""
    action, _, named = step.partition(" ")
    return scenario / (named or f"{SAME.get(action, action)}.yml")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_every_step_has_its_playbook(scenario: Path) -> None:
    steps = load(scenario / "molecule.yml")["scenario"]["test_sequence"]
    assert steps
    assert [step for step in steps if not playbook(scenario, step).is_file()] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_side_effects_are_not_passed_over(scenario: Path) -> None:
    """Molecule runs those that are named in steps only where the scenario has one by default."""
    described = load(scenario / "molecule.yml")
    named = [step for step in described["scenario"]["test_sequence"] if step.startswith("side_effect ")]
    default = described.get("ansible", {}).get("playbooks", {}).get("side_effect", "side_effect.yml")
    assert not named or (scenario / default).is_file()


def test_nodes_have_the_variables_of_production() -> None:
    folder = MOLECULE / "inventory" / "group_vars"
    files = {path.resolve() for path in (folder / "all").iterdir()}
    assert {path.resolve() for path in (ROOT / "inventories/prod/group_vars/all").iterdir()} < files
    own = load(folder / "all" / "20_nodes.yml")
    assert {name for name in own if not name.startswith("nodes_")} == FORCED
    composed = load(ROOT / "inventories/prod/aws_ec2.yml")["compose"]
    nodes = {name for name in load(folder / "neo4j" / "nodes.yml") if not name.startswith("ansible_")}
    assert nodes <= set(composed)

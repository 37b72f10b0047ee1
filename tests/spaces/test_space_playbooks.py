"""verify_spaces.yml and sync_spaces.yml on the lab's real servers, with development's own inventory."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.spaces.comparing import digest
from tests.spaces.real_lab import BIN, RealLab

# The lab's graph is of today, and what happened today is in flight for a quarter of an hour
OPTIONS = ["-e", "neo4j_space_grace=2", "-e", "neo4j_space_stuck_after=1"]
PLANTED = {"credex_missing": 3, "outstanding_amount": 2, "account_name": 1, "anchor_two": 1, "credex_settled": 2}
FLAGS = "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS dco, d.opsHold AS hold"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def play(lab: RealLab, reports: Path, name: str, *options: str, code: int = 0) -> str:
    own = ["-e", f"ops_reports={reports}", *OPTIONS]
    line = [str(BIN / "ansible-playbook"), f"{name}.yml", "-i", "inventories/dev", "-e", "@lab/dev.yml", *own, *options]
    return lab.run(line, code, lab.exports() | {"ANSIBLE_NOCOLOR": "1"})


def report(reports: Path) -> dict[str, Any]:
    """The newest."""
    newest = max(reports.rglob("report.json"), key=lambda path: path.stat().st_mtime_ns)
    told: dict[str, Any] = json.loads(newest.read_text())
    return told


def checks(reports: Path, status: str) -> dict[str, str]:
    return {check["id"]: check["detail"] for check in report(reports)["checks"] if check["status"] == status}


def plant(lab: RealLab) -> None:
    lab("graph", "--credexes", "800", "--plant", *(f"{kind}={count}" for kind, count in PLANTED.items()))


def test_compare_plan_repair_and_nothing_to_do(real_lab: RealLab, reports: Path, tmp_path: Path) -> None:
    plant(real_lab)
    figures = tmp_path / "spaces.prom"
    said = play(real_lab, reports, "verify_spaces", "-e", f"verify_spaces_metrics_file={figures}", code=2)
    failed = checks(reports, "failed")
    assert {f"spaces.{kind}" for kind in PLANTED} == set(failed)
    assert all(failed[f"spaces.{kind}"].startswith(f"{count} found") for kind, count in PLANTED.items())
    assert re.search(r"changed=0 .* failed=1", said)
    for kind, count in PLANTED.items():
        assert re.search(
            rf'credex_space_differences{{environment="development",kind="{kind}".*}} {count}\.0', figures.read_text()
        )
    page = next(reports.rglob("*.html")).read_text()
    assert "sync_spaces.yml makes SearchSpace what LedgerSpace says" in page

    with real_lab.spaces() as spaces:
        before = digest(spaces.ledger), digest(spaces.search)
        said = play(real_lab, reports, "sync_spaces", "--check", "--diff")
        assert "CREATE (c:Credex" in said and "changed=1" in said
        assert (digest(spaces.ledger), digest(spaces.search)) == before

        said = play(real_lab, reports, "sync_spaces")
        assert re.search(r"localhost .* changed=1 .* failed=0", said)
        assert digest(spaces.ledger) == before[0] and digest(spaces.search) != before[1]
        assert spaces.ledger.run(FLAGS) == [{"dco": False, "hold": None}]

    assert re.search(r"localhost .* changed=0 .* failed=0", play(real_lab, reports, "sync_spaces"))
    play(real_lab, reports, "verify_spaces")
    assert report(reports)["verdict"] == "passed"


def test_swapped_spaces_are_refused_and_nothing_written(real_lab: RealLab, reports: Path) -> None:
    plant(real_lab)
    spaces = {
        "ledger": {"cluster": "SearchSpace", "database": "neo4j"},
        "search": {"cluster": "LedgerSpace", "database": "neo4j"},
    }
    said = play(real_lab, reports, "sync_spaces", "-e", json.dumps({"neo4j_spaces": spaces}), code=2)
    assert "are swapped" in said
    assert "are swapped" in report(reports)["failure"]


def test_unblock(real_lab: RealLab, reports: Path) -> None:
    real_lab("graph", "--credexes", "400", "--plant", "mtq_flag_null")
    play(real_lab, reports, "verify_spaces", code=2)
    assert set(checks(reports, "failed")) == {"spaces.mtq_flag_null"}
    play(real_lab, reports, "sync_spaces", "-e", "sync_spaces_mode=unblock")
    play(real_lab, reports, "verify_spaces", "-e", "verify_spaces_hold=true")
    assert checks(reports, "failed") == {}
    with real_lab.spaces() as spaces:
        assert spaces.ledger.run(FLAGS) == [{"dco": False, "hold": None}]


def test_as_many_as_are_allowed_are_green(real_lab: RealLab, reports: Path) -> None:
    real_lab("graph", "--credexes", "400", "--plant", "credex_missing=2")
    allowed = ["-e", '{"verify_spaces_allowed": {"credex_missing": 2}}']
    play(real_lab, reports, "verify_spaces", *allowed)
    fewer = ["-e", '{"verify_spaces_allowed": {"credex_missing": 1}}']
    play(real_lab, reports, "verify_spaces", *fewer, code=2)

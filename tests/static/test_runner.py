"""The runner counts what ran, and takes nothing for a success that ran nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests import run
from tests.run import Counts, Level, Outcome
from tests.static.repository import committed

PASSED = '<testcase name="a"/>'
FAILED = '<testcase name="b"><failure message="x"/></testcase>'
BROKEN = '<testcase name="c"><error message="x"/></testcase>'
SKIPPED = '<testcase name="d"><skipped message="no Java"/></testcase>'


@pytest.fixture
def level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Level:
    monkeypatch.setattr(run, "LOGS", tmp_path)
    return Level("some", "some", ("true",), run.from_junit)


@pytest.mark.parametrize(
    ("cases", "code", "counts"),
    [
        (PASSED + PASSED, 0, "2 passed, 0 failed, 0 skipped"),
        (PASSED + FAILED + BROKEN, 1, "1 passed, 2 failed, 0 skipped"),
        (PASSED + SKIPPED, 0, "1 passed, 0 failed, 1 skipped"),
        (SKIPPED, 0, "0 passed, 1 failed, 1 skipped"),
        ("", 5, "0 passed, 1 failed, 0 skipped"),
        # An error outside any test, such as at collection or in another process
        (PASSED, 1, "1 passed, 1 failed, 0 skipped"),
    ],
)
def test_pytest_is_counted_from_its_record(level: Level, cases: str, code: int, counts: str) -> None:
    level.junit.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert str(run.from_junit(level, code, "")) == counts


def test_pytest_without_a_record_has_failed(level: Level) -> None:
    assert run.from_junit(level, 0, "") == Counts(failed=1)


def test_records_of_several_pytests_are_added_up(level: Level) -> None:
    folder = run.LOGS / level.name
    folder.mkdir()
    for name, cases in {"first": PASSED + SKIPPED, "second": PASSED + PASSED}.items():
        (folder / f"{name}.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert run.from_junit(level, 0, "") == Counts(3, 0, 1, ("d: no Java",))
    assert run.run_level(level).counts == Counts(failed=1), "records of an earlier run do not count"


def test_why_a_test_was_skipped_is_kept(level: Level) -> None:
    level.junit.write_text(f"<testsuites>{PASSED}{SKIPPED}</testsuites>")
    assert run.from_junit(level, 0, "").reasons == ("d: no Java",)


@pytest.mark.parametrize(
    ("output", "code", "counts"),
    [
        ('Running sanity test "pep8"\nRunning sanity test "pylint"\n', 0, Counts(passed=2)),
        (
            'Running sanity test "pep8"\nRunning sanity test "pylint"\n\
FATAL: The 1 sanity test(s) listed below (out of 2) failed.\npylint\n',
            1,
            Counts(passed=1, failed=1),
        ),
        ("WARNING: All targets skipped.\n", 0, Counts(failed=1)),
        ("FATAL: no pip\n", 1, Counts(failed=1)),
    ],
)
def test_ansible_test_is_counted_from_what_it_says(level: Level, output: str, code: int, counts: Counts) -> None:
    assert run.from_ansible_test(level, code, output) == counts


def test_level_that_lacks_a_program_is_skipped_and_named(level: Level) -> None:
    lacking = Level("some", "some", ("true",), run.one_gate, needs=("mvn", "sh"))
    assert lacking.missing() in ([], ["mvn"])
    assert run.lacking(["mvn"]) == "mvn is missing (Debian package maven)"
    outcome = run.run_level(Level("some", "some", ("true",), run.one_gate, needs=("no-such-program",)))
    assert (outcome.counts, outcome.lacks) == (Counts(skipped=1), ["no-such-program"])


def test_every_program_that_a_level_needs_has_its_package() -> None:
    needed = {program for level in run.levels() for program in level.needs}
    assert needed
    assert needed <= set(run.ADVICE)


def test_where_everything_must_run_a_skip_is_a_failure(level: Level) -> None:
    assert run.strictly(Outcome(level, Counts(3, 1, 2))).counts == Counts(3, 3, 0)


@pytest.mark.parametrize(("command", "counts"), [("true", Counts(passed=1)), ("false", Counts(failed=1))])
def test_gate(level: Level, command: str, counts: Counts) -> None:
    assert run.run_level(run.gate("some", command)).counts == counts


def test_level_whose_preparation_fails_has_failed(level: Level) -> None:
    prepared = Level("some", "some", ("true",), run.one_gate, before=("false",))
    assert run.run_level(prepared).counts == Counts(failed=1)


def test_level_that_hangs_is_ended(level: Level) -> None:
    hanging = Level("some", "some", ("sleep", "600"), run.one_gate, limit=0.2)
    assert run.run_level(hanging).counts == Counts(failed=1)
    assert "ended after" in hanging.log.read_text()


def test_level_that_ignores_the_end_is_ended_by_force(level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE", 0.2)
    stubborn = ("sh", "-c", "trap '' INT; sleep 600")
    assert run.run_level(Level("some", "some", stubborn, run.one_gate, limit=0.2)).counts == Counts(failed=1)


def test_summary_adds_up_and_is_the_last_line(level: Level, capsys: pytest.CaptureFixture[str]) -> None:
    run.summary([Outcome(level, Counts(1, 0, 2)), Outcome(level, Counts(4, 0, 0))])
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed, 2 skipped"


def test_summary_names_the_tests_that_failed_and_what_they_said(
    level: Level, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = '<testcase classname="tests.unit" name="b"><failure message="wanted 3&#10;got 2"/></testcase>'
    level.junit.write_text(f"<testsuites>{PASSED}{failing * 9}</testsuites>")
    run.summary([Outcome(level, Counts(1, 9, 0))])
    told = capsys.readouterr().out.splitlines()
    assert told.count("        tests.unit::b: wanted 3") == run.FIRST_FAILURES
    assert told[-1] == "1 passed, 9 failed, 0 skipped"


def test_names_are_unique() -> None:
    names = [level.name for level in run.levels()]
    assert len(names) == len(set(names))


def test_files_of_tests_have_names_of_their_own() -> None:
    """Else pytest cannot collect all of them in one process, as `make fuzz` does."""
    names = Counter(path.name for path in committed() if re.fullmatch(r"test_\w+\.py", path.name))
    assert names
    assert [name for name, count in names.items() if count > 1] == []


def test_the_main_job_and_a_few_other_operations_are_drawn() -> None:
    known = run.levels()
    others = {level.name for level in known if level.group == "operations"} - {run.OPERATIONS_ALWAYS}
    drawn = [{level.name for level in run.drawn(known, seed)} for seed in range(100)]
    assert all(names >= {level.name for level in known} - others for names in drawn)
    assert {len(names & others) for names in drawn} == {run.OPERATIONS_DRAWN}
    assert set.union(*drawn) >= others, "each can be drawn"
    assert drawn[7] == {level.name for level in run.drawn(known, 7)}


def test_cases_are_drawn_by_the_same_seed_and_by_name_all_levels_can_be_had() -> None:
    chosen = {level.name: list(level.command) for level in run.choose(["operations", "ruff", "spaces"], seed=7)}
    assert all(command[-1] == "--seed=7" for name, command in chosen.items() if name != "ruff")
    assert "--seed=7" not in chosen["ruff"] and len(chosen) == 2 + len(run.operations())

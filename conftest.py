"""For every pytest run in this repository."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.sampling import left_out

# Made-up cases differ from run to run on a desk, where a new finding is welcome, and never in CI
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=500)
settings.register_profile("fuzz", deadline=None, max_examples=100_000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("long enumerations, of which a sample is run")
    group.addoption("--whole", action="store_true", help="all cases of the tests that are marked as sampled")
    group.addoption("--kill", default="1", help="at which points of an operation: a number, all, or a part of a name")
    group.addoption("--seed", type=int, default=1, help="for a sample and a number of points: which ones")
    parser.addoption("--write-docs", action="store_true", help="write what was observed into the pages that show it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """At the end, since -q leaves out what stands at the beginning."""
    cases = "all" if config.getoption("whole") else "a sample"
    kill, seed = config.getoption("kill"), config.getoption("seed")
    terminalreporter.write_line(f"of long enumerations: {cases}; operations are killed at: {kill}; seed {seed}")


@pytest.hookimpl(trylast=True)  # what -k and node ids have chosen is not thinned out again
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each test that is marked as sampled(number), that many of its cases; of tests with one `of`, of all theirs."""
    if config.getoption("whole"):
        return
    tests: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    for item in items:
        if marker := item.get_closest_marker("sampled"):
            test = marker.kwargs.get("of") or item.nodeid.partition("[")[0]
            tests.setdefault(test, []).append(item.nodeid)
            numbers[test] = marker.args[0]
    names = left_out(tests, numbers, config.getoption("seed"))
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in names])
    items[:] = [item for item in items if item.nodeid not in names]

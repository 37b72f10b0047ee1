"""For every pytest run in this repository."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Made-up cases differ from run to run on a desk, where a new finding is welcome, and never in CI
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=2_000)
settings.register_profile("fuzz", deadline=None, max_examples=100_000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("killed operations")
    group.addoption("--kill", default="2", help="at which points of an operation: a number, all, or a part of a name")
    group.addoption("--seed", type=int, default=1, help="for a number of points: which ones")
    parser.addoption("--write-docs", action="store_true", help="write what was observed into the pages that show it")


def pytest_report_header(config: pytest.Config) -> str:
    return f"operations are killed at: {config.getoption('kill')}, seed {config.getoption('seed')}"

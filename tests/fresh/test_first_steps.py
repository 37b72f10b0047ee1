"""What a newcomer does: get the tree, `make renew`, and again. In a copy, with an environment and a lab of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.static.repository import ROOT, committed

RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


class Newcomer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in committed():
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy, follow_symlinks=False)

    def make(self, target: str) -> str:
        """Nothing of the environment that the tests run in may help."""
        helping = {"VIRTUAL_ENV", "PYTHONPATH"}
        environment = {name: value for name, value in os.environ.items() if name not in helping}
        environment["CREDEX_LAB"] = f"fresh-{os.getpid()}"
        environment["PATH"] = environment["PATH"].removeprefix(f"{Path(sys.executable).parent}{os.pathsep}")
        command = ["make", target]
        done = subprocess.run(command, cwd=self.folder, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    someone = Newcomer(tmp_path_factory.mktemp("fresh"))
    yield someone
    someone.make("lab-down")


def changes(output: str) -> dict[str, int]:
    recap = RECAP.findall(output)
    assert len(recap) == 4, output[-3000:]
    assert [line for line in recap if line[3:] != ("0", "0")] == []
    return {host.partition("_")[0]: int(changed) for host, _ok, changed, _lost, _failed in recap}


def test_renew_and_again(newcomer: Newcomer) -> None:
    first = changes(newcomer.make("renew"))
    assert first.pop("localhost") == 0
    assert len(first) == 3
    assert all(first.values())

    again = newcomer.make("renew")
    assert set(changes(again).values()) == {0}

    [report] = set(re.findall(r"Report: (\S+\.html)", again))
    assert Path(report).is_file()
    assert newcomer.folder in Path(report).parents

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module on the controller runs within Ansible, and answers as in a process of its own: a playbook has it do both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = sys.executable
THERE = str(Path(HERE).parent / ".." / Path(HERE).parent.name / Path(HERE).name)  # the same, by another name
SECRET = "swordfish-7"
NOBODY = {"uris": ["bolt://127.0.0.1:1"], "username": "neo4j", "password": SECRET, "timeout": 2}
SOURCE = {"type": "env", "variable": "SOME_SECRET"}
# Module, its arguments, and what the answer must have
CASES = {
    "by its short name": ("ops_secret_info", {"sources": [SOURCE]}, {"changed": False}),
    "success": ("credex.ops.neo4j_license_info", NOBODY, {"changed": False}),
    "in check mode": ("credex.ops.ops_secret_info", {"sources": [SOURCE]}, {"changed": False}),
    "failure": ("credex.ops.neo4j_license_info", {**NOBODY, "fail_on_unreachable": True}, {"failed": True}),
    "an unknown option": (
        "credex.ops.neo4j_license_info",
        {**NOBODY, "nonsense": SECRET},
        {"failed": True},
    ),
    "an option that is missing": ("credex.ops.ops_lock", {"table": "t", "name": "n", "run_id": "r"}, {"failed": True}),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The answers, task by task and host by host, and how every Python was called that was started meanwhile."""
    folder = tmp_path_factory.mktemp("in_process")
    pythons = {"here": HERE, "there": THERE}
    hosts = {name: {"ansible_connection": "local", "ansible_python_interpreter": p} for name, p in pythons.items()}
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    (folder / "play.yml").write_text(json.dumps([_play()]))
    output = _run(folder)
    notes = [json.loads(line) for line in (folder / "notes").read_text().splitlines()]
    return json.loads(output[output.index("{\n") :]), [text.split("\0") for kind, text in notes if kind == "argv"]


def _play():
    tasks = [
        {"name": name, module: options, "check_mode": name == "in check mode"}
        for name, (module, options, _) in CASES.items()
    ]
    return {"hosts": "all", "gather_facts": False, "ignore_errors": True, "collections": ["credex.ops"], "tasks": tasks}


def _run(folder):
    environment = {
        **os.environ,
        "SOME_SECRET": "value",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "PYTHONPATH": str(ROOT / "tests/lab/recorder"),
        "CREDEX_RECORDER_FILE": str(folder / "notes"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    line = [Path(HERE).with_name("ansible-playbook"), "-i", folder / "hosts.yml", folder / "play.yml"]
    return subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    ).stdout


@pytest.mark.parametrize("name", CASES)
def test_the_answers_are_the_same(told, name):
    [task] = [task for task in told[0]["plays"][0]["tasks"] if task["task"]["name"] == name]
    here, there = (task["hosts"][host] for host in ("here", "there"))
    assert here == there and CASES[name][2].items() <= here.items()
    assert SECRET not in json.dumps(here)


def test_here_only_what_was_called_by_its_short_name_was_started(told):
    modules = Counter(words[0] for words in told[1] if words[1:] == [""])
    assert modules == {THERE: len(CASES), HERE: 1}

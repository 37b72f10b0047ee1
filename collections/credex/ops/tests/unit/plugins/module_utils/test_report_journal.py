# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import subprocess
import sys

import pytest
from ansible_collections.credex.ops.plugins.module_utils._report import journal, process


@pytest.fixture
def path(tmp_path):
    path = journal.path_of(str(tmp_path / "journals"), "run-1")
    journal.create(path, {"id": "run-1"})
    return path


def checks(count, name="c"):
    return [{"id": f"{name}{number}", "status": "passed"} for number in range(count)]


def test_what_is_written_is_read(path):
    journal.append(path, checks(2))
    journal.append(path, [{"finished": {"failure": ""}}, {"published": {"url": "x"}}])
    found = journal.read(path)
    assert found.run == {"id": "run-1"} and [check["id"] for check in found.checks] == ["c0", "c1"]
    assert found.finished == {"failure": ""} and found.published == {"url": "x"} and found.damaged_lines == 0


def test_only_its_user_may_read_it(path):
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_a_line_torn_by_a_kill_costs_only_itself(path):
    journal.append(path, checks(1))
    with open(path, "a") as file:
        file.write('{"id": "torn", "stat')
    assert journal.read(path).damaged_lines == 1
    journal.append(path, checks(1, "after"))
    found = journal.read(path)
    assert [check["id"] for check in found.checks] == ["c0", "after0"] and found.damaged_lines == 1


@pytest.mark.parametrize("content", ["", "\n", "not json\n", '"text"\n[1]\n', '{"run": "text"}\n', "\x00\xff\n"])
def test_a_journal_without_a_header_is_named_by_its_file(path, content):
    with open(path, "w", encoding="latin-1") as file:
        file.write(content)
    assert journal.read(path).run == {"id": "run-1"}


def _append_many(path, name):
    for number in range(20):
        journal.append(path, checks(5, f"{name}-{number}-"))


def test_writers_at_once_lose_nothing(path):
    # Fresh interpreters, as modules are
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_append_many, args=(path, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    found = journal.read(path)
    assert len({check["id"] for check in found.checks}) == 200 and found.damaged_lines == 0


def test_a_run_id_serves_once(path):
    with pytest.raises(journal.JournalError, match="exists already"):
        journal.create(path, {"id": "run-1"})


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".hidden", "a b", "x" * 129, "a\n"])
def test_a_run_id_that_is_no_safe_name_is_refused(run_id):
    with pytest.raises(journal.JournalError, match="not usable"):
        journal.path_of("/tmp", run_id)


def test_an_unwritable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        journal.JournalError, match=r"Cannot write the journal .*file/run-1.jsonl: .*ops_report_journal_dir"
    ):
        journal.create(journal.path_of(str(tmp_path / "file"), "run-1"), {})


def test_appending_to_none_is_an_error(tmp_path):
    with pytest.raises(journal.JournalError, match="open it first"):
        journal.append(str(tmp_path / "none.jsonl"), checks(1))


def test_unpublished_are_all_but_the_own_and_the_published(path):
    directory = os.path.dirname(path)
    for run_id in ("run-2", "run-3"):
        journal.create(journal.path_of(directory, run_id), {"id": run_id})
    journal.append(journal.path_of(directory, "run-2"), [{"published": {"url": "x"}}])
    assert [found.run["id"] for found in journal.unpublished(directory, but=path)] == ["run-3"]
    assert journal.unpublished(os.path.join(directory, "none"), but=path) == []


def test_values_under_secret_names_are_replaced_at_any_depth():
    value = {
        "a": [{"password": "x", "Secret": ["y"]}],
        "neo4j_password": {"z": 1},
        "token_count": 3,
        "password_version": "v1",
    }
    text = json.dumps(journal.redacted(value))
    assert journal.redacted(value) == {
        "a": [{"password": journal.HIDDEN, "Secret": journal.HIDDEN}],
        "neo4j_password": journal.HIDDEN,
        "token_count": 3,
        "password_version": "v1",
    }
    assert not {"x", "y", "z"} & set(text)


# The process of a run

FAKE_PLAYBOOK = """
import os, subprocess, sys
code = (
    "from ansible_collections.credex.ops.plugins.module_utils._report import process; "
    "import json; print(json.dumps(process.controller()))"
)
child = os.fork()
if child == 0:
    os.execv("/bin/sh", ["sh", "-c", "exec %s -c '%s'" % (sys.executable, code)])
os.waitpid(child, 0)
print(os.getpid())
"""


def test_the_playbook_above_a_module_is_found(tmp_path):
    playbook = tmp_path / "ansible-playbook"
    playbook.write_text(FAKE_PLAYBOOK)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    output = subprocess.run(
        [sys.executable, str(playbook)], capture_output=True, text=True, check=True, env=environment, timeout=60
    ).stdout
    found, pid = output.splitlines()
    assert json.loads(found)["pid"] == int(pid)
    assert process.is_alive(json.loads(found)) is False, "that playbook has ended"


def test_alive_dead_or_unknowable():
    own = {"host": process.socket.gethostname(), "pid": os.getpid(), "start": process._start(os.getpid())}
    assert process.is_alive(own) is True
    assert process.is_alive({**own, "start": own["start"] + 1}) is False, "a later process with the same pid"
    assert process.is_alive({**own, "host": "elsewhere.example"}) is None
    assert process.is_alive(None) is None


def test_a_zombie_does_not_live():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    record = {"host": process.socket.gethostname(), "pid": child.pid, "start": process._start(child.pid)}
    assert process.is_alive(record) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.is_alive(record) is False
    child.wait()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection plugin credex.lab.host, and the faults that it plays: ssh-lost, task-fails, full-disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader, init_plugin_loader

from lab.state import REPOSITORY
from tests.lab.emulated import THREE

PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
STOP, START = "command bin/neo4j stop", "command bin/neo4j start"
OK, FAILED, LOST = "ok", "failed", "lost"


@pytest.fixture(scope="module", autouse=True)
def _collections():
    """The plugin loader, with this repository's collections and nobody else's."""
    init_plugin_loader([str(REPOSITORY / "collections")])


@pytest.fixture
def host(servers):
    """A connection to one server's host."""
    found = connection_loader.get("credex.lab.host", PlayContext())
    found.set_options(var_options={"ansible_lab_state": str(servers.state.folder), "ansible_lab_server": THREE})
    return found


def run(host, task):
    """How a task ends: `module arguments`, sent as Ansible sends it. It would print `ran`."""
    module, _, arguments = task.partition(" ")
    payload = (
        'echo ran; exit 0\nparams={"ANSIBLE_MODULE_ARGS": {"_raw_params": "%s", "_ansible_check_mode": false, '
        '"_ansible_no_log": false, "_ansible_module_name": "ansible.legacy.%s"}}'
    )
    try:
        code, out, _ = host.exec_command("/bin/sh", in_data=(payload % (arguments, module)).encode())
    except AnsibleConnectionFailure:
        return LOST
    assert out == (b'{"failed": true, "msg": "Failed by order of the lab"}\n' if code else b"ran\n")
    return FAILED if code else OK


def helper(host):
    """A command of Ansible's own, which carries no module."""
    try:
        return OK if host.exec_command("mkdir -p /tmp")[0] == 0 else FAILED
    except AnsibleConnectionFailure:
        return LOST


def test_without_faults_everything_runs(host):
    assert [run(host, STOP), helper(host)] == [OK, OK]


def test_a_lost_line_loses_everything_at_once(servers, host, tmp_path):
    servers.fault("ssh-lost", THREE)
    assert [run(host, STOP), helper(host)] == [LOST, LOST]
    with pytest.raises(AnsibleConnectionFailure, match=f"The line to {THREE} is lost"):
        host.put_file(__file__, str(tmp_path / "copy"))
    servers.heal()
    assert [run(host, STOP), helper(host)] == [OK, OK]


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({"at": "stop"}, [OK, LOST, LOST, LOST]),
        ({"at": "stop", "once": True}, [OK, LOST, OK, OK]),
        ({"at": "stop", "nth": 2}, [OK, OK, OK, LOST]),
        ({"at": "start"}, [OK, OK, LOST, LOST]),
        ({"at": "^ansible.legacy.file"}, [LOST, LOST, LOST, LOST]),
        ({"at": "no such task"}, [OK, OK, OK, OK]),
    ],
)
def test_where_the_line_is_lost(servers, host, options, ends):
    servers.fault("ssh-lost", THREE, **options)
    assert [run(host, task) for task in ("file path", STOP, START, STOP)] == ends
    assert helper(host) == (LOST if ends[-1] == LOST else OK)


def test_a_line_that_is_lost_after_the_task(servers, host, tmp_path):
    servers.fault("ssh-lost", THREE, at="touch", after=True)
    ran = tmp_path / "ran"
    payload = b'"ANSIBLE_MODULE_ARGS": {"x": "touch", "_ansible_check_mode": 0, "_ansible_module_name": "m"'
    with pytest.raises(AnsibleConnectionFailure):
        host.exec_command(f"touch {ran}", in_data=payload)
    assert ran.exists()
    assert helper(host) == LOST


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({"at": "stop"}, [OK, FAILED, OK, FAILED]),
        ({"at": "stop", "once": True}, [OK, FAILED, OK, OK]),
        ({"at": "neo4j", "nth": 2}, [OK, OK, FAILED, FAILED]),
    ],
)
def test_which_tasks_fail(servers, host, options, ends):
    servers.fault("task-fails", THREE, **options)
    assert [run(host, task) for task in ("file path", STOP, START, STOP)] == ends
    assert helper(host) == OK


WRITE = """
import os
with open({file!r}, "w") as stream:
    stream.write("x")
    os.fsync(stream.fileno())
# {arguments}
"""


@pytest.mark.parametrize(
    ("options", "ends"),
    [({}, [FAILED, FAILED]), ({"at": "second"}, [OK, FAILED]), ({"at": "written", "once": True}, [FAILED, OK])],
)
def test_a_disk_without_room(servers, host, tmp_path, options, ends):
    """The task really runs, in a process of its own, and meets the error where it writes."""
    servers.fault("full-disk", THREE, **options)
    found = []
    for number in ("first", "second"):
        arguments = '"ANSIBLE_MODULE_ARGS": {"x": "%s", "_ansible_check_mode": 0, "_ansible_module_name": "written"'
        payload = WRITE.format(file=str(tmp_path / number), arguments=arguments % number).encode()
        code, _, errors = host.exec_command(sys.executable, in_data=payload)
        assert (code == 0) != (b"OSError: [Errno 28] No space left on device" in errors)
        found.append(FAILED if code else OK)
    assert found == ends
    servers.heal()
    assert host.exec_command(sys.executable, in_data=payload)[0] == 0


def test_a_playbook_meets_a_lost_line(servers, tmp_path):
    """End to end, because only Ansible knows how a module is sent."""
    (tmp_path / "hosts").write_text(
        f"server ansible_connection=credex.lab.host ansible_python_interpreter={sys.executable} "
        f"ansible_lab_state={servers.state.folder} ansible_lab_server={THREE}\n"
    )
    (tmp_path / "play.yml").write_text(
        "- hosts: server\n  gather_facts: false\n  tasks:\n"
        f"  - ansible.builtin.file: {{path: {tmp_path}/touched, state: touch}}\n"
        "  - ansible.builtin.command: echo started\n"
    )
    servers.fault("ssh-lost", THREE, at="legacy.command .*echo started")
    done = subprocess.run(
        [PLAYBOOK, "-i", tmp_path / "hosts", tmp_path / "play.yml"],
        cwd=REPOSITORY,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 4, done.stdout
    assert "changed: [server]" in done.stdout
    assert f"The line to {THREE} is lost, by order of the lab" in done.stdout
    assert (tmp_path / "touched").exists()

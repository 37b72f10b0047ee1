# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes and real files; systemctl alone is a stand-in, because a test has no systemd."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._host import files, process, procfs
from ansible_collections.credex.ops.plugins.modules import neo4j_service_info

Run = Callable[..., dict[str, Any]]
Start = Callable[..., int]

# Longer than the two ticks in which a start and a change cannot be told apart
A_MOMENT = 0.05


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(**options: Any) -> dict[str, Any]:
        with patch_module_args(options), pytest.raises(SystemExit):
            neo4j_service_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        result.pop("invocation", None)
        return result

    return call


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def call(*command: str, **options: Any) -> int:
        started.append(subprocess.Popen(command, **options))
        return started[-1].pid

    yield call
    for popen in started:
        popen.kill()
        popen.wait()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("run", "conf", "licenses"):
        (tmp_path / "neo4j" / name).mkdir(parents=True)
    (tmp_path / "neo4j" / "conf" / "neo4j.conf").write_text("a=b\n", encoding="utf-8")
    return tmp_path / "neo4j"


@pytest.fixture
def server(home: Path, start: Start) -> int:
    """A process that works for the home and is named by its pid file."""
    pid = start("sleep", "60", cwd=home)
    (home / "run" / "neo4j.pid").write_text(f"{pid}\n", encoding="ascii")
    time.sleep(A_MOMENT)
    return pid


def conf(home: Path) -> str:
    return str(home / "conf" / "neo4j.conf")


def changed_paths(result: dict[str, Any]) -> list[str]:
    return [entry["path"] for entry in result["changed_since"]]


def test_a_running_server_with_old_files_needs_nothing(run: Run, home: Path, server: int) -> None:
    result = run(manager="home", home=str(home), files=[conf(home)])
    assert (result["state"], result["pid"]) == ("running", server)
    assert (result["changed_since"], result["missing"], result["restart_needed"]) == ([], [], False)
    assert not result["changed"]


def test_the_start_is_told_in_both_forms(run: Run, home: Path, server: int) -> None:
    result = run(manager="home", home=str(home))
    assert time.time() - 30 < result["started_at_epoch"] <= time.time()
    assert result["started_at"] == process.utc(round(result["started_at_epoch"] * 1e6) * 1000)


def write(path: Path) -> None:
    path.write_text("a=c\n", encoding="utf-8")


def rename_over(path: Path) -> None:
    """As an atomic replacement does: the file that comes in is old by its mtime."""
    other = path.with_name("prepared")
    other.write_text("a=c\n", encoding="utf-8")
    os.utime(other, (1_000_000_000, 1_000_000_000))
    other.rename(path)


def copy_over(path: Path) -> None:
    """As `cp -p`, with the times of the original."""
    other = path.with_name("original")
    other.write_text("a=c\n", encoding="utf-8")
    os.utime(other, (1_000_000_000, 1_000_000_000))
    path.unlink()
    shutil.copy2(other, path)


def chown(path: Path) -> None:
    os.chown(path, os.getuid(), os.getgid())


def chmod(path: Path) -> None:
    path.chmod(0o600)


@pytest.mark.parametrize("change", [write, rename_over, copy_over, chown, chmod])
def test_every_kind_of_change_is_seen(run: Run, home: Path, server: int, change: Callable[[Path], None]) -> None:
    change(home / "conf" / "neo4j.conf")
    result = run(manager="home", home=str(home), files=[conf(home)])
    assert changed_paths(result) == [conf(home)]
    assert result["changed_since"][0]["changed_at"] >= result["started_at"]
    assert result["restart_needed"]


def test_a_process_from_before_a_moment_needs_a_restart_and_a_younger_one_does_not(
    run: Run, home: Path, server: int
) -> None:
    began = run(manager="home", home=str(home))["started_at_epoch"]
    moments = [process.utc(round((began + shift) * 1e6) * 1000) for shift in (-0.02, 0, 0.02)]
    needed = [run(manager="home", home=str(home), started_before=moment)["restart_needed"] for moment in moments]
    assert needed == [False, False, True]


def test_a_stopped_server_is_older_than_nothing(run: Run, home: Path) -> None:
    assert not run(manager="home", home=str(home), started_before="2026-01-01T00:00:00Z")["restart_needed"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("yesterday", "started_before is 'yesterday': give a moment with its zone, such as"),
        ("2026-11-25T08:00:00", "give a moment with its zone"),
        ("2999-01-01T00:00:00Z", "give a moment that is over"),
    ],
)
def test_a_moment_that_cannot_be_right_is_refused(run: Run, home: Path, moment: str, words: str) -> None:
    result = run(manager="home", home=str(home), started_before=moment)
    assert result["failed"] and words in result["msg"]


def test_a_restart_settles_it(run: Run, home: Path, server: int, start: Start) -> None:
    write(home / "conf" / "neo4j.conf")
    assert run(manager="home", home=str(home), files=[conf(home)])["restart_needed"]
    pid = start("sleep", "60", cwd=home)
    (home / "run" / "neo4j.pid").write_text(str(pid), encoding="ascii")
    result = run(manager="home", home=str(home), files=[conf(home)])
    assert (result["pid"], result["restart_needed"]) == (pid, False)


def test_what_is_written_right_before_the_start_is_never_a_later_change(tmp_path: Path, start: Start) -> None:
    """Thirty tries: a start taken from the beginning of its tick fails about every second one."""
    for number in range(30):
        path = tmp_path / str(number)
        path.write_text("x", encoding="utf-8")
        running = procfs.read_process(start("sleep", "60"))
        assert running is not None
        written = files.changed_ns(str(path))
        assert written is not None
        assert written < procfs.started_at_ns(running)


def test_what_is_written_a_moment_after_the_start_is_never_missed(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "file"
    path.write_text("x", encoding="utf-8")
    for _number in range(10):
        running = procfs.read_process(start("sleep", "60"))
        assert running is not None
        time.sleep(0.021)
        path.write_text("x", encoding="utf-8")
        written = files.changed_ns(str(path))
        assert written is not None
        assert written >= procfs.started_at_ns(running)


def test_a_step_of_the_wall_clock_moves_the_start(home: Path, server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    running = procfs.read_process(server)
    assert running is not None
    offset = procfs.boot_offset_ns()
    monkeypatch.setattr(procfs, "boot_offset_ns", lambda: offset + 3600 * 10**9)
    forward = procfs.started_at_ns(running)
    monkeypatch.setattr(procfs, "boot_offset_ns", lambda: offset)
    assert forward - procfs.started_at_ns(running) == 3600 * 10**9


def test_folders_globs_and_missing(run: Run, home: Path, server: int) -> None:
    licenses = home / "licenses"
    (licenses / "deep").mkdir()
    (licenses / "deep" / "gds.license").write_text("x", encoding="utf-8")
    asked = [str(licenses), str(home / "conf" / "*.conf"), str(home / "plugins"), str(home / "none" / "*.jar")]
    result = run(manager="home", home=str(home), files=asked)
    assert changed_paths(result) == [str(p) for p in (licenses, licenses / "deep", licenses / "deep" / "gds.license")]
    assert result["missing"] == asked[2:]


def test_a_removed_plugin_is_seen_by_its_folder(run: Run, home: Path, start: Start) -> None:
    plugin = home / "plugins" / "gds.jar"
    plugin.parent.mkdir()
    plugin.write_text("x", encoding="utf-8")
    (home / "run" / "neo4j.pid").write_text(str(start("sleep", "60", cwd=home)), encoding="ascii")
    time.sleep(A_MOMENT)
    assert not run(manager="home", home=str(home), files=[str(plugin.parent)])["restart_needed"]
    plugin.unlink()
    assert changed_paths(run(manager="home", home=str(home), files=[str(plugin.parent)])) == [str(plugin.parent)]


def test_a_link_counts_with_its_target(run: Run, home: Path, server: int, tmp_path: Path) -> None:
    target, link = tmp_path / "real.crt", home / "conf" / "public.crt"
    link.symlink_to(target)
    assert run(manager="home", home=str(home), files=[str(link)])["missing"] == [str(link)]
    target.write_text("x", encoding="utf-8")
    assert changed_paths(run(manager="home", home=str(home), files=[str(link)])) == [str(link)]


def test_a_name_with_brackets_is_a_name(run: Run, home: Path, server: int) -> None:
    odd = home / "conf" / "a[1].conf"
    odd.write_text("x", encoding="utf-8")
    assert changed_paths(run(manager="home", home=str(home), files=[str(odd)])) == [str(odd)]


def test_without_a_server_nothing_is_needed(run: Run, home: Path) -> None:
    write(home / "conf" / "neo4j.conf")
    result = run(manager="home", home=str(home), files=[conf(home)])
    assert result["state"] == "stopped"
    assert (result["pid"], result["started_at"], result["started_at_epoch"]) == (None, None, None)
    assert (result["changed_since"], result["restart_needed"]) == ([], False)


def test_the_pid_of_another_process_is_not_believed(run: Run, home: Path, start: Start) -> None:
    pid = start("sleep", "60", cwd="/")
    (home / "run" / "neo4j.pid").write_text(str(pid), encoding="ascii")
    result = run(manager="home", home=str(home))
    assert (result["state"], result["pid"]) == ("stopped", None)
    assert f"names process {pid}, which is sleep and not of {home}" in result["message"]


def test_the_pid_of_no_process_is_not_believed(run: Run, home: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (home / "run" / "neo4j.pid").write_text(str(gone.pid), encoding="ascii")
    result = run(manager="home", home=str(home))
    assert (result["state"], result["pid"]) == ("stopped", None)
    assert "which is gone" in result["message"]


def test_a_zombie_is_no_server(run: Run, home: Path, start: Start) -> None:
    pid = start("true", cwd=home)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    (home / "run" / "neo4j.pid").write_text(str(pid), encoding="ascii")
    assert run(manager="home", home=str(home))["state"] == "stopped"


@pytest.mark.parametrize(
    "how",
    [
        {"args": ["--home-dir={home}"], "cwd": "/"},
        {"args": [], "cwd": "/", "env": {"NEO4J_HOME": "{home}", "PATH": os.environ["PATH"]}},
        {"args": [], "cwd": "{home}"},
    ],
)
def test_a_server_says_its_home_in_one_of_three_ways(run: Run, home: Path, start: Start, how: dict[str, Any]) -> None:
    def fill(text: str) -> str:
        return text.format(home=home)

    environment = {key: fill(value) for key, value in how["env"].items()} if "env" in how else None
    command = [sys.executable, "-c", "import time; time.sleep(60)", *map(fill, how["args"])]
    pid = start(*command, cwd=fill(how["cwd"]), env=environment)
    (home / "run" / "neo4j.pid").write_text(str(pid), encoding="ascii")
    assert run(manager="home", home=str(home))["pid"] == pid


def test_a_home_given_as_a_link_is_the_same_home(run: Run, home: Path, server: int) -> None:
    link = home.with_name("current")
    link.symlink_to(home)
    assert run(manager="home", home=str(link))["pid"] == server


def test_a_pid_file_of_letters_is_an_error(run: Run, home: Path) -> None:
    (home / "run" / "neo4j.pid").write_text("neo4j", encoding="ascii")
    result = run(manager="home", home=str(home))
    assert result["failed"]
    assert "neo4j.pid holds 'neo4j' and not a process number" in result["msg"]


def test_relative_paths_are_refused(run: Run, home: Path) -> None:
    result = run(manager="home", home=str(home), files=["conf/neo4j.conf"])
    assert result["failed"]
    assert "files must be absolute paths: conf/neo4j.conf" in result["msg"]


def test_the_manager_home_needs_a_home(run: Run) -> None:
    assert run(manager="home")["failed"]


def refuse(*_args: Any, **_options: Any) -> None:
    raise PermissionError(13, "Permission denied")


def test_an_unreadable_foreign_process_asks_for_become(
    run: Run, home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = start("sleep", "60", cwd=home)
    (home / "run" / "neo4j.pid").write_text(str(pid), encoding="ascii")
    monkeypatch.setattr(procfs.os, "readlink", refuse)
    result = run(manager="home", home=str(home))
    assert result["failed"]
    assert f"cannot tell whether process {pid} (sleep)" in result["msg"]
    assert "become" in result["msg"]


def test_a_hidden_process_is_not_a_stopped_server(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hidepid a foreign process has no folder in /proc, and a signal to it is not permitted."""
    (home / "run" / "neo4j.pid").write_text("4711", encoding="ascii")
    monkeypatch.setattr(procfs, "PROC", str(tmp_path))
    monkeypatch.setattr(procfs.os, "kill", refuse)
    result = run(manager="home", home=str(home))
    assert result["failed"]
    assert "hidepid" in result["msg"]


# systemd ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A systemctl that answers as told and notes how it was called."""

    def install(answer: str, rc: int = 0) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "answer").write_text(answer, encoding="utf-8")
        script = f'#!/bin/sh\necho "$@" > {folder}/called\ncat {folder}/answer\nexit {rc}\n'
        (folder / "systemctl").write_text(script, encoding="utf-8")
        (folder / "systemctl").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return folder / "called"

    return install


def show(active: str, main_pid: int, load: str = "loaded") -> str:
    return f"LoadState={load}\nActiveState={active}\nSubState=s\nResult=r\nMainPID={main_pid}\n"


def wait_for_pid(note: Path) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if note.exists() and note.read_text(encoding="ascii").endswith("\n"):
            return int(note.read_text(encoding="ascii"))
        time.sleep(0.02)
    pytest.fail(f"no process number in {note} after 10 s")


def test_the_jvm_is_found_below_the_boot_loader(
    run: Run, start: Start, systemctl: Callable[..., Path], tmp_path: Path
) -> None:
    """Two processes named java, the second a child of the first and younger, as the boot loader and the server are."""
    programs = {name: tmp_path / name / "java" for name in ("sh", "sleep")}
    for name, program in programs.items():
        program.parent.mkdir()
        shutil.copy(f"/bin/{name}", program)
    note = tmp_path / "pid"
    boot_loader = start(str(programs["sh"]), "-c", f"sleep 0.1; {programs['sleep']} 60 & echo $! > {note}; wait")
    child = wait_for_pid(note)
    called = systemctl(show("active", boot_loader))
    try:
        result = run(unit="neo4j-enterprise")
    finally:
        os.kill(child, 9)
    assert (result["state"], result["pid"]) == ("running", child)
    assert result["message"] == "active (s), result r"
    assert called.read_text(encoding="utf-8").split()[-1] == "neo4j-enterprise"


@pytest.mark.parametrize(
    ("active", "load", "state"),
    [("inactive", "loaded", "stopped"), ("failed", "loaded", "failed"), ("inactive", "not-found", "absent")],
)
def test_a_unit_without_a_process(run: Run, systemctl: Callable[..., Path], active: str, load: str, state: str) -> None:
    systemctl(show(active, 0, load))
    result = run(files=["/proc/self/stat"])
    assert (result["state"], result["pid"], result["restart_needed"]) == (state, None, False)


def test_a_systemctl_that_fails_is_an_error(run: Run, systemctl: Callable[..., Path]) -> None:
    systemctl("Failed to connect to bus", rc=1)
    result = run()
    assert result["failed"]
    assert "systemctl show neo4j failed with rc 1: Failed to connect to bus" in result["msg"]

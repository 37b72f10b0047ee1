# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import process, systemd
from ansible_collections.credex.ops.plugins.module_utils._host.process import Process

BOOTED_NS = 1_700_000_000_000_000_000


def a_process(pid: int, parent: int, ticks: int, name: str = "java", state: str = "S") -> Process:
    return Process(pid=pid, name=name, state=state, parent=parent, start_ticks=ticks)


def stat_line(pid: int, name: str, parent: int, ticks: int) -> str:
    zeros = " ".join("0" * 17)
    return f"{pid} ({name}) S {parent} {zeros} {ticks} 3018776576 112353\n"


@pytest.mark.parametrize("name", ["java", "a b", "odd) S 1 (name", "("])
def test_stat_is_read_past_any_name(name: str) -> None:
    assert process.parse_stat(stat_line(7016, name, 1, 16800975)) == a_process(7016, 1, 16800975, name=name)


def test_stat_of_this_very_process() -> None:
    found = process.parse_stat(Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8"))
    assert (found.pid, found.parent, found.alive) == (os.getpid(), os.getppid(), True)


@pytest.mark.parametrize("text", ["2026-11-25T08:00:00.250000Z", "2026-11-25T10:00:00.250000+02:00"])
def test_a_moment_is_read_in_any_zone(text: str) -> None:
    assert process.utc(process.nanoseconds(text)) == "2026-11-25T08:00:00.250000Z"


@pytest.mark.parametrize("text", ["2026-11-25T08:00:00", "2026-11-25", "now", "08:00Z"])
def test_a_moment_without_a_zone_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|zone"):
        process.nanoseconds(text)


def test_the_start_is_the_end_of_its_tick() -> None:
    # 10 ms ticks: the process began somewhere in [1.23 s, 1.24 s) after boot
    assert process.started_ns(123, 100, BOOTED_NS) == BOOTED_NS + 1_240_000_000


def test_a_kernel_with_other_ticks() -> None:
    assert process.started_ns(123, 1000, BOOTED_NS) == BOOTED_NS + 124_000_000


def test_times_are_exact_to_the_microsecond() -> None:
    assert process.utc(1_795_409_795_370_000_999) == "2026-11-23T04:56:35.370000Z"


def test_the_server_is_the_jvm_below_the_boot_loader() -> None:
    boot_loader, server = a_process(10, 1, 100), a_process(11, 10, 180)
    assert process.server_process(10, [server, boot_loader]) == server


def test_the_server_is_found_below_a_shell_wrapper() -> None:
    wrapper, boot_loader, server = a_process(10, 1, 100, "neo4j"), a_process(11, 10, 101), a_process(12, 11, 180)
    assert process.server_process(10, [wrapper, boot_loader, server]) == server


def test_the_child_is_meant_when_both_began_in_one_tick() -> None:
    boot_loader, server = a_process(10, 1, 100), a_process(11, 10, 100)
    assert process.server_process(10, [boot_loader, server]) == server


def test_helpers_of_the_server_are_not_the_server() -> None:
    boot_loader, server, helper = a_process(10, 1, 100), a_process(11, 10, 180), a_process(12, 11, 999, "sh")
    assert process.server_process(10, [boot_loader, server, helper]) == server


def test_a_java_of_somebody_else_is_not_the_server() -> None:
    boot_loader, stranger = a_process(10, 1, 100), a_process(11, 1, 180)
    assert process.server_process(10, [boot_loader, stranger]) == boot_loader


def test_the_main_process_speaks_for_a_unit_without_java() -> None:
    stand_in, child = a_process(10, 1, 100, "python3"), a_process(11, 10, 180, "sleep")
    assert process.server_process(10, [stand_in, child]) == stand_in


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_dead_process_is_none(state: str) -> None:
    assert process.server_process(10, [a_process(10, 1, 100, state=state)]) is None


@pytest.mark.parametrize(
    ("arguments", "environment", "folder", "expected"),
    [
        (["java", "--home-dir=/srv/neo4j"], {}, "/", True),
        (["java", "-cp", "/srv/neo4j/conf/*:/srv/neo4j/lib/*"], {}, "/", True),
        (["python3", "server.py"], {"NEO4J_HOME": "/srv/neo4j"}, "/", True),
        (["python3", "server.py"], {}, "/srv/neo4j", True),
        (["java", "--home-dir=/srv/neo4j-2"], {"NEO4J_HOME": "/srv/neo4j-2"}, "/srv/neo4j-2", False),
        (["java", "--home-dir=/old/srv/neo4j"], {}, "/", False),
        (["sleep", "60"], {}, "/root", False),
    ],
)
def test_a_process_belongs_to_a_home(
    arguments: list[str], environment: dict[str, str], folder: str, expected: bool
) -> None:
    assert process.belongs_to(["/srv/neo4j"], arguments, environment, folder) is expected


@pytest.mark.parametrize(
    ("load", "active", "state"),
    [
        ("loaded", "active", "running"),
        ("loaded", "reloading", "running"),
        ("loaded", "inactive", "stopped"),
        ("loaded", "failed", "failed"),
        ("loaded", "activating", "starting"),
        ("loaded", "deactivating", "stopping"),
        ("loaded", "maintenance", "maintenance"),
        ("not-found", "inactive", "absent"),
    ],
)
def test_the_words_of_systemd(load: str, active: str, state: str) -> None:
    unit = systemd.parse_show(f"LoadState={load}\nActiveState={active}\nSubState=x\nResult=y\nMainPID=0\n")
    assert (unit.state, unit.main_pid) == (state, 0)
    assert unit.detail == f"{active} (x), result y"

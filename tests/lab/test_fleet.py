# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m lab fleet: many servers in one process, each of them itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import neo4j
import pytest

from lab.state import REPOSITORY

COUNT = 30


@pytest.fixture(scope="module")
def fleet():
    line = [sys.executable, "-m", "lab", "fleet", str(COUNT)]
    process = subprocess.Popen(line, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process, json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_each_is_a_server_of_its_own(fleet):
    _, ready = fleet
    assert len(set(ready["uris"])) == COUNT
    names = set()
    for uri in ready["uris"]:
        with neo4j.GraphDatabase.driver(uri, auth=(ready["username"], ready["password"])) as driver:
            [row] = driver.execute_query("SHOW SERVERS YIELD name, address, health", database_="system").records
        assert uri == f"bolt://{row['address']}" and row["health"] == "Available"
        names.add(row["name"])
    assert len(names) == COUNT


def test_the_password_is_not_in_its_arguments(fleet):
    process, ready = fleet
    with open(f"/proc/{process.pid}/cmdline") as line:
        assert ready["password"] not in line.read()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulated server's home, and the server prepared from it; nothing listens, nobody waits."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab import description, homes
from lab.description import Timing
from lab.server import alive, console
from lab.server.home import Home
from lab.server.instance import Instance
from lab.state import State

PASSWORD = "a password of the test"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    state = State("fuzz", tmp_path_factory.mktemp("fuzz"))
    single = next(e.clusters[0] for e in description.load().environments if len(e.clusters[0].servers) == 1)
    [name] = single.servers
    state.clear()
    homes.build_cluster(state, single, {name: "127.0.0.1"}, PASSWORD, Timing(start=0, stop=0, online=0))
    return Home(state.home(name))


@pytest.fixture(scope="session")
def instance(home: Home) -> Iterator[Instance]:
    prepared = console.prepare(home)
    lock = alive.hold(prepared.cluster.lock_file(prepared.name))
    assert lock is not None
    prepared.record_start(0)
    yield prepared
    os.close(lock)

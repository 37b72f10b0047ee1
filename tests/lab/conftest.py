# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cluster of emulated servers for all tests of the emulator, whole again before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.emulated import Emulated


@pytest.fixture(scope="session")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated(tmp_path_factory.mktemp("emulated"))
    yield emulated
    emulated.end()


@pytest.fixture
def servers(running_cluster: Emulated) -> Emulated:
    running_cluster.reset()
    return running_cluster

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One lab for all tests of operations, put back to its first state before each."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import SERVERS, Lab
from tests.lab.operations.upgradable import Upgradable


@pytest.fixture(scope="session")
def _lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.up()
    yield lab
    lab.down()


@pytest.fixture
def lab(_lab):
    _lab.reset()
    return _lab


@pytest.fixture(scope="session")
def singles(_lab):
    """The same lab, with the single servers of development and staging."""
    _lab.command("up", "development", "staging")
    return _lab


@pytest.fixture(scope="session")
def tarball_lab(tmp_path_factory):
    """Another one, whose servers can be upgraded; whoever uses it puts it back first."""
    lab = Upgradable(tmp_path_factory.mktemp("tarball"))
    lab.up()
    yield lab
    lab.down()


@pytest.fixture
def untouched(lab):
    """The lab, looked at again after the test: no server was restarted, no file placed, and no lock is left."""
    starts = [lab.starts(name) for name in SERVERS]
    yield lab
    assert [lab.starts(name) for name in SERVERS] == starts
    assert not any(lab.renewed().values()) and not any(lab.kept(name) for name in SERVERS)
    assert lab.lock() is None

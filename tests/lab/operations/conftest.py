# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One lab for all tests of operations, put back to its first state before each."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import Lab


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

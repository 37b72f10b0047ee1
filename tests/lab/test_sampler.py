# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sampler sees what it is there to see: tests of operations would pass without it."""

from __future__ import annotations

import time

import pytest

from tests.lab.emulated import CLUSTER, ONE, THREE, TWO
from tests.lab.sampler import Sampler


def watching(servers):
    return Sampler(servers.state.folder, CLUSTER)


def test_servers_one_after_another(servers):
    with watching(servers) as seen:
        servers.restart(ONE)
        servers.restart(TWO)
    assert len(seen.most) == 1
    [first], [second] = seen.of(ONE), seen.of(TWO)
    assert first.begin < first.end <= second.begin < second.end
    assert seen.of(THREE) == []


def test_two_at_once(servers):
    with watching(servers) as seen:
        servers.run(ONE, "stop")
        servers.run(TWO, "stop")
        servers.start_all()
    assert seen.most == {ONE, TWO}


@pytest.mark.parametrize(
    ("kind", "options"), [("hang", {}), ("refuse", {}), ("kill", {}), ("quarantine", {"database": "searchspace"})]
)
def test_what_counts_as_down(servers, kind, options):
    with watching(servers) as seen:
        servers.fault(kind, THREE, **options)
        deadline = time.monotonic() + 5
        while not seen.most:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert seen.most == {THREE}
    [outage] = seen.of(THREE)
    assert outage.begin < outage.end

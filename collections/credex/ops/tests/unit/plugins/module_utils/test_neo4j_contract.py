# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import contract

WRITTEN = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "warn_days": 30,
    "count_cpu_as": "cores",
    "machines": {"production": 3, "development": 6},
    "max_cpu": 24,
    "max_memory": "256 GB",
}


def test_the_contract_as_it_applies_to_an_environment():
    found = contract.read(WRITTEN, "development")
    assert (found.machines, found.max_cpu, found.expires) == (6, 24, datetime.date(2027, 5, 31))
    assert (found.max_bytes, found.max_bytes_if_binary) == (256 * 10**9, 256 * 2**30)
    assert found.days_left(datetime.date(2027, 6, 1)) == -1


def test_a_date_may_come_as_yaml_reads_it_and_a_binary_unit_is_taken_by_its_word():
    found = contract.read({**WRITTEN, "expires": datetime.date(2027, 5, 31), "max_memory": "1 TiB"}, "production")
    assert found.expires == datetime.date(2027, 5, 31)
    assert found.max_bytes == found.max_bytes_if_binary == 2**40


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"holder": ""}, "has no holder"),
        ({"expires": None}, "has no expires"),
        ({"expires": "next year"}, "expires is 'next year'"),
        ({"machines": {"staging": 3}}, "has no limit for production"),
        ({"machines": 3}, "has no limit for production"),
        ({"machines": {"production": "many"}}, "machines.production is 'many'"),
        ({"machines": {"production": -1}}, "machines.production is -1"),
        ({"count_cpu_as": "threads"}, "count_cpu_as is 'threads'"),
        ({"max_memory": "256"}, "max_memory is '256'"),
        ({"max_memory": 256}, "max_memory is '256'"),
        ({"warn_days": True}, "warn_days is True"),
    ],
)
def test_what_is_missing_or_malformed_is_named(change, words):
    with pytest.raises(contract.ContractError) as error:
        contract.read({**WRITTEN, **change}, "production")
    assert words in str(error.value)

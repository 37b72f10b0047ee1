# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Daynodes say, and what they must not say."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._balance.daynodes import RefusedError, days, positive


def day(date, previous=None, active=False, prior_current=2.0, running=False, **rates):
    return {
        "date": date,
        "dated": True,
        "active": active,
        "running": running,
        "previous": previous,
        "rates": {"Date": date, "Active": active, "CXXprior_CXXcurrent": prior_current, "CXX": 1.0, **rates},
    }


CHAIN = [
    day("2024-11-05", prior_current=1.0, USD=1.0),
    day("2024-11-06", "2024-11-05", prior_current=1.25, USD=0.8),
    day("2024-11-08", "2024-11-06", active=True, USD=0.4),
]


def with_last(**changes):
    return [*CHAIN[:2], {**CHAIN[2], **changes}]


def with_rates(**rates):
    return with_last(rates={**CHAIN[2]["rates"], **rates})


def test_factors_lead_over_days_that_are_not_there():
    found = days(CHAIN)
    assert found.active == "2024-11-08" and not found.running
    assert found.rates == {"CXX": 1.0, "USD": 0.4}
    assert found.factors == {"2024-11-08": 1.0, "2024-11-06": 0.5, "2024-11-05": 0.4}
    assert found.history["2024-11-06"] == {"CXX": 1.0, "USD": 0.8}
    assert found.chain_ends == "0 Daynodes lead to the one of 2024-11-05 by NEXT_DAY"


def test_the_chain_ends_where_a_day_is_not_known():
    broken = [CHAIN[0], {**CHAIN[1], "rates": {"CXXprior_CXXcurrent": "NaN"}}, CHAIN[2]]
    found = days(broken)
    assert set(found.factors) == {"2024-11-08", "2024-11-06"}
    assert found.chain_ends == "CXXprior_CXXcurrent of the Daynode of 2024-11-06 is 'NaN'"


def test_a_ring_of_days_ends():
    ring = [{**CHAIN[0], "previous": "2024-11-08"}, *CHAIN[1:]]
    assert set(days(ring).factors) == {"2024-11-08", "2024-11-06", "2024-11-05"}


def test_any_day_may_say_that_the_run_is_at_work():
    assert days([{**CHAIN[0], "running": True}, *CHAIN[1:]]).running


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "0 Daynodes are active (none)"),
        (CHAIN[:2], "0 Daynodes are active (none)"),
        ([*CHAIN, day("2024-11-09", active=True)], "2 Daynodes are active (2024-11-08, 2024-11-09)"),
        (with_last(dated=False), "Date of the active Daynode is '2024-11-08', and no DATE"),
        (with_rates(CXX=0.5), "CXX is 0.5, and must be 1"),
        (with_rates(USD=0.0), "USD is 0.0"),
        (with_rates(USD=-1.0), "USD is -1.0"),
        (with_rates(USD="NaN"), "USD is 'NaN'"),
        (with_rates(USD="Infinity"), "USD is 'Infinity'"),
        (with_rates(CXXprior_CXXcurrent=None), "CXXprior_CXXcurrent is None"),
        (with_rates(CXXprior_CXXcurrent=0), "CXXprior_CXXcurrent is 0"),
        (with_rates(CXXprior_CXXcurrent=True), "CXXprior_CXXcurrent is True"),
    ],
)
def test_refused(rows, message):
    with pytest.raises(RefusedError) as error:
        days(rows)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("value", "is_positive"),
    [
        (1, True),
        (0.5, True),
        (0, False),
        (-1, False),
        (float("nan"), False),
        (float("inf"), False),
        ("1", False),
        (None, False),
    ],
)
def test_positive(value, is_positive):
    assert positive(value) is is_positive

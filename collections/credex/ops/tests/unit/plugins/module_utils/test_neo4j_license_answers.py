# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers of servers and products about their licenses; the texts are GDS's and Bloom's own."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license_answers

# Sic: two sentences of GDS, one in the other
EXPIRED_KEY = "License error: Expired. Expiration date at License expires at 1970-01-01T00:00Z[UTC]"
NOW = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("yes", {"status": "commercial", "days_left": None, "total_days": None}),
        ("eval", {"status": "evaluation", "days_left": 12, "total_days": 30}),
        ("expired", {"status": "expired", "days_left": 12, "total_days": 30}),
        ("no", {"status": "not_accepted", "days_left": None, "total_days": None}),
        ("something new", {"status": "unknown", "days_left": None, "total_days": None}),
    ],
)
def test_agreements(status, shown):
    rows = [{"status": status, "daysLeftOnTrial": 12, "totalTrialDays": 30}]
    assert license_answers.agreement(rows, applicable=True) == shown


def test_agreements_that_nobody_tells():
    assert license_answers.agreement(None, applicable=True)["status"] == "unknown"
    assert license_answers.agreement(None, applicable=False)["status"] == "not_applicable"


@pytest.mark.parametrize(
    ("licensed", "details", "expires", "days_left"),
    [
        (False, "No valid GDS license specified.", None, None),
        (True, "License expires at 2026-11-16T09:46:39Z[UTC]", "2026-11-16T09:46:39Z", 14),
        # Java leaves out seconds that are zero, and prints what it has of fractions
        (True, "License expires at 2027-01-31T00:00Z[UTC]", "2027-01-31T00:00:00Z", 90),
        (True, "License expires at 2026-11-16T09:46:39.123456Z[UTC]", "2026-11-16T09:46:39Z", 14),
        (True, "License expires at 2026-11-16T10:46:39+01:00[Europe/Berlin]", "2026-11-16T09:46:39Z", 14),
        (
            False,
            EXPIRED_KEY,
            "1970-01-01T00:00:00Z",
            -20759,
        ),
        (False, "License error: Could not verify the license key.", None, None),
    ],
)
def test_gds(licensed, details, expires, days_left):
    assert license_answers.gds([{"isLicensed": licensed, "details": details}], NOW) == {
        "installed": True,
        "licensed": licensed,
        "expires": expires,
        "days_left": days_left,
        "message": details,
    }


@pytest.mark.parametrize(
    ("status", "licensed"),
    [("valid", True), ("invalid", False), ("missing", False), ("expired", False), ("not_accepted", False)],
)
def test_bloom(status, licensed):
    row = {"success": licensed, "status": status, "message": "What it says", "daysLeft": 7}
    assert license_answers.bloom([row], NOW) == {
        "installed": True,
        "licensed": licensed,
        "expires": None,
        "days_left": 7,
        "message": f"{status}: What it says",
    }


@pytest.mark.parametrize(
    ("setting", "size"),
    [
        ("256.00MiB", 256),
        ("4.00GiB", 4096),
        ("1.50GiB", 1536),
        ("512m", 512),
        ("31g", 31744),
        ("2T", 2097152),
        ("25276510208", 24105),
        ("8k", 0),
        ("No Value", None),
        ("", None),
        (None, None),
        ("50%", None),
    ],
)
def test_sizes(setting, size):
    assert license_answers.mebibytes(setting) == size


@pytest.mark.parametrize(
    ("row", "expires", "days"),
    [
        ({}, None, None),
        ({"expires": "2027-11-23T00:00:00Z"}, "2027-11-23T00:00:00Z", 365),
        ({"expires": "2027-11-23T02:00:00.000000000+02:00"}, "2027-11-23T00:00:00Z", 365),
        ({"expires": "2027-11-23"}, "2027-11-23T00:00:00Z", 365),
        ({"days_left": 9, "message": "fine"}, None, 9),
    ],
)
def test_another_product_tells_what_its_query_asks_for(row, expires, days):
    now = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
    found = license_answers.other([{"licensed": True, **row}], now)
    assert (found["licensed"], found["expires"], found["days_left"]) == (True, expires, days)
    assert found["message"] == row.get("message")


@pytest.mark.parametrize("rows", [[], [{}], [{"licensed": "yes"}], [{"licensed": True, "expires": "soon"}]])
def test_an_answer_that_is_none_proves_nothing(rows):
    found = license_answers.other(rows, datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC))
    assert found["licensed"] is None and "verify_query" in found["message"]

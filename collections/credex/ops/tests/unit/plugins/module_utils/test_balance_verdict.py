# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What would be scaled and flagged, what is refused, and what a verification says, from groups made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.credex.ops.plugins.filter.balance_checks import FilterModule as BalanceChecks
from ansible_collections.credex.ops.plugins.module_utils._balance import statements, usage, verdict
from ansible_collections.credex.ops.plugins.module_utils._balance.daynodes import Days
from ansible_collections.credex.ops.plugins.module_utils._balance.table import LABEL, TABLE

CREDEX, ANCHOR, SEARCH = TABLE[0], TABLE[1], TABLE[-1]
DAYS = Days(
    active="2024-11-08",
    running=False,
    rates={"CXX": 1.0, "USD": 0.4},
    prior_current=2.0,
    history={"2024-11-07": {"CXX": 1.0, "USD": 0.8}, "2024-11-08": {"CXX": 1.0, "USD": 0.4}},
    factors={"2024-11-08": 1.0, "2024-11-07": 0.5},
    chain_ends="0 Daynodes lead to the one of 2024-11-07 by NEXT_DAY",
)
COLLECTION = Path(__file__).resolve().parents[4]


def group(kind=CREDEX, denomination="USD", since="2024-11-08", entities=10, rate=0.4, **more):
    sums = {f"{unit}_{name}": 64.0 * entities for unit in ("cxx", "face") for name in kind.amounts}
    return {
        "space": kind.space,
        "kind": kind.name,
        "flagged": since is not None,
        "denomination": denomination,
        "since": since,
        "entities": entities,
        "summed": entities,
        "current": entities,
        "lowest": rate,
        "highest": rate,
        "odd": 0,
        "empty": 0,
        **sums,
        **more,
    }


def reading(*groups, **more):
    return {
        "at": "2024-11-08T00:20:00Z",
        "date": DAYS.active,
        "running": False,
        "rates": DAYS.rates,
        "prior_current": DAYS.prior_current,
        "factors": DAYS.factors,
        "chain_ends": DAYS.chain_ends,
        "groups": list(groups),
        "compared": list(groups),
        "stragglers": [],
        "strangers": [],
        "owed": [],
        "searched": [],
        "damage": [],
        **more,
    }


def said(read, before=None):
    return {check["id"].removeprefix("balance."): check for check in verdict.checks(read, before)}


# --- what would be done ---


def test_due_is_what_is_flagged_and_of_an_earlier_day():
    groups = [
        group(since="2024-11-07", entities=3),
        group(since="2024-11-08", entities=5),
        group(since=None, entities=7),
        group(since="2024-11-07", entities=2, flagged=False),
    ]
    assert usage.due(groups, DAYS) == {
        "ledger Credex": 3,
        "ledger LoopAnchor": 0,
        "ledger REDEEMED": 0,
        "ledger CREDLOOP": 0,
        "search Credex": 0,
    }


def test_only_what_has_the_active_rate_is_flagged_and_dated():
    groups = [group(since=None, current=6), group(since="2024-11-07", current=4), group(ANCHOR, "CXX", None, 2)]
    assert usage.to_flag(groups)["ledger Credex"] == 6 and usage.to_flag(groups)["ledger LoopAnchor"] == 2
    assert usage.to_restamp(groups, DAYS)["ledger Credex"] == 4
    assert usage.stale(groups, False, DAYS) == ["4 ledger Credex"]
    assert usage.stale(groups, True, DAYS) == ["10 ledger Credex"]


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (group(denomination="GBP"), "10 ledger Credex in GBP: the Daynode of 2024-11-08 has no rate GBP. Add it"),
        (group(since="2024-11-09"), "are scaled to 2024-11-09 already"),
        (group(since="2024-11-01"), "and nothing leads from there: 0 Daynodes lead to the one of 2024-11-07"),
        (group(since="2024-11-07"), "another statement has scaled them"),
        (group(since="2024-11-07", rate=None, highest=0.4), "another statement has scaled them"),
    ],
)
def test_refusals(one, message):
    (reason,) = usage.refusals([one], DAYS)
    assert message in reason


@pytest.mark.parametrize(
    "one",
    [
        group(since="2024-11-07", rate=0.8),
        group(since="2024-11-07", rate=0.123),  # damaged, and not by another statement
        group(denomination="CXX", since="2024-11-07", rate=1.0),
        group(ANCHOR, "CXX", "2024-11-07", rate=1),
        group(denomination=None, since="2024-11-07"),
        group(denomination="GBP", since=None),
    ],
)
def test_what_is_not_refused(one):
    assert usage.refusals([one], DAYS) == []


# --- what a verification says ---


def test_all_is_well():
    checks = said(reading(group(), group(SEARCH)))
    assert {check["status"] for name, check in checks.items() if name != "sums"} == {"passed"}
    assert (checks["sums"]["status"], checks["sums"]["required"]) == ("skipped", False)


def test_before_the_flags_are_introduced_nothing_is_said_of_them():
    flags = said(reading(group(since=None)))["flags"]
    assert (flags["status"], flags["required"]) == ("skipped", False)


@pytest.mark.parametrize(
    ("name", "read", "message"),
    [
        ("quiet", reading(running=True), "verify when the nightly run has ended"),
        ("rates", reading(), "nothing has amounts, in neither space"),
        ("rates", reading(group(current=7, highest=0.8)), "3 of 10 ledger Credex in USD have 0.4 to 0.8 and not 0.4"),
        ("rates", reading(group(current=0, rate=None)), "have no multiplier and not 0.4"),
        ("rates", reading(group(denomination="GBP", current=0)), "not a rate that the Daynode has"),
        ("stragglers", reading(group(since="2024-11-07")), "10 ledger Credex in USD are dated 2024-11-07"),
        ("stragglers", reading(group(since=None, flagged=True)), "are dated never"),
        (
            "stragglers",
            reading(group(since="2024-11-07"), stragglers=[{"entity": "ledger Credex", "key": "c1"}]),
            "among them ledger Credex c1",
        ),
        ("flags", reading(group(), group(since=None, entities=2)), "2 ledger Credex in USD have no flag"),
        (
            "flags",
            reading(group(), strangers=[{"space": "ledger", "names": ["Bond"], "flagged": False, "entities": 3}]),
            "3 ledger Bond have a CXXmultiplier, and are of no known kind",
        ),
        (
            "flags",
            reading(group(), strangers=[{"space": "ledger", "names": ["Member"], "flagged": True, "entities": 1}]),
            "1 ledger Member have a flag, and no amounts",
        ),
        ("amounts", reading(group(empty=2)), "2 ledger Credex in USD have no amounts"),
        ("amounts", reading(group(odd=1)), "1 ledger Credex in USD have amounts that are NaN or infinite"),
    ],
)
def test_what_is_wrong_is_said(name, read, message):
    check = said(read)[name]
    assert check["status"] == "failed" and message in check["detail"]
    assert said(read)[name]["follow_up"] == verdict.NEXT[f"balance.{name}"]


def owed(**amounts):
    return [{"denomination": name, "entities": 2, "owed": amount} for name, amount in amounts.items()]


@pytest.mark.parametrize(
    ("ledger", "search", "message"),
    [
        (owed(USD=8.0), owed(USD=4.0), "USD: 8.0 CXX in LedgerSpace, 4.0 in SearchSpace, which is 0.5 times as much"),
        (owed(USD=8.0), [], "USD: 2 credexes in LedgerSpace, 0 in SearchSpace"),
        ([], owed(USD=8.0), "USD: 0 credexes in LedgerSpace, 2 in SearchSpace"),
        (owed(USD=0.0), owed(USD=4.0), "which is inf times"),
    ],
)
def test_spaces_that_differ(ledger, search, message):
    assert message in said(reading(owed=ledger, searched=search))["spaces"]["detail"]


def test_spaces_that_differ_in_last_bits_do_not():
    assert said(reading(owed=owed(USD=0.3), searched=owed(USD=0.1 + 0.2)))["spaces"]["status"] == "passed"


@pytest.mark.parametrize(
    ("smallest", "largest", "message"),
    [
        (0.25, 0.25, "are 0.25 times (scaled 3 times in the last night, and not once) what"),
        (0.3, 0.3, "are 0.3 times what"),
        (0.25, 0.5, "are 0.25 to 0.5 times what"),
        (2.0, 2.0, "are 2 times (scaled 0 times in the last night, and not once) what"),
    ],
)
def test_damage_is_told_with_its_factor(smallest, largest, message):
    row = {"kind": "LoopAnchor", "entities": 2, "smallest": smallest, "largest": largest}
    damaged = reading(damage=[{**row, "samples": [{"key": "l1", "factor": smallest}]}])
    check = said(damaged)["damage"]
    assert check["status"] == "failed" and message in check["detail"] and "l1" in check["detail"]


def before(**changes):
    """The sums of the day before: in CXX twice as much, face values the same."""
    cxx = {f"cxx_{name}": 1280.0 for name in CREDEX.amounts}
    earlier = reading(group(), group(denomination="CXX", rate=1.0, **cxx), date="2024-11-07", **changes)
    return verdict.snapshot(earlier)


def test_sums_after_a_right_night():
    now = reading(group(), group(denomination="CXX", rate=1.0))
    check = said(now, before())["sums"]
    assert (check["status"], check["detail"]) == ("passed", "compared with 2024-11-07, 2024-11-08T00:20:00Z")


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (
            reading(group(), group(denomination="CXX", cxx_InitialAmount=80.0)),
            "InitialAmount was 1280.0, is 80.0, should be 640.0 (as if scaled 4 times, and not once)",
        ),
        (
            reading(group(), group(denomination="CXX", cxx_InitialAmount=1280.0)),
            "(as if scaled 0 times, and not once)",
        ),
        (reading(group(), group(denomination="CXX", cxx_InitialAmount=3.3)), "is 3.3, should be 640.0"),
        (
            reading(group(face_InitialAmount=639.0), group(denomination="CXX")),
            "ledger Credex in USD: InitialAmount was 640.0, is 639.0, should be 640.0",
        ),
        (reading(group()), "ledger Credex in CXX: 10 entities before, of which 0 are left"),
        (reading(group(), group(denomination="CXX", summed=9)), "of which 9 are left"),
        (reading(factors={"2024-11-08": 1.0}), "the last run saw 2024-11-07, and 0 Daynodes lead"),
    ],
)
def test_sums_after_a_wrong_night(now, message):
    check = said(now, before())["sums"]
    assert check["status"] == "failed" and message in check["detail"]


def test_the_last_report_holds_what_is_compared_with():
    [checks] = BalanceChecks().filters().values()
    first = checks(reading(group(since="2024-11-07"), date="2024-11-07"))
    again = checks(reading(group()), {"checks": first})
    assert next(check for check in again if check["id"] == "balance.sums")["status"] == "passed"
    assert verdict.last_snapshot({"checks": []}) is None


def kept(read, before=None):
    return said(read, before)["snapshot"]


def test_the_sums_of_a_good_run_are_kept_until_the_next_good_one():
    good, behind = reading(group()), reading(group(since="2024-11-07"))
    first = kept(good)
    assert first["status"] == "passed" and first["evidence"] == verdict.snapshot(good)
    assert kept(behind, first["evidence"])["evidence"] == first["evidence"]
    none = kept(behind)
    assert (none["status"], none["required"]) == ("skipped", False) and "evidence" not in none
    assert verdict.last_snapshot({"checks": [{"id": verdict.SNAPSHOT, "evidence": {}}]}) is None


# --- the statements ---


def test_every_statement_of_a_kind_names_its_flag():
    for kind in TABLE:
        for make in (statements.update, statements.flag, statements.restamp, statements.stragglers):
            assert (f":{LABEL}" in make(kind)) is kind.is_node
            assert "lastScaled" in make(kind)


def test_files_for_the_application_are_what_the_module_sends():
    """When it fails: scripts/balance-cypher writes them anew."""
    folder = COLLECTION / "docs/cypher/balance_update"
    written = {path.name: path.read_text() for path in folder.glob("*.cypher")}
    assert written == statements.files() and len(written) == len(TABLE) + 1

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import renewal

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
PATH = "/var/lib/neo4j/licenses/neo4j-gds.license"


def shown(fingerprint, expires):
    return {"fingerprint": fingerprint, "opaque": expires is None, "product": "gds", "expires": expires}


OLD = shown("old0000000000000", "2026-12-13T00:00:00Z")
NEW = shown("new0000000000000", "2027-11-23T00:00:00Z")
WANTED = [{"product": "gds", "license": NEW, "accept": [], "restart": True}]


START, BEFORE = "2026-11-20T10:00:00.370000Z", "2026-11-19T10:00:00Z"


def observed(present="old", changed=(), state="running", kept=(), kept_at="2026-11-21T10:00:00Z", **file):
    present = OLD if present == "old" else present
    entry = {
        "path": PATH,
        "exists": present is not None,
        "license": present,
        "owner": "neo4j",
        "group": "neo4j",
        "mode": "0640",
    }
    return {
        "host": "n1",
        "ownership": {"owner": "neo4j", "group": "neo4j", "mode": "0640"},
        "files": [{**entry, "kept": [{"fingerprint": f, "kept_at": kept_at} for f in kept], **file}],
        "service": {
            "state": state,
            "started_at": START if state == "running" else None,
            "changed_since": [{"path": p} for p in changed],
        },
    }


def plan(wanted=None, agreement="commercial", wanted_agreement="commercial", reads=PATH, **what):
    told = {"reachable": True, "agreement": {"status": agreement}, "license_paths": {"gds": reads}}
    return renewal.plan_server(observed(**what), wanted or WANTED, wanted_agreement, told, NOW)


def test_a_file_that_the_server_does_not_read_is_refused():
    assert "is not the file that the server reads, which is /elsewhere" in plan(reads="/elsewhere")["refused"][0]
    assert plan(reads=None)["refused"] == [], "not configured yet, or not told"


def test_a_stopped_server_may_be_one_that_waits_for_its_agreement():
    assert plan(present=NEW, agreement="unknown", state="stopped")["accept"]


@pytest.mark.parametrize("present", ["evaluation", "expired", "not_accepted"])
def test_an_agreement_that_is_not_the_wanted_one_is_work_and_needs_a_restart(present):
    server = plan(present=NEW, agreement=present)
    assert (server["accept"], server["place"], server["restart"], server["refused"]) == (True, False, True, [])
    assert "accept commercial, restart (canary)" in renewal.table([server], ["n1"])[0]


def test_a_product_that_reads_its_file_again_by_itself_needs_no_restart():
    wanted = [{**WANTED[0], "product": "other", "restart": False}]
    server = plan(wanted)
    assert (server["place"], server["restart"], renewal.is_due(server)) == (True, False, True)
    assert not renewal.is_due(plan(wanted, present=NEW, changed=[PATH]))


def test_an_agreement_that_cannot_be_read_is_no_work_and_an_impossible_one_is_refused():
    assert not renewal.is_due(plan(present=NEW, agreement="unknown"))
    assert "not put back" in plan(present=NEW, wanted_agreement="evaluation")["refused"][0]
    assert "Community Edition" in plan(present=NEW, agreement="not_applicable")["refused"][0]


def test_another_file_is_placed_and_brought_into_force():
    server = plan()
    assert (server["place"], server["restart"], server["start"]) == (True, True, False)
    assert server["steps"][0]["undo_fingerprint"] == OLD["fingerprint"]


def test_nothing_to_do():
    server = plan(present=NEW)
    assert not renewal.is_due(server) and server["refused"] == []
    assert "nothing to do" in renewal.table([server], [])[0]


def test_a_killed_run_is_continued_and_could_still_be_undone():
    server = plan(present=NEW, changed=[PATH], kept=["new0000000000000", "old0000000000000", "older00000000000"])
    assert (server["place"], server["restart"]) == (False, True)
    assert server["steps"][0]["undo_fingerprint"] == "old0000000000000"


def test_the_first_file_ever_is_undone_by_its_absence():
    server = plan(present=None)
    assert server["place"] and server["steps"][0]["undo_fingerprint"] is None


def test_an_undo_touches_only_what_was_placed_and_not_in_force():
    kept = ["old0000000000000"]
    assert plan()["steps"][0]["undo"]
    assert plan(present=NEW, changed=[PATH], kept=kept)["steps"][0]["undo"]
    in_force = {"present": NEW, "kept": kept, "kept_at": BEFORE}
    assert not plan(**in_force)["steps"][0]["undo"], "an undo would bring last year's license back"
    assert not plan(**in_force, mode="0644")["steps"][0]["undo"], "only its mode was wrong"
    assert not plan(**in_force, changed=[PATH])["steps"][0]["undo"], "somebody touched it; no run of ours replaced it"


def test_modes_are_numbers():
    assert not plan(present=NEW, mode="640")["place"]


@pytest.mark.parametrize("wrong", [{"owner": "root"}, {"group": "root"}, {"mode": "0644"}])
def test_wrong_ownership_is_work(wrong):
    assert plan(present=NEW, **wrong)["place"]


def test_a_server_that_is_down_is_started():
    server = plan(present=NEW, state="stopped")
    assert renewal.is_due(server) and not server["restart"]
    assert renewal.table([server], ["n1"])[0].endswith("start (canary)")


def test_a_changed_configuration_alone_is_no_work_of_a_renewal_but_is_told():
    server = plan(present=NEW, changed=["/etc/neo4j/neo4j.conf"])
    assert not renewal.is_due(server)
    server = plan(changed=["/etc/neo4j/neo4j.conf"])
    assert "brings into force /etc/neo4j/neo4j.conf" in renewal.plan_checks([server], ["n1"])[0]["detail"]


def test_the_wrong_file_is_refused_in_the_plan():
    bad = [{"product": "gds", "license": shown("bad", "2026-01-01T00:00:00Z"), "accept": [], "restart": True}]
    server = plan(wanted=bad)
    assert [r.rpartition("(")[2] for r in server["refused"]] == ["expired)", "earlier)"]
    assert renewal.plan_checks([server], ["n1"])[0]["status"] == "failed"
    assert plan(wanted=[dict(bad[0], accept=["expired", "earlier"])])["refused"] == []


def test_the_table_is_in_the_order_of_the_work():
    servers = [dict(plan(), host=h) for h in ("n1", "n2", "n3")]
    lines = renewal.table(servers, ["n3", "n1"])
    assert [line.split()[0] for line in lines] == ["n3", "n1", "n2"]
    assert lines[0].endswith("place, restart (canary)") and "until 2027-11-23" in lines[0]
    assert renewal.table([], []) == []


def answer(reachable=True, **product):
    gds = {"installed": True, "licensed": True, "expires": NEW["expires"], "days_left": 365, "message": "m", **product}
    agreement = {"status": "commercial", "days_left": None, "total_days": None}
    return {
        "agreement": agreement,
        "uri": "bolt://n1",
        "reachable": reachable,
        "cause": "refused",
        "message": "no",
        "products": {"gds": gds},
    }


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (answer(), "passed", "licensed until 2027-11-23"),
        (answer(expires=OLD["expires"]), "failed", "another is in force"),
        (answer(expires=None, days_left=364), "passed", "364 days left"),
        (answer(expires=None, days_left=20), "failed", "another is in force"),
        (answer(expires=None, days_left=None), "failed", "another is in force"),
        (answer(licensed=False, message="License error: x"), "failed", "License error: x"),
        (answer(licensed=None, message="not asked"), "unknown", "not asked"),
        (answer(installed=False), "failed", "not installed"),
        (answer(reachable=False), "failed", "does not answer: refused"),
    ],
)
def test_the_products_own_answer_is_the_verdict(given, status, words):
    [_agreement, check] = renewal.verdicts("n1", given, WANTED, "commercial", NOW)
    assert check["status"] == status and words in check["detail"]


def test_an_opaque_file_is_proven_by_the_answer_alone_and_an_unasked_product_is_unknown():
    opaque = [{"product": "gds", "license": shown("x", None)}]
    assert renewal.verdicts("n1", answer(), opaque, "commercial", NOW)[1]["status"] == "passed"
    other = [{"product": "other", "license": NEW}]
    assert renewal.verdicts("n1", answer(), other, "commercial", NOW)[1]["status"] == "unknown"


@pytest.mark.parametrize(
    ("status", "reachable", "verdict"),
    [("commercial", True, "passed"), ("expired", True, "failed"), ("unknown", True, "unknown"), ("", False, "unknown")],
)
def test_the_agreement_is_a_check_of_its_own(status, reachable, verdict):
    told = answer(reachable)
    told["agreement"] = {"status": status, "days_left": 0 if status == "expired" else None, "total_days": 30}
    check = renewal.verdicts("n1", told, [], "commercial", NOW)[0]
    assert check["id"] == "license.agreement" and check["status"] == verdict
    assert status != "expired" or "0 of 30 days left" in check["detail"]

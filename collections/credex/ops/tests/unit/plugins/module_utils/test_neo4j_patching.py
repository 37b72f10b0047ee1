# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import patching

BOOT, LATER = "2026-11-20T10:00:00.370000Z", "2026-11-21T10:00:00.370000Z"
LIBSSL = {
    "name": "libssl3",
    "installed": "3.0.15",
    "candidate": "3.0.16",
    "origin": "Debian-Security",
    "security": True,
}
KERNEL = {"name": "linux-image-2", "installed": "", "candidate": "2", "origin": "Debian", "security": False}
NEO4J = {"neo4j-enterprise": "1:5.26.30"}
WHY = "/run/reboot-required is there"
POLICIES = ("if_needed", "never", "always")


def updates(*offered, **more):
    return {
        "updates": list(offered),
        "manager": "apt",
        "left_alone": [],
        "excluded": NEO4J,
        "unfinished": [],
        "reboot_needed": False,
        "reboot_reasons": [],
        "booted_at": BOOT,
        "changed_since_boot": False,
        **more,
    }


def waiting(*offered, **more):
    return updates(*offered, reboot_needed=True, reboot_reasons=[WHY], **more)


def plan(found, policy="if_needed", state="running"):
    return patching.plan_server({"host": "n1", "updates": found, "service": {"state": state}}, policy)


@pytest.mark.parametrize(
    ("found", "policy", "due", "said"),
    [
        (updates(), "if_needed", False, "nothing to do"),
        (
            updates(LIBSSL, KERNEL),
            "if_needed",
            True,
            "upgrade libssl3 3.0.15 -> 3.0.16, linux-image-2 new -> 2 (1 of 2 for security)",
        ),
        (waiting(), "if_needed", True, f"reboot: {WHY}"),
        (waiting(), "always", True, f"reboot: {WHY}"),
        (waiting(), "never", False, f"nothing to do (it waits for a reboot, which nobody wants now: {WHY})"),
        (updates(changed_since_boot=True), "if_needed", False, "nothing to do"),
        (updates(changed_since_boot=True), "never", False, "nothing to do"),
        (
            updates(changed_since_boot=True),
            "always",
            True,
            "reboot: packages changed since it booted at 2026-11-20T10:00:00Z",
        ),
        (updates(left_alone=["neo4j"]), "if_needed", False, "nothing to do (left alone: newer neo4j)"),
        (
            updates(unfinished=["libssl3"]),
            "never",
            True,
            "finish what dpkg left half done (libssl3), then upgrade what is due",
        ),
        (
            updates(unfinished=["openssl-libs.x86_64"], manager="dnf"),
            "never",
            True,
            "finish what rpm left half done (openssl-libs.x86_64), then upgrade what is due",
        ),
    ],
)
def test_what_is_due_and_why(found, policy, due, said):
    server = plan(found, policy)
    assert (server["due"], server["check"]["detail"]) == (due, said)


def test_a_server_that_does_not_run_is_started():
    server = plan(updates(), state="stopped")
    assert server["due"] and server["check"]["detail"] == "start Neo4j: it is stopped"


def test_the_plan_shows_each_package_before_and_after():
    assert plan(updates(LIBSSL, KERNEL))["check"]["evidence"]["changes"] == [
        {"what": "libssl3", "before": "3.0.15", "after": "3.0.16"},
        {"what": "linux-image-2", "before": "not installed", "after": "2"},
    ]


def proof(before, after, policy="if_needed"):
    return patching.proof("n1", before, after, policy)


def test_proof_of_packages_and_a_reboot():
    check = proof(waiting(LIBSSL), updates(booted_at=LATER))
    assert check["status"] == "passed"
    assert check["detail"] == "libssl3: 3.0.15 -> 3.0.16; Boot: 2026-11-20T10:00:00Z -> 2026-11-21T10:00:00Z"
    assert [change["what"] for change in check["evidence"]["changes"]] == ["libssl3", "Boot"]


def test_proof_where_neo4j_alone_was_started():
    check = proof(updates(), updates())
    assert (check["status"], check["detail"]) == ("passed", "its packages were current already")


@pytest.mark.parametrize(
    ("after", "policy", "said"),
    [
        (updates(LIBSSL), "if_needed", "libssl3 is still 3.0.15"),
        (updates(KERNEL), "if_needed", "linux-image-2 is still missing"),
        (updates(unfinished=["libssl3"]), "if_needed", "dpkg left half done: libssl3"),
        (updates(excluded={"neo4j-enterprise": "1:5.26.31"}), "if_needed", "must leave alone changed"),
        (waiting(), "if_needed", f"it should have been rebooted: {WHY}"),
        (updates(changed_since_boot=True), "always", "it should have been rebooted: packages changed"),
    ],
)
def test_no_proof(after, policy, said):
    check = proof(updates(LIBSSL, KERNEL), after, policy)
    assert check["status"] == "failed" and said in check["detail"]


def test_a_reboot_that_nobody_wants_is_no_problem():
    assert proof(updates(LIBSSL), waiting(), "never")["status"] == "passed"


@pytest.mark.parametrize("policy", POLICIES)
def test_a_plan_that_is_done_is_not_due_again(policy):
    """What the proof accepts, the next plan leaves alone."""
    after = updates(booted_at=LATER)
    assert proof(waiting(LIBSSL), after, policy)["status"] == "passed" and not plan(after, policy)["due"]


@pytest.mark.parametrize(
    ("machines", "controller", "found"),
    [
        ({"n1": "a", "n2": "b"}, "c", []),
        ({"n1": "a", "n2": "b"}, "", []),
        ({"n1": "a", "n2": "a", "n3": "b"}, "c", ["n1 is one machine with n2", "n2 is one machine with n1"]),
        ({"n1": "a"}, "a", ["n1 is one machine with the controller of this run"]),
    ],
)
def test_servers_of_one_machine(machines, controller, found):
    assert patching.shared_machines(machines, controller) == found

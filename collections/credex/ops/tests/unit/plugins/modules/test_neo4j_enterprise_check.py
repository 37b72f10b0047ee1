# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps against a server of a few lines; tests/lab runs them against the emulated one."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._neo4j import enterprise_use, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    NotSupportedError,
    StatementRefusedError,
)
from ansible_collections.credex.ops.plugins.modules import neo4j_enterprise_check

URI, ADDRESS = "bolt://10.0.0.1:7687", "10.0.0.1:7687"
FORBIDDEN = "Neo.ClientError.Security.Forbidden"


class Cluster:
    """What it holds, and what it lets whom do."""

    def __init__(self, broken=()):
        self.databases, self.roles, self.users = ["system"], [], []
        self.granted = False
        self.broken = set(broken)

    def ask(self, target, question):
        return question(Login(self, target.username))


class Login:
    def __init__(self, cluster, user):
        self.cluster, self.user = cluster, user

    def rows(self, statement):
        held = self.cluster
        if statement in held.broken:
            raise NotSupportedError("Unsupported administration command", URI)
        return {
            statements.DATABASES: [{"name": n, "address": ADDRESS, "writer": True} for n in held.databases],
            statements.ROLES: [{"role": n} for n in held.roles],
            statements.USERS: [{"user": n} for n in held.users],
        }[statement]

    def run(self, statement, parameters, database, write=False):
        held = self.cluster
        if statement in held.broken:
            raise NotSupportedError("Unsupported administration command", URI)
        if self.user != "neo4j" and (not held.granted or write) and "lax" not in held.broken:
            raise StatementRefusedError("no", URI, Cause.FORBIDDEN, FORBIDDEN)
        if statement == statements.GRANT_ACCESS:
            held.granted = True
        for made, names, key in (
            (statements.CREATE_DATABASE, held.databases, "database"),
            (statements.CREATE_ROLE, held.roles, "role"),
            (statements.CREATE_USER, held.users, "user"),
        ):
            if statement == made:
                names.append(parameters[key])
        for dropped, names, key in (
            (statements.DROP_DATABASE, held.databases, "database"),
            (statements.DROP_ROLE, held.roles, "role"),
            (statements.DROP_USER, held.users, "user"),
        ):
            if statement == dropped and "stays" not in held.broken:
                names.remove(parameters[key])

    def is_clean(self):
        return (self.cluster.databases, self.cluster.roles, self.cluster.users) == (["system"], [], [])


@pytest.fixture
def check(monkeypatch, capsys):
    def run(cluster, **given):
        member = {"uri": URI, "reachable": True, "address": ADDRESS, "servers": [], "message": None}
        monkeypatch.setattr(enterprise_use, "read_cluster", lambda *_: [member])
        monkeypatch.setattr(enterprise_use, "ask_server", cluster.ask)
        with (
            patch_module_args({"uris": [URI], "username": "neo4j", "password": "not a secret", **given}),
            pytest.raises(SystemExit),
        ):
            neo4j_enterprise_check.main()
        return json.loads(capsys.readouterr().out)

    return run


def told(result):
    return {step["name"]: step["status"] for step in result["steps"]}


def test_everything_is_used_and_nothing_is_left(check):
    cluster = Cluster()
    result = check(cluster)
    assert set(told(result).values()) == {"passed"} and not result["changed"]
    assert list(told(result)) == ["created", "used", "role", "denied", "granted", "enforced", "dropped"]
    assert Login(cluster, "neo4j").is_clean()
    assert {s["name"]: s["detail"] for s in result["steps"]}["enforced"] == FORBIDDEN


def test_what_a_killed_run_left_is_removed_first(check):
    cluster = Cluster()
    cluster.databases.append("credexops-validation-1")
    cluster.roles.append("credexops_validation_1")
    result = check(cluster)
    assert result["leftovers"] == ["database credexops-validation-1", "role credexops_validation_1"]
    assert result["changed"] and Login(cluster, "neo4j").is_clean()


def test_community_cannot_create_a_database_and_the_rest_is_not_known(check):
    cluster = Cluster(broken=[statements.CREATE_DATABASE, statements.ROLES])
    result = check(cluster)
    assert told(result)["created"] == "failed" and told(result)["enforced"] == "unknown"
    assert told(result)["dropped"] == "passed" and Login(cluster, "neo4j").is_clean()


def test_a_privilege_that_is_not_enforced_is_a_failure(check):
    result = check(Cluster(broken=["lax"]))
    assert told(result)["denied"] == "failed"
    assert "could read without ACCESS" in {s["name"]: s["detail"] for s in result["steps"]}["denied"]


def test_what_stays_is_a_failure(check):
    assert told(check(Cluster(broken=["stays"])))["dropped"] == "failed"


def test_in_check_mode_nothing_is_tried(check):
    cluster = Cluster()
    assert check(cluster, _ansible_check_mode=True)["steps"] == [] and Login(cluster, "neo4j").is_clean()

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run as a user who has the roles of operations, and nothing else; then without one privilege after another.

It is the emulator that judges, from Neo4j's manual. No Enterprise server was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_cluster_info,
    neo4j_component_info,
    neo4j_enterprise_check,
    neo4j_gate,
    neo4j_license_info,
    neo4j_query,
    neo4j_setting_info,
)

from lab import homes
from lab.server.lexer import spelled, tokens
from tests.contract.calls import run_module
from tests.lab import documented
from tests.lab.access_data import GRANTS, GRAPH, OPERATOR, READER, Granted
from tests.lab.emulated import ALL, THREE, Emulated
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.lab.test_emulator_statements import DCO
from tests.oracle.corpus import of_modules
from tests.static.repository import plugins
from tests.static.test_collection import needs

READING = (neo4j_component_info, neo4j_cluster_info, neo4j_gate, neo4j_license_info)
# Needs no more than its statement, which is here the one that configure_neo4j.yml sends
SENDING = neo4j_query
LIVE, SETTING = "CALL dbms.setConfigValue($name, $value)", "db.logs.query.enabled"
OPERATING = (neo4j_enterprise_check, SENDING, neo4j_setting_info)
MODULES = (*READING, *OPERATING)
# Of times, and of each change that the test itself makes
PASSING = ("latency_ms", "waited_seconds", "last_committed_txn")
MANUAL = "https://neo4j.com/docs/operations-manual/5/authentication-authorization"


def run(second: SecondUser, module: ModuleType, user: str = "joe", **options: Any) -> dict[str, Any]:
    uris = [f"bolt://{second.servers.address(name)}:7687" for name in ALL]
    if module is neo4j_gate:
        question = {"name": "the nightly run", "database": "ledgerspace", "query": DCO}
        options |= {"condition": "may_go_down", "server": uris[2], "wait": 0, "queries": [question]}
        options |= {"ignore_databases": ["neo4j"], "fail_when_shut": False}
    login = {"username": user, "password": SECRET if user == "joe" else second.servers.password}
    if module is SENDING:
        parameters = {"name": SETTING, "value": "INFO"}
        return run_module(module, uri=uris[2], database="system", query=LIVE, parameters=parameters, **login)
    if module is neo4j_setting_info:
        options |= {"names": [SETTING]}
    return run_module(module, uris=uris, **login, **options)


def told(result: dict[str, Any]) -> Any:
    """What a module says, but for what differs from run to run."""
    if "steps" in result:  # their details have names that the run made up
        return [(step["name"], step["status"]) for step in result["steps"]]
    return json.loads(json.dumps(result), object_hook=_lasting)


def _lasting(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in PASSING}


def unfinished(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for step in result["steps"] if step["status"] != "passed"]


@pytest.fixture
def second(servers: Emulated) -> SecondUser:
    return SecondUser(servers)


# What each module misses


class Observed:
    """Of each module: the statements that it sends, and the privileges without which it says something else."""

    def __init__(self, second: SecondUser) -> None:
        self.second = second
        self.as_administrator = {module: told(run(second, module, user="neo4j")) for module in MODULES}
        self.as_operator: dict[ModuleType, Any] = {}
        self.statements: dict[ModuleType, list[str]] = {}
        self.missed: dict[Granted, list[ModuleType]] = {}
        # The check begins as neo4j_cluster_info does, and is tried with its privileges alone
        self._look(READER, READING)
        self._look(OPERATOR, OPERATING)

    def _look(self, role: str, modules: Sequence[ModuleType]) -> None:
        self.second.operate(roles=[role])
        for module in modules:
            before = len(self._sent())
            self.as_operator[module] = told(run(self.second, module))
            self.statements[module] = list(dict.fromkeys(self._sent()[before:]))
        for granted in GRANTS:
            if granted.role == role:
                self.missed[granted] = self._without(granted, modules)

    def _sent(self) -> list[str]:
        """What joe asked any server, in order."""
        logs = [(self.second.servers.home(name).logs / "query.log").read_text() for name in ALL]
        entries = [json.loads(line) for log in logs for line in log.splitlines()]
        return [entry["query"] for entry in sorted(entries, key=lambda entry: entry["time"]) if entry["user"] == "joe"]

    def _without(self, granted: Granted, modules: Sequence[ModuleType]) -> list[ModuleType]:
        self.second.admin(granted.revocation, graph=GRAPH)
        missing = [module for module in modules if told(run(self.second, module)) != self.as_operator[module]]
        self.second.admin(granted.query, graph=GRAPH)
        return missing

    def needs(self, module: ModuleType) -> list[Granted]:
        return [granted for granted in GRANTS if module in self.missed[granted]]


@pytest.fixture(scope="module")
def observed(running_cluster: Emulated) -> Iterator[Observed]:
    """With GDS and Bloom."""
    running_cluster.reset()
    home = running_cluster.home(THREE)
    jar, file = home.plugins / "bloom-plugin-2.15.0.jar", home.licenses / "neo4j-bloom.license"
    file.write_text(homes.new_license("bloom", 40))
    jar.touch()
    try:
        running_cluster.restart_with(THREE, f"dbms.bloom.license_file={file}")
        running_cluster.wait_until_online(THREE)
        yield Observed(SecondUser(running_cluster))
    finally:
        jar.unlink()
        file.unlink()
        running_cluster.reset()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_roles_are_enough(observed, module):
    assert observed.as_operator[module] == observed.as_administrator[module]
    assert "forbidden" not in json.dumps(observed.as_operator[module]).lower()


@pytest.mark.parametrize("granted", GRANTS, ids=lambda granted: granted.privilege)
def test_each_privilege_is_missed(observed, granted):
    assert observed.missed[granted]


def test_the_check_of_enterprise_reads_as_cluster_info_does(observed, second):
    needed = observed.needs(neo4j_cluster_info) + observed.needs(neo4j_enterprise_check)
    second.operate(*(granted for granted in GRANTS if granted not in needed))
    assert unfinished(run(second, neo4j_enterprise_check)) == []


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if module is not SENDING],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_the_module_s_documentation_names_it(observed, module):
    told = needs(Path(module.__file__), "neo4j")
    assert [each.privilege for each in observed.needs(module) if name(each) not in told + others(told)] == []


def others(told: str) -> str:
    """What the modules say to which a sentence refers."""
    return "".join(needs(path, "neo4j") for path in plugins("modules") if f"M(credex.ops.{path.stem})" in told)


def name(granted: Granted) -> str:
    """What must be named: a setting, a procedure, or else the privilege."""
    words = granted.privilege.partition(" ON ")[0].partition(" {")[0].split()
    return words[-1] if "." in words[-1] else " ".join(words)


def test_the_page_says_so(observed, pytestconfig):
    rows = [
        [
            f"`{module.__name__.rpartition('.')[2]}`",
            "<br>".join(f"`{as_written(statement)}`" for statement in observed.statements[module]),
            "<br>".join([*_of_others(module), *(f"`{granted.privilege}`" for granted in observed.needs(module))]),
        ]
        for module in MODULES
    ]
    table = documented.table(["module", "statements that it sends", "privileges that it misses"], rows)
    documented.hold("docs/privileges.md", "statements", table, pytestconfig)


def as_written(logged: str) -> str:
    """A server's log spells a statement word by word."""
    known = [statement.text for statement in of_modules()]
    return next(text for text in [*known, DCO, LIVE] if spelled(tokens(text)) == logged)


def _of_others(module: ModuleType) -> list[str]:
    return ["those of `neo4j_cluster_info`"] if module is neo4j_enterprise_check else []


def test_the_page_lists_the_privileges(pytestconfig):
    for role in (READER, OPERATOR):
        rows = [
            [f"`{granted.privilege}`", granted.purpose, f"[{granted.page.strip('/')}]({MANUAL}/{granted.page})"]
            for granted in GRANTS
            if granted.role == role
        ]
        table = documented.table(["privilege", "what for", "manual page"], rows)
        documented.hold("docs/privileges.md", role, table, pytestconfig)


# What a user reads when one is missing


def lacking(*privileges: str) -> list[Granted]:
    found = [granted for granted in GRANTS if granted.privilege in privileges]
    assert len(found) == len(privileges)
    return found


@pytest.mark.parametrize(
    "missing", ["SHOW SERVERS ON DBMS", "EXECUTE BOOSTED PROCEDURE dbms.cluster.statusCheck ON DBMS"]
)
def test_without_one_of_them_a_server_is_forbidden(second, missing):
    second.operate(*lacking(missing))
    assert [(server["reachable"], server["cause"]) for server in run(second, neo4j_cluster_info)["servers"]] == [
        *[(False, "forbidden")] * 3
    ]


def test_a_license_that_one_may_not_see_is_unknown_and_not_missing(second):
    second.operate(
        *lacking("EXECUTE PROCEDURE gds.license.state ON DBMS", "SHOW SETTING gds.enterprise.license_file ON DBMS"),
        roles=[READER],
    )
    for server in run(second, neo4j_license_info)["servers"]:
        assert (server["products"]["gds"]["installed"], server["products"]["gds"]["licensed"]) == (True, None)
        assert server["license_paths"]["gds"] is None


def test_a_gate_that_may_not_read_stays_shut(second):
    second.operate(*lacking("MATCH {*} ON GRAPH $graph NODE *"))
    shut = run(second, neo4j_gate)
    assert shut["open"] is False, shut
    assert "the nightly run" in " ".join(shut["reasons"])


@pytest.mark.parametrize(
    ("missing", "step"),
    [("CREATE DATABASE ON DBMS", "created"), ("CREATE NEW NODE LABEL ON DATABASE *", "used")],
)
def test_without_one_of_them_the_step_that_needs_it_fails_and_is_named(second, missing, step):
    second.operate(*lacking(missing))
    [first, *rest] = unfinished(run(second, neo4j_enterprise_check))
    assert (first["name"], first["status"]) == (step, "failed")
    assert FORBIDDEN in first["detail"] and {each["status"] for each in rest} == {"unknown"}

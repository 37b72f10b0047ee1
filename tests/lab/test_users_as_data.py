# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j_user and neo4j_role on a cluster: their examples as a play, which writes no secret anywhere; who takes the
writes; and that the privileges in their documentation are enough, and none is idle.

It is the emulator that judges. What Community can do is asked of real servers: tests/contract/test_user_modules.py.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.credex.ops.plugins.modules import neo4j_role, neo4j_role_info, neo4j_user, neo4j_user_info

from tests.contract.calls import run_module
from tests.lab.emulated import ALL, ONE, Emulated
from tests.lab.operations.lab_driver import PLAYBOOK, ROOT
from tests.lab.process_watch import ProcessWatch
from tests.lab.second_user import FORBIDDEN, SECRET, SecondUser
from tests.lab.secret_search import files, hits
from tests.static.repository import constant
from tests.static.test_collection import needs

HOSTILE = '-Pl4nt\'d "pass\\word" <of> & 100%+/= sürely; $HOME `id` // # %s'
SECRETS = {f"{user}_password": f"{HOSTILE} of {user}" for user in ("credex_core", "joe")}


@pytest.fixture
def second(servers: Emulated) -> SecondUser:
    return SecondUser(servers)


# A play made of the examples


def examples(module: ModuleType, uri: str) -> list[dict[str, Any]]:
    """The tasks of a module's examples, for this cluster."""
    tasks = yaml.safe_load(constant(Path(module.__file__ or ""), "EXAMPLES"))
    assert tasks
    for task in tasks:
        task[f"credex.ops.{module.__name__.rpartition('.')[2]}"]["uri"] = uri
    return tasks


def play(folder: Path, servers: Emulated, watch: ProcessWatch) -> str:
    """Two hosts, one after another: the first run, and again; as talkative as can be."""
    order = (neo4j_role, neo4j_user, neo4j_user_info, neo4j_role_info)
    uri = f"neo4j://{servers.address(ONE)}:7687"
    tasks = [task for module in order for task in examples(module, uri)]
    shape = {"hosts": "all", "connection": "local", "gather_facts": False, "serial": 1}
    book, given = folder / "play.yml", folder / "given.json"
    book.write_text(json.dumps([{"name": "Users and roles", **shape, "tasks": tasks}]))
    given.write_text(json.dumps({"neo4j_password": servers.password, **SECRETS}))
    environment = {
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_INJECT_INVOCATION": "true",
        "ANSIBLE_LOCAL_TEMP": str(folder / "temporary"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "temporary"),
        **watch.environment,
    }
    line = [str(PLAYBOOK), str(book), "-i", "first,again", "-e", f"@{given}", "-vvv", "--diff"]
    with watch:
        run = subprocess.run(
            line, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=900, check=False
        )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr
    return run.stdout + run.stderr


def test_the_examples_run_twice_and_no_secret_is_seen(servers, tmp_path):
    watch = ProcessWatch(tmp_path)
    output = play(tmp_path, servers, watch)
    changed = dict(re.findall(r"^(\w+) +: ok=\d+ +changed=(\d+)", output, re.MULTILINE))
    assert changed == {"first": "5", "again": "0"}, "two roles and three users"
    for name, password in SECRETS.items():
        user = name.removesuffix("_password")
        with servers.driver(ONE, user, password) as driver:
            is_in = user != "joe"  # who is suspended
            assert driver.verify_authentication() is is_in
    places = {
        "output": output.encode(),
        "ansible.log": (tmp_path / "ansible.log").read_bytes(),
        **files(servers.state.folder),
        **files(tmp_path / "temporary"),
        **{
            kind: "\n".join(texts).encode(errors="surrogateescape")
            for seen in (watch.sampled(), watch.recorded())
            for kind, texts in seen.items()
        },
    }
    assert {"argv", "environment", "syslog"} <= places.keys() and any("query.log" in place for place in places)
    assert b'"user_password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"' in places["output"]
    assert b'"password": "the given one"' in places["output"]
    assert hits(SECRETS, places) == []


# Who takes the writes


def ask(servers: Emulated, module: ModuleType, scheme: str = "neo4j", **params: Any) -> dict[str, Any]:
    """Asks a server that does not write system."""
    reader = next(name for name in ALL if name != servers.writers(ONE)["system"])
    asked = {"uri": f"{scheme}://{servers.address(reader)}:7687", "username": "neo4j", "password": servers.password}
    return run_module(module, **{**asked, **params})


def test_over_a_routing_address_the_writer_is_found(servers):
    assert ask(servers, neo4j_role, name="app", privileges=["GRANT ACCESS ON DATABASE * TO app"])["changed"]
    made = ask(servers, neo4j_user, name="ann", user_password=SECRET, roles=["app"])
    assert made["changed"] and ask(servers, neo4j_user_info, name="ann")["users"] == [made["user"]]
    own = {"name": "ann", "username": "ann", "password": SECRET, "user_password": SECRET[::-1]}
    servers.ask(servers.writers(ONE)["system"], "GRANT ROLE admin TO ann")
    assert ask(servers, neo4j_user, **own)["changed"] and not ask(servers, neo4j_user, **own)["changed"]


@pytest.mark.parametrize(
    ("module", "params"), [(neo4j_user, {"name": "ann", "user_password": SECRET}), (neo4j_role, {"name": "app"})]
)
def test_over_a_direct_address_another_server_is_refused(servers, module, params):
    result = ask(servers, module, scheme="bolt", **params)
    assert (result["failed"], result["code"]) == (True, "Neo.ClientError.Cluster.NotALeader"), result
    assert "Writes must pass through the leader" in result["msg"]


def test_a_user_of_a_provider_gets_a_password_and_another_provider(servers):
    ann: dict[str, Any] = {"name": "ann", "auth": [{"provider": "oidc-okta", "id": "7"}]}
    writer = f"bolt://{servers.address(servers.writers(ONE)['system'])}:7687"

    def change(**params: Any) -> dict[str, Any]:
        result = ask(servers, neo4j_user, uri=writer, **params)
        assert result["changed"], result
        assert ask(servers, neo4j_user, uri=writer, **params)["changed"] is False
        assert ask(servers, neo4j_user_info, name="ann")["users"] == [result["user"]]
        user: dict[str, Any] = result["user"]
        return user

    assert change(**ann)["password_change_required"] is None
    with servers.driver(ONE, "ann", SECRET) as driver:
        assert not driver.verify_authentication()
    taken = ask(servers, neo4j_user, uri=writer, **{**ann, "name": "eve"})
    assert "The combination of provider and id is already in use" in taken["msg"]
    assert change(name="ann", user_password=SECRET, password_change_required=False)["auth"] == ann["auth"]
    with servers.driver(ONE, "ann", SECRET) as driver:
        assert driver.verify_authentication()
    assert change(name="ann", auth=[{"provider": "ldap", "id": "cn=ann"}])["password_change_required"] is False
    assert change(name="ann", auth=[])["auth"] == []


# Privileges

GRANT = "GRANT ACCESS ON DATABASE * TO app"
LIVES: dict[ModuleType, list[dict[str, Any]]] = {
    neo4j_user: [
        {"name": "ann", "user_password": SECRET, "roles": ["reader"]},
        {"name": "ann", "user_password": SECRET[::-1], "suspended": True, "home_database": "ledgerspace", "roles": []},
        {"name": "ann", "auth": [{"provider": "ldap", "id": "cn=ann"}]},
        {"name": "ann", "state": "absent"},
    ],
    neo4j_user_info: [{}],
    neo4j_role: [
        {"name": "app", "privileges": [GRANT]},
        {"name": "app", "privileges": []},
        {"name": "app", "state": "absent"},
    ],
    neo4j_role_info: [{"name": "reader"}],
}


def documented(module: ModuleType) -> list[str]:
    """The privileges that its documentation names."""
    return sorted(set(re.findall(r"C\(([A-Z ]+)\)", needs(Path(module.__file__ or ""), "neo4j"))))


def life(second: SecondUser, module: ModuleType, number: int) -> dict[str, Any]:
    """What joe is told last: the end of a user or a role, or the first refusal. Each user logs in wrongly once."""
    result: dict[str, Any] = {}
    uri = f"bolt://{second.servers.address(second.writer())}:7687"
    for params in json.loads(json.dumps(LIVES[module]).replace("ann", f"ann{number}")):
        result = run_module(module, uri=uri, username="joe", password=SECRET, **params)
        if result.get("failed"):
            break
    second.admin("DROP ROLE app IF EXISTS")
    return result


@pytest.mark.parametrize("module", LIVES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_documented_privileges_are_enough_and_each_is_missed(second, module):
    privileges = documented(module)
    assert privileges
    second.operate(roles=[])
    second.grant(*(f"GRANT {privilege} ON DBMS" for privilege in privileges))
    assert not (result := life(second, module, 0)).get("failed"), result
    for number, privilege in enumerate(privileges, 1):
        second.admin(f"REVOKE GRANT {privilege} ON DBMS FROM test")
        assert life(second, module, number).get("code") == FORBIDDEN, privilege
        second.admin(f"GRANT {privilege} ON DBMS TO test")

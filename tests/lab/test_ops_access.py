# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ops_access gives a cluster exactly the privileges of its list, and the second time nothing."""

from __future__ import annotations

import json
import re
import subprocess

from tests.lab.access_data import BOTH, GRANTS, GRAPH
from tests.lab.emulated import ONE
from tests.lab.operations.lab_driver import PLAYBOOK, ROOT

BEYOND = "GRANT SHOW USER ON DBMS TO `ops_reader`"


def test_roles_become_as_listed_and_the_second_run_changes_nothing(servers, tmp_path):
    """With one privilege of each role. All of them: test_least_privileges.py."""
    writer = servers.writers(ONE)["system"]
    servers.ask(writer, "CREATE ROLE ops_reader")
    servers.ask(writer, BEYOND)
    listed = [next(grant.query for grant in GRANTS if grant.role == role) for role in BOTH]
    run = play(
        tmp_path,
        uri=f"neo4j://{servers.address(ONE)}:7687",
        password=servers.password,
        ops_access_privileges=[{"query": query} for query in listed],
    )
    changed = dict(re.findall(r"^(\w+) +: ok=\d+ +changed=(\d+)", run, re.MULTILINE))
    assert changed == {"check": "1", "first": "1", "again": "0"}
    assert run.count(f"not revoked: {BEYOND}") == 3
    found = servers.ask(ONE, f"SHOW ROLES {', '.join(BOTH)} PRIVILEGES AS COMMANDS").rows
    graph = GRANTS[-1].query.replace("$graph", f"`{GRAPH}`")
    assert {row["command"] for row in found} == {BEYOND, graph, *listed}


def play(folder, **variables):
    given = folder / "given.json"
    given.write_text(json.dumps(variables))
    line = [str(PLAYBOOK), "tests/lab/ops_access.yml", "-i", "check,first,again", "-e", f"@{given}"]
    run = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr
    return run.stdout

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role neo4j_cluster as a play over servers that a test has."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.lab.operations.lab_driver import PLAYBOOK, ROOT

ALONE = {
    "neo4j_clusters": {"credex": {"primaries": 1, "secondaries": 0}},
    "neo4j_spaces": {"ledger": {"cluster": "credex", "database": "neo4j"}},
}


def play(
    folder: Path,
    addresses: dict[str, str],
    password: str,
    runs: tuple[str, ...],
    given: dict[str, Any],
    *options: str,
) -> subprocess.CompletedProcess[str]:
    """C(addresses): host to its address, with a port where it is not Bolt's own."""
    neo4j = {
        name: {"neo4j_bolt_uri": f"bolt://{address}", "neo4j_cluster_name": "credex"}
        for name, address in addresses.items()
    }
    inventory, variables = folder / "hosts.json", folder / "given.json"
    inventory.write_text(json.dumps({"neo4j": {"hosts": neo4j}, "runs": {"hosts": dict.fromkeys(runs)}}))
    variables.write_text(json.dumps({"password": password, **given}))
    line = [str(PLAYBOOK), "tests/lab/neo4j_cluster.yml", "-i", str(inventory), "-e", f"@{variables}", *options]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)


def changed(run: subprocess.CompletedProcess[str]) -> dict[str, int]:
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr
    return {
        name: int(count) for name, count in re.findall(r"^(\w+) +: ok=\d+ +changed=(\d+)", run.stdout, re.MULTILINE)
    }

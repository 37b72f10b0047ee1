# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives a lab of the tests' own as a user would: its commands, ansible-playbook, and a look at the servers."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import boto3
import neo4j
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.cluster import rolling_order
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
SERVERS = ONE, TWO, THREE = ("neo4j-production-1", "neo4j-production-2", "neo4j-production-3")
TABLE = "credex-ops-lock-production"
KEY = {"LockID": {"S": "credex.ops/production"}}
# Short waits: a test that waits for a time-out should not wait long
QUICK = {"neo4j_gate_wait": 3, "neo4j_gate_back_wait": 6, "neo4j_gate_interval": 0.3, "ops_lock_lease": 3}


@dataclasses.dataclass
class Run:
    """What a run of a playbook left behind."""

    rc: int
    output: str
    report: dict

    @property
    def changed(self) -> int:
        return sum(int(n) for n in re.findall(r"changed=(\d+)", self.output))

    def server(self, name: str) -> dict:
        return next(s for s in self.report["servers"] if s["name"].startswith(name))

    def states(self) -> dict[str, str]:
        """Server -> how its turn ended, in the order of the work."""
        last = {c["server"].partition("_")[0]: c for c in self.report["checks"] if c["id"] == "rolling.server"}
        return {name: check["evidence"]["state"].partition(":")[0] for name, check in last.items()}

    def order(self) -> list[str]:
        [check] = [c for c in self.report["checks"] if c["id"] == "rolling.order"]
        return [host.partition("_")[0] for host in check["evidence"]["order"]]


class Lab:
    """A lab with a folder of its own; nothing of the user's lab is touched."""

    def __init__(self, home: Path) -> None:
        self.name = f"test-{os.getpid()}"
        self.state = home / self.name
        self.reports = home / "reports"
        own = {"CREDEX_LAB_HOME": str(home), "CREDEX_LAB": self.name, "CREDEX_LAB_REPORTS": str(self.reports)}
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # it doubles a run's time
        self.env = {**inherited, **own}
        self._first: dict[str, bytes] = {}

    # The lab's own commands

    def up(self) -> None:
        self.command("up")
        exports = re.findall(r"^export (\w+)=(.*)$", self.command("env"), re.MULTILINE)
        self.env.update(exports)
        self.aws = {"endpoint_url": self.env["AWS_ENDPOINT_URL"], "region_name": self.env["AWS_REGION"]}
        self._first = {name: self.license_file(name).read_bytes() for name in SERVERS}

    def down(self) -> None:
        self.command("down")

    def command(self, *arguments: str) -> str:
        line = [sys.executable, "-m", "lab", *arguments]
        done = subprocess.run(line, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def fault(self, kind: str, server: str, *options: str) -> None:
        self.command("fault", kind, server, *options)

    def reset(self) -> None:
        """The first license files, every server restarted with them, no fault, no lock, no report."""
        self.command("heal")
        self.command("flag", "ledgerspace", "quiet")
        self.dynamodb.delete_item(TableName=TABLE, Key=KEY)
        shutil.rmtree(self.reports, ignore_errors=True)
        shutil.rmtree(self.state / "journals", ignore_errors=True)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self._reset_server, SERVERS))
        self._settle()

    def _settle(self) -> None:
        """Until every member sees every copy online: writers move while servers come back."""
        deadline = time.monotonic() + 30
        while any(
            row["current_status"] != "online"
            for member in self.members()
            for row in member.get("databases", [{"current_status": "unknown"}])
        ):
            assert time.monotonic() < deadline, "the lab's cluster does not settle"
            time.sleep(0.1)

    def _reset_server(self, name: str) -> None:
        file = self.license_file(name)
        for kept in file.parent.glob("*.kept"):
            kept.unlink()
        if file.exists() and file.read_bytes() == self._first[name] and self.pid(name):
            return
        self.neo4j(name, "stop")
        file.write_bytes(self._first[name])
        assert self.neo4j(name, "start").returncode == 0

    def neo4j(self, name: str, verb: str) -> subprocess.CompletedProcess:
        line = [str(self.home(name) / "bin/neo4j"), verb]
        return subprocess.run(line, env=self.env, capture_output=True, text=True, timeout=60, check=False)

    def admin(self, name: str, *words: str) -> None:
        line = [str(self.home(name) / "bin/neo4j-admin"), *words]
        subprocess.run(line, env=self.env, capture_output=True, timeout=60, check=True)

    # What a person would look at

    def home(self, name: str) -> Path:
        return self.state / "servers" / name

    def license_file(self, name: str) -> Path:
        return self.home(name) / "licenses" / "neo4j-gds.license"

    def renewed(self) -> dict[str, bool]:
        """Server -> whether its file is another one than at first."""
        return {name: self.license_file(name).read_bytes() != self._first[name] for name in SERVERS}

    def kept(self, name: str) -> list[Path]:
        return sorted(self.license_file(name).parent.glob("*.kept"))

    def pid(self, name: str) -> int | None:
        status = self.neo4j(name, "status")
        found = re.search(r"pid (\d+)", status.stdout)
        return int(found[1]) if found else None

    def pids(self) -> dict[str, int | None]:
        return {name: self.pid(name) for name in SERVERS}

    def uri(self, name: str) -> str:
        record = json.loads((self.state / "lab.json").read_text())
        return f"bolt://{record['servers'][name]['address'].partition(':')[0]}:7687"

    def in_force(self, name: str) -> str:
        """The product's own words about its license."""
        with neo4j.GraphDatabase.driver(self.uri(name), auth=("neo4j", self.secrets()[0])) as driver:
            return driver.execute_query("CALL gds.license.state()", database_="ledgerspace").records[0]["details"]

    def order(self) -> list[str]:
        """The order in which a renewal will take the servers now; writers move when servers are restarted."""
        return rolling_order(self.members(), [{"host": n, "uri": self.uri(n), "cluster": "credex"} for n in SERVERS])

    def members(self) -> list[dict]:
        """The cluster as each of its servers sees it."""
        login = {"username": "neo4j", "password": self.secrets()[0], "ca_certificate": None, "timeout": 5, "workers": 3}
        return read_cluster(connection.targets({"uris": [self.uri(name) for name in SERVERS], **login}))

    def secrets(self) -> list[str]:
        """What must appear nowhere: the password, and the new license."""
        found = json.loads((self.state / "secrets.json").read_text())
        return [found["password"], *found["licenses"]["production"].values()]

    @property
    def dynamodb(self):
        return boto3.client("dynamodb", aws_access_key_id="testing", aws_secret_access_key="testing", **self.aws)

    def lock(self) -> dict | None:
        return self.dynamodb.get_item(TableName=TABLE, Key=KEY).get("Item")

    # ansible-playbook

    def line(self, arguments: tuple[str, ...], inventory: str, variables: dict[str, object]) -> list[str]:
        extra = json.dumps({**QUICK, "ops_report_journal_dir": str(self.state / "journals"), **variables})
        return [str(PLAYBOOK), "renew_license.yml", "-i", inventory, "-e", extra, *arguments]

    def renew(self, *arguments: str, inventory: str = "inventories/lab", **variables: object) -> Run:
        line = self.line(arguments, inventory, variables)
        done = subprocess.run(line, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=240, check=False)
        return Run(done.returncode, done.stdout + done.stderr, self.report())

    def start(self, *arguments: str, **variables: object) -> subprocess.Popen:
        line = self.line(arguments, "inventories/lab", variables)
        return subprocess.Popen(line, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def report(self) -> dict:
        """The newest report, or an empty one."""
        found = sorted(self.reports.rglob("report.json"), key=lambda path: path.stat().st_mtime)
        return json.loads(found[-1].read_text()) if found else {}

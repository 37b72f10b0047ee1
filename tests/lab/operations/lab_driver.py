# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives a lab of the tests' own as a user would: its commands, ansible-playbook, and a look at the servers."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import neo4j
import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.cluster import rolling_order
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster
from botocore.exceptions import ClientError

from lab.server.cluster import Cluster
from tests.lab import access_data, iam
from tests.lab.application import Application
from tests.lab.sampler import Sampler, down

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
CLUSTER = "production-credex"  # as the lab calls it
SERVERS = ONE, TWO, THREE = ("neo4j-production-1", "neo4j-production-2", "neo4j-production-3")
TABLE = "credex-ops-lock-production"
KEY = {"LockID": {"S": "credex.ops/production"}}
# After so long something hangs; a run that takes one minute on a quick machine has taken eight on a busy one
PATIENCE_SECONDS = 1500
# Short waits: a test that waits for a time-out should not wait long
QUICK = {"neo4j_gate_wait": 5, "neo4j_gate_back_wait": 15, "neo4j_gate_interval": 0.3, "ops_lock_lease": 3}


def only(*names: str) -> tuple[str, str]:
    """The limit of a run to some servers."""
    return "--limit", ",".join(["localhost", *(f"{name}*" for name in names)])


@dataclasses.dataclass
class Run:
    """What a run of a playbook left behind."""

    rc: int
    output: str
    report: dict
    seen: Sampler | None = None

    @property
    def changed(self) -> int:
        return sum(int(n) for n in re.findall(r"changed=(\d+)", self.output))

    def server(self, name: str) -> dict:
        return next(s for s in self.report["servers"] if s["name"].startswith(name))

    def states(self) -> dict[str, str]:
        """Server -> how its turn ended, in the order of the work."""
        last = {c["server"].partition("_")[0]: c for c in self.report["checks"] if c["id"] == "rolling.server"}
        return {name: check["evidence"]["state"].partition(":")[0] for name, check in last.items()}

    def reason(self, name: str) -> str:
        """What the report says beside how a server ended, as in `undo failed: why`."""
        told = [c for c in self.report["checks"] if c["id"] == "rolling.server" and c["server"].startswith(name)]
        return told[-1]["evidence"]["state"].partition(": ")[2]

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
        self.first: dict[str, bytes] = {}
        self.first_conf: dict[str, bytes] = {}
        # Server -> when its neo4j.conf was last changed, as of a start with it
        self.conf_read: dict[str, int] = {}
        self.databases: set[str] = set()

    # The lab's own commands

    def up(self) -> None:
        self.command("up", "production")
        self.env.update(self.exports("production"))
        self.aws = {"endpoint_url": self.env["AWS_ENDPOINT_URL"], "region_name": self.env["AWS_REGION"]}
        self.first = {name: self.license_file(name).read_bytes() for name in SERVERS}
        self.first_conf = {name: self.conf(name).read_bytes() for name in SERVERS}
        self.conf_read = {name: self.conf(name).stat().st_ctime_ns for name in SERVERS}
        with contextlib.closing(Cluster(self.state, CLUSTER)) as cluster:
            self.databases = {database.name for database in cluster.snapshot(elect=False).databases}

    def exports(self, environment: str) -> dict[str, str]:
        return dict(re.findall(r"^export (\w+)=(.*)$", self.command("env", environment), re.MULTILINE))

    @contextlib.contextmanager
    def as_client_of(self, environment: str) -> Iterator[None]:
        """With the credentials of that environment's AWS account."""
        own = self.env
        self.env = {**own, **self.exports(environment)}
        yield
        self.env = own

    @contextlib.contextmanager
    def as_user_with(self, *policies: str, **variables: object) -> Iterator[None]:
        """With these policies of docs/iam, and with AWS holding everybody to theirs meanwhile."""
        running = [self.instance(name)["InstanceId"] for name in SERVERS]
        documents = [iam.for_moto(iam.policy(name, **variables), running) for name in policies]
        own, name = self.env, f"ana-{time.monotonic_ns()}"
        self.env = {**own, **iam.user(self.client("iam"), name, documents)}
        self._enforce("0")
        try:
            with pytest.raises(ClientError):
                self.lock()  # nobody else is let in
            yield
        finally:
            self._enforce("inf")
            self.env = own

    def _enforce(self, after: str) -> None:
        """moto holds requests against policies after so many of them."""
        plain = {"Content-Type": "text/plain"}  # a form would come without its body
        switch = urllib.request.Request(f"{self.aws['endpoint_url']}/moto-api/reset-auth", after.encode(), plain)
        with urllib.request.urlopen(switch, timeout=10) as answer:
            assert answer.status == 200

    def neo4j_user(self, *roles: str) -> dict[str, object]:
        """The variables of a run that logs in as a user with these roles of operations and nothing else."""
        name, password = "_and_".join(roles), "longer-than-8"
        self.administer(
            f"CREATE USER {name} IF NOT EXISTS SET PASSWORD $password CHANGE NOT REQUIRED", password=password
        )
        for role in roles:
            self.administer(f"CREATE ROLE {role} IF NOT EXISTS")
            self.administer(f"GRANT ROLE {role} TO {name}")
        for granted in access_data.GRANTS:
            if granted.role in roles:
                self.administer(granted.query, graph=access_data.GRAPH)
        secret = f"credex/production/neo4j/{name}"
        with contextlib.suppress(self.client("secretsmanager").exceptions.ResourceExistsException):
            self.client("secretsmanager").create_secret(Name=secret, SecretString=password)
        return {"neo4j_username": name, "neo4j_password_source": {"type": "aws_secretsmanager", "name": secret}}

    def administer(self, statement: str, **parameters: object) -> None:
        """As neo4j, on whoever writes system."""
        uri = self.uri(ONE).replace("bolt", "neo4j", 1)
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", self.secrets()[0])) as driver:
            driver.execute_query(statement, parameters, database_="system")

    def down(self) -> None:
        self.command("down")

    def command(self, *arguments: str) -> str:
        line = [sys.executable, "-m", "lab", *arguments]
        done = subprocess.run(
            line, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def fault(self, kind: str, server: str, *options: str) -> None:
        self.command("fault", kind, server, *options)

    def reset(self) -> None:
        """The first files, every server restarted with them, no fault, no lock, no report."""
        self.command("heal")
        self.command("flag", "ledgerspace", "quiet")
        self.dynamodb.delete_item(TableName=TABLE, Key=KEY)
        shutil.rmtree(self.reports, ignore_errors=True)
        shutil.rmtree(self.state / "journals", ignore_errors=True)
        self._forget_administration()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self._reset_server, SERVERS))
        self.settle()

    def _forget_administration(self) -> None:
        """Cordons, and databases that were not there at first."""
        with contextlib.closing(Cluster(self.state, CLUSTER)) as cluster:
            snapshot = cluster.snapshot(elect=False)
            for server in snapshot.servers:
                if server.state == "Cordoned":
                    cluster.set_server_state(server.name, "Enabled")
            for database in {found.name for found in snapshot.databases} - self.databases:
                cluster.drop_database(database)

    def settle(self) -> None:
        """Until every member sees every copy online: writers move while servers come back."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(
            row["current_status"] != "online"
            for member in self.members()
            for row in member.get("databases", [{"current_status": "unknown"}])
        ):
            assert time.monotonic() < deadline, "the lab's cluster does not settle"
            time.sleep(0.1)

    def _reset_server(self, name: str) -> None:
        file, conf = self.license_file(name), self.conf(name)
        for kept in (*file.parent.glob("*.kept"), *conf.parent.glob("*.kept")):
            kept.unlink()
        same_license = file.exists() and file.read_bytes() == self.first[name]
        if same_license and conf.stat().st_ctime_ns == self.conf_read[name] and self.pid(name):
            return
        self.neo4j(name, "stop")
        file.write_bytes(self.first[name])
        conf.write_bytes(self.first_conf[name])
        self.conf_read[name] = conf.stat().st_ctime_ns
        assert self.neo4j(name, "start").returncode == 0

    def neo4j(self, name: str, verb: str) -> subprocess.CompletedProcess:
        line = [str(self.home(name) / "bin/neo4j"), verb]
        return subprocess.run(line, env=self.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def admin(self, name: str, *words: str) -> None:
        line = [str(self.home(name) / "bin/neo4j-admin"), *words]
        subprocess.run(line, env=self.env, capture_output=True, timeout=PATIENCE_SECONDS, check=True)

    # What a person would look at

    def home(self, name: str) -> Path:
        return self.state / "servers" / name

    def license_file(self, name: str) -> Path:
        return self.home(name) / "licenses" / "neo4j-gds.license"

    def conf(self, name: str) -> Path:
        return self.home(name) / "conf/neo4j.conf"

    def write_conf(self, name: str, more: str = "") -> None:
        """As it is, but younger than the server's process, and with these lines at its end."""
        self.conf(name).write_text(self.conf(name).read_text() + more)

    def renewed(self) -> dict[str, bool]:
        """Server -> whether its file is another one than at first."""
        return {name: self.license_file(name).read_bytes() != self.first[name] for name in SERVERS}

    def kept(self, name: str) -> list[Path]:
        return sorted(self.license_file(name).parent.glob("*.kept"))

    def pid(self, name: str) -> int | None:
        status = self.neo4j(name, "status")
        found = re.search(r"pid (\d+)", status.stdout)
        return int(found[1]) if found else None

    def starts(self, name: str) -> int:
        """How often a server has come up since the lab did; cheap enough to be asked again and again."""
        return (self.home(name) / "logs/neo4j.log").read_text().count("Started.")

    def is_whole(self) -> bool:
        cluster = Cluster(self.state, CLUSTER)
        try:
            return not down(cluster)
        finally:
            cluster.close()

    def asked(self, statement: str) -> int:
        """How often the servers were asked this."""
        return sum((self.home(name) / "logs/query.log").read_text().count(statement) for name in SERVERS)

    def pids(self) -> dict[str, int | None]:
        return {name: self.pid(name) for name in SERVERS}

    def record(self) -> dict:
        return json.loads((self.state / "lab.json").read_text())

    def uri(self, name: str) -> str:
        return f"bolt://{self.record()['servers'][name]['address'].partition(':')[0]}:7687"

    def writing(self, through: str = TWO) -> Application:
        """An application that writes as long as it is open, and is told the other servers by this one."""
        return Application(self.uri(through).replace("bolt://", "neo4j://"), self.secrets()[0])

    def setting(self, name: str, setting: str) -> str:
        """Its value in force on a server."""
        with neo4j.GraphDatabase.driver(self.uri(name), auth=("neo4j", self.secrets()[0])) as driver:
            asked = driver.execute_query("SHOW SETTINGS $names YIELD value", names=[setting], database_="system")
            return asked.records[0]["value"]

    def in_force(self, name: str) -> str:
        """The product's own words about its license."""
        with neo4j.GraphDatabase.driver(self.uri(name), auth=("neo4j", self.secrets()[0])) as driver:
            return driver.execute_query("CALL gds.license.state()", database_="ledgerspace").records[0]["details"]

    def in_force_on(self, *names: str) -> str:
        """The product's own words, of servers whose database is called neo4j and of which one may be down."""
        said = []
        for name in names:
            with (
                contextlib.suppress(neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError),
                neo4j.GraphDatabase.driver(self.uri(name), auth=("neo4j", self.secrets()[0])) as driver,
            ):
                said.append(driver.execute_query("CALL gds.license.state()", database_="neo4j").records[0]["details"])
        return "; ".join(said)

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

    def client(self, service: str):
        return boto3.client(service, aws_access_key_id="testing", aws_secret_access_key="testing", **self.aws)

    @property
    def dynamodb(self):
        return self.client("dynamodb")

    def instance(self, name: str) -> dict:
        wanted = [{"Name": "tag:Name", "Values": [name]}]
        [found] = self.client("ec2").describe_instances(Filters=wanted)["Reservations"]
        return found["Instances"][0]

    def lock(self) -> dict | None:
        return self.dynamodb.get_item(TableName=TABLE, Key=KEY).get("Item")

    # ansible-playbook

    def line(
        self,
        arguments: tuple[str, ...],
        inventory: str,
        variables: dict[str, object],
        playbook: str = "renew_license.yml",
    ) -> list[str]:
        extra = json.dumps({**QUICK, "ops_report_journal_dir": str(self.state / "journals"), **variables})
        return [str(PLAYBOOK), playbook, "-i", inventory, "-e", extra, *arguments]

    def renew(
        self,
        *arguments: str,
        inventory: str = "inventories/lab",
        playbook: str = "renew_license.yml",
        meanwhile: Callable[[], None] = lambda: None,
        **variables: object,
    ) -> Run:
        """Run it to its end; `meanwhile` is called once it runs. Whatever happens, no two servers are ever down."""
        line = self.line(arguments, inventory, variables, playbook)
        log = self.state / "run.log"
        with self.watched() as seen, log.open("w") as output:
            self.running = subprocess.Popen(line, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT)
            try:
                meanwhile()
                self.running.wait(PATIENCE_SECONDS)
            finally:
                self.running.kill()
                self.running.wait()
        return Run(self.running.returncode, log.read_text(), self.report(), seen)

    def kill_all(self) -> None:
        """The playbook that runs, with its workers and their modules, as when its machine is lost."""
        for pid in [self.running.pid, *_descendants(self.running.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.running.wait()

    @contextlib.contextmanager
    def watched(self) -> Iterator[Sampler]:
        with Sampler(self.state, CLUSTER) as seen:
            yield seen
        assert seen.samples > 0 and len(seen.most) <= 1, f"down at once: {', '.join(sorted(seen.most))}"

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a moment in the run that is on its way."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            ended = f"the run ended before {what}:\n{(self.state / 'run.log').read_text()[-3000:]}"
            assert self.running.poll() is None, ended
            assert time.monotonic() < deadline, f"no sign of {what}"
            time.sleep(0.05)

    def start(self, *arguments: str, **variables: object) -> subprocess.Popen:
        line = self.line(arguments, "inventories/lab", variables)
        return subprocess.Popen(line, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def report(self) -> dict:
        """The newest report, or an empty one."""
        return next(reversed(self.all_reports()), {})

    def all_reports(self) -> list[dict]:
        found = sorted(self.reports.rglob("report.json"), key=lambda path: path.stat().st_mtime)
        return [json.loads(path.read_text()) for path in found]


def _descendants(pid: int) -> list[int]:
    """Ansible's workers have sessions of their own, but still a parent."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    found = [int(child) for child in children.stdout.split()]
    return [*found, *(below for child in found for below in _descendants(child))]

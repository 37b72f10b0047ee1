# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml on bare machines: refused, predicted, killed in the middle, finished, repeated; one lab, in this order."""

from __future__ import annotations

import subprocess

import pytest

from lab.server.home import Home
from tests.lab.operations.lab_driver import PATIENCE_SECONDS, ROOT, SERVERS, Lab, Run

a_sample = pytest.mark.sampled(1, of="before anything is installed")

SPACES = ("ledgerspace", "searchspace")
CONTRACT = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "count_cpu_as": "cores",
    "machines": {"production": 3},
    "max_cpu": 24,
    "max_memory": "256 GB",
}
READER = {"type": "aws_secretsmanager", "name": "credex/production/neo4j/reader"}


class Bare(Lab):
    """Machines with nothing on them."""

    def up(self):
        self.command("up", "production", "--bare")
        self.env.update(self.exports("production"))
        self.aws = {"endpoint_url": self.env["AWS_ENDPOINT_URL"], "region_name": self.env["AWS_REGION"]}
        self.client("secretsmanager").create_secret(Name=READER["name"], SecretString="longer-than-8")

    def begin(self, *arguments, playbook="site.yml", **variables):
        users = [{"name": "reader", "password_source": READER, "roles": ["ops_reader"]}]
        line = self.line(arguments, "inventories/lab", {"neo4j_users": users, **variables}, playbook)
        with (self.state / "run.log").open("w") as output:
            self.running = subprocess.Popen(line, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT)

    def run(self, *arguments, **more):
        self.begin(*arguments, **more)
        try:
            self.running.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_all()  # the next run would wait for its lock
            raise
        return Run(self.running.returncode, (self.state / "run.log").read_text(), self.report())

    def is_bare(self):
        return not any(any(self.home(name).iterdir()) for name in SERVERS)

    def states(self):
        """In the eyes of each server: who takes part, and how often each space is online."""
        views = []
        for member in self.members():
            states = {row["address"]: row["state"] for row in member["servers"]}
            online = [row["name"] for row in member["databases"] if row["current_status"] == "online"]
            views.append((states, {name: online.count(name) for name in SPACES}))
        return views


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    lab = Bare(tmp_path_factory.mktemp("bare"))
    lab.up()
    yield lab
    if lab.running.poll() is None:
        lab.kill_all()
    lab.down()


@a_sample
def test_what_cannot_become_a_cluster_is_refused_before_anything_changes(bare):
    run = bare.run(neo4j_server_advertised_address="10.0.1.1", neo4j_license_contract={**CONTRACT, "max_cpu": 2})
    assert run.rc == 2 and bare.is_bare() and bare.lock() is None
    assert "10.0.1.1 is neo4j-production-1" in run.report["failure"]
    assert "At most 2 cores by the EC2 specification: no." in run.report["failure"]


@a_sample
def test_check_mode_predicts_what_is_installed_and_says_what_it_cannot(bare):
    run = bare.run("--check")
    assert (run.rc, run.report["verdict"]) == (0, "planned"), run.output[-3000:]
    assert run.changed == len(SERVERS) and bare.is_bare() and bare.lock() is None
    [formed] = [check for check in run.report["checks"] if check["id"] == "site.formed"]
    assert formed["status"] == "skipped" and "would form credex with ledgerspace, searchspace" in formed["detail"]


def test_killed_while_servers_start_and_run_again_it_finishes(bare):
    bare.begin()
    bare.until(lambda: any((bare.home(name) / "logs/neo4j.log").exists() for name in SERVERS), "a server that starts")
    bare.kill_all()
    run = bare.run()
    assert (run.rc, run.report["verdict"]) == (0, "passed"), run.output[-3000:]
    assert [server["outcome"] for server in run.report["servers"]].count("done") >= 1
    for states, copies in bare.states():
        assert set(states.values()) == {"Enabled"} and len(states) == len(SERVERS)
        assert copies == dict.fromkeys(SPACES, len(SERVERS))
    plugins = sorted(path.name for path in (bare.home(SERVERS[0]) / "plugins").iterdir())
    assert plugins == ["apoc-5.26.30-core.jar", "neo4j-graph-data-science-2.13.9.jar"]
    assert bare.lock() is None
    assert not any(secret in run.output for secret in bare.secrets())


def test_a_second_run_changes_nothing(bare):
    pids = bare.pids()
    run = bare.run()
    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert bare.pids() == pids and None not in pids.values()
    assert {server["outcome"] for server in run.report["servers"]} == {"unchanged"}


def test_other_operations_run_there_as_the_user_that_it_made(bare):
    run = bare.run(playbook="restart_neo4j.yml", neo4j_username="reader", neo4j_password_source=READER)
    assert (run.rc, run.report["verdict"]) == (0, "nothing_to_do"), run.output[-3000:]
    assert all(Home(bare.home(name)).has_been_started for name in SERVERS)

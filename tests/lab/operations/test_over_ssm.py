# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same operation over Systems Manager's sessions, where no ssh reaches the servers."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess

import boto3
import pytest

from tests.lab.operations.lab_driver import PATIENCE_SECONDS, ROOT, SERVERS, TWO

SSM = ("-e", f"@{ROOT}/lab/ssm.yml")
PRODUCTION = ("-e", f"@{ROOT}/lab/prod.yml")
STAND_IN = ROOT / "lab/aws/session_manager_plugin.py"
TRANSFER = "credex-ops-transfer-production"
# A request for one of its objects, as moto's log has it, at times in colours
REQUEST = re.compile(rf'"(?:\x1b\[\d+m)*(PUT|DELETE) /{TRANSFER}/(\S+) HTTP')


class Aws:
    """What the lab's AWS account shows of sessions and transfers, from now on."""

    def __init__(self, lab):
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        self.ssm, self.s3, self.ec2 = (boto3.client(name, **keys, **lab.aws) for name in ("ssm", "s3", "ec2"))
        self.log = lab.state / "logs" / "aws.log"
        self.begun = self.log.stat().st_size
        self.earlier = {session["SessionId"] for session in self.sessions("History")}
        self.instances = {
            tag["Value"]: instance["InstanceId"]
            for reservation in self.ec2.describe_instances()["Reservations"]
            for instance in reservation["Instances"]
            for tag in instance["Tags"]
            if tag["Key"] == "Name"
        }

    def sessions(self, state):
        return self.ssm.describe_sessions(State=state)["Sessions"]

    def targets(self):
        """The instances that ended sessions led to."""
        ended = [session for session in self.sessions("History") if session["SessionId"] not in self.earlier]
        return {session["Target"] for session in ended}

    def transfers(self, method):
        requests = REQUEST.findall(self.log.read_bytes()[self.begun :].decode())
        return sorted(key for verb, key in requests if verb == method)

    def left_behind(self):
        return [version["Key"] for version in self.s3.list_object_versions(Bucket=TRANSFER).get("Versions", [])]

    @contextlib.contextmanager
    def disconnected(self, server):
        """Its agent answers no more; the server itself lives on."""
        self.ec2.stop_instances(InstanceIds=[self.instances[server]])
        try:
            yield
        finally:
            self.ec2.start_instances(InstanceIds=[self.instances[server]])


@pytest.fixture
def aws(lab):
    return Aws(lab)


def test_a_renewal_over_sessions(lab, aws):
    line = ("-vvv", "--limit", f"localhost,{TWO}*")
    with lab.as_user_with("ops_reader", "ops_operator", "ops_operator_over_ssm"):
        run = lab.renew(*line, *PRODUCTION, *SSM, inventory="inventories/prod")
    assert run.rc == 0, run.output[-3000:]
    assert lab.renewed() == {name: name == TWO for name in SERVERS}
    assert lab.license_file(TWO).read_text() == lab.secrets()[1] and "License expires at" in lab.in_force(TWO)
    assert aws.targets() == {aws.instances[TWO]} and aws.sessions("Active") == []
    assert not [secret[:12] for secret in lab.secrets() if secret in run.output], "a secret is in the output at -vvv"

    sent = aws.transfers("PUT")
    assert [key for key in sent if key.endswith("/AnsiballZ_neo4j_license_file.py")], "the license passed through it"
    assert aws.transfers("DELETE") == sent and aws.left_behind() == []


def test_a_host_that_is_lost_fails_its_task_and_is_named(lab, aws):
    """Over ssh it would be unreachable; aws_ssm knows no such thing."""
    victim = lab.order()[0]

    def lose_it_once_the_file_is_placed():
        lab.until(lambda: lab.renewed()[victim], "a placed file")
        with aws.disconnected(victim):
            lab.running.wait(PATIENCE_SECONDS)

    run = lab.renew(*SSM, meanwhile=lose_it_once_the_file_is_placed)
    assert run.rc == 2, run.output[-3000:]
    assert run.states() == {name: "undo failed" if name == victim else "waiting" for name in run.order()}
    assert f"{aws.instances[victim]} is not connected" in run.report["failure"]
    assert lab.lock() is None and aws.left_behind() == []


def test_the_shell_of_a_session_has_nothing_of_the_caller():
    line = [str(STAND_IN), json.dumps({"SessionId": "ana-1"})]
    caller = {**os.environ, "AWS_SECRET_ACCESS_KEY": "hidden"}
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=caller) as session:
        assert session.stdin and session.stdout
        print("env; exit 7", file=session.stdin, flush=True)
        said = session.stdout.read()
    assert "Starting session with SessionId: ana-1" in said and "PATH=" in said and "hidden" not in said
    assert session.returncode == 7

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m lab, as a person types it: a whole lab with its AWS endpoint."""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lab import faults
from lab.server import licenses
from lab.server.processes import Process
from lab.state import DEFAULT_NETWORK, REPOSITORY, State

SERVERS = [f"neo4j-production-{number}" for number in (1, 2, 3)]


class Lab:
    def __init__(self, folder):
        self.state = State("cli", folder)
        self.env = {**os.environ, "CREDEX_LAB_HOME": str(folder), "CREDEX_LAB": "cli"}
        self.first = self.second = ""  # what the first two calls of `up` said

    def __call__(self, *arguments, code=0):
        line = [sys.executable, "-m", "lab", *arguments]
        done = subprocess.run(
            line, cwd=REPOSITORY, env=self.env, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def client(self, service, **options):
        found = self.state.running()
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, **{"endpoint_url": found.endpoint, "region_name": found.region, **keys, **options})


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        lab.first, lab.second = pool.map(lambda _: lab("up"), range(2))
    yield lab
    lab("down")


def test_two_ups_at_once_start_one_lab(lab):
    started = [text.count("started ") for text in (lab.first, lab.second)]
    assert sorted(started) == [0, 8]


def test_up_again_says_what_runs(lab):
    begun = time.monotonic()
    text = lab("up")
    assert "started" not in text
    assert all(f"{name}  " in text for name in SERVERS)
    assert time.monotonic() - begun < 5
    assert "is up with --timing quick" in lab("up", "--timing", "real", code=1)


def test_it_keeps_away_from_the_users_lab(lab):
    record = lab.state.record()
    assert not record.network.startswith(DEFAULT_NETWORK)
    assert record.endpoint == f"http://{record.network}.1:5005"
    addresses = [server["address"] for server in record.servers.values()]
    assert addresses == [f"{record.network}.{number}" for number in (11, 12, 13, 21, 22, 31, 32)]


def test_env_is_for_a_shell(lab):
    exports = dict(re.findall(r"^export (\w+)=(.*)$", lab("env"), re.MULTILINE))
    assert exports["AWS_ENDPOINT_URL"] == lab.state.record().endpoint
    assert (exports["AWS_REGION"], exports["CREDEX_LAB"]) == ("af-south-1", "cli")
    assert "NEO4J_PASSWORD" not in exports
    more = dict(re.findall(r"^export (\w+)=(.*)$", lab("env", "--neo4j"), re.MULTILINE))
    assert more["NEO4J_PASSWORD"] == lab.state.secrets().password


def test_instances(lab):
    reservations = lab.client("ec2").describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    tags = [{tag["Key"]: tag["Value"] for tag in instance["Tags"]} for instance in instances]
    assert sorted(tag["Name"] for tag in tags) == SERVERS
    for instance, tag in zip(instances, tags, strict=True):
        expected = {"Environment": "production", "Project": "credex-core", "Cluster": "credex", "Role": "Neo4j"}
        assert expected.items() <= tag.items()
        assert instance["PrivateIpAddress"] == lab.state.record().servers[tag["Name"]]["address"]
        assert instance["State"]["Name"] == "running"


def test_secrets_lock_and_reports(lab):
    secrets = lab.client("secretsmanager")
    password = json.loads(secrets.get_secret_value(SecretId="credex/production/neo4j/password")["SecretString"])
    assert password == {"username": "neo4j", "password": lab.state.secrets().password}
    fresh = secrets.get_secret_value(SecretId="credex/production/neo4j/license/gds")["SecretString"]
    assert fresh == lab.state.secrets().licenses["production"]["gds"]
    dynamodb = lab.client("dynamodb")
    item = {"TableName": "credex-ops-lock-production", "Item": {"LockID": {"S": "x"}}}
    condition = {"ConditionExpression": "attribute_not_exists(LockID)"}
    dynamodb.put_item(**item, **condition)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(**item, **condition)
    assert dynamodb.describe_table(TableName="credex-ops-lock-production")["Table"]["TableId"]
    buckets = [bucket["Name"] for bucket in lab.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["credex-ops-reports-production", "credex-ops-transfer-production"]


def test_what_passes_through_the_transfer_bucket_is_encrypted_and_short_lived(lab):
    s3, bucket = lab.client("s3"), {"Bucket": "credex-ops-transfer-production"}
    s3.put_object(**bucket, Key="license", Body=b"...")
    assert s3.head_object(**bucket, Key="license")["ServerSideEncryption"] == "aws:kms"
    assert [rule["Expiration"]["Days"] for rule in s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]] == [1]
    assert "Status" not in s3.get_bucket_versioning(**bucket), "a version would outlive its deletion"


def test_sessions_with_an_instance(lab):
    ssm = lab.client("ssm")
    with pytest.raises(ssm.exceptions.TargetNotConnected):
        ssm.start_session(Target="i-0123456789abcdef0")
    instance = lab.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    begun = ssm.start_session(Target=instance)["SessionId"]
    [active] = ssm.describe_sessions(State="Active")["Sessions"]
    assert (active["SessionId"], active["Target"]) == (begun, instance)
    ssm.terminate_session(SessionId=begun)
    [ended] = ssm.describe_sessions(State="History")["Sessions"]
    assert ended["SessionId"] == begun and ended["EndDate"] >= ended["StartDate"]
    assert ssm.describe_sessions(State="Active")["Sessions"] == []


@pytest.mark.parametrize(
    ("environment", "account"),
    [("production", "111111111111"), ("development", "222222222222"), ("staging", "222222222222")],
)
def test_an_environment_s_credentials_are_of_its_account_and_see_its_instances_alone(lab, environment, account):
    exports = dict(re.findall(r"^export (AWS_(?!ENDP|DEF|REG)\w+)=(.*)$", lab("env", environment), re.MULTILINE))
    keys = {name.lower(): value for name, value in exports.items()}
    assert lab.client("sts", **keys).get_caller_identity()["Account"] == account
    assert instances(lab, environment, **keys) == sorted(lab.state.record().servers_of([environment]))
    elsewhere = "production" if account.startswith("2") else "staging"
    assert instances(lab, elsewhere, **keys) == []


def instances(lab, environment, **keys):
    wanted = [{"Name": "tag:Environment", "Values": [environment]}]
    found = lab.client("ec2", **keys).describe_instances(Filters=wanted)["Reservations"]
    tags = [{tag["Key"]: tag["Value"] for tag in r["Instances"][0]["Tags"]} for r in found]
    return sorted(tag["Name"] for tag in tags)


def test_the_recovery_region_is_empty(lab):
    assert lab.client("ec2", region_name="eu-west-1").describe_instances()["Reservations"] == []
    assert lab.client("secretsmanager", region_name="eu-west-1").list_secrets()["SecretList"] == []


def test_an_environment_that_is_not_there_is_named(lab):
    assert "has no environment moon, but: production, development, staging" in lab("up", "moon", code=1)


def test_secrets_are_for_their_owner_alone(lab):
    assert (lab.state.folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    kept = lab.state.secrets()
    shown = lab("status") + lab("env") + lab("log") + (lab.state.folder / "lab.json").read_text()
    assert kept.password not in shown
    for pid in pids(lab).values():
        with open(f"/proc/{pid}/cmdline") as line:
            assert kept.password not in line.read()


def pids(lab):
    files = {name: lab.state.home(name) / "run" / "neo4j.pid" for name in SERVERS}
    return {name: int(file.read_text()) for name, file in files.items()}


def test_faults_are_seen_in_status_and_healed(lab):
    lab("fault", "latency", SERVERS[1], "--seconds", "0.01")
    lab("fault", "ssh-lost", SERVERS[1], "--at", "command")
    status = lab("status")
    assert "fault: latency seconds=0.01" in status
    assert "fault: ssh-lost at=command" in status
    assert lab("heal", SERVERS[1], "--fault", "latency") == f"healed {SERVERS[1]}: latency\n"
    assert lab("heal") == f"healed {SERVERS[1]}: ssh-lost\n"
    assert lab("heal") == "There is no such fault.\n"
    assert "has no server x" in lab("fault", "hang", "x", code=1)
    lab("fault", "quarantine", SERVERS[1], code=2)


def test_a_region_that_is_lost(lab):
    elsewhere = "region-lost", "eu-west-1"
    lab("fault", *elsewhere)
    assert "fault of eu-west-1: region-lost" in lab("status")
    quick = Config(retries={"total_max_attempts": 1})
    with pytest.raises(ClientError, match="503"):
        lab.client("ec2", region_name="eu-west-1", config=quick).describe_instances()
    assert lab.client("ec2").describe_instances()["Reservations"]
    assert lab("heal", "eu-west-1") == "healed eu-west-1: region-lost\n"
    assert lab.client("ec2", region_name="eu-west-1").describe_instances()["Reservations"] == []

    lab("fault", "region-lost", "af-south-1")
    assert lab("status").count("fault: hang") == lab("status").count("fault: ssh-lost") == 7
    assert lab("heal", "af-south-1").count("healed ") == 15
    assert "has no region moon" in lab("fault", "region-lost", "moon", code=1)


def test_status_tells_what_the_lab_did_not_know(lab):
    assert "does not know" not in lab("status")
    with pytest.raises(ClientError):
        lab.client("secretsmanager").validate_resource_policy(ResourcePolicy="{}")
    assert "calls that moto does not know" in lab("status")


def test_the_readme_names_every_command_and_fault(lab):
    readme = (REPOSITORY / "lab" / "README.md").read_text()
    commands = re.findall(r"^    (\w+)  ", lab("--help"), re.MULTILINE)
    assert len(commands) == 11
    assert [name for name in commands if not re.search(rf"^\| `{name}[ `]", readme, re.MULTILINE)] == []
    rows = dict(re.findall(r"^\| `([\w-]+)` \|(.*?)\|", readme, re.MULTILINE))
    options = {kind: " ".join(f"--{name}" for name in fault.options) for kind, fault in faults.FAULTS.items()}
    assert {kind: rows.get(kind, "missing").strip(" `") for kind in options} == options


def test_flag(lab):
    assert "ledgerspace: flag quiet" in lab("status")
    lab("flag", "ledgerspace", "busy")
    assert "ledgerspace: flag busy" in lab("status")
    lab("flag", "ledgerspace", "quiet")
    assert "No database searchspace of production carries a flag" in lab("flag", "searchspace", "busy", code=1)


def test_license_prints_a_new_one(lab):
    text = lab("license", "--days", "10", "--form", "opaque")
    assert licenses.read(text).product == "gds"
    assert lab("license") != lab("license", "--days", "-5")


def test_a_killed_server_is_started_by_up(lab):
    before = pids(lab)
    lab("fault", "kill", SERVERS[2])
    assert re.search(rf"{SERVERS[2]}  \S+  stopped", lab("status"))
    assert f"started server {SERVERS[2]}\n" in lab("up")
    after = pids(lab)
    assert {name for name in SERVERS if before[name] != after[name]} == {SERVERS[2]}


def test_down_ends_what_up_started(lab):
    aws, servers = lab.state.record().aws, pids(lab)
    bystander = subprocess.Popen(["sleep", "60"])
    assert lab("down").count("stopped ") == 8
    assert not aws.is_alive
    assert [Process.of(pid) for pid in servers.values()] == [None] * 3
    assert bystander.poll() is None
    bystander.kill()
    assert lab("down") == "The lab cli is not up.\n"
    assert "is not up" in lab("env", code=1)


def test_a_reused_process_id_is_left_alone():
    sleeping = subprocess.Popen(["sleep", "60"])
    of_another_start = Process(sleeping.pid, started=1)
    of_another_start.end(timeout=0.1)
    assert sleeping.poll() is None
    found = Process.of(sleeping.pid)
    assert found is not None
    found.end(timeout=5)
    assert sleeping.wait() == -15


def test_a_lab_for_nodes_makes_what_they_share_and_starts_none(tmp_path):
    lab = Lab(tmp_path)
    shown = lab("up", "--nodes", "10.77.80")
    try:
        assert shown.count("started ") == 1 and "AWS endpoint" in shown
        reservations = lab.client("ec2").describe_instances()["Reservations"]
        addresses = [instance["PrivateIpAddress"] for found in reservations for instance in found["Instances"]]
        assert sorted(addresses) == ["10.77.80.11", "10.77.80.12", "10.77.80.13"]
        assert (lab.state.folder / "cluster-production-credex.db").stat().st_mode & 0o777 == 0o666
        assert "does not run" in lab("fault", "kill", SERVERS[0], code=1)
        lab("fault", "rejected-license", SERVERS[0])
        assert "rejected-license" in lab("status")
        endpoint = lab.state.running().endpoint
    finally:
        ended = lab("down")
    assert ended == f"stopped AWS endpoint {endpoint}\n"

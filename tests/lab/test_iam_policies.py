# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies in docs/iam against moto with enforcement on: what our code calls passes, and nothing else.

The calls are those that moto was asked, so that a new one in a module fails here. Whole playbooks run with the same
policies in tests/lab/operations.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

import boto3
import pytest
from ansible_collections.credex.ops.plugins.modules import ops_journal
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.authorization import enable_iam_authentication
from moto.iam.access_control import IAMRequestBase
from moto.server import ThreadedMotoServer

from lab.aws import extension
from lab.aws.seed import CREDENTIALS, Machine, Seeder
from tests.contract.calls import run_module
from tests.lab import iam
from tests.static.repository import COLLECTION, ROLES, ROOT, load
from tests.static.test_collection import needs

REGION, ACCOUNT = "af-south-1", "123456789012"  # moto's own account
REPORTS = "s3://credex-ops-reports-production/"
# Asked by amazon.aws.aws_caller_info, which does without an answer; the first is allowed to everybody
NEEDLESS = {"sts:GetCallerIdentity", "iam:ListAccountAliases"}

Calls = dict[str, Callable[["Aws"], None]]


def imported(name: str) -> ModuleType:
    collection, _, short = name.rpartition(".")
    return importlib.import_module(f"ansible_collections.{collection}.plugins.modules.{short}")


# Imported now: where Ansible's plugin loader is (test_emulator_connection.py), it wants to import collections itself
OURS = ("ops_lock", "ops_report", "ops_report_index", "ops_report_info", "ops_secret_info")
ROLES_USE = ("aws_caller_info", "ec2_instance_info", "ec2_instance_type_info")
MODULES = {
    name: imported(name)
    for name in (*(f"credex.ops.{own}" for own in OURS), *(f"amazon.aws.{used}" for used in ROLES_USE))
}


@dataclass
class Aws:
    """An account with production and staging, and what was asked of it since enforcement was on."""

    folder: Any
    asked: list[tuple[str, str]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)

    def module(self, module: str, **options: Any) -> dict[str, Any]:
        result = run_module(MODULES[module], region=REGION, **options)
        assert not result.get("failed"), result
        return result


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Aws]:
    for name, value in {**CREDENTIALS, "AWS_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    extension.apply(ACCOUNT)
    with mock_aws():
        _seed()
        aws = Aws(tmp_path)
        report(aws)  # an earlier one
        _record(monkeypatch, aws)
        yield aws


def _seed() -> None:
    seeder = Seeder(None, REGION, CREDENTIALS)
    subnet = seeder.network("10.0.0.0/24")
    for number, environment in enumerate(("production", "staging")):
        machine = Machine(f"neo4j-{environment}-1", f"10.0.0.1{number}", {}, "r6i.large")
        seeder.instances(environment, "credex-core", [machine], subnet)
        seeder.secrets(environment, "a-password", {"gds": "a license"})
        seeder.operations(environment)
        seeder.transfer(environment)


def _record(monkeypatch: pytest.MonkeyPatch, aws: Aws) -> None:
    known = IAMRequestBase.check_action_permitted

    def recorded(self: IAMRequestBase, resource: str) -> None:
        aws.asked.append((self._action, resource))
        try:
            known(self, resource)
        except Exception:
            aws.denied.add(self._action)
            raise

    monkeypatch.setattr(IAMRequestBase, "check_action_permitted", recorded)


@pytest.fixture
def as_user(aws: Aws) -> Iterator[Callable[..., Aws]]:
    """Everything after this is asked by a user with these policies."""
    with pytest.MonkeyPatch.context() as patch:
        enforcing = enable_iam_authentication()

        def become(*policies: str) -> Aws:
            ec2 = client("ec2")
            tagged = ec2.describe_instances(Filters=[{"Name": "tag:Environment", "Values": ["production"]}])
            instances = [i["InstanceId"] for r in tagged["Reservations"] for i in r["Instances"]]
            documents = [iam.for_moto(filled(name), instances) for name in policies]
            for name, value in iam.user(client("iam"), "ana", documents).items():
                patch.setenv(name, value)
            enforcing.__enter__()
            return aws

        yield become
        enforcing.__exit__(None, None, None)


def client(service: str) -> Any:
    """Of whoever the environment names now; boto3's own session would remember the first."""
    return boto3.Session(region_name=REGION).client(service)


def filled(name: str) -> iam.Document:
    return iam.policy(name, credex_aws_account_id=ACCOUNT)


# What our code calls


def caller(aws: Aws) -> None:
    aws.module("amazon.aws.aws_caller_info")


def instances(aws: Aws) -> None:
    aws.module("amazon.aws.ec2_instance_info", filters={"instance-state-name": ["running"]})


def types(aws: Aws) -> None:
    aws.module("amazon.aws.ec2_instance_type_info", instance_types=["r6i.large"])


def inventory(_: Aws) -> None:
    """In a process of its own, as Ansible's loader wants it; the server answers from the same account."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    program = str(Path(sys.executable).with_name("ansible-inventory"))
    line = [program, "-i", "inventories/prod", "--graph", "neo4j"]
    environment = {**os.environ, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    shown = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    server.stop()
    assert re.findall(r"--(neo4j-[a-z]+-\d)", shown.stdout) == ["neo4j-production-1"], shown.stderr


def secrets(aws: Aws) -> None:
    names = ("credex/production/neo4j/password", "credex/production/neo4j/license/gds")
    aws.module("credex.ops.ops_secret_info", sources=[{"type": "aws_secretsmanager", "name": name} for name in names])


def locked(aws: Aws) -> None:
    for state in ("present", "renewed", "absent"):
        assert _lock(aws, state)["action"] in ("taken", "renewed", "released")


def looked_at(aws: Aws) -> None:
    assert _lock(aws, "present", _ansible_check_mode=True)["action"] == "taken"


def _lock(aws: Aws, state: str, **options: Any) -> dict[str, Any]:
    claim = {"run_id": "run-1", "operation": "renew_license", "state": state}
    return aws.module(
        "credex.ops.ops_lock", table="credex-ops-lock-production", name="credex.ops/production", **claim, **options
    )


def report(aws: Aws) -> None:
    run = {"operation": "renew_license", "environment": "production", "servers": ["n1"]}
    journals = mkdtemp(dir=aws.folder)  # two runs of this process in one second would share their id
    opened = run_module(ops_journal, state="opened", run=run, directory=journals)
    run_module(ops_journal, state="finished", run_id=opened["run"]["id"], directory=journals)
    aws.module("credex.ops.ops_report", journal=opened["path"], destination=REPORTS)


def last_report(aws: Aws) -> None:
    asked = {"destination": REPORTS, "environment": "production", "operation": "renew_license"}
    aws.module("credex.ops.ops_report_info", **asked)


def index(aws: Aws) -> None:
    aws.module("credex.ops.ops_report_index", destination=REPORTS)


CALLS: Calls = {
    "aws_ec2": inventory,
    "amazon.aws.aws_caller_info": caller,
    "amazon.aws.ec2_instance_info": instances,
    "amazon.aws.ec2_instance_type_info": types,
    "credex.ops.ops_lock": locked,
    "credex.ops.ops_report": report,
    "credex.ops.ops_report_index": index,
    "credex.ops.ops_report_info": last_report,
    "credex.ops.ops_secret_info": secrets,
}
READING: Calls = {**CALLS, "credex.ops.ops_lock": looked_at}


def test_everything_that_calls_aws_is_called_here():
    ours = {f"credex.ops.{name}" for name in load(COLLECTION / "meta/runtime.yml")["action_groups"]["aws"]}
    tasks = [*(path for role in ROLES for path in role.rglob("tasks/*.yml")), *(ROOT / "playbooks").rglob("*.yml")]
    used = {name for path in tasks for name in re.findall(r"^ *(amazon\.aws\.\w+):", path.read_text(), re.MULTILINE)}
    plugins = {load(path)["plugin"].rpartition(".")[2] for path in (ROOT / "inventories").glob("*/aws_ec2.yml")}
    assert used and plugins
    assert set(CALLS) == ours | used | plugins


@pytest.mark.parametrize(
    ("policies", "calls"),
    [((iam.READER,), READING), ((iam.READER, iam.OPERATOR), CALLS)],
    ids=("ops_reader", "ops_operator"),
)
def test_what_is_called_is_allowed_and_nothing_that_is_not_called(as_user, policies, calls):
    aws = as_user(*policies)
    for call in calls.values():
        call(aws)
    assert aws.denied - NEEDLESS == set()
    called = {action for action, _ in aws.asked} - NEEDLESS
    assert called == set.union(*(iam.actions(filled(name)) for name in policies))


@pytest.mark.parametrize("module", [name for name in CALLS if name.startswith("credex.ops.")])
def test_a_module_s_documentation_names_what_it_calls(as_user, module):
    aws = as_user(iam.READER, iam.OPERATOR)
    CALLS[module](aws)
    told = needs(COLLECTION / f"plugins/modules/{module.rpartition('.')[2]}.py", "aws")
    named = set(re.findall(r"C\((\w+:\w+)\)", told))
    called = {action for action, _ in aws.asked}
    # Parameters instead of secrets, and keys of one's own, are nothing that the policies are about
    assert called and called == {action for action in named if not action.startswith(("kms:", "ssm:"))}


def test_a_reader_takes_no_lock(as_user):
    aws = as_user(iam.READER)
    with pytest.raises(AssertionError, match="dynamodb:PutItem"):
        locked(aws)
    assert aws.denied == {"dynamodb:PutItem"}


LOCK = {"TableName": "credex-ops-lock-staging", "Key": {"LockID": {"S": "credex.ops/staging"}}}
ELSEWHERE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the password of another environment": (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "credex/staging/neo4j/password"},
    ),
    "another environment's license": (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "credex/staging/neo4j/license/gds"},
    ),
    "another secret of this one": ("secretsmanager", "get_secret_value", {"SecretId": "credex/production/application"}),
    "another environment's lock": ("dynamodb", "get_item", LOCK),
    "to break that lock": ("dynamodb", "delete_item", LOCK),
    "the whole table": ("dynamodb", "scan", {"TableName": "credex-ops-lock-production"}),
    "another environment's reports": ("s3", "list_objects_v2", {"Bucket": "credex-ops-reports-staging"}),
    "a report there": ("s3", "put_object", {"Bucket": "credex-ops-reports-staging", "Key": "x", "Body": b""}),
    "to delete a report": ("s3", "delete_object", {"Bucket": "credex-ops-reports-production", "Key": "x"}),
    "the bucket for transfers": ("s3", "list_objects_v2", {"Bucket": "credex-ops-transfer-production"}),
    "to change a secret": (
        "secretsmanager",
        "put_secret_value",
        {"SecretId": "credex/production/neo4j/password", "SecretString": "x"},
    ),
    "to stop a machine": ("ec2", "stop_instances", {"InstanceIds": ["i-0"]}),
}


def test_an_operator_is_denied_everything_else(as_user):
    as_user(iam.READER, iam.OPERATOR)
    allowed = [what for what, (service, call, options) in ELSEWHERE.items() if not _denied(service, call, **options)]
    assert allowed == []


def _denied(service: str, operation: str, **options: Any) -> bool:
    try:
        getattr(client(service), operation)(**options)
    except ClientError as error:
        return "AccessDenied" in str(error)  # moto's answer is not always in the service's own protocol
    return False


def test_sessions_are_opened_on_servers_of_the_environment_alone(aws, as_user):
    ec2 = client("ec2")
    found = {
        tag["Value"]: instance["InstanceId"]
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        for tag in instance["Tags"]
        if tag["Key"] == "Environment"
    }
    as_user(iam.OVER_SSM)
    ssm = client("ssm")
    session = ssm.start_session(Target=found["production"])["SessionId"]
    ssm.terminate_session(SessionId=session)
    assert _denied("ssm", "start_session", Target=found["staging"])
    assert _denied("ssm", "start_session", Target=found["production"], DocumentName="AWS-StartPortForwardingSession")
    assert _denied("ssm", "terminate_session", SessionId="somebody-0123456789")
    assert _denied("s3", "put_object", Bucket="credex-ops-transfer-staging", Key="x", Body=b"")


@pytest.mark.parametrize("name", [path.stem for path in sorted(iam.FOLDER.glob("*.json"))])
def test_a_policy_is_json_before_it_is_filled_in_and_says_why(name):
    written = json.loads((iam.FOLDER / f"{name}.json").read_text())
    assert "{{" not in json.dumps(filled(name))
    reasons = [statement["Sid"] for statement in written["Statement"]]
    assert reasons and len(set(reasons)) == len(reasons)
    unbounded = {action for s in written["Statement"] if s["Resource"] == "*" for action in s["Action"]}
    assert all(action.startswith("ec2:Describe") for action in unbounded)

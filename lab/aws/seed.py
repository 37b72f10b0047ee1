# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab's AWS account holds: the servers' instances, the secrets, the operations' lock and reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3

from lab.description import Description, Environment
from lab.state import Record, Secrets

# The endpoint takes any key
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
ROLE = "credex-ops"


@dataclass(frozen=True)
class Machine:
    """An instance to be: a server's name and private address, and what its tags say."""

    name: str
    address: str
    tags: dict[str, str]
    instance_type: str


def session(region: str, credentials: dict[str, str]) -> boto3.Session:
    return boto3.Session(region_name=region, **{name.lower(): value for name, value in credentials.items()})


class Seeder:
    """Writes into one account and region of an endpoint."""

    def __init__(self, endpoint: str | None, region: str, credentials: dict[str, str]) -> None:
        mine = session(region, credentials)
        self.region = region
        services = ("ec2", "secretsmanager", "dynamodb", "s3")
        # Clients are made one after another: a session is not thread-safe
        self._clients = {name: mine.client(name, endpoint_url=endpoint) for name in services}

    def client(self, service: str) -> Any:
        return self._clients[service]

    def network(self, cidr: str) -> str:
        """A VPC and a subnet of it; the subnet's id is returned."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        return str(ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"])

    def instances(self, environment: str, project: str, machines: list[Machine], subnet: str) -> None:
        for machine in machines:
            tags = {"Name": machine.name, "Environment": environment, "Project": project, **machine.tags}
            self.client("ec2").run_instances(
                ImageId="ami-12345678",
                MinCount=1,
                MaxCount=1,
                InstanceType=machine.instance_type,
                SubnetId=subnet,
                PrivateIpAddress=machine.address,
                TagSpecifications=[
                    {"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
                ],
            )

    def secrets(self, environment: str, password: str, licenses: dict[str, str]) -> None:
        prefix = f"credex/{environment}/neo4j"
        values = {f"{prefix}/password": json.dumps({"username": "neo4j", "password": password})}
        values |= {f"{prefix}/license/{product}": text for product, text in licenses.items()}
        for name, value in values.items():
            self.client("secretsmanager").create_secret(Name=name, SecretString=value)

    def application(self, environment: str, password: str, given: dict[str, tuple[str, str]]) -> None:
        """What the application is given, under its own names: the address of a server and a database for each space."""
        values: dict[str, str] = {}
        for space, (address, database) in given.items():
            prefix = f"NEO_4J_{space.upper()}_SPACE"
            values |= {f"{prefix}_BOLT_URL": f"neo4j://{address}:7687", f"{prefix}_DATABASE": database}
            values |= {f"{prefix}_USER": "neo4j", f"{prefix}_PASS": password}
        self.client("secretsmanager").create_secret(
            Name=f"credex/{environment}/application", SecretString=json.dumps(values)
        )

    def operations(self, environment: str) -> None:
        """The table of locks and the bucket of reports."""
        self.client("dynamodb").create_table(
            TableName=f"credex-ops-lock-{environment}",
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.client("s3").create_bucket(
            Bucket=f"credex-ops-reports-{environment}",
            CreateBucketConfiguration={"LocationConstraint": self.region},
        )

    def transfer(self, environment: str) -> None:
        """The bucket through which Ansible sends files to a host over SSM: encrypted, and nothing stays in it."""
        bucket = f"credex-ops-transfer-{environment}"
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self.region})
        by_key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [by_key]})
        after_a_day = {"ID": "left behind", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [after_a_day]})


def everything(described: Description, record: Record, kept: Secrets) -> dict[str, dict[str, str]]:
    """Seed each environment; its credentials, as exports, are returned by its name."""
    own = described.environments[0].account
    accounts = {entry.account: credentials(record, entry.account, own) for entry in described.environments}
    seeders = {account: Seeder(record.endpoint, record.region, exports) for account, exports in accounts.items()}
    for entry in described.environments:
        environment(seeders[entry.account], entry, record, kept)
    return {entry.name: accounts[entry.account] for entry in described.environments}


def credentials(record: Record, account: str, own: str) -> dict[str, str]:
    """Exports for a client; into an account that is not the endpoint's own, a role is assumed."""
    if account == own:
        return CREDENTIALS
    role = f"arn:aws:iam::{account}:role/{ROLE}"
    given = (
        session(record.region, CREDENTIALS)
        .client("sts", endpoint_url=record.endpoint)
        .assume_role(RoleArn=role, RoleSessionName="lab")["Credentials"]
    )
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def _host(record: Record, server: str) -> str:
    return str(record.servers[server]["address"]).partition(":")[0]


def environment(seeder: Seeder, described: Environment, record: Record, kept: Secrets) -> None:
    """Everything of one environment."""
    machines = [
        Machine(name, record.servers[name]["address"], cluster.tags, cluster.instance_type)
        for cluster in described.clusters
        for name in cluster.servers
    ]
    # It contains the servers' addresses
    subnet = seeder.network(f"{record.nodes or record.network}.0/24")
    seeder.instances(described.name, described.project, machines, subnet)
    seeder.secrets(described.name, kept.password, kept.licenses[described.name])
    given = {space: (_host(record, server), database) for space, (server, database) in described.application.items()}
    seeder.application(described.name, kept.password, given)
    seeder.operations(described.name)
    seeder.transfer(described.name)

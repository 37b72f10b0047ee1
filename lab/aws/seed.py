# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab's AWS account holds: the servers' instances, the secrets, the operations' lock and reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3

from lab.description import Environment
from lab.state import Record, Secrets

# The endpoint takes any key
CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@dataclass(frozen=True)
class Machine:
    """An instance to be: a server's name and private address, and what its tags say."""

    name: str
    address: str
    cluster: str
    role: str
    instance_type: str


class Seeder:
    """Writes into one region of an endpoint."""

    def __init__(self, endpoint: str, region: str) -> None:
        session = boto3.Session(region_name=region, **CREDENTIALS)
        self.region = region
        self.subnet = ""
        services = ("ec2", "secretsmanager", "dynamodb", "s3")
        # Clients are made one after another: a session is not thread-safe
        self._clients = {name: session.client(name, endpoint_url=endpoint) for name in services}

    def client(self, service: str) -> Any:
        return self._clients[service]

    def network(self, network: str) -> None:
        """A VPC and a subnet that contain the servers' loopback addresses."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock=f"{network}.0/24")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{network}.0/24")["Subnet"]["SubnetId"]

    def instances(self, environment: str, project: str, machines: list[Machine]) -> None:
        for machine in machines:
            tags = {
                "Name": machine.name,
                "Environment": environment,
                "Project": project,
                "Cluster": machine.cluster,
                "Role": machine.role,
            }
            self.client("ec2").run_instances(
                ImageId="ami-12345678",
                MinCount=1,
                MaxCount=1,
                InstanceType=machine.instance_type,
                SubnetId=self.subnet,
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


def environment(seeder: Seeder, described: Environment, record: Record, kept: Secrets) -> None:
    """Everything of one environment."""
    machines = [
        Machine(name, record.servers[name]["address"], cluster.name, cluster.role, cluster.instance_type)
        for cluster in described.clusters
        for name in cluster.servers
    ]
    seeder.network(record.network)
    seeder.instances(described.name, described.project, machines)
    seeder.secrets(described.name, kept.password, kept.licenses[described.name])
    seeder.operations(described.name)

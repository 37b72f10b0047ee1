# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Production's cluster with a fourth machine, as tests of servers that come and go need it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import neo4j

from lab import archive, description, homes, launcher
from lab.state import Record, State
from tests.lab.operations.lab_driver import ONE, SERVERS, THREE, Lab, Run

FOUR = "neo4j-production-4"
# It allows the fourth
CONTRACT = {
    "holder": "Great Sun Financial Inc.",
    "expires": "2027-05-31",
    "count_cpu_as": "cores",
    "machines": {"production": 4},
    "max_cpu": 24,
    "max_memory": "256 GB",
}
LOOKS = {"neo4j_membership_interval": 1, "neo4j_membership_settle": 20}


class Wide(Lab):
    """The fourth machine is like the first one's."""

    @classmethod
    @contextlib.contextmanager
    def beside_a_bare_machine(cls, folder: Path) -> Iterator[Self]:
        lab = cls(folder)
        lab.up()
        try:
            lab.add_machine()
            yield lab
        finally:
            lab.down()

    def widen(self) -> None:
        """Its server is enabled."""
        state, record = self._with_four()
        addresses = {name: record.servers[name]["address"] for name in (*SERVERS, FOUR)}
        homes.build_home(state, self.described(), FOUR, addresses, description.load().timings[record.timing])
        launcher.start_servers(state, record)
        self.administer("ENABLE SERVER $name", name=FOUR)

    def add_machine(self) -> None:
        """Nothing is installed on it."""
        state, record = self._with_four()
        archive.build_machine(state, self.described(), FOUR, description.load().timings[record.timing])

    @staticmethod
    def described() -> description.Cluster:
        [found] = [cluster for e in description.load().environments if e.name == "production" for cluster in e.clusters]
        return found

    def _with_four(self) -> tuple[State, Record]:
        state = State(self.name, self.state.parent)
        record = state.running()
        record.servers[FOUR] = {**record.servers[ONE], "address": f"{record.network}.14"}
        state.save(record)
        self.add_instance(FOUR, record.servers[FOUR]["address"])
        return state, record

    def add_instance(self, name: str, address: str, other: Mapping[str, str] = MappingProxyType({})) -> None:
        """A machine like the first one's, but for its name and some tags."""
        like = self.instance(ONE)
        own = {**{tag["Key"]: tag["Value"] for tag in like["Tags"]}, "Name": name, **other}
        tags = [{"Key": key, "Value": value} for key, value in own.items() if not key.startswith("aws:")]
        self.client("ec2").run_instances(
            ImageId=like["ImageId"],
            MinCount=1,
            MaxCount=1,
            InstanceType=like["InstanceType"],
            SubnetId=like["SubnetId"],
            PrivateIpAddress=address,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )

    def host(self, name: str) -> str:
        """As the inventory calls it."""
        return f"{name}_{self.instance(name)['InstanceId']}"

    def rows(self, statement: str) -> list[dict]:
        with neo4j.GraphDatabase.driver(self.uri(THREE), auth=("neo4j", self.secrets()[0])) as driver:
            return [row.data() for row in driver.execute_query(statement, database_="system").records]

    def is_whole_on(self, *names: str) -> bool:
        """These are the members, and each has an online primary of both spaces."""
        copies = [row for row in self.copies() if row["name"] in ("ledgerspace", "searchspace")]
        hosted = sorted((row["address"], row["currentStatus"], row["role"]) for row in copies)
        wanted = sorted((self.uri(name).removeprefix("bolt://"), "online", "primary") for name in names * 2)
        return self.states() == dict.fromkeys(names, "Enabled") and hosted == wanted

    def states(self) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.rows("SHOW SERVERS")}

    def copies(self) -> list[dict]:
        return self.rows("SHOW DATABASES YIELD name, address, role, writer, currentStatus")

    def operate(self, playbook: str, *arguments: str, **variables: Any) -> Run:
        return self.renew(*arguments, playbook=playbook, **{**LOOKS, **variables})

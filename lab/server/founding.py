# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How servers find each other and form a cluster that was not there before.

By the manual: servers that find each other by their lists of endpoints, and are as many with a primary of `system` as
`dbms.cluster.minimum_initial_system_primaries_count` says, bootstrap it and are enabled at once. A server without
endpoints is a standalone one. One that finds a cluster that is there already joins it, and is free. Discovery itself is
not spoken here: who names whom is looked up in the configurations.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from lab.server import alive
from lab.server.cluster import Cluster, Transaction, new_database_id
from lab.server.config import Config
from lab.server.snapshot import SYSTEM
from lab.server.users import Users
from lab.server.versions import before

# Whose password neo4j has when nobody has set one
FIRST_PASSWORD = "neo4j"  # noqa: S105 - Neo4j's own


class UnknownDiscoveryError(Exception):
    """A way to find other servers that the emulator does not know."""


@dataclass(frozen=True)
class Candidate:
    """What a server that starts tells the others of itself, and how it looks for them."""

    name: str
    version: str
    bolt: str
    http: str
    # Where it is found, host:port, and where it looks
    address: str
    endpoints: tuple[str, ...]
    # Of the system database here: primary or secondary
    mode: str
    # How many primaries it waits for
    needed: int
    default_database: str
    # Of the default database, at most
    primaries: int
    secondaries: int
    # Hash of the first password, and whether it must be changed; empty: nobody has set one
    credentials: str = ""
    change_required: bool = False

    def finds(self, other: Candidate) -> bool:
        """Whether either looks where the other is."""
        return other.address in self.endpoints or self.address in other.endpoints


def endpoints(config: Config) -> tuple[str, ...]:
    """Where a server looks for others, itself among them; none for a standalone one."""
    resolver = config.get("dbms.cluster.discovery.resolver_type")
    if resolver != "LIST":
        raise UnknownDiscoveryError(f"dbms.cluster.discovery.resolver_type={resolver}")
    if before(config.home.binding().version, 2025):
        discovery = config.get("dbms.cluster.discovery.version")
        if discovery not in ("V1_ONLY", "V2_ONLY"):
            raise UnknownDiscoveryError(f"dbms.cluster.discovery.version={discovery}")
        # Of the first version's endpoints the emulator has not even the setting
        found = config.get("dbms.cluster.discovery.v2.endpoints") if discovery == "V2_ONLY" else None
    else:
        found = config.get("dbms.cluster.endpoints") or config.get("dbms.cluster.discovery.v2.endpoints")
    return tuple(part.strip() for part in (found or "").split(",") if part.strip())


def discovered(me: Candidate, others: Iterable[Candidate]) -> list[Candidate]:
    """All that a server finds, directly or through others, and itself; by name."""
    found, unseen = [me], [other for other in others if other.name != me.name]
    for candidate in found:
        found += [other for other in unseen if candidate.finds(other)]
        unseen = [other for other in unseen if other not in found]
    return sorted(found, key=lambda each: each.name)


def are_enough(founders: Sequence[Candidate], needed: int) -> bool:
    return len([each for each in founders if each.mode == "primary"]) >= needed


class Founding:
    """The candidates of one cluster, as they stand in its file."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def offer(self, candidate: Candidate) -> None:
        """Let the others find this server."""
        self.cluster.connection.execute(
            "INSERT OR REPLACE INTO candidate (name, told) VALUES (?, ?)",
            (candidate.name, json.dumps(asdict(candidate))),
        )

    def is_member(self, me: Candidate) -> bool:
        """Whether this server is of the cluster, or is now, or may join it; False: it has to wait for others."""
        with Transaction(self.cluster.connection):
            members = self.cluster.server_names()
            if me.name in members:
                return True
            living = self._living()
            if members:
                self._refuse_a_second_cluster(me)
                return any(me.finds(other) for other in living if other.name in members)
            founders = discovered(me, living)
            if not are_enough(founders, me.needed):
                return False
            self._found(founders)
        return True

    def _living(self) -> list[Candidate]:
        rows = self.cluster.connection.execute("SELECT name, told FROM candidate ORDER BY name")
        told = [json.loads(row["told"]) for row in rows if alive.is_held(self.cluster.lock_file(row["name"]))]
        return [Candidate(**{**each, "endpoints": tuple(each["endpoints"])}) for each in told]

    def _refuse_a_second_cluster(self, me: Candidate) -> None:
        if not me.endpoints:
            raise UnknownDiscoveryError(f"a standalone server beside the cluster that {me.name} is described in")

    def _found(self, founders: Sequence[Candidate]) -> None:
        """The system database on all of them, the default database as far as it goes, and the first user."""
        first = founders[0]
        for each in founders:
            self.cluster.add_server(each.name, str(uuid.uuid4()), each.bolt, each.http, each.version)
        by_mode = {mode: [each.name for each in founders if each.mode == mode] for mode in ("primary", "secondary")}
        self.cluster.add_database(
            SYSTEM, new_database_id(), by_mode["primary"], by_mode["secondary"], writer=by_mode["primary"][0]
        )
        names = [each.name for each in founders]
        primaries = names[: first.primaries]
        self.cluster.add_database(
            first.default_database,
            new_database_id(),
            primaries,
            names[len(primaries) : len(primaries) + first.secondaries],
            writer=primaries[0],
            is_default=True,
        )
        self._create_first_user(first)

    def _create_first_user(self, first: Candidate) -> None:
        users = Users(self.cluster)
        users.create("neo4j", FIRST_PASSWORD, change_required=True, roles=["admin", "PUBLIC"])
        if first.credentials:
            users.set_credentials("neo4j", first.credentials)
            users.set_change_required("neo4j", first.change_required)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""environments.yml as typed data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("environments.yml")


@dataclass(frozen=True)
class Timing:
    """Seconds from start to Bolt, from stop to gone, from Bolt to databases online."""

    start: float
    stop: float
    online: float


@dataclass(frozen=True)
class Product:
    version: str
    license_days: int


@dataclass(frozen=True)
class Database:
    name: str
    primaries: int
    writer: str
    servers: tuple[str, ...]
    is_default: bool


@dataclass(frozen=True)
class Cluster:
    environment: str
    # As the inventories call it; several environments may have one of that name
    name: str
    tags: dict[str, str]
    version: str
    edition: str
    instance_type: str
    processors: int
    memory: str
    heap: str
    page_cache: str
    agreement: str
    products: dict[str, Product]
    # name -> last part of the address
    servers: dict[str, int]
    databases: tuple[Database, ...]
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from all other clusters of the lab."""
        return f"{self.environment}-{self.name}"


@dataclass(frozen=True)
class Environment:
    name: str
    account: str
    project: str
    clusters: tuple[Cluster, ...]
    fresh_licenses: dict[str, int]
    # space -> the server whose address the application is given, and the database
    application: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Description:
    region: str
    recovery_region: str
    timings: dict[str, Timing]
    environments: tuple[Environment, ...]
    # version that servers can be upgraded to -> product -> its version
    newer: dict[str, dict[str, str]]


def load(file: Path = FILE) -> Description:
    document = yaml.safe_load(file.read_text())
    return Description(
        region=document["region"],
        recovery_region=document["recovery_region"],
        timings={name: Timing(**seconds) for name, seconds in document["timings"].items()},
        environments=tuple(_environment(name, entry) for name, entry in document["environments"].items()),
        newer=document["newer"],
    )


def _environment(name: str, entry: dict[str, Any]) -> Environment:
    clusters = tuple(_cluster(name, cluster, details) for cluster, details in entry["clusters"].items())
    application = {space: (given["server"], given["database"]) for space, given in entry["application"].items()}
    return Environment(name, entry["account"], entry["project"], clusters, entry["fresh_licenses"], application)


def _cluster(environment: str, name: str, entry: dict[str, Any]) -> Cluster:
    servers = list(entry["servers"])
    parts = {
        "products": {product: Product(**details) for product, details in entry["products"].items()},
        "databases": tuple(_database(name, details, servers) for name, details in entry["databases"].items()),
    }
    return Cluster(environment=environment, name=name, **(entry | parts))


def _database(name: str, entry: dict[str, Any], servers: list[str]) -> Database:
    primaries = entry["primaries"]
    places = tuple(entry.get("servers", servers[:primaries]))
    if len(places) != primaries or entry["writer"] not in places:
        raise ValueError(
            f"{FILE.name}: database {name} needs {primaries} servers, its writer {entry['writer']} among them"
        )
    return Database(name, primaries, entry["writer"], places, entry.get("default", False))

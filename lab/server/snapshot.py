# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One consistent reading of a cluster: its servers, its databases, and where these are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SYSTEM = "system"
ROUTING_TTL_SECONDS = 300


@dataclass(frozen=True)
class Options:
    """What ENABLE SERVER and ALTER SERVER set, as a whole."""

    mode_constraint: str = "NONE"
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Options:
        """From what JSON makes of one."""
        lists: dict[str, Any] = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
        return cls(**{**stored, **lists})

    def permit(self, database: str, mode: str) -> bool:
        if self.mode_constraint not in ("NONE", mode.upper()):
            return False
        return database not in self.denied and (not self.allowed or database in self.allowed)


@dataclass(frozen=True)
class Server:
    name: str
    server_id: str
    bolt: str
    http: str
    version: str
    state: str
    options: Options
    is_alive: bool


@dataclass(frozen=True)
class Allocation:
    """One database on one server."""

    database: str
    server: Server
    mode: str
    status: str
    message: str
    lag: int
    # Another server takes it over; it stays until that one has it
    is_leaving: bool = False

    @property
    def is_online(self) -> bool:
        return self.status == "online"


@dataclass(frozen=True)
class Database:
    name: str
    database_id: str
    requested_status: str
    primaries: int
    secondaries: int
    is_default: bool
    created_at: float
    last_transaction: int
    term: int
    # Server that accepts writes now; None when there is no majority to elect one
    writer: str | None
    allocations: tuple[Allocation, ...]

    def on(self, server: str) -> Allocation | None:
        return next((place for place in self.allocations if place.server.name == server), None)

    def online(self, mode: str) -> list[Allocation]:
        return [place for place in self.allocations if place.mode == mode and place.is_online]

    @property
    def routes(self) -> list[dict[str, Any]]:
        """Its routing table: readers are those that do not write, where there are any."""
        online = [place.server for place in self.allocations if place.is_online]
        writers = [server.bolt for server in online if server.name == self.writer]
        readers = [server.bolt for server in online if server.name != self.writer]
        table = {"WRITE": writers, "READ": readers or writers, "ROUTE": [server.bolt for server in online]}
        return [{"addresses": addresses, "role": role} for role, addresses in table.items() if addresses]

    @property
    def placement(self) -> dict[str, str]:
        """server -> mode, as it shall be."""
        return {place.server.name: place.mode for place in self.allocations if not place.is_leaving}


@dataclass(frozen=True)
class Snapshot:
    """One consistent reading of the cluster."""

    servers: tuple[Server, ...]
    databases: tuple[Database, ...]

    def database(self, name: str) -> Database | None:
        return next((database for database in self.databases if database.name == name), None)

    def server(self, name_or_id: str) -> Server | None:
        return next((server for server in self.servers if name_or_id in (server.name, server.server_id)), None)

    def hosting(self, server: str) -> list[str]:
        """Databases that run on a server."""
        places = [database.on(server) for database in self.databases]
        return [place.database for place in places if place is not None and place.is_online]

    def requested_hosting(self, server: str) -> list[str]:
        """Databases that shall run on a server; of one that is free nothing is requested."""
        if any(each.name == server and each.state == "Free" for each in self.servers):
            return []
        return [database.name for database in self.databases if server in database.placement]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of one cluster: a SQLite file that its servers' processes share.

Stored is what somebody decided (servers, databases, allocations, users, who writes). What depends on who lives now
(health, status of an allocation, whether there is a writer at all) is worked out at each reading, in `snapshot`.
There is no Raft here: a majority is counted, and a new writer is there at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.server import alive
from lab.server.faults import Faults

SYSTEM = "system"

_SCHEMA = """
CREATE TABLE server (
    name TEXT PRIMARY KEY, server_id TEXT NOT NULL, bolt TEXT NOT NULL, http TEXT NOT NULL, version TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'Enabled', mode_constraint TEXT NOT NULL DEFAULT 'NONE',
    tags TEXT NOT NULL DEFAULT '[]', started_at REAL NOT NULL DEFAULT 0, online_at REAL NOT NULL DEFAULT 0);
CREATE TABLE database (
    name TEXT PRIMARY KEY, database_id TEXT NOT NULL, requested_status TEXT NOT NULL DEFAULT 'online',
    primaries INTEGER NOT NULL, secondaries INTEGER NOT NULL DEFAULT 0, is_default INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL, writer TEXT, term INTEGER NOT NULL DEFAULT 1,
    last_transaction INTEGER NOT NULL DEFAULT 100);
CREATE TABLE allocation (
    database TEXT NOT NULL REFERENCES database ON DELETE CASCADE, server TEXT NOT NULL REFERENCES server,
    mode TEXT NOT NULL, PRIMARY KEY (database, server));
CREATE TABLE user (
    name TEXT PRIMARY KEY, credentials TEXT NOT NULL, change_required INTEGER NOT NULL DEFAULT 0,
    roles TEXT NOT NULL DEFAULT '["PUBLIC"]');
CREATE TABLE flag (database TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL);
CREATE TABLE probe (database TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (database, name));
CREATE TABLE write_log (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, server TEXT NOT NULL, database TEXT NOT NULL, statement TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Server:
    name: str
    server_id: str
    bolt: str
    http: str
    version: str
    state: str
    mode_constraint: str
    tags: list[str]
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


@dataclass(frozen=True)
class Snapshot:
    """One consistent reading of the cluster."""

    servers: tuple[Server, ...]
    databases: tuple[Database, ...]

    def database(self, name: str) -> Database | None:
        return next((database for database in self.databases if database.name == name), None)

    def hosting(self, server: str) -> list[str]:
        """Databases that run on a server."""
        places = [database.on(server) for database in self.databases]
        return [place.database for place in places if place is not None and place.is_online]

    def requested_hosting(self, server: str) -> list[str]:
        return [database.name for database in self.databases if database.on(server) is not None]


def new_database_id() -> str:
    return os.urandom(32).hex().upper()


class Cluster:
    """The cluster's file, as one process has it open."""

    def __init__(self, state: Path, name: str) -> None:
        self.state = state
        self.file = state / f"cluster-{name}.db"
        self.connection = sqlite3.connect(self.file, timeout=10, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode = WAL")
        # A lab that loses its last writes with the machine loses nothing
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("PRAGMA foreign_keys = ON")

    @classmethod
    def create(cls, state: Path, name: str) -> Cluster:
        cluster = cls(state, name)
        cluster.connection.executescript(_SCHEMA)
        return cluster

    def close(self) -> None:
        self.connection.close()

    def lock_file(self, server: str) -> Path:
        return self.state / "alive" / f"{server}.lock"

    def faults(self, server: str) -> Faults:
        return Faults(self.state / "faults" / server)

    # Servers

    def add_server(self, name: str, server_id: str, bolt: str, http: str, version: str) -> None:
        self.connection.execute(
            "INSERT INTO server (name, server_id, bolt, http, version) VALUES (?, ?, ?, ?, ?)",
            (name, server_id, bolt, http, version),
        )

    def started(self, name: str, bolt: str, http: str, version: str, online_seconds: float) -> float:
        """Record a start: the server's addresses and version, and when its databases will be online."""
        now = time.time()
        self.connection.execute(
            "UPDATE server SET bolt = ?, http = ?, version = ?, started_at = ?, online_at = ? WHERE name = ?",
            (bolt, http, version, now, now + online_seconds, name),
        )
        return now

    # Databases

    def add_database(
        self,
        name: str,
        database_id: str,
        primaries: Iterable[str],
        secondaries: Iterable[str] = (),
        writer: str | None = None,
        is_default: bool = False,
    ) -> None:
        modes = [(server, "primary") for server in primaries] + [(server, "secondary") for server in secondaries]
        count = [mode for _, mode in modes].count
        with self._writing():
            self.connection.execute(
                "INSERT INTO database (name, database_id, primaries, secondaries, is_default, created_at, writer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, database_id, count("primary"), count("secondary"), is_default, time.time(), writer),
            )
            self.connection.executemany(
                "INSERT INTO allocation VALUES (?, ?, ?)", [(name, server, mode) for server, mode in modes]
            )

    def drop_database(self, name: str) -> None:
        self.connection.execute("DELETE FROM database WHERE name = ?", (name,))

    def request_status(self, name: str, status: str) -> None:
        self.connection.execute("UPDATE database SET requested_status = ? WHERE name = ?", (status, name))

    def committed(self, server: str, database: str, statement: str) -> None:
        """A write that reached a server: the next transaction, and a line for `python -m lab log`."""
        with self._writing():
            self.connection.execute(
                "UPDATE database SET last_transaction = last_transaction + 1 WHERE name = ?", (database,)
            )
            self.connection.execute(
                "INSERT INTO write_log (at, server, database, statement) VALUES (?, ?, ?, ?)",
                (time.time(), server, database, statement),
            )

    def write_log(self) -> list[sqlite3.Row]:
        return self.connection.execute("SELECT at, server, database, statement FROM write_log ORDER BY id").fetchall()

    def has_probe(self, database: str, name: str) -> bool:
        row = self.connection.execute("SELECT 1 FROM probe WHERE database = ? AND name = ?", (database, name))
        return row.fetchone() is not None

    def add_probe(self, database: str, name: str) -> None:
        self.connection.execute("INSERT OR IGNORE INTO probe VALUES (?, ?)", (database, name))

    # Flags, which the environments' gate queries read

    def set_flag(self, database: str, value: str, until: float | None = None) -> None:
        self.connection.execute("INSERT OR REPLACE INTO flag VALUES (?, ?, ?)", (database, value, until))

    def flag(self, database: str) -> str | None:
        """quiet, busy, stuck or null; None for a database without the node that carries the flags."""
        row = self.connection.execute("SELECT value, until FROM flag WHERE database = ?", (database,)).fetchone()
        if row is None:
            return None
        is_over = row["until"] is not None and time.time() > row["until"]
        return "quiet" if is_over else str(row["value"])

    def flags(self) -> dict[str, str]:
        names = [row["database"] for row in self.connection.execute("SELECT database FROM flag ORDER BY database")]
        return {name: self.flag(name) or "" for name in names}

    # Reading

    def snapshot(self, elect: bool = True) -> Snapshot:
        """The cluster as it is now; a database whose writer is gone gets a new one where a majority is left."""
        now = time.time()
        rows = self.connection.execute("SELECT * FROM server ORDER BY name").fetchall()
        servers = {row["name"]: (self._server(row), row) for row in rows}
        places: dict[str, list[Allocation]] = {}
        databases = self.connection.execute("SELECT * FROM database ORDER BY name").fetchall()
        requested = {row["name"]: row["requested_status"] for row in databases}
        for row in self.connection.execute("SELECT * FROM allocation ORDER BY server"):
            server, record = servers[row["server"]]
            place = self._allocation(row, server, record, requested[row["database"]], now)
            places.setdefault(row["database"], []).append(place)
        read = tuple(self._database(row, places.get(row["name"], []), elect) for row in databases)
        return Snapshot(tuple(server for server, _ in servers.values()), read)

    def _server(self, row: sqlite3.Row) -> Server:
        return Server(
            name=row["name"],
            server_id=row["server_id"],
            bolt=row["bolt"],
            http=row["http"],
            version=row["version"],
            state=row["state"],
            mode_constraint=row["mode_constraint"],
            tags=json.loads(row["tags"]),
            is_alive=alive.is_held(self.lock_file(row["name"])),
        )

    def _allocation(
        self, row: sqlite3.Row, server: Server, record: sqlite3.Row, requested: str, now: float
    ) -> Allocation:
        faults = self.faults(server.name)
        status, message = _status(row["database"], server, record, requested, faults, now)
        lag = faults.get("lag")
        return Allocation(
            database=row["database"],
            server=server,
            mode=row["mode"],
            status=status,
            message=message,
            lag=-int(lag["transactions"]) if lag and status == "online" else 0,
        )

    def _database(self, row: sqlite3.Row, places: list[Allocation], elect: bool) -> Database:
        writer, term = row["writer"], row["term"]
        able = [place for place in places if self._may_lead(place)]
        voters = [place for place in places if place.mode == "primary" and place.is_online]
        if writer not in [place.server.name for place in able]:
            writer = None
            if elect and able and len(voters) > row["primaries"] // 2:
                writer, term = self._elected(row["name"], term, able)
        return Database(
            name=row["name"],
            database_id=row["database_id"],
            requested_status=row["requested_status"],
            primaries=row["primaries"],
            secondaries=row["secondaries"],
            is_default=bool(row["is_default"]),
            created_at=row["created_at"],
            last_transaction=row["last_transaction"],
            term=term,
            writer=writer if len(voters) > row["primaries"] // 2 else None,
            allocations=tuple(places),
        )

    def _may_lead(self, place: Allocation) -> bool:
        if place.mode != "primary" or not place.is_online:
            return False
        lost = self.faults(place.server.name).get("lost-leader")
        return lost is None or lost.get("database") not in (None, place.database)

    def _elected(self, database: str, term: int, able: list[Allocation]) -> tuple[str | None, int]:
        """Elect the one that lags least. Two processes may try at once: the term decides who was first."""
        best = max(able, key=lambda place: place.lag)
        self.connection.execute(
            "UPDATE database SET writer = ?, term = term + 1 WHERE name = ? AND term = ?",
            (best.server.name, database, term),
        )
        row = self.connection.execute("SELECT writer, term FROM database WHERE name = ?", (database,)).fetchone()
        return row["writer"], row["term"]

    def _writing(self) -> _Transaction:
        return _Transaction(self.connection)


def _status(
    database: str, server: Server, record: sqlite3.Row, requested: str, faults: Faults, now: float
) -> tuple[str, str]:
    """currentStatus and statusMessage of an allocation."""
    if not server.is_alive:
        return "unknown", "Server is unavailable"
    quarantined = faults.get("quarantine")
    if quarantined and quarantined["database"] == database:
        return "quarantined", "By order of the lab"
    if requested != "online":
        return requested, ""
    is_starting = now < record["online_at"] or faults.since_start("never-available", record["started_at"])
    # A server answers over Bolt when its system database is there; the others follow
    return ("starting" if is_starting and database != SYSTEM else "online"), ""


class _Transaction:
    """A short writing transaction that takes its lock at once, so that it never fails in its middle."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.connection.execute("ROLLBACK" if kind else "COMMIT")

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of one cluster: a SQLite file that its servers' processes share.

Stored is what somebody decided (servers, databases, allocations, users, who writes). What depends on who lives now
(health, status of an allocation, whether there is a writer at all, what has been moved) is worked out at each reading,
in `snapshot`.
There is no Raft here: a majority is counted, and a new writer is there at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from lab.server import alive, roles
from lab.server.allocator import Move
from lab.server.faults import Faults
from lab.server.snapshot import SYSTEM, Allocation, Database, Options, Server, Snapshot

_SCHEMA = """
CREATE TABLE server (
    name TEXT PRIMARY KEY, server_id TEXT NOT NULL, bolt TEXT NOT NULL, http TEXT NOT NULL, version TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'Enabled', options TEXT NOT NULL DEFAULT '{}', started_at REAL NOT NULL DEFAULT 0,
    online_at REAL NOT NULL DEFAULT 0, online_seconds REAL NOT NULL DEFAULT 0);
CREATE TABLE database (
    name TEXT PRIMARY KEY, database_id TEXT NOT NULL, requested_status TEXT NOT NULL DEFAULT 'online',
    primaries INTEGER NOT NULL, secondaries INTEGER NOT NULL DEFAULT 0, is_default INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL, writer TEXT, term INTEGER NOT NULL DEFAULT 1,
    last_transaction INTEGER NOT NULL DEFAULT 100);
CREATE TABLE allocation (
    database TEXT NOT NULL REFERENCES database ON DELETE CASCADE, server TEXT NOT NULL REFERENCES server,
    mode TEXT NOT NULL, since REAL NOT NULL DEFAULT 0, replaced_by TEXT, PRIMARY KEY (database, server));
CREATE TABLE default_count (mode TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE user (
    name TEXT PRIMARY KEY, credentials TEXT NOT NULL, change_required INTEGER NOT NULL DEFAULT 0,
    roles TEXT NOT NULL DEFAULT '[]', suspended INTEGER NOT NULL DEFAULT 0, home TEXT, auth TEXT NOT NULL DEFAULT '{}');
CREATE TABLE candidate (name TEXT PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE flag (database TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL);
CREATE TABLE probe (
    database TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (database, name));
CREATE TABLE write_log (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, server TEXT NOT NULL, database TEXT NOT NULL, statement TEXT NOT NULL);
"""


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
        cluster.connection.executescript(_SCHEMA + roles.SCHEMA)
        roles.Roles(cluster.connection).create_built_in()
        return cluster

    def close(self) -> None:
        self.connection.close()

    def lock_file(self, server: str) -> Path:
        return self.state / "alive" / f"{server}.lock"

    def faults(self, server: str) -> Faults:
        return Faults(self.state / "faults" / server)

    # Servers

    def add_server(self, name: str, server_id: str, bolt: str, http: str, version: str) -> None:
        """A server that is enabled from the beginning."""
        self.connection.execute(
            "INSERT INTO server (name, server_id, bolt, http, version) VALUES (?, ?, ?, ?, ?)",
            (name, server_id, bolt, http, version),
        )

    def server_names(self) -> list[str]:
        return [row["name"] for row in self.connection.execute("SELECT name FROM server ORDER BY name")]

    def starting(self, name: str) -> None:
        """Its process lives, and nothing listens yet: the others see it once it has `started`."""
        with self._writing():
            self.connection.execute("UPDATE server SET started_at = 0 WHERE name = ?", (name,))
            self.connection.execute("DELETE FROM candidate WHERE name = ?", (name,))

    def started(self, name: str, bolt: str, http: str, version: str, online_seconds: float) -> float:
        """Record a start: the server's addresses and version, and when its databases will be online.

        A server that the cluster has not seen before is free: it has the system database, and waits to be enabled.
        """
        now = time.time()
        with self._writing():
            discovered = self.connection.execute(
                "INSERT OR IGNORE INTO server (name, server_id, bolt, http, version, state)"
                " VALUES (?, ?, ?, ?, ?, 'Free')",
                (name, str(uuid.uuid4()), bolt, http, version),
            )
            if discovered.rowcount:
                self._place(SYSTEM, name, "primary", now)
                self.connection.execute("UPDATE database SET primaries = primaries + 1 WHERE name = ?", (SYSTEM,))
            self.connection.execute(
                "UPDATE server SET bolt = ?, http = ?, version = ?, started_at = ?, online_at = ?, online_seconds = ?"
                " WHERE name = ?",
                (bolt, http, version, now, now + online_seconds, online_seconds, name),
            )
        return now

    def server_id(self, name: str) -> str:
        return str(
            self.connection.execute("SELECT server_id FROM server WHERE name = ?", (name,)).fetchone()["server_id"]
        )

    def forget_machine(self, name: str) -> None:
        """Who starts there is a new server: the one before has lost its data, and never comes back.

        It keeps what it has until it is dropped, and is called by its id. One that has never run is meant itself.
        """
        ran = self.connection.execute("SELECT * FROM server WHERE name = ? AND online_at > 0", (name,)).fetchone()
        if ran is None:
            return
        with self._writing():
            self.connection.execute("PRAGMA defer_foreign_keys = ON")
            for table, column in (
                ("server", "name"),
                ("allocation", "server"),
                ("allocation", "replaced_by"),
                ("database", "writer"),
            ):
                self.connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} = ?",  # noqa: S608 - of the line above
                    (ran["server_id"], name),
                )

    def set_server_state(self, name: str, state: str) -> None:
        self.connection.execute("UPDATE server SET state = ? WHERE name = ?", (state, name))

    def set_server_options(self, name: str, options: Options) -> None:
        self.connection.execute("UPDATE server SET options = ? WHERE name = ?", (json.dumps(asdict(options)), name))

    def drop_server(self, name: str) -> None:
        """It has no vote from now on, and is gone with its process."""
        with self._writing():
            self.set_server_state(name, "Dropped")
            self.connection.execute("UPDATE database SET primaries = primaries - 1 WHERE name = ?", (SYSTEM,))

    # Databases

    def add_database(
        self,
        name: str,
        database_id: str,
        primaries: Iterable[str],
        secondaries: Iterable[str] = (),
        writer: str | None = None,
        is_default: bool = False,
        since: float = 0,
    ) -> None:
        """A new database; `since` when it begins to start, if it was not always there."""
        modes = [(server, "primary") for server in primaries] + [(server, "secondary") for server in secondaries]
        count = [mode for _, mode in modes].count
        with self._writing():
            self.connection.execute(
                "INSERT INTO database (name, database_id, primaries, secondaries, is_default, created_at, writer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, database_id, count("primary"), count("secondary"), is_default, time.time(), writer),
            )
            for server, mode in modes:
                self._place(name, server, mode, since)

    def drop_database(self, name: str) -> None:
        with self._writing():
            self.connection.execute("DELETE FROM database WHERE name = ?", (name,))
            self.connection.execute("DELETE FROM probe WHERE database = ?", (name,))
            self.connection.execute("DELETE FROM flag WHERE database = ?", (name,))
            roles.Roles(self.connection).forget_database(name)

    def recreate_database(
        self, name: str, database_id: str, placement: Mapping[str, str], last_transaction: int
    ) -> None:
        """Make it anew on these servers (name -> mode), as far as what it is made from had come."""
        with self._writing():
            self.connection.execute("DELETE FROM allocation WHERE database = ?", (name,))
            self.connection.execute(
                "UPDATE database SET database_id = ?, requested_status = 'online', writer = NULL, last_transaction = ?"
                " WHERE name = ?",
                (database_id, last_transaction, name),
            )
            for server, mode in placement.items():
                self._place(name, server, mode, time.time())

    def request_status(self, name: str, status: str) -> None:
        """Start or stop a database; one that is started takes its time."""
        with self._writing():
            changed = self.connection.execute(
                "UPDATE database SET requested_status = ? WHERE name = ? AND requested_status <> ?",
                (status, name, status),
            )
            if changed.rowcount and status == "online":
                self.connection.execute("UPDATE allocation SET since = ? WHERE database = ?", (time.time(), name))

    def set_topology(self, name: str, primaries: int, secondaries: int) -> None:
        self.connection.execute(
            "UPDATE database SET primaries = ?, secondaries = ? WHERE name = ?", (primaries, secondaries, name)
        )

    def default_counts(self) -> dict[str, int]:
        """How many of each mode a new database gets; empty as long as nobody has said."""
        return {row["mode"]: row["count"] for row in self.connection.execute("SELECT mode, count FROM default_count")}

    def set_default_counts(self, counts: Mapping[str, int]) -> None:
        with self._writing():
            for mode, count in counts.items():
                self.connection.execute("INSERT OR REPLACE INTO default_count VALUES (?, ?)", (mode, count))

    def move(self, moves: Iterable[Move]) -> None:
        """Carry out what the allocator decided: what goes to another server stays until it is there."""
        with self._writing():
            for move in moves:
                if move.target:
                    self._place(move.database, move.target, move.mode, time.time())
                if move.source and move.target:
                    self.connection.execute(
                        "UPDATE allocation SET replaced_by = ? WHERE database = ? AND ? IN (server, replaced_by)",
                        (move.target, move.database, move.source),
                    )
                elif move.source:
                    self._remove(move.database, move.source)

    def _place(self, database: str, server: str, mode: str, since: float) -> None:
        self.connection.execute(
            "INSERT INTO allocation (database, server, mode, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET mode = excluded.mode, since = excluded.since, replaced_by = NULL",
            (database, server, mode, since),
        )

    def _remove(self, database: str, server: str) -> None:
        """A database from a server, and from where it only waited for this one."""
        self.connection.execute(
            "DELETE FROM allocation WHERE database = ? AND ? IN (server, replaced_by)", (database, server)
        )

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

    def has_probe(self, database: str, name: str | None = None) -> bool:
        """Whether a probe of this name was written into a database, or any."""
        rows = self.connection.execute("SELECT name FROM probe WHERE database = ?", (database,))
        return any(name in (None, row["name"]) for row in rows)

    def probes(self, database: str) -> dict[str, str]:
        """What every probe said last, by name."""
        rows = self.connection.execute("SELECT name, at FROM probe WHERE database = ? ORDER BY name", (database,))
        return {row["name"]: row["at"] for row in rows}

    def probe_count(self, database: str) -> int:
        [count] = self.connection.execute("SELECT count(*) FROM probe WHERE database = ?", (database,)).fetchone()
        return int(count)

    def add_probe(self, database: str, name: str, at: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO probe VALUES (?, ?, ?)", (database, name, at))

    def probe(self, database: str, name: str) -> str | None:
        """What the probe of this name said last."""
        found = self.connection.execute("SELECT at FROM probe WHERE database = ? AND name = ?", (database, name))
        row = found.fetchone()
        return str(row["at"]) if row else None

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
        server_rows, allocation_rows, database_rows = self._rows()
        found = [(self._server(row), row) for row in server_rows]
        # A server that was dropped is there as long as its process is
        servers = {row["name"]: (server, row) for server, row in found if server.state != "Dropped" or server.is_alive}
        requested = {row["name"]: row["requested_status"] for row in database_rows}
        places = [
            self._allocation(row, *servers[row["server"]], requested[row["database"]], now)
            for row in allocation_rows
            if row["server"] in servers
        ]
        if elect:
            places = self._without_replaced(allocation_rows, places)
        databases = tuple(
            self._database(row, [place for place in places if place.database == row["name"]], elect)
            for row in database_rows
        )
        return Snapshot(tuple(_emptied(server, databases) for server, _ in servers.values()), databases)

    def _rows(self) -> list[list[sqlite3.Row]]:
        """Servers, allocations and databases as they are at one moment."""
        selects = (
            "SELECT * FROM server ORDER BY name",
            "SELECT * FROM allocation ORDER BY server",
            "SELECT * FROM database ORDER BY name",
        )
        with Transaction(self.connection, "DEFERRED"):
            return [self.connection.execute(select).fetchall() for select in selects]

    def _without_replaced(self, rows: list[sqlite3.Row], places: list[Allocation]) -> list[Allocation]:
        """What another server has taken over is gone, once it is online there."""
        online = {(place.database, place.server.name) for place in places if place.is_online}
        replaced = [row for row in rows if (row["database"], row["replaced_by"]) in online]
        for row in replaced:
            self.connection.execute(
                "DELETE FROM allocation WHERE database = ? AND server = ? AND replaced_by = ?",
                (row["database"], row["server"], row["replaced_by"]),
            )
        gone = {(row["database"], row["server"]) for row in replaced}
        return [place for place in places if (place.database, place.server.name) not in gone]

    def _server(self, row: sqlite3.Row) -> Server:
        return Server(
            name=row["name"],
            server_id=row["server_id"],
            bolt=row["bolt"],
            http=row["http"],
            version=row["version"],
            state=row["state"],
            options=Options.of(json.loads(row["options"])),
            is_alive=row["started_at"] > 0 and alive.is_held(self.lock_file(row["name"])),
        )

    def _allocation(
        self, row: sqlite3.Row, server: Server, record: sqlite3.Row, requested: str, now: float
    ) -> Allocation:
        faults = self.faults(server.name)
        online_at = max(record["online_at"], row["since"] + record["online_seconds"])
        status, message = _status(row["database"], server, record, requested, faults, now < online_at)
        lag = faults.get("lag")
        return Allocation(
            database=row["database"],
            server=server,
            mode=row["mode"],
            status=status,
            message=message,
            lag=-int(lag["transactions"]) if lag and status == "online" else 0,
            is_leaving=row["replaced_by"] is not None,
        )

    def _database(self, row: sqlite3.Row, places: list[Allocation], elect: bool) -> Database:
        writer, term = row["writer"], row["term"]
        able = [place for place in places if self._may_lead(place)]
        voters = [
            place for place in places if place.mode == "primary" and place.is_online and place.server.state != "Dropped"
        ]
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
        if place.mode != "primary" or not place.is_online or place.server.state == "Dropped":
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

    def _writing(self) -> Transaction:
        return Transaction(self.connection)


def _emptied(server: Server, databases: tuple[Database, ...]) -> Server:
    """A server from which everything has been moved is deallocated; the system database stays on it."""
    has_any = any(database.on(server.name) for database in databases if database.name != SYSTEM)
    return replace(server, state="Deallocated") if server.state == "Deallocating" and not has_any else server


def _status(
    database: str, server: Server, record: sqlite3.Row, requested: str, faults: Faults, is_starting: bool
) -> tuple[str, str]:
    """currentStatus and statusMessage of an allocation."""
    if not server.is_alive:
        return "unknown", "Server is unavailable"
    quarantined = faults.get("quarantine")
    if quarantined and quarantined["database"] == database:
        return "quarantined", "By order of the lab"
    if requested != "online":
        return requested, ""
    is_starting = is_starting or faults.since_start("never-available", record["started_at"]) is not None
    # A server answers over Bolt when its system database is there; the others follow
    return ("starting" if is_starting and database != SYSTEM else "online"), ""


class Transaction:
    """A short transaction; one that writes takes its lock at once, so that it never fails in its middle.

    Inside another one it is a part of that.
    """

    def __init__(self, connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> None:
        self.connection = connection
        self.kind = kind
        self.is_part = connection.in_transaction

    def __enter__(self) -> None:
        if not self.is_part:
            self.connection.execute(f"BEGIN {self.kind}")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.is_part:
            self.connection.execute("ROLLBACK" if kind else "COMMIT")

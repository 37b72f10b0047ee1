# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading a fleet: which statements are asked of a server, and what their rows are called in a result.

Each function opens new connections and keeps nothing, so it may be called again and again while something is awaited.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Callable

from ansible_collections.credex.ops.plugins.module_utils._neo4j import fleet, license_answers, statements
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Server, Target, connect, load_driver
from ansible_collections.credex.ops.plugins.module_utils._neo4j.discovery import discover
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    NotSupportedError,
    StatementRefusedError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.setting_values import NO_VALUE
from ansible_collections.credex.ops.plugins.module_utils._neo4j.settings import unless_secret
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import supports

Row = dict[str, Any]

ADVERTISED_ADDRESS = "server.bolt.advertised_address"
OPERATING_SYSTEM = "java.lang:type=OperatingSystem"

_LICENSE_SETTINGS = {
    "gds": "gds.enterprise.license_file",
    "bloom": "dbms.bloom.license_file",
    "directory": "server.directories.licenses",
}
_MEMORY_SETTINGS = {
    "heap_max_mib": "server.memory.heap.max_size",
    "page_cache_mib": "server.memory.pagecache.size",
}
_PRODUCT_PROCEDURES = {"gds": "gds.license.state", "bloom": "bloom.checkLicenseCompliance"}
_PRODUCT_STATEMENTS = {"gds": statements.GDS_LICENSE, "bloom": statements.BLOOM_LICENSE}

SERVER_COLUMNS = {
    "name": "name",
    "server_id": "serverId",
    "address": "address",
    "state": "state",
    "health": "health",
    "hosting": "hosting",
    "requested_hosting": "requestedHosting",
    "mode_constraint": "modeConstraint",
    "allowed_databases": "allowedDatabases",
    "denied_databases": "deniedDatabases",
    "tags": "tags",
    "version": "version",
}
DATABASE_COLUMNS = {
    "name": "name",
    "type": "type",
    "server_id": "serverID",
    "address": "address",
    "role": "role",
    "writer": "writer",
    "requested_status": "requestedStatus",
    "current_status": "currentStatus",
    "status_message": "statusMessage",
    "replication_lag": "replicationLag",
    "last_committed_txn": "lastCommittedTxn",
    "primaries": "currentPrimariesCount",
    "requested_primaries": "requestedPrimariesCount",
    "secondaries": "currentSecondariesCount",
    "requested_secondaries": "requestedSecondariesCount",
    "default": "default",
}
_STATUS_CHECK_COLUMNS = {
    "database": "database",
    "server_id": "serverId",
    "server_name": "serverName",
    "address": "address",
    "replication_successful": "replicationSuccessful",
    "member_status": "memberStatus",
    "recognised_leader": "recognisedLeader",
    "error": "error",
}


def read(targets: Sequence[Target], question: Callable[[Server], Row], workers: int = fleet.WORKERS) -> list[Row]:
    """One entry per target, in order; the answer of `question` follows the fields that every entry has."""
    load_driver()  # once, before the threads: the first import must not eat the servers' time

    def ask_one(target: Target, say: fleet.Say) -> Row:
        with connect(target, say) as server:
            answer = question(server)
            return {"latency_ms": server.latency_ms, **answer}

    return [fleet.entry(answer) for answer in fleet.ask(targets, ask_one, workers)]


def kernel(server: Server) -> Row:
    """Version and edition."""
    known = _components(server)
    return {"version": known["version"], "edition": known["edition"]}


def _components(server: Server) -> Row:
    """All components. Calendar versions list Cypher, with the versions of the language, beside the kernel."""
    rows = server.rows(statements.COMPONENTS)
    return {**_kernel(server, rows), "components": rows, "source": "bolt"}


def _kernel(server: Server, rows: Sequence[Row]) -> Row:
    found = next((row for row in rows if row["name"] == "Neo4j Kernel"), None)
    if found is None:
        raise StatementRefusedError(f"dbms.components() names no Neo4j Kernel, only {rows}", server.target.uri)
    return {"version": found["versions"][0], "edition": found["edition"]}


def read_components(targets: Sequence[Target], workers: int = fleet.WORKERS, http_port: int | None = None) -> list[Row]:
    """What runs there: over Bolt, or from HTTP discovery for targets without credentials, which needs no driver."""
    if any(target.username for target in targets):
        return read(targets, _components, workers)

    def ask_one(target: Target, say: fleet.Say) -> Row:
        say("the discovery document")
        return {**discover(target, http_port), "components": [], "source": "http"}

    return [fleet.entry(answer) for answer in fleet.ask(targets, ask_one, workers)]


def settings(server: Server, names: Sequence[str]) -> dict[str, str]:
    """The values of these settings on this very server; one that is not set, or that it does not have, is left out."""
    rows = server.rows(statements.SETTINGS, names=list(names))
    return {row["name"]: row["value"] for row in rows if row["value"] not in ("", NO_VALUE)}


def read_settings(targets: Sequence[Target], names: Sequence[str], workers: int = fleet.WORKERS) -> list[Row]:
    """Each of these settings as it is in force on each of the servers, without the values of secrets."""

    def question(server: Server) -> Row:
        return {**kernel(server), "settings": _in_force(server.rows(statements.SETTINGS_IN_FORCE, names=list(names)))}

    return read(targets, question, workers)


_VALUES = {"value": "value", "default_value": "defaultValue"}


def _in_force(rows: Sequence[Row]) -> dict[str, Row]:
    return {
        row["name"]: {
            **{name: _shown(row["name"], row[column]) for name, column in _VALUES.items()},
            "dynamic": row["isDynamic"],
            "explicit": row["isExplicitlySet"],
        }
        for row in rows
    }


def _shown(name: str, value: str | None) -> str | None:
    if value is None or value == NO_VALUE:
        return None
    return unless_secret(name, value)


def read_cluster(targets: Sequence[Target], workers: int = fleet.WORKERS) -> list[Row]:
    """The cluster as each of the servers sees it."""
    return read(targets, _cluster, workers)


def _cluster(server: Server) -> Row:
    asked = time.time()
    rows = server.rows(statements.COMPONENTS_NOW)
    ahead, known = clock_ahead(rows, asked, time.time()), _kernel(server, rows)
    return {
        **known,
        "clock_ahead_seconds": ahead,
        "address": settings(server, [ADVERTISED_ADDRESS]).get(ADVERTISED_ADDRESS),
        "servers": _rows_if(server, known, "servers", statements.SERVERS, SERVER_COLUMNS) or [],
        "databases": named(server.rows(statements.DATABASES), DATABASE_COLUMNS),
        "status_check": _status_check(server, known),
    }


def clock_ahead(rows: Sequence[Row], asked: float, answered: float) -> float:
    """How far the server's clock is ahead of ours, or behind: at the least, for it was read at some time in between."""
    now = max(row["now"] for row in rows) / 1000
    return round(max(now - answered, 0) or min(now - asked, 0), 3)


def _status_check(server: Server, known: Row) -> list[Row] | None:
    try:
        return _rows_if(server, known, "status_check", statements.STATUS_CHECK, _STATUS_CHECK_COLUMNS)
    except NotSupportedError:
        return None


def _rows_if(server: Server, known: Row, feature: str, statement: str, columns: dict[str, str]) -> list[Row] | None:
    """The rows, if a server of this version and edition has the statement; a refusal then is an error."""
    if not supports(feature, known["version"], known["edition"], server.target.aura):
        return None
    return named(server.rows(statement), columns)


def named(rows: Sequence[Row], columns: dict[str, str]) -> list[Row]:
    """The rows under our names; a column that this version does not have is null."""
    return [{ours: row.get(theirs) for ours, theirs in columns.items()} for row in rows]


def read_licenses(
    targets: Sequence[Target], workers: int = fleet.WORKERS, verify_query: str | None = None
) -> list[Row]:
    """Agreement, licenses of products, and the size that a contract counts, of each server."""
    return read(targets, lambda server: _license(server, verify_query), workers)


def _license(server: Server, verify_query: str | None = None) -> Row:
    known = kernel(server)
    on_host = supports("host", known["version"], known["edition"], server.target.aura)
    names = [ADVERTISED_ADDRESS, *_LICENSE_SETTINGS.values(), *_MEMORY_SETTINGS.values()]
    configured = settings(server, names) if on_host else {}
    system = _operating_system(server) if on_host else {}
    return {
        **known,
        "agreement": _agreement(server, known),
        "products": _products(server, configured.get(ADVERTISED_ADDRESS), verify_query),
        "license_paths": {ours: configured.get(name) for ours, name in _LICENSE_SETTINGS.items()},
        "memory": {
            **{ours: license_answers.mebibytes(configured.get(name)) for ours, name in _MEMORY_SETTINGS.items()},
            "total_mib": license_answers.mebibytes(str(system.get("TotalPhysicalMemorySize", ""))),
        },
        "processors": system.get("AvailableProcessors"),
    }


def _agreement(server: Server, known: Row) -> Row:
    applicable = supports("license_agreement", known["version"], known["edition"], server.target.aura)
    rows = _unless_refused(server, statements.LICENSE_AGREEMENT) if applicable else None
    return license_answers.agreement(rows, applicable)


def _operating_system(server: Server) -> Row:
    """What the server's JVM sees of its machine: a container's limits, not the host's size."""
    rows = _unless_refused(server, statements.JMX, query=OPERATING_SYSTEM)
    attributes = rows[0]["attributes"] if rows else {}
    return {name: attribute["value"] for name, attribute in attributes.items()}


def _unless_refused(server: Server, statement: str, **parameters: Any) -> list[Row] | None:
    """The rows, or null where the server does not have the procedure or does not let this user call it."""
    try:
        return server.rows(statement, **parameters)
    except StatementRefusedError as error:
        if isinstance(error, NotSupportedError) or error.cause is Cause.FORBIDDEN:
            return None
        raise


def _products(server: Server, address: str | None, verify_query: str | None) -> Row:
    asked = {name: _PRODUCT_STATEMENTS[name] for name in _installed(server)}
    asked |= {"other": verify_query} if verify_query else {}
    database = _database_here(server, address) if asked else None
    absent = {name: license_answers.product(False) for name in _PRODUCT_STATEMENTS}
    return absent | {name: _product(server, name, statement, database) for name, statement in asked.items()}


def _installed(server: Server) -> list[str]:
    procedures = server.rows(statements.PROCEDURES, names=list(_PRODUCT_PROCEDURES.values()))
    present = {row["name"] for row in procedures}
    return [name for name, procedure in _PRODUCT_PROCEDURES.items() if procedure in present]


def _database_here(server: Server, address: str | None) -> str | None:
    """An online user database of this very server: plugins do not answer on system, others would be routed."""
    for row in server.rows(statements.DATABASES):
        if row["type"] == "standard" and row["currentStatus"] == "online" and address in (None, row["address"]):
            return row["name"]
    return None


def _product(server: Server, name: str, statement: str, database: str | None) -> Row:
    """The product's own words. An error is an answer too: a bad license file makes GDS refuse calls."""
    if database is None:
        return license_answers.product(True, "not asked: no user database is online on this server")
    try:
        rows = server.run(statement, {}, database).rows
    except StatementRefusedError as error:
        return license_answers.product(True, error.message)
    return _READERS[name](rows, datetime.now(timezone.utc))


_READERS = {"gds": license_answers.gds, "bloom": license_answers.bloom, "other": license_answers.other}

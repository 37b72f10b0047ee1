# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""neo4j.conf as the server reads it: strict, so that a setting that nobody declares keeps the server from starting.

`SETTINGS` names what Neo4j 5.26 Enterprise declares and the operations of this project may set; a product's settings
count only when its plugin is there, which is the trap of a license setting written before the jar is copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lab.server.home import Home
from lab.server.versions import before

GDS_LICENSE_FILE = "gds.enterprise.license_file"
BLOOM_LICENSE_FILE = "dbms.bloom.license_file"

# Default values, as a real server shows them where Community declares the setting; None: there is none
SETTINGS: dict[str, str | None] = {
    "server.default_listen_address": "localhost",
    "server.default_advertised_address": "localhost",
    "server.bolt.enabled": "true",
    "server.bolt.listen_address": ":7687",
    "server.bolt.advertised_address": ":7687",
    "server.bolt.tls_level": "DISABLED",
    "server.http.enabled": "true",
    "server.http.listen_address": ":7474",
    "server.http.advertised_address": ":7474",
    "server.https.enabled": "false",
    "server.cluster.listen_address": ":6000",
    "server.cluster.advertised_address": ":6000",
    "server.cluster.raft.listen_address": ":7000",
    "server.cluster.raft.advertised_address": ":7000",
    "server.cluster.system_database_mode": "PRIMARY",
    "server.routing.listen_address": ":7688",
    "server.routing.advertised_address": ":7688",
    "server.backup.enabled": "true",
    "server.backup.listen_address": "127.0.0.1:6362",
    "server.config.strict_validation.enabled": "true",
    "server.directories.data": "data",
    "server.directories.import": None,
    "server.directories.lib": "lib",
    "server.directories.licenses": "licenses",
    "server.directories.logs": "logs",
    "server.directories.metrics": "metrics",
    "server.directories.plugins": "plugins",
    "server.directories.run": "run",
    "server.memory.heap.initial_size": None,
    "server.memory.heap.max_size": None,
    "server.memory.pagecache.size": None,
    "server.metrics.enabled": "true",
    "server.metrics.prometheus.enabled": "false",
    "server.metrics.prometheus.endpoint": "localhost:2004",
    "server.jvm.additional": None,
    "dbms.cluster.discovery.resolver_type": "LIST",
    "dbms.cluster.discovery.version": "V1_ONLY",
    "dbms.cluster.discovery.v2.endpoints": None,
    "dbms.cluster.endpoints": None,
    "dbms.cluster.minimum_initial_system_primaries_count": "3",
    "dbms.security.auth_enabled": "true",
    "dbms.security.auth_lock_time": "5s",
    "dbms.security.auth_max_failed_attempts": "3",
    "dbms.security.auth_minimum_password_length": "8",
    "dbms.security.cluster_status_auth_enabled": "true",
    "dbms.security.http_auth_allowlist": "/,/browser.*",
    "dbms.security.procedures.allowlist": "*",
    "dbms.security.procedures.unrestricted": "",
    "dbms.ssl.policy.bolt.enabled": "false",
    "dbms.ssl.policy.bolt.base_directory": "certificates/bolt",
    "dbms.ssl.policy.bolt.private_key": "private.key",
    "dbms.ssl.policy.bolt.public_certificate": "public.crt",
    "dbms.ssl.policy.bolt.client_auth": "NONE",
    "dbms.usage_report.enabled": "true",
    "db.logs.query.enabled": "VERBOSE",
    "db.tx_log.rotation.retention_policy": "2 days",
    "initial.dbms.default_database": "neo4j",
    "initial.dbms.default_primaries_count": "1",
    "initial.dbms.default_secondaries_count": "0",
}
# What calendar versions have no more; of the endpoints they still take the old name
OF_5 = frozenset(("dbms.cluster.discovery.version",))
# Where calendar versions have another default
CALENDAR_DEFAULTS = {"db.tx_log.rotation.retention_policy": "2 days 2G"}
# Those that can be changed in a running server
DYNAMIC = frozenset(("db.logs.query.enabled", "db.tx_log.rotation.retention_policy"))
# setting -> beginning of the name of the jar that declares it
PLUGIN_SETTINGS = {GDS_LICENSE_FILE: "neo4j-graph-data-science", BLOOM_LICENSE_FILE: "bloom-plugin"}
_REPEATABLE = ("server.jvm.additional",)
_PATHS = (GDS_LICENSE_FILE, BLOOM_LICENSE_FILE)
_SIZES = ("server.memory.heap.initial_size", "server.memory.heap.max_size", "server.memory.pagecache.size")
_ADDRESSES = tuple(name for name in SETTINGS if name.endswith("_address") and ".default_" not in name)
_COUNTS = (
    "dbms.security.auth_max_failed_attempts",
    "dbms.security.auth_minimum_password_length",
    "dbms.cluster.minimum_initial_system_primaries_count",
    "initial.dbms.default_primaries_count",
    "initial.dbms.default_secondaries_count",
)
_DURATIONS = ("dbms.security.auth_lock_time",)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class ConfigError(Exception):
    """A configuration with which the server does not start; `issues` are the lines that validate-config prints."""

    def __init__(self, issues: list[str]) -> None:
        super().__init__("; ".join(issues))
        self.issues = issues


class NotEnoughMemoryError(Exception):
    """Heap and page cache together need more than the machine has."""


@dataclass
class Config:
    """The settings in force; `given` are those that the file sets."""

    home: Home
    given: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        return self.given.get(name, self.defaults.get(name))

    @cached_property
    def defaults(self) -> Mapping[str, str | None]:
        """What this version declares."""
        if before(self.home.binding().version, 2025):
            return SETTINGS
        return {name: value for name, value in {**SETTINGS, **CALENDAR_DEFAULTS}.items() if name not in OF_5}

    def is_on(self, name: str) -> bool:
        return (self.get(name) or "").lower() == "true"

    def address(self, name: str) -> tuple[str, int]:
        """A listen or advertised address, with the host of its default where it has none."""
        host, _, port = (self.get(name) or "").rpartition(":")
        kind = "advertised" if "advertised" in name else "listen"
        return host or self.get(f"server.default_{kind}_address") or "localhost", int(port)

    def path(self, name: str) -> Path | None:
        value = self.get(name)
        return None if value is None else self.home.path / value

    def shown(self) -> dict[str, str | None]:
        """Every declared setting as SHOW SETTINGS shows its value."""
        declared = [*self.defaults, *(name for name in PLUGIN_SETTINGS if self.declares(name))]
        return {name: self._shown(name) for name in sorted(declared)}

    def declares(self, name: str) -> bool:
        if name in PLUGIN_SETTINGS:
            return self.home.has_plugin(PLUGIN_SETTINGS[name])
        return name in self.defaults

    def changed(self, name: str, value: str) -> Config:
        """As it is once a dynamic setting was changed; an empty value takes it out. ValueError where that cannot be."""
        if not self.declares(name):
            raise ValueError(f"Setting `{name}` not found")
        if name not in DYNAMIC:
            raise ValueError(f"Setting '{name}' is not dynamic and can not be changed at runtime")
        given = {key: text for key, text in self.given.items() if key != name}
        return replace(self, given={**given, name: value} if value else given)

    def _shown(self, name: str) -> str | None:
        value = self.get(name)
        if value is None:
            # Without a folder of its own, files are imported from below the home
            return str(self.home.path) if name == "server.directories.import" else None
        if name in _ADDRESSES:
            return "{}:{}".format(*self.address(name))
        if name.startswith("server.directories.") or name in _PATHS:
            return str(self.path(name))
        return shown_size(size(value)) if name in _SIZES else value


def read(home: Home) -> Config:
    """The configuration of a home; ConfigError when the server would refuse it."""
    given, issues = _parsed(_lines(home.neo4j_conf))
    config = Config(home, given)
    undeclared = [name for name in given if not config.declares(name)]
    if undeclared and config.is_on("server.config.strict_validation.enabled"):
        # One, and not all of them: so does the real one
        issues.append(_undeclared(undeclared[0]) + _STRICT_ADVICE)
    else:
        config.warnings += [_undeclared(name) for name in undeclared]
    if config.get("server.bolt.tls_level") == "OPTIONAL":
        issues.append("Error: emulator does not know: server.bolt.tls_level=OPTIONAL")
    issues += [f"Error: Error evaluating value for setting '{name}'." for name in _unreadable(config)]
    if issues:
        raise ConfigError(issues)
    return config


_STRICT_ADVICE = " Cleanup the config or disable 'server.config.strict_validation.enabled' to continue."


def _undeclared(name: str) -> str:
    return f"Error: Unrecognized setting. No declared setting with name: {name}."


def check_memory(config: Config, memory: str) -> None:
    """NotEnoughMemoryError when heap and page cache do not fit into the machine."""
    wanted = [config.get("server.memory.heap.max_size"), config.get("server.memory.pagecache.size")]
    if sum(size(value) for value in wanted if value) > size(memory):
        raise NotEnoughMemoryError("Invalid memory configuration - exceeds physical memory.")


def _parsed(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    given: dict[str, str] = {}
    issues = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            issues.append(f"Error: Line {number} of neo4j.conf is not of the form name=value.")
        elif name in given and name not in _REPEATABLE:
            issues.append(f"Error: {name} declared multiple times.")
        else:
            given[name] = f"{given[name]}\n{value}" if name in given else value
    return given, issues


def _lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    content = file.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(["Error: neo4j.conf is not UTF-8 text."]) from error
    if "\0" in text:
        raise ConfigError(["Error: neo4j.conf is binary."])
    return text.splitlines()


def seconds(text: str) -> float:
    """Seconds of `5s`, `500ms`, `1m`; a number alone is seconds."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)?", text.strip())
    if match is None:
        raise ValueError(f"{text} is not a duration")
    return int(match[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2] or "s"]


def size(text: str) -> int:
    """Bytes of `512m`, `16 GB`, `8.00GiB`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if match is None:
        raise ValueError(f"{text} is not a size")
    return int(float(match[1]) * _UNITS[match[2]])


def shown_size(count: int) -> str:
    """As Neo4j shows it: `512.00MiB`."""
    for unit, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.2f}{name}"
    return f"{count}B"


def _unreadable(config: Config) -> list[str]:
    """Settings of which the emulator would have to know the value, and cannot read it."""
    readers: dict[Callable[[str], object], tuple[str, ...]] = {
        size: _SIZES,
        seconds: _DURATIONS,
        _count: _COUNTS,
        _port: _ADDRESSES,
    }
    return [name for reader, names in readers.items() for name in names if not _is_read(reader, config.get(name))]


def _is_read(reader: Callable[[str], object], value: str | None) -> bool:
    try:
        return value is None or reader(value) is not None
    except (ValueError, OverflowError):
        return False


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValueError(f"{text} is not a number")
    return int(text)


def _port(address: str) -> int:
    """The port of `host:port` or `:port`; an address without a port the emulator does not know."""
    port = _count(address.rpartition(":")[2])
    if ":" not in address or port > 65535:
        raise ValueError(f"{address} is not an address with a port")
    return port

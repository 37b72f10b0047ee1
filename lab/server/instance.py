# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One running server: what it read at its start, and what it shares with the others of its cluster."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.server import agreement, config, first_password, founding, licenses
from lab.server.access import UNLIMITED, Access
from lab.server.agreement import Agreement
from lab.server.cluster import Cluster
from lab.server.config import Config
from lab.server.errors import UNKNOWN, Neo4jError
from lab.server.founding import Candidate
from lab.server.home import Binding, Home
from lab.server.lexer import spelled, tokens
from lab.server.roles import DENY, GRANT, Roles
from lab.server.users import Guard, User, Users

if TYPE_CHECKING:
    from lab.server.session import Session
    from lab.server.statements import Outcome


@dataclass(frozen=True)
class Product:
    """A plugin and the state of its license, as found when the server started."""

    name: str
    version: str
    license: licenses.License | None
    error: licenses.LicenseError | None

    @property
    def is_licensed(self) -> bool:
        return self.license is not None


# product -> beginning of its jar's name, setting of its license file
_PRODUCTS = {
    "gds": ("neo4j-graph-data-science", config.GDS_LICENSE_FILE),
    "bloom": ("bloom-plugin", config.BLOOM_LICENSE_FILE),
}


class Instance:
    """A server between its start and its stop."""

    def __init__(self, home: Home, binding: Binding, settings: Config, cluster: Cluster) -> None:
        self.home = home
        self.name = binding.name
        self.version = binding.version
        self.edition = binding.edition
        self.processors = binding.processors
        self.memory = binding.memory
        self.config = settings
        self.started_with = settings
        self.cluster = cluster
        self.faults = cluster.faults(binding.name)
        self.users = Users(cluster)
        self.roles = Roles(cluster.connection)
        self.guard = Guard(
            self.users,
            max_failed_attempts=int(settings.get("dbms.security.auth_max_failed_attempts") or 0),
            lock_seconds=config.seconds(settings.get("dbms.security.auth_lock_time") or "0"),
        )
        self.products = self._read_products()
        # The sessions of clients that are connected, in the order in which they came
        self.sessions: list[Session] = []
        self._connections = 0
        self._bookmarks = 0

    @property
    def agreement(self) -> Agreement:
        return agreement.read(self.home.agreement)

    def access(self, user: User) -> Access:
        """What a user may do now; a Community server lets everybody do everything."""
        if not user.name or self.edition != "enterprise":
            return UNLIMITED
        assigned = self.roles.assigned(user.effective_roles)
        granted, denied = (
            tuple(each.privilege for each in assigned if each.access == access) for access in (GRANT, DENY)
        )
        return Access(user.name, tuple(user.effective_roles), self.home_database(user), granted, denied)

    def home_database(self, user: User) -> str:
        return user.home or self.default_database

    @property
    def default_database(self) -> str:
        return (self.config.get("initial.dbms.default_database") or "neo4j").lower()

    def record_start(self, online_seconds: float) -> None:
        """Tell the cluster that this server has started, and where it is to be found."""
        bolt, http = self._advertised("bolt"), self._advertised("http")
        if not self.home.server_id.exists():
            self.cluster.forget_machine(self.name)
        self.cluster.started(self.name, bolt, http, self.version, online_seconds)
        self.home.server_id.write_text(self.cluster.server_id(self.name))

    def candidate(self) -> Candidate:
        """What it tells others that might form a cluster with it."""
        setting = self.config.get
        password = first_password.read(self.home.first_password)
        found = founding.endpoints(self.config)
        return Candidate(
            name=self.name,
            version=self.version,
            bolt=self._advertised("bolt"),
            http=self._advertised("http"),
            address=self._advertised("cluster"),
            endpoints=found,
            mode=str(setting("server.cluster.system_database_mode")).lower(),
            needed=int(setting("dbms.cluster.minimum_initial_system_primaries_count") or 0) if found else 1,
            default_database=self.default_database,
            primaries=int(setting("initial.dbms.default_primaries_count") or 1),
            secondaries=int(setting("initial.dbms.default_secondaries_count") or 0),
            credentials=password.credentials,
            change_required=password.change_required,
        )

    def _advertised(self, kind: str) -> str:
        return "{}:{}".format(*self.config.address(f"server.{kind}.advertised_address"))

    def committed(self, outcome: Outcome) -> None:
        """A write that reached this server, for `python -m lab log`."""
        self.cluster.committed(self.name, outcome.target, outcome.logged)

    def log_query(self, user: str, database: str, statement: str) -> None:
        self._log("query.log", {"user": user, "database": database, "query": statement})

    def log_refused(self, user: str, database: str, text: str, error: Neo4jError) -> None:
        """What to add to the emulator is in emulator.log; strings are left out, since they may be secrets."""
        if error.message.startswith(UNKNOWN):
            unknown = spelled(tokens(text), obfuscated=True)
            self._log("emulator.log", {"user": user, "database": database, "unknown": unknown})

    def log_warning(self, text: str) -> None:
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        with (self.home.logs / "debug.log").open("a") as log:
            log.write(f"{moment}+0000 WARN  {text}\n")

    def _log(self, file: str, entry: dict[str, str]) -> None:
        with (self.home.logs / file).open("a") as log:
            log.write(json.dumps({"time": datetime.now(UTC).isoformat(), **entry}) + "\n")

    def next_bookmark(self) -> int:
        self._bookmarks += 1
        return self._bookmarks

    def next_connection_id(self) -> str:
        self._connections += 1
        return f"bolt-{self._connections}"

    def _read_products(self) -> dict[str, Product]:
        """License files are read here, at the start, and never again."""
        installed = {name: jar for name, (jar, _) in _PRODUCTS.items() if self.home.has_plugin(jar)}
        return {name: self._read_product(name, jar) for name, jar in installed.items()}

    def _read_product(self, name: str, jar: str) -> Product:
        version = next(self.home.plugins.glob(f"{jar}*.jar")).stem.removeprefix(f"{jar}-")
        file = self.config.path(_PRODUCTS[name][1])
        rejected = self.faults.get("rejected-license")
        try:
            if rejected and rejected["product"] == name:
                raise licenses.LicenseError("Could not verify the license key.")
            found = None if file is None else licenses.check(file, name, datetime.now(UTC))
        except licenses.LicenseError as error:
            self.log_warning(f"License error of {name}: {error}")
            return Product(name, version, None, error)
        return Product(name, version, found, None)

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The two spaces of credex-core, LedgerSpace and SearchSpace: options of a module that asks both, and who answers.

A space is a database with the members of the cluster it lies in. Any of them may be the database's writer today, so the
cluster is asked first, and everything is then sent to the writer itself over `bolt://`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, quiet
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Result, Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import WORKERS
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster

SPACES = ("ledger", "search")
LOCATING = 30.0  # seconds within which the members must say who writes; a server's first answer takes long

_SPACE = {
    "type": "dict",
    "required": True,
    "options": {
        "uris": {"type": "list", "elements": "str", "required": True},
        "database": {"type": "str", "required": True},
    },
}


def spaces_argument_spec(timeout: float, **own: Any) -> dict[str, Any]:
    """Options of a module that asks both spaces; `timeout` is the default of each statement, in seconds."""
    login = connection.connection_argument_spec()
    return {
        **{name: login[name] for name in ("username", "password", "ca_certificate")},
        "timeout": {"type": "float", "default": timeout},
        **dict.fromkeys(SPACES, _SPACE),
        **own,
    }


@dataclass(frozen=True)
class Space:
    """One of the two, and the server that writes it."""

    name: str
    target: Target
    database: str
    edition: str  # community or enterprise

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a statement that only reads; the server refuses any other."""
        return connection.query_rows(self.target, self.database, query, parameters)

    def write(self, query: str, **parameters: Any) -> Result:
        """Send one auto-commit statement that may write."""
        return connection.ask_server(
            self.target, lambda server: server.run(query, parameters, self.database, write=True)
        )

    def __str__(self) -> str:
        return f"{self.name} (database {self.database} on {self.target.uri})"


def find(params: dict[str, Any]) -> dict[str, Space]:
    """Both spaces, each at its writer. Raises what kept the members from answering."""
    return {name: _find(name, params) for name in SPACES}


def _find(name: str, params: dict[str, Any]) -> Space:
    wanted = params[name]
    asked = {**params, "uris": wanted["uris"], "workers": WORKERS, "timeout": min(params["timeout"], LOCATING)}
    targets = connection.targets(asked)
    members = read_cluster(targets)
    uri = quiet.member_for(members, wanted["database"])
    if uri is None:
        raise UnreachableError(_nobody(name, wanted["database"], members), cause=_cause(members))
    target, member = next((t, m) for t, m in zip(targets, members) if t.uri == uri)
    return Space(name, replace(target, timeout=params["timeout"]), wanted["database"], member["edition"])


def _nobody(name: str, database: str, members: list[dict[str, Any]]) -> str:
    told = [f"{m['uri']}: {m['message'] if not m['reachable'] else _has(m)}" for m in members]
    return f"The {name} space: no server has database {database} online; {'; '.join(told)}"


def _has(member: dict[str, Any]) -> str:
    return "has " + ", ".join(sorted({row["name"] for row in member["databases"]}))


def _cause(members: list[dict[str, Any]]) -> Cause:
    silent = [Cause(m["cause"]) for m in members if not m["reachable"]]
    return silent[0] if silent else Cause.OTHER

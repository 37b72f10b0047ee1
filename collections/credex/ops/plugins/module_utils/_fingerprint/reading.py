# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Reading a database for its fingerprint, as a stream: the server keeps nothing, and neither do we but two numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._fingerprint import statements
from ansible_collections.credex.ops.plugins.module_utils._fingerprint.fingerprint import Tally
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target, query_rows
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.feed import Feed


@dataclass(frozen=True)
class Place:
    """A database at a server."""

    target: Target
    database: str

    def __str__(self) -> str:
        return f"database {self.database} on {self.target.uri}"


def read(place: Place) -> dict[str, Any]:
    """The fingerprint of what is there now."""
    tally = Tally()
    for row in _rows(place, statements.NODES):
        tally.add_node(*row)
    for row in _rows(place, statements.RELATIONSHIPS):
        try:
            tally.add_relationship(*row)
        except KeyError as error:
            raise Neo4jOpsError(
                f"a node of {place} came while it was read: somebody writes there, and a fingerprint needs it at rest",
                place.target.uri,
            ) from error
    schema = [query_rows(place.target, place.database, query) for query in (statements.INDEXES, statements.CONSTRAINTS)]
    return tally.fingerprint(*schema)


def _rows(place: Place, statement: str) -> Iterator[Any]:
    with closing(Feed(place, statement, {})) as feed:
        yield from feed

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What a newer Neo4j does otherwise: a table by version, held against a server's own settings. Pure.

From Neo4j's Operations Manual (changes of settings, 2025.x and 2026.x) and its upgrade guide. C(neo4j-admin server
migrate-configuration) is not asked: it comments out what it does not know itself, such as the setting of a plugin
(Community 2026.09.0), it is there only once the new version is, and writes the whole file anew. Of what it migrates
the values are here.
"""

from __future__ import annotations

import re
import typing as t

from . import settings
from .versions import version_tuple

Values = t.Mapping[str, t.Sequence[str]]

# Gone without a successor, and nothing is lost with them
DROPPED = {
    "db.tx_state.memory_allocation": "transaction state is always on the heap",
    "dbms.cluster.discovery.endpoints": "it is of the first discovery service, which is gone",
    "dbms.cluster.discovery.log_level": "it is of the first discovery service, which is gone",
    "dbms.cluster.discovery.version": "there is one discovery service only",
    "dbms.kubernetes.service_port_name": "it is of the first discovery service, which is gone",
    "server.discovery.advertised_address": "it is of the first discovery service, which is gone",
    "server.discovery.listen_address": "it is of the first discovery service, which is gone",
    "server.memory.off_heap.block_cache_size": "transaction state is always on the heap",
    "server.memory.off_heap.max_cacheable_block_size": "transaction state is always on the heap",
    "server.memory.off_heap.transaction_max_size": "transaction state is always on the heap",
}
# Where the new name has other values, as migrate-configuration writes them
VALUES = {"db.logs.query.annotation_data_format": {"true": "FLAT_JSON", "false": "CYPHER"}}
SECOND_DISCOVERY = "V2_ONLY"


class Change(t.NamedTuple):
    """Since which version what is otherwise; for whom; whether it must be dealt with before."""

    since: str
    concerns: t.Callable[[Values], list[str]]
    what: str
    refuses: bool = False


def _first_discovery(values: Values) -> list[str]:
    """Servers that find each other by the first discovery service."""
    found = [name for name in values if re.fullmatch(r"dbms\.cluster\.discovery\.(v2\.)?endpoints", name)]
    used = found or _last(values, "dbms.cluster.discovery.resolver_type", "LIST") != "LIST"
    version = _last(values, "dbms.cluster.discovery.version", "V1_ONLY")
    return [f"dbms.cluster.discovery.version={version}"] if used and version != SECOND_DISCOVERY else []


def _hostnames_unsaid(values: Values) -> list[str]:
    """TLS policies that leave it to Neo4j whether a certificate must name the server."""
    policies = [
        found[1]
        for name, texts in values.items()
        if (found := re.fullmatch(r"(dbms\.ssl\.policy\.\w+)\.enabled", name)) and texts[-1].lower() == "true"
    ]
    return [f"{policy}.verify_hostname" for policy in policies if f"{policy}.verify_hostname" not in values]


def _old_ciphers(values: Values) -> list[str]:
    found = [name for name in values if re.fullmatch(r"dbms\.ssl\.policy\.\w+\.ciphers", name)]
    return [name for name in found if any("_CBC_" in text for text in values[name])]


def _seeds_from_s3(values: Values) -> list[str]:
    name = "dbms.databases.seed_from_uri_providers"
    return [name] if "S3SeedProvider" in _last(values, name, "") else []


def _unset(name: str) -> t.Callable[[Values], list[str]]:
    return lambda values: [] if name in values else [name]


def _last(values: Values, name: str, default: str) -> str:
    return values[name][-1] if values.get(name) else default


CHANGES = (
    Change(
        "2025.01", _first_discovery,
        "the first discovery service is gone: bring all servers to V2_ONLY first, one step after another "
        "(dbms.cluster.moveToNextDiscoveryVersion), and write it into the file",
        refuses=True,
    ),
    Change(
        "2025.01", _hostnames_unsaid,
        "is true unless it is set: do the certificates name the addresses? Set it to false to have it as before",
    ),
    Change("2025.01", _seeds_from_s3, "S3SeedProvider is replaced by CloudSeedProvider, which reads s3:// too"),
    Change("2025.01", _unset("server.panic.shutdown_on_panic"), "is true: a server that panics ends"),
    Change("2025.01", lambda _: ["debug.log"], "is JSON: does whoever reads it know?"),
    Change("2025.10", _old_ciphers, "ciphers with CBC are not offered any more"),
)  # fmt: skip


def found(values: Values, present: str, wanted: str) -> tuple[list[str], list[str]]:
    """What must be dealt with before the upgrade, and what is to be known of it; C(values) are those of the file."""
    between = [each for each in CHANGES if version_tuple(present) < version_tuple(each.since) <= version_tuple(wanted)]
    told = {change: change.concerns(values) for change in between}
    sentences = {
        change: f"{', '.join(names)}: {change.what} (since {change.since})" for change, names in told.items() if names
    }
    refused = [sentence for change, sentence in sentences.items() if change.refuses]
    return refused, [sentence for change, sentence in sentences.items() if not change.refuses]


def migrated(values: Values, rows: t.Sequence[settings.Known], wanted: str, edition: str) -> dict[str, list[str]]:
    """What has to be brought into a file of an older version: new names, and nothing for what is gone."""

    def suits(name: str) -> bool:
        return any(row.means(name) and row.suits(wanted, edition) for row in rows)

    moved: dict[str, list[str]] = {}
    for name, texts in values.items():
        renamed = settings.RENAMED.get(name)
        if suits(name):
            continue
        if renamed and suits(renamed):
            moved[name] = []
            known = VALUES.get(renamed, {})
            moved[renamed] = list(values.get(renamed) or (known.get(text.lower(), text) for text in texts))
        elif name in DROPPED:
            moved[name] = []
    return moved


def lost(values: Values, rows: t.Sequence[settings.Known], present: str, wanted: str, edition: str) -> list[str]:
    """What the present version knows and the wanted one does not. What neither knows may be a plugin's."""
    names = [name for name in values if any(row.means(name) and row.suits(present, edition) for row in rows)]
    return [name for name in names if not any(row.means(name) and row.suits(wanted, edition) for row in rows)]

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""How the servers of a cluster find each other: settings of neo4j.conf, by version. Pure.

Names are those of Neo4j's manual (Deploy a basic cluster, Cluster server discovery, Configuration settings). 5.26
begins with the first version of discovery unless told otherwise; calendar versions have the second one alone, and
refuse the setting that chooses it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import version_tuple

CLUSTER_PORT = 6000  # server.cluster.listen_address


def discovery(counts: t.Mapping[str, t.Any], addresses: t.Sequence[str], version: str) -> dict[str, t.Any]:
    """The same for each server of a cluster, and nothing for a cluster of one."""
    if len(addresses) < 2:
        return {}
    endpoints = [_endpoint(address) for address in sorted(addresses)]
    if version_tuple(version) >= (2025,):
        return {"dbms.cluster.endpoints": endpoints, **_first_start(counts, len(addresses))}
    return {
        "dbms.cluster.discovery.version": "V2_ONLY",
        "dbms.cluster.discovery.v2.endpoints": endpoints,
        **_first_start(counts, len(addresses)),
    }


def _endpoint(address: str) -> str:
    return f"[{address}]:{CLUSTER_PORT}" if ":" in address else f"{address}:{CLUSTER_PORT}"


def _first_start(counts: t.Mapping[str, t.Any], found: int) -> dict[str, t.Any]:
    """Read at the very first start alone, but for the number that a new cluster waits for.

    That is more than half of the cluster at least: two halves that do not see each other must not both begin one.
    """
    primaries, secondaries = (int(counts.get(mode) or 0) for mode in ("primaries", "secondaries"))
    size = primaries + secondaries or found
    defaults = {
        "initial.dbms.default_primaries_count": primaries,
        "initial.dbms.default_secondaries_count": secondaries,
    }
    return {
        "dbms.cluster.minimum_initial_system_primaries_count": max(primaries, size // 2 + 1),
        **(defaults if primaries else {}),
    }

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A member whose data are given up, so that a new server takes its place: which one, and what speaks against it. Pure.

It is named by its id, since its address is that of the new one, too, and since a name may be given again. A view is one
member's reading, as M(credex.ops.neo4j_cluster_info) returns it.
"""

from __future__ import annotations

import typing as t

from . import lost_database
from .members import CORDONED, DROPPED, ENABLED, FREE, Cluster

Entry = dict[str, t.Any]


def find(view: Entry, server_id: str) -> Entry | None:
    """The member with this id; one that was dropped is none any more."""
    rows = [row for row in view["servers"] if server_id and row["server_id"] == server_id]
    return next((row for row in rows if row["state"] != DROPPED), None)


def problems(view: Entry, row: Entry | None, server_id: str) -> list[str]:
    """Why it must not be given up. Once it leaves, that was judged."""
    cluster = Cluster(view["servers"], view["databases"])
    if row is None:
        lost = [f"{each['server_id']} ({each['address']})" for each in lost_database.lost_servers(cluster)]
        return [f"the cluster has no server with the id {server_id} to be given up. Lost are: {_listed(lost)}"]
    if row["health"] == "Available":
        way_out = "Stop it behind the gate first (-e replace_server_stop=true), or leave replace_server_gives_up out"
        return [f"{_called(row)} is Available, and only what is lost is given up. {way_out}"]
    if row["state"] == FREE:
        return [f"{_called(row)} is Free: it is no member, and nothing is lost. Leave replace_server_gives_up out"]
    if row["state"] not in (ENABLED, CORDONED):
        return []
    return [words for found in _hosted(cluster, row) for words in _unsafe(found)]


def meanwhile(view: Entry, row: Entry | None) -> list[str]:
    """What has one copy less until the new ones are there."""
    if row is None:
        return []
    found = _hosted(Cluster(view["servers"], view["databases"]), row)
    thin = [f"{each['name']} ({len(each['survivors'])} left of {len(each['survivors']) + 1})" for each in found]
    return [f"until they are copied anew, take nothing else down: one copy less has {', '.join(thin)}"] if thin else []


def _hosted(cluster: Cluster, row: Entry) -> list[Entry]:
    """Users' databases with a copy on it, and what is left of each."""
    names = [copy["name"] for copy in cluster.databases if copy["server_id"] == row["server_id"]]
    return [lost_database.state(cluster, name) for name in lost_database.names(cluster) if name in names]


def _unsafe(found: Entry) -> list[str]:
    """A database that has no majority without it cannot be copied anew from what is left, or would lose what it had."""
    if found["case"] in lost_database.RECREATED:
        left = len([each for each in found["survivors"] if each["role"] != "secondary"])
        why = f"has {left} of {found['primaries']} primaries left, which are no majority"
    elif found["case"] == lost_database.DOWN:
        why = "takes no writes"
    else:
        return []
    first = "start a server that is down, or see what recover_cluster.yml says of it, before anything is given up"
    return [f"database {found['name']} {why}: {first}"]


def _called(row: Entry) -> str:
    return f"{row['name']} ({row['address']}, {row['server_id']})"


def _listed(entries: t.Sequence[str]) -> str:
    return ", ".join(entries) or "none"

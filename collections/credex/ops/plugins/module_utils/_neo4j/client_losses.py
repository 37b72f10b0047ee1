# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Server by server: what would be left of an application's connections if it were lost. Pure; nothing is stopped."""

from __future__ import annotations

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import cluster

Item = dict[str, t.Any]
Seen = t.Mapping[str, t.Any]
Member = t.Mapping[str, str]


def losses(
    seen: t.Sequence[Seen],
    spaces: t.Mapping[str, t.Mapping[str, str]],
    reading: t.Sequence[cluster.Entry],
    members: t.Sequence[Member],
    policy: cluster.Policy,
) -> list[Item]:
    """A check for each server of the clusters in which the connections' spaces lie."""
    return [
        _loss(member, _of_cluster(member, members, reading), _through(member, seen, spaces), spaces, policy)
        for member in members
        if _through(member, seen, spaces)
    ]


def _through(member: Member, seen: t.Sequence[Seen], spaces: t.Mapping[str, t.Mapping[str, str]]) -> list[Seen]:
    return [one for one in seen if spaces[one["name"]]["cluster"] == member["cluster"]]


def _of_cluster(member: Member, members: t.Sequence[Member], reading: t.Sequence[cluster.Entry]) -> list[cluster.Entry]:
    uris = {other["uri"] for other in members if other["cluster"] == member["cluster"]}
    return [entry for entry in reading if entry["uri"] in uris]


def _loss(
    member: Member,
    entries: list[cluster.Entry],
    seen: list[Seen],
    spaces: t.Mapping[str, t.Mapping[str, str]],
    policy: cluster.Policy,
) -> Item:
    verdict = cluster.may_go_down(entries, member["uri"], policy)
    cut_off = [one for one in seen if not one["routed"] and _leads_to(one, member)]
    is_accepted = policy.allow_downtime and len(entries) == 1
    reasons = [*verdict.reasons, *(_cut_off(one) for one in cut_off if not is_accepted)]
    accepted = ["it is the only server, and its outage is accepted"] if is_accepted else []
    left = [_left(one, spaces[one["name"]]["database"], member, entries) for one in seen]
    return {
        "id": "connection.loss",
        "title": "The application goes on without this server",
        "server": member["host"],
        "phase": "verify",
        "status": "failed" if reasons else "passed",
        "detail": "; ".join(reasons or accepted or left),
        "follow_up": "Nothing was stopped. Mend it before this server is taken down." if reasons else "",
        "evidence": {"connections": left, "down": verdict.down},
    }


def _leads_to(one: Seen, member: Member) -> bool:
    """Whether the connection's address is this server and no other."""
    return one["addresses"] == [_host(member["uri"])] or _host(one["uri"]) == _host(member["uri"])


def _cut_off(one: Seen) -> str:
    return f"{one['name']} is cut off: {one['uri']} leads here and nowhere else"


def _left(one: Seen, database: str, member: Member, entries: list[cluster.Entry]) -> str:
    """What the space keeps, and whether a client that starts meanwhile gets in."""
    view = next((entry for entry in entries if entry["reachable"]), None)
    mine = next((entry.get("address") for entry in entries if entry["uri"] == member["uri"]), None)
    rows = view["databases"] if view else []
    kept = [row["address"] for row in rows if _is_online(row, database) and row["address"] != mine]
    starts = "cannot start meanwhile" if _leads_to(one, member) else "can start"
    return f"{one['name']}: {database} stays on {', '.join(sorted(kept)) or 'no server'}, a client {starts}"


def _is_online(row: t.Mapping[str, t.Any], database: str) -> bool:
    return row["name"] == database and row["current_status"] == "online"


def _host(address: str) -> str:
    """The host part of an address, with a scheme and a port or without."""
    rest = address.rpartition("://")[2]
    return (rest.rpartition(":")[0] or rest).strip("[]").lower()

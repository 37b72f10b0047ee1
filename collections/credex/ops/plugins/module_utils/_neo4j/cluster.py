# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The gate and the order, as pure functions over one reading of a cluster.

A reading is what M(credex.ops.neo4j_cluster_info) returns under C(servers): one entry for each member that was asked,
each with that member's own view of all servers and of every allocation. Members can disagree (a follower lags, a
partition hides one), so a condition holds only when it holds in every view that was read.
"""

from __future__ import annotations

import dataclasses
import statistics
import typing as t

Entry = dict[str, t.Any]

# A server in one of these states takes no part in the cluster's majority (Operations Manual, "Server states")
RETIRED_STATES = ("Free", "Deallocated", "Dropped")
# A statusCheck cannot verify the write availability of a database with one primary (manual, dbms.cluster.statusCheck)
SINGLE = 1


@dataclasses.dataclass(frozen=True)
class Policy:
    """What a gate tolerates. C(max_lag) counts transactions, C(max_clock_skew) seconds; the rest is explained in
    M(credex.ops.neo4j_gate)."""

    max_lag: int = 1000
    ignore_databases: tuple[str, ...] = ()
    allow_downtime: bool = False
    max_clock_skew: float = 30


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether the gate is open; when it is shut, every reason for it, each a full sentence's worth."""

    reasons: tuple[str, ...] = ()
    down: bool = False

    @property
    def open(self) -> bool:
        return not self.reasons

    def as_dict(self) -> dict[str, t.Any]:
        return {"open": self.open, "reasons": list(self.reasons), "down": self.down}


def may_go_down(members: t.Sequence[Entry], uri: str, policy: Policy = Policy()) -> Verdict:
    """May the server at C(uri) be taken down now without an outage, and if not, why not?"""
    me = _entry(members, uri)
    if is_down(members, uri):
        return Verdict(down=True)  # nothing more is lost by working on it
    silent = [_silence(m) for m in members if not m["reachable"]]
    if silent:
        return Verdict(tuple(silent))
    reasons = _unknown_address(me) or [r for view in members for r in _view_allows(view, me["address"], policy)]
    reasons += [r for member in members for r in _clock(member, members, policy)]
    return Verdict(tuple(dict.fromkeys(reasons)))


def is_back(members: t.Sequence[Entry], uri: str, policy: Policy = Policy()) -> Verdict:
    """Has the server at C(uri) come back whole? Judges no other server."""
    me = _entry(members, uri)
    if not me["reachable"]:
        return Verdict((_silence(me),))
    views = [m for m in members if m["reachable"]]
    reasons = [r for view in views for r in _server_serves(view, me["address"])]
    reasons += _own_allocations(me, policy)
    reasons += _clock(me, views, policy)
    return Verdict(tuple(dict.fromkeys(reasons)))


def is_down(members: t.Sequence[Entry], uri: str) -> bool:
    """It is silent, and every member that answers says that it is unavailable; or nothing listens and nobody knows it.

    A server that does not speak to us may still be serving others and count for their majority.
    """
    me = _entry(members, uri)
    if me["reachable"]:
        return False
    witnesses = [m for m in members if m["reachable"]]
    if not witnesses:
        return all(m["cause"] == "refused" for m in members)  # everything is stopped, or it is the only one
    known = {m["address"] for m in witnesses}
    silent = [row for m in witnesses for row in m["servers"] if row["address"] not in known]
    silent = [row for row in silent if row["state"] not in RETIRED_STATES]
    # An inventory may name it otherwise than it presents itself; then every silent server must be down
    mine = [row for row in silent if _host(row["address"]) == _host(uri)] or silent
    return all(row["health"] == "Unavailable" for row in mine) if mine else me["cause"] == "refused"


def _unknown_address(me: Entry) -> list[str]:
    """Without the server's own address in the lists nobody can tell what would go down with it."""
    retired = any(row["address"] == me["address"] and row["state"] in RETIRED_STATES for row in me["servers"])
    if retired or any(a["address"] == me["address"] for a in me["databases"]):
        return []
    doubt = f"{me['uri']} calls itself {me['address']}, and no database is allocated there: what would go down?"
    return [f"{doubt} May the user SHOW SETTING, and is server.bolt.advertised_address right?"]


def rolling_order(members: t.Sequence[Entry], hosts: t.Sequence[dict[str, str]]) -> list[str]:
    """The order in which servers are taken: the first is the canary, the writer of C(system) is last.

    C(hosts) are dicts of C(host), C(uri), C(cluster). Cluster after cluster; within one: servers that are already down,
    secondaries, then primaries with the fewest writers. Equal ones keep their names' order, so that two runs agree.
    """
    clusters = list(dict.fromkeys(h["cluster"] for h in hosts))
    return [
        h["host"] for h in sorted(hosts, key=lambda h: (clusters.index(h["cluster"]), *_weight(members, h), h["host"]))
    ]


def outages(members: t.Sequence[Entry], uri: str, policy: Policy = Policy()) -> list[str]:
    """Databases that taking this server down would interrupt, however long one waits: they have no other primary."""
    me = _entry(members, uri)
    if not me["reachable"] or policy.allow_downtime:
        return []
    copies = [a for a in me["databases"] if a["name"] not in policy.ignore_databases]
    hosted = _hosted(copies, me["address"])
    return [name for name in hosted if _primaries([a for a in copies if a["name"] == name]) <= SINGLE]


def _weight(members: t.Sequence[Entry], host: dict[str, str]) -> tuple[bool, bool, bool, int]:
    if is_down(members, host["uri"]):
        return (False, False, False, 0)
    me = _entry(members, host["uri"])
    mine = [a for a in me["databases"] if a["address"] == me["address"]] if me["reachable"] else []
    writes = [a["name"] for a in mine if a["writer"]]
    return (True, any(a["role"] == "primary" for a in mine), "system" in writes, len(writes))


def _view_allows(view: Entry, address: str, policy: Policy) -> list[str]:
    """Why this member's view speaks against taking the server at C(address) down."""
    allocations = [a for a in view["databases"] if a["name"] not in policy.ignore_databases]
    reasons = [r for row in view["servers"] for r in _server_settled(row)]
    reasons += [r for a in allocations for r in _allocation_settled(a, policy)]
    reasons += [
        r for name in _hosted(allocations, address) for r in _majority_without(allocations, name, address, policy)
    ]
    reasons += _replication(view, allocations)
    return reasons


def _server_settled(row: Entry) -> list[str]:
    if row["state"] in RETIRED_STATES:
        return []
    reasons = []
    if row["state"] != "Enabled":
        reasons.append(f"server {row['name']} ({row['address']}) is {row['state']}, not Enabled")
    if row["health"] != "Available":
        reasons.append(f"server {row['name']} ({row['address']}) is {row['health']}")
    if sorted(row["hosting"]) != sorted(row["requested_hosting"]):
        reasons.append(
            f"server {row['name']} hosts {sorted(row['hosting'])} and should host {sorted(row['requested_hosting'])}"
        )
    return reasons


def _allocation_settled(a: Entry, policy: Policy) -> list[str]:
    if a["current_status"] != a["requested_status"]:
        why = f" ({a['status_message']})" if a["status_message"] else ""
        return [f"database {a['name']} on {a['address']} is {a['current_status']}, wanted {a['requested_status']}{why}"]
    lag = abs(a["replication_lag"] or 0)
    if lag > policy.max_lag:
        return [f"database {a['name']} on {a['address']} lags {lag} transactions behind, allowed {policy.max_lag}"]
    return []


def _hosted(allocations: t.Sequence[Entry], address: str) -> list[str]:
    """Databases that have a primary on the server at C(address) and are meant to be online."""
    return [
        a["name"]
        for a in allocations
        if a["address"] == address and a["role"] == "primary" and a["requested_status"] == "online"
    ]


def _majority_without(allocations: t.Sequence[Entry], name: str, address: str, policy: Policy) -> list[str]:
    copies = [a for a in allocations if a["name"] == name]
    total = _primaries(copies)
    if total <= SINGLE:
        return [] if policy.allow_downtime else [_single_primary(name, address)]
    online = [
        a for a in copies if a["role"] == "primary" and a["current_status"] == "online" and a["address"] != address
    ]
    majority = total // 2 + 1
    if len(online) >= majority:
        return []
    return [
        f"database {name} would keep {len(online)} of {total} primaries without {address}; {majority} are a majority"
    ]


def _single_primary(name: str, address: str) -> str:
    return (
        f"database {name} has its only primary on {address}: taking that down is an outage of it"
        f" (accept it with neo4j_gate_ignore_databases: [{name}], or on a single server with the operation's own"
        " allow_downtime; or give the database more primaries)"
    )


def _primaries(copies: t.Sequence[Entry]) -> int:
    """As many as were asked for; Community and old versions do not say, there the rows are counted."""
    wanted = [a["requested_primaries"] for a in copies if a["requested_primaries"]]
    return max([*wanted, sum(a["role"] == "primary" for a in copies)])


def _replication(view: Entry, allocations: t.Sequence[Entry]) -> list[str]:
    """Members in which a test replication did not succeed; C(status_check) is null where the version has none."""
    replicated = {
        a["name"] for a in allocations if _primaries([b for b in allocations if b["name"] == a["name"]]) > SINGLE
    }
    failed = [
        c for c in view["status_check"] or [] if c["database"] in replicated and c["replication_successful"] is not True
    ]
    return [
        f"database {c['database']} did not replicate to {c['server_name'] or c['address']}"
        f" ({c['member_status']}{': ' + c['error'] if c['error'] else ''})"
        for c in failed
    ]


def _clock(me: Entry, members: t.Sequence[Entry], policy: Policy) -> list[str]:
    """Certificates, licenses and what an application dates are judged by this clock, wherever the next writer is."""
    skew = me["clock_ahead_seconds"] - statistics.median(member["clock_ahead_seconds"] for member in members)
    if abs(skew) <= policy.max_clock_skew:
        return []
    direction = "ahead of" if skew > 0 else "behind"
    wrong = f"the clock of {me['address']} is {abs(skew):.0f} s {direction} the cluster's median"
    return [f"{wrong}, allowed {policy.max_clock_skew:g}: does its host keep its time (chronyc tracking)?"]


def _server_serves(view: Entry, address: str) -> list[str]:
    rows = [row for row in view["servers"] if row["address"] == address]
    if view["servers"] and not rows:
        return [f"{view['address']} does not know a server at {address}"]
    return [r for row in rows for r in _server_settled(row)]


def _own_allocations(me: Entry, policy: Policy) -> list[str]:
    mine = [a for a in me["databases"] if a["address"] == me["address"]]
    if not mine:
        return [f"no database is allocated on {me['address']}, not even system"]
    return [r for a in mine if a["name"] not in policy.ignore_databases for r in _allocation_settled(a, policy)]


def _entry(members: t.Sequence[Entry], uri: str) -> Entry:
    for entry in members:
        if entry["uri"] == uri:
            return entry
    raise ValueError(f"{uri} is not among the members that were read: {', '.join(m['uri'] for m in members) or 'none'}")


def _silence(member: Entry) -> str:
    return f"{member['uri']} does not answer: {member['cause']}: {member['message']}"


def _host(address: str) -> str:
    """The host part of C(bolt://host:port) or C(host:port)."""
    return address.rpartition("://")[2].rpartition(":")[0].strip("[]").lower()

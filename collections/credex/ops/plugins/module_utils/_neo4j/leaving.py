# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A server that leaves its cluster: how far it is, and what its cluster is like without it. Pure.

A reading is what M(credex.ops.neo4j_cluster_info) returns under C(servers), of all members of one cluster.
"""

from __future__ import annotations

import typing as t

from . import addresses, cluster
from .members import DROPPED, ENABLED

Entry = dict[str, t.Any]

# Of a server that no other member lists
GONE = "Gone"


def observed(reading: t.Sequence[Entry], uri: str) -> dict[str, t.Any]:
    """Its Bolt address and state as the others see it, and over which of them the cluster is asked."""
    others = [entry for entry in reading if entry["uri"] != uri and entry["reachable"]]
    if not others:
        raise ValueError(f"beside {uri} no member of its cluster answers")
    [me] = [entry for entry in reading if entry["uri"] == uri]
    address = me.get("address") or uri.rpartition("://")[2]
    rows = [row for row in others[0]["servers"] if row["address"] == address]
    rows = [row for row in rows if row["state"] != DROPPED] or rows
    return {
        "address": address,
        "state": rows[0]["state"] if rows else GONE,
        "via": addresses.routed(others[0]["uri"]),
    }


def planned(host: str, state: str, moves: t.Sequence[Entry], runs: bool) -> Entry:
    """The plan as a check for the report, with what moves as its changes."""
    goes = [f"{move['database']} ({move['mode']}) to {move['to_server']}" for move in moves]
    still = "its service is stopped" if runs else "nothing to do"
    detail = f"{state}; {'; '.join(goes) or 'nothing is moved by this run'}" if state != GONE else f"{state}; {still}"
    return {
        "id": "membership.plan",
        "title": "What becomes of the server's databases",
        "server": host,
        "phase": "plan",
        "status": "passed",
        "detail": detail,
        "evidence": {
            "changes": [
                {
                    "what": f"{move['database']} ({move['mode']})",
                    "before": move["from_server"],
                    "after": move["to_server"],
                }
                for move in moves
            ]
        },
    }


def proof(reading: t.Sequence[Entry], address: str, policy: cluster.Policy, joined: bool = False) -> list[Entry]:
    """Checks of the cluster without it: nobody knows it, everybody serves, each database is as wide as asked for.

    When it has C(joined): of the cluster with it, where everybody knows it.
    """
    verdicts = [cluster.is_back(reading, entry["uri"], policy) for entry in reading]
    return [
        _joined(reading, address) if joined else _gone(reading, address),
        _check("serving", "Every member serves all that it should", [r for v in verdicts for r in v.reasons]),
        _check("whole", "Every database is on as many servers as asked for", _narrow(reading, policy)),
    ]


def _gone(reading: t.Sequence[Entry], address: str) -> Entry:
    still = [entry["uri"] for entry in reading for row in entry.get("servers", ()) if row["address"] == address]
    return _check("gone", "No member knows it any more", [f"{uri} still lists {address}" for uri in still])


def _joined(reading: t.Sequence[Entry], address: str) -> Entry:
    enabled = {
        entry["uri"]
        for entry in reading
        for row in entry.get("servers", ())
        if row["address"] == address and row["state"] == ENABLED
    }
    missing = [entry["uri"] for entry in reading if entry["uri"] not in enabled]
    return _check("joined", "Every member has it as enabled", [f"not in the eyes of {uri}" for uri in missing])


def _narrow(reading: t.Sequence[Entry], policy: cluster.Policy) -> list[str]:
    """Databases with another number of copies than asked for, as any member sees it."""
    copies = [copy for entry in reading for copy in entry.get("databases", ()) if copy["type"] == "standard"]
    if not copies:
        return ["no member shows a database"]
    return [
        f"database {copy['name']} has {copy[mode]} {mode}, asked for {copy[f'requested_{mode}']}"
        for copy in copies
        if copy["name"] not in policy.ignore_databases
        for mode in ("primaries", "secondaries")
        if copy[f"requested_{mode}"] is not None and copy[mode] != copy[f"requested_{mode}"]
    ]


def _check(name: str, title: str, reasons: t.Sequence[str]) -> Entry:
    return {
        "id": f"membership.{name}",
        "title": title,
        "phase": "verify",
        "status": "failed" if reasons else "passed",
        "detail": "; ".join(dict.fromkeys(reasons)) or "yes",
    }

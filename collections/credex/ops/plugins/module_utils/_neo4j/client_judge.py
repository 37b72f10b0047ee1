# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What is good and what is wrong with the connections of an application, as checks of a report. Pure."""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]
Seen = t.Mapping[str, t.Any]

ADMINISTRATOR = "admin"
SURVIVING = 2  # addresses of which one may be down


def connections(seen: t.Sequence[Seen], databases: t.Mapping[str, str], wrote: bool) -> list[Item]:
    """Checks of every connection; `databases` tells which database each of them should lead to."""
    return [check for one in seen for check in _connection(one, databases[one["name"]], wrote)]


def _connection(one: Seen, database: str, wrote: bool) -> list[Item]:
    first = [_encryption(one), _login(one)]
    if not one["reachable"]:
        return first
    checks = [_scheme(one), _first_contact(one), _routing(one), _members(one), _database(one, database)]
    return [*first, *checks, _writer(one, wrote), _bookmarks(one, wrote), _privileges(one)]


def _check(one: Seen, name: str, title: str, status: str, detail: str, follow_up: str = "", **more: t.Any) -> Item:
    """What to do next is said where there is something to do."""
    return {
        "id": f"connection.{name}",
        "group": one["name"],
        "title": title,
        "phase": "verify",
        "status": status,
        "detail": detail,
        "follow_up": follow_up if status != "passed" else "",
        **more,
    }


def _passed(is_good: bool) -> str:
    return "passed" if is_good else "failed"


def _encryption(one: Seen) -> Item:
    said = {"s": "TLS, verified", "ssc": "TLS, with whatever certificate", None: "no TLS: the password can be read"}
    return _check(
        one,
        "encryption",
        "The way to the servers is encrypted",
        _passed(one["tls"] == "s"),
        f"{one['uri']}: {said[one['tls']]}",
        "Write neo4j+s://, when the servers have certificates that the application trusts.",
        required=False,
    )


def _login(one: Seen) -> Item:
    return _check(
        one,
        "login",
        "The user is let in",
        _passed(one["reachable"]),
        f"{one['username']} at {one['uri']} after {one['latency_ms']} ms"
        if one["reachable"]
        else f"{one['username']} at {one['uri']}: {one['cause']}: {one['message']} It was tried once.",
        "Nothing else was asked. Mend what the message names, in what the application is given.",
        evidence={"latency_ms": one["latency_ms"], "addresses": one["addresses"]},
    )


def _servers(one: Seen) -> list[str]:
    return sorted({address for named in one["routing"].values() for address in named or []})


def _scheme(one: Seen) -> Item:
    others = len(_servers(one)) > 1
    if one["routed"]:
        detail = f"{one['uri']}: the driver asks for the servers, and follows the writer"
    elif others:
        detail = f"{one['uri']} stays with this one of {len(_servers(one))} servers: when it is lost, all is"
    else:
        detail = f"{one['uri']}: there is one server, and no other to go to"
    return _check(
        one,
        "scheme",
        "The address lets the driver go to another server",
        _passed(one["routed"] or not others),
        detail,
        "Write neo4j:// (or neo4j+s://) in place of bolt://.",
    )


def _first_contact(one: Seen) -> Item:
    many, several = len(one["addresses"]), len(_servers(one)) > 1
    lonely = one["routed"] and several and many < SURVIVING
    leads = f"the host of {one['uri']} leads to {', '.join(one['addresses']) or 'nowhere that we could look up'}"
    return _check(
        one,
        "first_contact",
        "A client that starts while a server is down finds the others",
        _passed(not lonely),
        f"{leads}; a client that starts while that one is down finds nobody" if lonely else leads,
        "Give a name that resolves to all servers, unless a balancer stands at that address.",
        required=False,
    )


def _routing(one: Seen) -> Item:
    table, refused = one["routing"], one["routing_message"]
    told = "; ".join(f"{role}: {', '.join(named or []) or 'none'}" for role, named in table.items())
    return _check(
        one,
        "routing",
        "The routing table has a writer and readers",
        _passed(bool(table["writers"] and table["readers"])),
        refused or told,
        "Does the database exist, may the user see it, and has it a majority of its primaries?",
        evidence=dict(table),
    )


def _members(one: Seen) -> Item:
    title = "Every server that the routing table names can be reached from here"
    silent = [member for member in one["members"] if not member["reachable"]]
    if not one["routed"]:
        return _check(one, "members", title, "skipped", "bolt:// does not follow it", required=False)
    if not one["members"]:
        return _check(one, "members", title, "failed", "it names none")
    spoken = "; ".join(f"{member['address']}: {member['cause']}: {member['message']}" for member in silent)
    times = ", ".join(f"{member['address']} {member['latency_ms']} ms" for member in one["members"])
    return _check(
        one,
        "members",
        title,
        _passed(not silent),
        spoken or times,
        "The server is down, the way to it shut, or its server.bolt.advertised_address is none that clients reach.",
        evidence={"members": [dict(member) for member in one["members"]]},
    )


def _session(one: Seen, number: int) -> Seen | None:
    return one["sessions"][number] if len(one["sessions"]) > number else None


def _worked(session: Seen | None) -> bool:
    return session is not None and session["message"] is None


def _told(session: Seen | None, what: str) -> str:
    if session is None:
        return "not tried, because a step before it failed"
    return session["message"] or f"{what} {session['server']} in {session['ms']} ms"


def _database(one: Seen, database: str) -> Item:
    session = _session(one, 0)
    is_right = _worked(session) and one["database"] == database
    detail = _told(session, f"{one['database']} was read at")
    return _check(
        one,
        "database",
        f"A session reads the database of the space, {database}",
        _passed(is_right),
        detail if is_right or not _worked(session) else f"{detail}, and the space is {database}",
        "Compare the database that the application is given with neo4j_spaces.",
        evidence={"session": dict(session or {})},
    )


def _writer(one: Seen, wrote: bool) -> Item:
    session = _session(one, 1)
    return _check(
        one,
        "writer",
        "A unit of work reaches the writer",
        _passed(_worked(session)),
        _told(session, "a probe was written at" if wrote else "nothing was written, but answered at"),
        "Who writes the database: SHOW DATABASES YIELD name, address, writer.",
        evidence={"session": dict(session or {})},
    )


def _bookmarks(one: Seen, wrote: bool) -> Item:
    session = _session(one, 2)
    return _check(
        one,
        "bookmarks",
        "What one session has done, the next one sees" if wrote else "A session goes on where another one ended",
        _passed(_worked(session)),
        _told(session, "the probe was read at" if wrote else "the bookmark was taken, and nothing written, at"),
        "Is a member far behind? SHOW DATABASES YIELD name, address, replicationLag.",
        evidence={"session": dict(session or {})},
    )


def _privileges(one: Seen) -> Item:
    title, roles = "The user is no administrator", one["roles"]
    if roles is None:
        return _check(one, "privileges", title, "skipped", "this edition has no roles", required=False)
    return _check(
        one,
        "privileges",
        title,
        _passed(ADMINISTRATOR not in roles),
        f"{one['username']} has {', '.join(roles)}",
        "Give it a user of its own, with ACCESS, MATCH and WRITE on its database.",
        required=False,
    )


def watched(logs: t.Sequence[Seen], wrote: bool) -> list[Item]:
    """Checks of what readers and writers met; a kind that did nothing proves nothing."""
    return [_watched(log, wrote) for log in logs]


def _watched(log: Seen, wrote: bool) -> Item:
    title = {"read": "No read failed", "write": "No write failed" if wrote else "No unit of work at the writer failed"}
    gap = f"the longest gap was {log['longest_gap_seconds']} s"
    first = f": {log['failures'][0]['message']}" if log["failures"] else ""
    return _check(
        log,
        f"watch.{log['kind']}",
        title[log["kind"]],
        _passed(log["done"] > 0 and log["failed"] == 0),
        f"{log['done']} done, {log['failed']} failed{first}; {gap}",
        "Hold the time of the failure against what happened to the servers then.",
        evidence=dict(log),
    )

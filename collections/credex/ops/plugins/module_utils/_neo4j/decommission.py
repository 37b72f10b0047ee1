# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""A cluster that is taken out of service: what is in it, who still uses it, what is left of it where. Pure.

A reading is what M(credex.ops.neo4j_cluster_info) returns under C(servers).
"""

from __future__ import annotations

import ipaddress
import typing as t

Entry = dict[str, t.Any]

OWN_AGENT = "credex.ops/"
ROWS_SHOWN = 5


def contents(reading: t.Sequence[Entry]) -> list[Entry]:
    """The databases of users, each with a server that has it online, over which it can be asked."""
    views = {view["address"]: view for view in reading if view["reachable"]}
    copies = [copy for view in views.values() for copy in view["databases"] if copy["type"] == "standard"]
    return [_content(name, copies, views) for name in sorted({copy["name"] for copy in copies})]


def _content(name: str, copies: t.Sequence[Entry], views: t.Mapping[str, Entry]) -> Entry:
    own = [copy for copy in copies if copy["name"] == name]
    online = [copy for copy in own if copy["current_status"] == "online" and copy["address"] in views]
    return {
        "name": name,
        "uri": views[online[0]["address"]]["uri"] if online else None,
        "last_committed_txn": max((copy["last_committed_txn"] or 0 for copy in own), default=0),
    }


def use(first: t.Sequence[Entry], later: t.Sequence[Entry], connections: t.Sequence[Entry]) -> list[str]:
    """Who writes, and who is connected, each as a phrase. Connections: the results of a loop over servers."""
    before = {content["name"]: content["last_committed_txn"] for content in contents(first)}
    written = [
        f"database {content['name']} is written to (transaction {before[content['name']]}, and then "
        f"{content['last_committed_txn']})"
        for content in contents(later)
        if content["last_committed_txn"] > before.get(content["name"], content["last_committed_txn"])
    ]
    clients = {each["item"]["uri"]: _foreign(each["rows"]) for each in connections}
    return written + [_connected(uri, told) for uri, told in clients.items() if told]


def _foreign(rows: t.Sequence[Entry]) -> list[str]:
    """Who is connected, as user, program and address without its port; not this collection's own."""
    others = [row for row in rows if not str(row["userAgent"]).startswith(OWN_AGENT)]
    told = [
        f"{row['username']} from {str(row['clientAddress']).rpartition(':')[0]} ({row['userAgent']})" for row in others
    ]
    return list(dict.fromkeys(told))


def _connected(uri: str, clients: t.Sequence[str]) -> str:
    more = f" and {len(clients) - ROWS_SHOWN} others" if len(clients) > ROWS_SHOWN else ""
    return f"connected to {uri}: {', '.join(clients[:ROWS_SHOWN])}{more}"


def content_checks(found: t.Sequence[Entry], nodes: t.Mapping[str, t.Any]) -> list[Entry]:
    """What is in it, for the report."""
    return [_content_check(content, nodes.get(content["name"], "an unknown number of")) for content in found]


def _content_check(content: Entry, nodes: t.Any) -> Entry:
    detail = f"{nodes} nodes, last transaction {content['last_committed_txn']}; its last backup is not known here"
    return _check("contents", f"Database {content['name']}", detail, phase="plan")


# What is left


def left(hosts: t.Sequence[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[Entry]:
    """What lies where, and what is to be deleted by hand, once its data are not needed any more."""
    checks = [_left_on(host, hostvars[host]) for host in hosts]
    names = _names(hosts, hostvars)
    told = "; ".join(names) or "the inventory names none"
    return [
        *checks,
        _check("names", "What else belongs to it, by name", f"{told}. Delete none that another cluster uses"),
    ]


def _left_on(host: str, variables: t.Mapping[str, t.Any]) -> Entry:
    home = variables.get("neo4j_home") or "/var/lib/neo4j"
    folders = [variables.get(name) for name in ("neo4j_conf_dir", "neo4j_licenses_dir", "neo4j_logs_dir")]
    volumes = [
        f"{device.get('device_name')} is {device['ebs'].get('volume_id')}"
        for device in variables.get("block_device_mappings") or ()
        if isinstance(device.get("ebs"), dict)
    ]
    parts = [f"the data in {home}/data", *map(str, filter(None, folders))]
    parts += [f"machine {variables['instance_id']}"] if variables.get("instance_id") else []
    parts += [f"volumes: {', '.join(volumes)}"] if volumes else []
    return {**_check("left", "What is left there", f"{'; '.join(parts)}. Nothing was deleted"), "server": host}


def _names(hosts: t.Sequence[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    sources = [source for host in hosts for source in _sources(hostvars[host])]
    secrets = [f"{source['type']} {source['name']}" for source in sources if source.get("name")]
    addresses = [f"DNS name {name}" for host in hosts for name in _dns(hostvars[host])]
    return list(dict.fromkeys([*secrets, *addresses]))


def _sources(variables: t.Mapping[str, t.Any]) -> list[t.Mapping[str, t.Any]]:
    """Where secrets come from, by the inventory's own variables."""
    found = [variables.get("neo4j_password_source"), variables.get("credex_application_secret")]
    found += [file.get("source") for file in variables.get("neo4j_license_files") or ()]
    return [source for source in found if isinstance(source, dict)]


def _dns(variables: t.Mapping[str, t.Any]) -> list[str]:
    host = str(variables.get("neo4j_bolt_uri") or "").rpartition("://")[2].rpartition(":")[0]
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return [host] if host else []
    return []


def _check(name: str, title: str, detail: str, phase: str = "report") -> Entry:
    return {
        "id": f"decommission.{name}",
        "title": title,
        "phase": phase,
        "status": "passed",
        "detail": detail,
    }

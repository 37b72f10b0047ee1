# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that is taken out of service: what is in it, who uses it, what is left."""

from __future__ import annotations

from ansible_collections.credex.ops.plugins.filter.decommission_checks import FilterModule as Checks
from ansible_collections.credex.ops.plugins.filter.decommission_contents import FilterModule as Contents
from ansible_collections.credex.ops.plugins.filter.decommission_left import FilterModule as Left
from ansible_collections.credex.ops.plugins.filter.decommission_use import FilterModule as Use

contents = Contents().filters()["decommission_contents"]
use = Use().filters()["decommission_use"]
checks = Checks().filters()["decommission_checks"]
left = Left().filters()["decommission_left"]


def member(number, last, status="online", **other):
    address = f"10.0.0.{number}:7687"
    rows = [
        {"name": name, "type": kind, "address": address, "current_status": status, "last_committed_txn": last}
        for name, kind in (("ledger", "standard"), ("system", "system"))
    ]
    return {"uri": f"bolt://{address}", "address": address, "reachable": True, "databases": rows, **other}


def silent(number):
    return {"uri": f"bolt://10.0.0.{number}:7687", "reachable": False}


def client(user, agent, address="10.9.9.9:51234"):
    return {"username": user, "userAgent": agent, "clientAddress": address}


def connected(number, *rows):
    return {"item": {"uri": f"bolt://10.0.0.{number}:7687"}, "rows": list(rows)}


def test_its_databases_and_who_can_be_asked_for_them():
    found = contents([silent(1), member(2, 7), member(3, 9)])
    assert found == [{"name": "ledger", "uri": "bolt://10.0.0.2:7687", "last_committed_txn": 9}]
    assert contents([member(2, None, status="offline")])[0]["uri"] is None
    told = checks(found, {"ledger": 12})[0]["detail"]
    assert told == "12 nodes, last transaction 9; its last backup is not known here"
    assert checks(found)[0]["detail"].startswith("an unknown number of nodes")


def test_who_writes_is_seen_by_the_last_transaction():
    assert use([member(1, 7)], [member(1, 7)]) == []
    assert use([member(1, 7)], [member(1, 9)]) == ["database ledger is written to (transaction 7, and then 9)"]
    assert use([silent(1)], [member(1, 9)]) == []


def test_who_is_connected_is_named_but_not_ourselves():
    own = client("neo4j", "credex.ops/0.1.0")
    assert use([], [], [connected(1, own), connected(2, own)]) == []
    app = client("app", "neo4j-javascript/5.26")
    assert use([], [], [connected(1, own, app, app)]) == [
        "connected to bolt://10.0.0.1:7687: app from 10.9.9.9 (neo4j-javascript/5.26)"
    ]
    many = [client(f"user-{number}", "x") for number in range(7)]
    assert use([], [], [connected(1, *many)])[0].endswith("user-4 from 10.9.9.9 (x) and 2 others")


def test_what_is_left_is_told_by_name_and_no_secret_is_looked_at():
    devices = [{"device_name": "/dev/sdf", "ebs": {"volume_id": "vol-1"}}, {"device_name": "/dev/sdx"}]
    password = {"type": "aws_secretsmanager", "name": "credex/prod/neo4j/password"}
    hostvars = {
        "db-1": {
            "neo4j_home": "/srv/neo4j",
            "neo4j_logs_dir": "/var/log/neo4j",
            "instance_id": "i-1",
            "block_device_mappings": devices,
            "neo4j_password_source": password,
            "neo4j_license_files": [{"source": {"type": "aws_ssm", "name": "/credex/gds"}}, {"source": "inline"}],
            "neo4j_bolt_uri": "neo4j+s://db.example:7687",
        },
        "db-2": {"neo4j_password_source": password, "neo4j_bolt_uri": "bolt://10.0.0.2:7687"},
    }
    first, second, names = left(["db-1", "db-2"], hostvars)
    assert first["server"] == "db-1" and first["detail"] == (
        "the data in /srv/neo4j/data; /var/log/neo4j; machine i-1; volumes: /dev/sdf is vol-1. Nothing was deleted"
    )
    assert second["detail"] == "the data in /var/lib/neo4j/data. Nothing was deleted"
    assert names["detail"] == (
        "aws_secretsmanager credex/prod/neo4j/password; aws_ssm /credex/gds; DNS name db.example. Delete none that "
        "another cluster uses"
    )

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application that writes through neo4j:// while every server is taken out: none of its transactions fails.

It proves the order of our steps, and that an application with the driver's managed transactions need not be stopped.
It proves nothing about Raft: the emulated cluster has none.
"""

from __future__ import annotations

from lab.server.cluster import Cluster
from tests.lab.application import DATABASE, Application
from tests.lab.operations.lab_driver import CLUSTER, SERVERS

# So long that a retry, for which the driver waits a second or two, falls into each outage
OUTAGE_SECONDS = "4"


def log_of_writes(lab):
    """The servers that carried out the writes, in order."""
    cluster = Cluster(lab.state, CLUSTER)
    try:
        return [row["server"] for row in cluster.write_log() if row["database"] == DATABASE]
    finally:
        cluster.close()


def writer_of(lab):
    rows = [row for member in lab.members() for row in member["databases"]]
    return next(name for row in rows for name in SERVERS if is_writer(row, lab.uri(name)))


def is_writer(row, uri):
    return row["name"] == DATABASE and row["writer"] and f"bolt://{row['address']}" == uri


def test_no_managed_transaction_fails_though_the_writer_moves_in_mid_run(lab):
    canary, *_ = lab.order()
    first_writer = writer_of(lab)
    for name in SERVERS:
        lab.fault("slow-start", name, "--seconds", OUTAGE_SECONDS)

    def move_the_writer():
        lab.until(lambda: lab.renewed()[canary], "the canary's turn")
        lab.fault("lost-leader", first_writer, "--database", DATABASE)

    before = len(log_of_writes(lab))
    uri = lab.uri(canary).replace("bolt://", "neo4j://")
    with Application(uri, lab.secrets()[0]) as application:
        run = lab.renew(meanwhile=move_the_writer, neo4j_gate_back_wait=30)

    assert run.rc == 0, run.output[-3000:]
    assert run.states() == dict.fromkeys(run.order(), "done") and len(run.order()) == len(SERVERS)
    assert application.failures == []
    for name in SERVERS:
        [outage] = run.seen.of(name)
        assert any(outage.begin < moment < outage.end for moment in application.written), f"none without {name}"
    writers = log_of_writes(lab)[before:]
    assert len(writers) == len(application.written), "each was carried out once"
    assert writers[0] == first_writer and len(set(writers)) > 1

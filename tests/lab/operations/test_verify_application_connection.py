# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""verify_application_connection.yml: what works and what does not of all that the application is given."""

from __future__ import annotations

import json

import pytest

from tests.lab import iam
from tests.lab.operations.lab_driver import ONE, ROOT, SERVERS, TWO

a_sample = pytest.mark.sampled(1, of="what an application may be given")

SECRET = "credex/production/application"
USER, PASSWORD = "credex_core", "an-application's own & only"
PRIVILEGES = (
    "ACCESS ON DATABASE ledgerspace, searchspace",
    "MATCH {*} ON GRAPH ledgerspace, searchspace",
    "WRITE ON GRAPH ledgerspace, searchspace",
    "NAME MANAGEMENT ON DATABASE ledgerspace, searchspace",
)
OVERRIDES = ("-e", f"@{ROOT / 'lab' / 'prod.yml'}")
WARNINGS = {"encryption", "first_contact"}


class Application:
    """What the application is given, which a test may change."""

    def __init__(self, lab):
        self.lab = lab
        self._client = lab.client("secretsmanager")
        self._first = self._client.get_secret_value(SecretId=SECRET)["SecretString"]

    def give(self, **values):
        """Of each space, or by the name of a space before it, as in `ledger_pass`."""
        given = json.loads(self._first)
        for name in given:
            _, _, space, _, part = name.lower().split("_", 4)
            given[name] = values.get(f"{space}_{part}", values.get(part, given[name]))
        self._client.put_secret_value(SecretId=SECRET, SecretString=json.dumps(given))

    def take_back(self):
        self._client.put_secret_value(SecretId=SECRET, SecretString=self._first)

    def verify(self, *arguments, **more):
        return self.lab.renew(*arguments, playbook="verify_application_connection.yml", **more)


@pytest.fixture
def application(lab):
    """With a user of its own."""
    lab.administer(f"CREATE USER {USER} IF NOT EXISTS SET PASSWORD $password CHANGE NOT REQUIRED", password=PASSWORD)
    lab.administer("CREATE ROLE application IF NOT EXISTS")
    for privilege in PRIVILEGES:
        lab.administer(f"GRANT {privilege} TO application")
    lab.administer(f"GRANT ROLE application TO {USER}")
    application = Application(lab)
    application.give(user=USER, **{"pass": PASSWORD})
    yield application
    application.take_back()
    lab.administer(f"DROP USER {USER}")
    lab.administer("DROP ROLE application")


def found(run, status="failed"):
    """Check -> detail, of those with this status."""
    checks = [check for check in run.report["checks"] if check["id"].startswith("connection.")]
    return {check["id"].partition(".")[2]: check["detail"] for check in checks if check["status"] == status}


def test_production_is_well_and_nothing_is_written(application):
    lab = application.lab
    starts, before = [lab.starts(name) for name in SERVERS], lab.asked("MERGE")
    login = lab.neo4j_user("ops_reader")
    with lab.as_user_with(iam.READER, iam.APPLICATION, **login):
        run = application.verify(*OVERRIDES, inventory="inventories/prod", ops_reports=str(lab.reports), **login)
    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert run.report["verdict"] == "passed" and set(found(run)) == WARNINGS
    assert found(run, "passed").keys() >= {"login", "members", "database", "writer", "bookmarks", "privileges", "loss"}
    assert "nothing was written" in found(run, "passed")["writer"]
    assert lab.asked("MERGE") == before and [lab.starts(name) for name in SERVERS] == starts and lab.lock() is None
    assert PASSWORD not in run.output and PASSWORD not in json.dumps(run.report)


@a_sample
def test_a_probe_is_written_when_it_is_asked_for_and_not_in_check_mode(application):
    before = application.lab.asked("MERGE")
    looked = application.verify("--check", verify_application_connection_write="true")
    assert looked.rc == 0 and application.lab.asked("MERGE") == before, looked.output[-3000:]
    run = application.verify(verify_application_connection_write="true")
    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert "the probe was read at" in found(run, "passed")["bookmarks"]
    assert application.lab.asked("MERGE") == before + 2


@a_sample
def test_a_wrong_password_is_tried_once_and_never_shown(application):
    application.give(user=USER, **{"pass": "not this one at all"})
    run = application.verify("-vvv", verify_application_connection_seconds=5)
    assert run.rc == 2 and run.report["verdict"] == "failed", run.output[-3000:]
    assert "authentication: " in found(run)["login"] and "It was tried once" in found(run)["login"]
    assert not {"database", "writer", "watch.read"} & {*found(run), *found(run, "passed")}
    assert "not this one at all" not in run.output + json.dumps(run.report)
    # A third try would have locked the user out: each run asked once, though both spaces have this login
    application.verify()
    application.give(user=USER, **{"pass": PASSWORD})
    assert application.verify().rc == 0


@a_sample
def test_an_address_of_one_server_and_a_database_of_nobody(application):
    lab = application.lab
    values = {"ledger_bolt_url": lab.uri(TWO), "search_database": "serchspace"}
    application.give(user=USER, **{"pass": PASSWORD}, **values)
    run = application.verify()
    assert run.rc == 2, run.output[-3000:]
    assert "stays with this one of 3 servers" in found(run)["scheme"]
    assert "serchspace" in found(run)["routing"] and "serchspace" in found(run)["database"]
    [cut_off] = [c for c in run.report["checks"] if c["id"] == "connection.loss" and c["status"] == "failed"]
    assert cut_off["server"].startswith(TWO) and "ledger is cut off" in cut_off["detail"]


@a_sample
def test_an_advertised_address_that_leads_nowhere(application):
    lab = application.lab
    lab.neo4j(TWO, "stop")
    lab.write_conf(TWO, f"server.bolt.advertised_address={lab.uri(TWO)[7:-5]}:7699\n")
    assert lab.neo4j(TWO, "start").returncode == 0
    lab.settle()
    run = application.verify()
    assert run.rc == 2, run.output[-3000:]
    assert ":7699: refused: " in found(run)["members"] and set(found(run)) == {*WARNINGS, "members"}


@a_sample
def test_what_is_not_given_is_refused(application):
    run = application.verify(neo4j_application=[])
    assert run.rc == 2 and "neo4j_application names no connection" in run.report["failure"], run.output[-3000:]
    gone = {"type": "aws_secretsmanager", "name": "credex/production/nothing"}
    given = [{"space": "ledger", "uri": gone, "username": gone, "password": gone}]
    run = application.verify(neo4j_application=given)
    assert run.rc == 2 and "credex/production/nothing does not exist" in run.report["failure"], run.output[-3000:]


def test_the_writer_is_lost_and_no_unit_of_work_fails(application):
    lab = application.lab
    before = lab.asked("MERGE")

    def lose_it():
        lab.until(lambda: lab.asked("MERGE") > before + 20, "the application's work")
        lab.fault("kill", ONE)
        lost = lab.asked("MERGE")
        lab.until(lambda: lab.asked("MERGE") > lost + 20, "its work without the writer")
        assert lab.neo4j(ONE, "start").returncode == 0

    more = {"verify_application_connection_write": True, "verify_application_connection_seconds": 25}
    run = application.verify(meanwhile=lose_it, **more)
    assert run.rc == 0, run.output[-3000:]
    assert set(found(run)) == WARNINGS and {outage.server for outage in run.seen.outages} == {ONE}
    felt = {
        (c["group"], c["id"]): c["evidence"] for c in run.report["checks"] if c["id"].startswith("connection.watch")
    }
    assert len(felt) == 4 and all(each["failed"] == 0 and each["done"] > 5 for each in felt.values())
    writers = felt["ledger", "connection.watch.write"]["servers"]
    assert f"{lab.uri(ONE)[7:]}" in writers and len(writers) > 1, "it was the writer, and another one became it"


@a_sample
def test_development_accepts_that_nobody_stands_in(singles):
    with singles.as_client_of("development"):
        run = singles.renew(
            *OVERRIDES,
            playbook="verify_application_connection.yml",
            inventory="inventories/dev",
            ops_reports=str(singles.reports),
        )
    assert run.rc == 0, run.output[-3000:]
    assert set(found(run)) == {"encryption", "privileges"} and "its outage is accepted" in found(run, "passed")["loss"]

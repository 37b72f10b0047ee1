# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""validate_license.yml: clean, one planted violation for each case, trials in development, and killed in the middle."""

from __future__ import annotations

import contextlib
import signal

import neo4j
import pytest

from tests.lab.operations.lab_driver import ROOT, THREE, TWO

a_sample = pytest.mark.sampled(1, of="trouble of a validation")

CASES = ("1 Application", "2 Instance count", "3 Resource limits", "4 Enterprise features", "5 Expiry handling")
RENEWAL = "6 Renewal"
LEDGER, SEARCH = "Neo4j-LedgerSpace-development", "Neo4j-SearchSpace-development"


@pytest.fixture
def validate(lab):
    def run(*arguments, **variables):
        return lab.renew(*arguments, playbook="validate_license.yml", **variables)

    return run


def cases(run):
    return {group["name"]: group["status"] for group in run.report["groups"]}


def failing(run):
    return {name for name, status in cases(run).items() if status == "failed"}


def execute(lab, statement, *, database="system", server=None):
    """As the administrator, on the server that writes the database."""
    rows = lab.members()[0]["databases"]
    address = next(r["address"] for r in rows if r["name"] == "system" and r["writer"])
    with neo4j.GraphDatabase.driver(f"bolt://{server or address}", auth=("neo4j", lab.secrets()[0])) as driver:
        return driver.execute_query(statement, database_=database).records


def test_a_clean_environment_and_again(lab, validate, tmp_path):
    before = lab.pids()
    figures = tmp_path / "license.prom"
    operator = lab.neo4j_user("ops_reader", "ops_operator")
    run = validate(license_validation_metrics_file=str(figures), **operator)
    assert run.rc == 0, run.output[-3000:]
    assert cases(run) == {**dict.fromkeys(CASES, "passed"), RENEWAL: "skipped"}
    assert run.report["verdict"] == "passed" and run.changed == 0 and lab.pids() == before
    assert not [row for row in execute(lab, "SHOW DATABASES YIELD name") if row["name"].startswith("credexops")]
    assert 'credex_license_machines_allowed{environment="production"} 3.0' in figures.read_text()
    assert lab.lock() is None

    looked = validate("--check", **lab.neo4j_user("ops_reader"))
    assert looked.rc == 0, looked.output[-3000:]
    assert cases(looked)["4 Enterprise features"] == "skipped"


@a_sample
def test_production_is_never_disturbed(lab, validate):
    before = lab.pids()
    run = validate(license_validation_disruptive=True)
    assert run.rc == 2 and "is refused for production" in run.report["failure"], run.output[-3000:]
    assert lab.pids() == before and lab.lock() is None
    assert {status for name, status in cases(run).items() if name != RENEWAL} == {"skipped"}


# One planted violation for each case


@contextlib.contextmanager
def a_silent_server(lab):
    lab.fault("hang", THREE)
    yield


@contextlib.contextmanager
def a_fourth_machine(lab):
    """Stopped: it can start again, and the inventory does not see it."""
    tags = [{"Key": "Name", "Value": "neo4j-production-4"}, {"Key": "Environment", "Value": "production"}]
    placed = {"ResourceType": "instance", "Tags": tags}
    [made] = lab.client("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="r6i.large", TagSpecifications=[placed]
    )["Instances"]
    lab.client("ec2").stop_instances(InstanceIds=[made["InstanceId"]])
    yield
    lab.client("ec2").terminate_instances(InstanceIds=[made["InstanceId"]])


@contextlib.contextmanager
def a_large_machine(lab):
    instance = lab.instance(TWO)
    kind = {"InstanceId": instance["InstanceId"], "InstanceType": {"Value": "m5.24xlarge"}}
    lab.client("ec2").modify_instance_attribute(**kind)
    yield
    kind["InstanceType"] = {"Value": instance["InstanceType"]}
    lab.client("ec2").modify_instance_attribute(**kind)


@contextlib.contextmanager
def a_role_that_lets_everybody_in(lab):
    execute(lab, "GRANT ACCESS ON DATABASE * TO PUBLIC")
    yield
    execute(lab, "REVOKE GRANT ACCESS ON DATABASE * FROM PUBLIC")


@contextlib.contextmanager
def an_expired_license(lab):
    lab.license_file(TWO).write_text(lab.command("license", "--days", "-1"))
    lab.neo4j(TWO, "restart")
    lab.settle()
    yield


@contextlib.contextmanager
def a_license_that_nobody_renewed(lab):
    assert lab.renew().rc == 0
    lab.license_file(TWO).write_text(lab.command("license", "--days", "100"))
    lab.neo4j(TWO, "restart")
    lab.settle()
    yield


# Two at a time where neither has to do with the other's case
PLANTED = [
    {CASES[0]: a_silent_server},
    {CASES[1]: a_fourth_machine, CASES[3]: a_role_that_lets_everybody_in},
    {CASES[2]: a_large_machine, CASES[4]: an_expired_license},
    {RENEWAL: a_license_that_nobody_renewed},
]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: "-".join(p.__name__ for p in planted.values()))
def test_planted_violations_fail_exactly_their_cases(lab, validate, planted):
    required = [1, 2, 3, 4, 6] if RENEWAL in planted else [1, 2, 3, 4]
    patience = {"license_validation_timeout": 3} if a_silent_server in planted.values() else {}
    with contextlib.ExitStack() as stack:
        for plant in planted.values():
            stack.enter_context(plant(lab))
        run = validate(license_validation_required=required, **patience)
    assert run.rc == 2 and run.report["verdict"] == "failed", run.output[-3000:]
    assert failing(run) == set(planted)
    for group in run.report["groups"]:
        assert group["name"] not in planted or (group["reasons"] and group["follow_up"])


# Trials, in development


@pytest.fixture
def development(singles, tmp_path):
    """Runs the validation there, with an expired and a fresh file, or starts it in a process group of its own."""
    files = {}
    for name, days in (("expired", "-5"), ("fresh", "300")):
        file = tmp_path / f"{name}.license"
        file.write_text(singles.command("license", "--days", days))
        files[f"license_validation_{name}_file"] = {"type": "file", "path": str(file)}
    variables = {
        "license_validation_disruptive": True,
        "license_validation_allow_downtime": True,
        "ops_reports": str(singles.reports),
        **files,
    }
    line = {"inventory": "inventories/dev", "playbook": "validate_license.yml"}
    with singles.as_client_of("development"):
        yield lambda **more: singles.renew("-e", f"@{ROOT / 'lab' / 'prod.yml'}", **line, **{**variables, **more})


def licenses(lab):
    return {name: lab.license_file(name).read_text() for name in (LEDGER, SEARCH)}


def test_an_expired_and_a_fresh_file_are_tried_and_the_present_one_is_back(singles, development):
    before, pids = licenses(singles), [singles.pid(LEDGER), singles.pid(SEARCH)]
    run = development()
    assert run.rc == 0, run.output[-3000:]
    assert set(cases(run).values()) == {"passed"} and len(cases(run)) == 6
    assert licenses(singles) == before and [singles.pid(LEDGER), singles.pid(SEARCH)] != pids
    told = {check["id"].removeprefix("license_validation."): check for check in run.report["checks"]}
    assert "License error" in told["5.refused"]["detail"] and "License error" in told["5.warned"]["evidence"]["log"][-1]
    renewed = [check for check in run.report["checks"] if check["id"] == "license_validation.6.renewed"]
    assert {check["server"].partition("_")[0] for check in renewed} == {LEDGER, SEARCH}


@a_sample
def test_without_the_word_for_the_outage_nothing_is_restarted(singles, development):
    pids = [singles.pid(LEDGER), singles.pid(SEARCH)]
    run = development(license_validation_allow_downtime=False)
    assert run.rc == 2 and "to take it down is an outage" in run.report["failure"], run.output[-3000:]
    assert [singles.pid(LEDGER), singles.pid(SEARCH)] == pids


@a_sample
def test_killed_in_case_5_and_run_again_the_present_file_is_back(singles, development):
    before = licenses(singles)

    def kill():
        singles.until(lambda: licenses(singles) != before, "an expired file")
        singles.until(lambda: "License error" in singles.in_force_on(LEDGER, SEARCH), "the expired file in force")
        singles.kill_all()

    killed = development(meanwhile=kill)
    assert killed.rc == -signal.SIGKILL and licenses(singles) != before
    run = development()
    assert run.rc == 0, run.output[-3000:]
    assert licenses(singles) == before and "License error" not in singles.in_force_on(LEDGER, SEARCH)


@a_sample
def test_killed_in_case_4_and_run_again_nothing_is_left(lab, validate):
    def made():
        rows = execute(lab, "SHOW DATABASES YIELD name")
        return [row["name"] for row in rows if row["name"].startswith("credexops-validation-")]

    def kill():
        lab.until(made, "a database of the validation")
        lab.kill_all()

    killed = validate(meanwhile=kill)
    assert killed.rc == -signal.SIGKILL and made()
    run = validate()
    assert run.rc == 0, run.output[-3000:]
    [told] = [check for check in run.report["checks"] if check["id"] == "license_validation.4.leftovers"]
    assert "credexops-validation-" in told["detail"] and made() == []

# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input that cannot be right: a run says which, what is wrong with it and what to do, and has changed nothing.

What is refused at the same place shares a run; the readers' own tests have many more such inputs.
"""

from __future__ import annotations

import gzip

import neo4j
import pytest

from tests.lab.operations.lab_driver import SERVERS, only

pytestmark = pytest.mark.sampled(2, of="bad input")

WRONG = "this is the wrong one"
CONTRACT = {
    "holder": "Great Sun",
    "expires": "2027-05-31",
    "count_cpu_as": "cores",
    "machines": {"development": 6, "staging": 3},
    "max_cpu": 24,
    "max_memory": "256 GB",
}


def file(path):
    return {"type": "file", "path": str(path)}


def files(**sources):
    return [{"product": name, "source": source, "path": f"neo4j-{name}.license"} for name, source in sources.items()]


def why(run):
    """What the report says of a run that was refused; the words are ours, not Ansible's around them."""
    assert run.report["verdict"] == "failed" and "Task failed" not in run.report["failure"]
    return run.report["failure"]


@pytest.fixture
def secrets(lab):
    """Names of secrets that are there, and of no use."""
    client = lab.client("secretsmanager")
    for name in ("empty", "going"):
        client.create_secret(Name=f"test/{name}", SecretString=" ")
    client.delete_secret(SecretId="test/going", RecoveryWindowInDays=7)
    yield {name: {"type": "aws_secretsmanager", "name": f"test/{name}"} for name in ("missing", "empty", "going")}
    for name in ("empty", "going"):
        client.delete_secret(SecretId=f"test/{name}", ForceDeleteWithoutRecovery=True)


def test_sources_that_hold_no_license_are_all_named(untouched, secrets, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 10 * 1024 * 1024)
    (tmp_path / "packed").write_bytes(gzip.compress(untouched.secrets()[1].encode()))
    places = [*secrets.values(), *(file(tmp_path / name) for name in ("large", "packed", "none"))]
    places.append({"type": "env", "variable": "CREDEX_NOT_SET"})
    run = untouched.renew(
        neo4j_license_files=[{**entry, "source": place} for place in places for entry in files(gds={})]
    )
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    for words in (
        "test/missing does not exist in this account and region: create it",
        "test/going is scheduled for deletion: restore it",
        "test/empty is empty: put the value there",
        f"{tmp_path}/large has more than 1048576 bytes",
        f"{tmp_path}/packed is not UTF-8 text",
        f"{tmp_path}/none cannot be read: No such file or directory",
        "CREDEX_NOT_SET is not set: export the variable",
        "Nothing was changed",
    ):
        assert words in said


def test_contents_that_are_no_license_are_all_named(untouched, tmp_path):
    good = untouched.secrets()[1].encode()
    damaged = {"gds": good[:-9], "bloom": b"\xef\xbb\xbf" + good, "other": good.replace(b"\n", b"\r\n")}
    for product, content in damaged.items():
        (tmp_path / product).write_bytes(content)
    run = untouched.renew(neo4j_license_files=files(**{product: file(tmp_path / product) for product in damaged}))
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    for product, words in {"gds": "cut off", "bloom": "byte order mark", "other": "Windows line ends"}.items():
        assert f"the license for {product} from file {tmp_path}/{product} cannot be used: it" in said
        assert words in said
    assert "take the original" in said and "Nothing was changed" in said
    assert good[:20].decode() not in said, "it never repeats what it has read"


def test_an_expired_license(untouched, tmp_path):
    (tmp_path / "old").write_text(untouched.command("license", "--days", "-1"))
    run = untouched.renew(neo4j_license_files=files(gds=file(tmp_path / "old")))
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    for name in SERVERS:
        assert f"{untouched.license_file(name)}: it expired at " in said
    assert "Nothing was changed. Store the right license, or overrule with renew_license_accept" in said


def test_a_password_that_is_scheduled_for_deletion(untouched, secrets):
    run = untouched.renew(neo4j_password_source=secrets["going"])
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    assert "test/going is scheduled for deletion: restore it" in said and "Nothing was changed" in said


@pytest.mark.parametrize("playbook", ["renew_license.yml", "validate_license.yml"])
def test_a_wrong_password_is_tried_once_on_each_server(untouched, tmp_path, playbook):
    (tmp_path / "password").write_text(WRONG)
    run = untouched.renew("-vvv", playbook=playbook, neo4j_password_source=file(tmp_path / "password"))
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    assert all(untouched.uri(name) in said for name in SERVERS)
    assert "Check username and password before the next try" in said and "Nothing was changed" in said
    assert WRONG not in run.output
    for name in SERVERS:
        driver = neo4j.GraphDatabase.driver(untouched.uri(name), auth=("neo4j", WRONG))
        with driver, pytest.raises(neo4j.exceptions.AuthError, match="authentication failure"):
            driver.verify_connectivity()
        # The third in a row locks the user out, so that was the second
        assert "License expires at" in untouched.in_force(name)


def test_a_server_whose_name_nobody_knows(untouched):
    run = untouched.renew(neo4j_bolt_uri="bolt://no-such-host.invalid:7687")
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    assert "bolt://no-such-host.invalid:7687: " in said and "Check the host name" in said


def test_a_limit_that_names_no_server(untouched):
    run = untouched.renew(*only("neo4j-production-9"))
    assert run.rc == 1 and not run.report
    assert "Could not match supplied host pattern, ignoring: neo4j-production-9*" in run.output


def test_a_freeze_window_that_no_clock_shows(untouched):
    windows = [{"from": 1425, "to": "00:45", "tz": "UTC", "reason": "daily credcoin offering"}]
    run = untouched.renew(ops_freeze_windows=windows)
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    assert "'from': 1425" in said and 'from must be a quoted time of day such as "23:45"' in said


def test_a_contract_without_a_limit_for_the_environment(untouched):
    run = untouched.renew(playbook="validate_license.yml", neo4j_license_contract=CONTRACT)
    assert run.rc == 2, run.output[-3000:]
    said = why(run)
    assert "neo4j_license_contract.machines has no limit for production" in said and "0 if nothing" in said

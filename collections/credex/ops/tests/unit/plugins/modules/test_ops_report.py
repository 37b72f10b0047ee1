# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from xml.etree import ElementTree

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._report import journal as journals
from ansible_collections.credex.ops.plugins.module_utils._report import process
from ansible_collections.credex.ops.plugins.modules import ops_journal, ops_report
from moto import mock_aws

AWS = {"region": "af-south-1", "access_key": "AKIATEST", "secret_key": "not-a-secret"}
RUN = {"operation": "renew_license", "environment": "production", "servers": ["n1"]}
CHECK = {"id": "gate", "server": "n1", "status": "passed"}


@pytest.fixture
def module(capsys):
    def run(face, check=False, **given):
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            face.main()
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def journal(module, tmp_path):
    def run(state, check=False, **given):
        return module(ops_journal, check, state=state, directory=str(tmp_path / "journals"), **given)

    return run


@pytest.fixture
def report(module, tmp_path):
    def run(path, check=False, **given):
        return module(ops_report, check, journal=path, **{"destination": str(tmp_path / "reports"), **given})

    return run


@pytest.fixture
def no_playbook(monkeypatch):
    """As if no playbook were above this process, so that age alone tells."""
    monkeypatch.setattr(process, "controller", lambda: None)


def files(result):
    return {name: Path(path).read_text() for name, path in result["files"].items()}


def test_from_opening_to_the_published_report(journal, report):
    opened = journal("opened", run=RUN)
    assert opened["changed"] and opened["orphans"] == [] and os.path.exists(opened["path"])
    run_id = opened["run"]["id"]
    probe = report(opened["path"])
    assert (probe["verdict"], probe["green"]) == ("running", False) and "Running" in files(probe)["index.html"]
    assert journal("recorded", run_id=run_id, checks=[CHECK, {**CHECK, "id": "verify"}])["recorded"] == 2
    journal("finished", run_id=run_id)
    result = report(opened["path"])
    assert (result["verdict"], result["green"], result["counts"]["passed"]) == ("passed", True, 2)
    assert Path(result["url"]).parts[-4:] == ("production", "renew_license", run_id, "index.html")
    written = files(result)
    assert json.loads(written["report.json"])["verdict"] == "passed"
    assert ElementTree.fromstring(written["report.xml"]).get("failures") == "0"
    assert "Passed" in written["index.html"]
    assert journals.read(opened["path"]).published["url"] == result["url"]
    assert sorted(os.listdir(os.path.dirname(result["url"]))) == ["index.html", "report.json", "report.xml"]


def test_the_header_says_who_and_when(journal):
    own = journal("opened", run_id="awx-7", run={**RUN, "holder": "t.maponga (AWX job 7)", "check_mode": True})["run"]
    assert (own["id"], own["holder"], own["check_mode"]) == ("awx-7", "t.maponga (AWX job 7)", True)
    made = journal("opened", run=RUN)["run"]
    assert "@" in made["holder"] and made["started"].endswith("Z") and made["id"].startswith(made["started"][:4])


def test_an_orphan_is_found_and_published_as_interrupted_once(journal, report, no_playbook):
    orphan = journal("opened", run_id="killed", run=RUN)
    journal("recorded", run_id="killed", checks=[CHECK])
    long_ago = time.time() - 7 * 3600
    os.utime(orphan["path"], (long_ago, long_ago))
    [found] = journal("opened", run_id="next", run=RUN)["orphans"]
    assert (found["path"], found["run"]["id"], found["interrupted"]) == (orphan["path"], "killed", True)
    assert report(found["path"], interrupted=True)["verdict"] == "interrupted"
    assert journal("opened", run_id="third", run=RUN)["orphans"] == []


def test_a_run_that_ended_without_publishing_keeps_its_verdict(journal, report, no_playbook):
    path = journal("opened", run_id="unpublished", run=RUN)["path"]
    journal("recorded", run_id="unpublished", checks=[CHECK])
    journal("finished", run_id="unpublished")
    [found] = journal("opened", run_id="next", run=RUN, orphan_after=-1)["orphans"]
    assert (found["path"], found["interrupted"]) == (path, False)
    assert report(path, interrupted=True)["verdict"] == "passed"


def test_a_journal_whose_playbook_lives_is_no_orphan(journal, monkeypatch):
    living = {"host": process.socket.gethostname(), "pid": os.getpid(), "start": process._start(os.getpid())}
    monkeypatch.setattr(process, "controller", lambda: living)
    journal("opened", run_id="living", run=RUN)
    assert journal("opened", run_id="next", run=RUN, orphan_after=-1)["orphans"] == []
    monkeypatch.setattr(process, "controller", lambda: {**living, "start": 1})
    journal("opened", run_id="dead", run=RUN)
    assert [orphan["run"]["id"] for orphan in journal("opened", run_id="last", run=RUN)["orphans"]] == ["dead"]


def test_check_mode_writes_nothing(journal, report, tmp_path):
    assert not os.path.exists(journal("opened", check=True, run=RUN)["path"])
    path = journal("opened", run_id="run-1", run=RUN)["path"]
    before = Path(path).read_text()
    assert journal("recorded", check=True, run_id="run-1", checks=[CHECK])["recorded"] == 1
    journal("finished", check=True, run_id="run-1")
    assert report(path, check=True)["verdict"] == "running"
    assert Path(path).read_text() == before and not (tmp_path / "reports").exists()


def test_a_secret_in_the_evidence_does_not_reach_the_disk(journal):
    path = journal("opened", run_id="run-1", run=RUN)["path"]
    journal("recorded", run_id="run-1", checks=[{**CHECK, "evidence": {"password": "hunter2", "lag": 0}}])
    assert "hunter2" not in Path(path).read_text() and '"lag": 0' in Path(path).read_text()


def test_damaged_lines_make_the_report_incomplete(journal, report):
    path = journal("opened", run_id="run-1", run=RUN)["path"]
    journal("recorded", run_id="run-1", checks=[CHECK])
    with open(path, "a") as file:
        file.write('{"torn\n{"id": "x", "status": "fine"}\n')
    journal("finished", run_id="run-1")
    result = report(path)
    assert result["verdict"] == "incomplete" and "2 lines of" in result["findings"][0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"state": "recorded", "run_id": "none", "checks": [CHECK]}, "open it first"),
        ({"state": "recorded", "run_id": "../up", "checks": [CHECK]}, "not usable"),
        ({"state": "recorded", "run_id": "r", "checks": [{**CHECK, "at": "noon"}]}, "expected an ISO 8601 time"),
        ({"state": "recorded", "run_id": "r", "checks": [{"id": "x"}]}, "status"),
        ({"state": "opened"}, "run"),
        ({"state": "finished"}, "run_id"),
    ],
)
def test_what_the_journal_refuses(journal, given, words):
    result = journal(**given)
    assert result["failed"] and words in result["msg"]


def test_a_report_that_cannot_be_written_says_where_and_what_to_do(journal, report, tmp_path):
    path = journal("opened", run=RUN)["path"]
    (tmp_path / "reports").write_text("a file where the folder should be")
    result = report(path)
    assert result["failed"] and "Cannot write the report" in result["msg"] and "ops_reports" in result["msg"]
    assert "Cannot read the journal" in report("/nonexistent/journal.jsonl")["msg"]


def test_no_name_leads_out_of_the_destination(journal, report, tmp_path):
    opened = journal("opened", run={**RUN, "environment": "../..", "operation": "/etc/a b"})
    url = Path(report(opened["path"])["url"]).resolve()
    assert url.is_relative_to(tmp_path / "reports") and len(url.relative_to(tmp_path / "reports").parts) == 4


class TestBucket:
    @pytest.fixture
    def s3(self, monkeypatch):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            client = boto3.client("s3", region_name="af-south-1")
            client.create_bucket(
                Bucket="reports-of-test", CreateBucketConfiguration={"LocationConstraint": "af-south-1"}
            )
            yield client

    @pytest.mark.parametrize("prefix", ["", "/", "/credex/", "/credex"])
    def test_the_report_lies_under_the_prefix_with_its_type(self, journal, report, s3, prefix):
        path = journal("opened", run_id="run-1", run=RUN)["path"]
        result = report(path, destination=f"s3://reports-of-test{prefix}", **AWS)
        folder = "/".join(part for part in (prefix.strip("/"), "production/renew_license/run-1") if part)
        assert result["url"] == f"s3://reports-of-test/{folder}/index.html"
        page = s3.get_object(Bucket="reports-of-test", Key=f"{folder}/index.html")
        assert page["ContentType"] == "text/html; charset=utf-8" and b"Renew license" in page["Body"].read()
        assert {entry["Key"] for entry in s3.list_objects_v2(Bucket="reports-of-test")["Contents"]} == {
            f"{folder}/{name}" for name in ("index.html", "report.json", "report.xml")
        }

    def test_a_missing_bucket_is_named(self, journal, report, s3):
        path = journal("opened", run=RUN)["path"]
        result = report(path, destination="s3://none-such/", **AWS)
        assert result["failed"] and "Create the bucket none-such" in result["msg"]
        assert "names no bucket" in report(path, destination="s3://", **AWS)["msg"]

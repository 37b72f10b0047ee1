# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding published reports again, in a folder and in S3, and the page that lists the last of each operation."""

from __future__ import annotations

import json
import os
from pathlib import Path

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.modules import ops_report_index, ops_report_info
from moto import mock_aws

AWS = {"region": "af-south-1", "access_key": "AKIATEST", "secret_key": "not-a-secret"}
BUCKET = "reports"


def report(run_id, verdict="passed", environment="production", operation="renew_license", check_mode=False, **more):
    run = {
        "id": run_id,
        "environment": environment,
        "operation": operation,
        "title": operation.replace("_", " ").capitalize(),
        "check_mode": check_mode,
        "started": "2026-11-24T01:00:00Z",
        "finished": "2026-11-24T01:02:00Z",
    }
    return {"run": run, "verdict": verdict, "summary": f"It {verdict}.", "groups": [], **more}


class Folder:
    def __init__(self, root):
        self.destination = str(root)
        self.count = 0

    def put(self, document):
        run = document["run"]
        file = Path(self.destination, run["environment"], run["operation"], run["id"], "report.json")
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(document))
        self.count += 1
        os.utime(file, (self.count, self.count))

    def page(self):
        return Path(self.destination, "index.html").read_text()


class Bucket:
    destination = f"s3://{BUCKET}/all/"

    def __init__(self):
        self.client = boto3.client(
            "s3", region_name=AWS["region"], aws_access_key_id="AKIATEST", aws_secret_access_key="not-a-secret"
        )
        where = {"LocationConstraint": AWS["region"]}
        self.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)

    def put(self, document):
        run = document["run"]
        key = f"all/{run['environment']}/{run['operation']}/{run['id']}/report.json"
        self.client.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())

    def page(self):
        return self.client.get_object(Bucket=BUCKET, Key="all/index.html")["Body"].read().decode()


@pytest.fixture(params=["folder", "bucket"])
def archive(request, tmp_path):
    with mock_aws():
        yield Folder(tmp_path) if request.param == "folder" else Bucket()


@pytest.fixture
def module(capsys):
    def run(face, **given):
        with patch_module_args({**AWS, **given}), pytest.raises(SystemExit):
            face.main()
        return json.loads(capsys.readouterr().out)

    return run


def last(module, archive, operation="renew_license"):
    found = module(ops_report_info, destination=archive.destination, environment="production", operation=operation)[
        "report"
    ]
    return found and found["run"]["id"]


def test_the_last_run_that_ended_and_was_no_check_mode(module, archive):
    assert last(module, archive) is None
    for document in (
        report("r1"),
        report("r2", environment="staging"),
        report("r3", operation="validate_license"),
        report("r4", check_mode=True, verdict="planned"),
        report("r5", verdict="running"),
    ):
        archive.put(document)
    assert last(module, archive) == "r1"
    assert last(module, archive, "validate_license") == "r3"


def test_the_page_lists_the_last_of_each(module, archive):
    group = {"name": "4 Enterprise features", "status": "failed", "counts": {}, "follow_up": []}
    group["reasons"] = [{"status": "failed", "required": False, "text": "no role could be created"}]
    archive.put(report("old", verdict="failed"))
    archive.put(report("new"))
    archive.put(report("v", verdict="failed", environment="staging", operation="validate_license", groups=[group]))
    result = module(ops_report_index, destination=archive.destination)
    assert [(r["environment"], r["run_id"], r["verdict"]) for r in result["reports"]] == [
        ("production", "new", "passed"),
        ("staging", "v", "failed"),
    ]
    page = archive.page()
    assert 'href="production/renew_license/new/index.html"' in page and "old" not in page
    assert "4 Enterprise features" in page and "no role could be created" in page and "warning" in page
    only = module(ops_report_index, destination=archive.destination, operations=["validate_license"])
    assert [r["run_id"] for r in only["reports"]] == ["v"]


def test_without_a_report_the_page_says_so(module, archive):
    assert module(ops_report_index, destination=archive.destination)["reports"] == []
    assert "No operation has left a report here" in archive.page()


def test_in_check_mode_no_page_is_written(module, tmp_path):
    module(ops_report_index, destination=str(tmp_path), _ansible_check_mode=True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_report_is_named(module, tmp_path):
    file = tmp_path / "production/renew_license/broken/report.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    failed = module(ops_report_info, destination=str(tmp_path), environment="production", operation="renew_license")
    assert failed["failed"] and str(file) in failed["msg"]


def test_a_bucket_that_is_not_there_is_named(module):
    with mock_aws():
        failed = module(
            ops_report_info, destination="s3://nowhere/", environment="production", operation="renew_license"
        )
    assert failed["failed"] and "nowhere" in failed["msg"] and "s3:ListBucket" in failed["msg"]


def test_the_page_in_a_bucket_s_root_has_no_folder(module):
    with mock_aws():
        bucket = Bucket()
        module(ops_report_index, destination=f"s3://{BUCKET}/")
        assert [item["Key"] for item in bucket.client.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["index.html"]

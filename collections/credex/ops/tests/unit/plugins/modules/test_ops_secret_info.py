# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._aws import secrets
from ansible_collections.credex.ops.plugins.modules import ops_secret_info
from botocore.exceptions import ClientError
from moto import mock_aws

AWS = {"region": "af-south-1", "access_key": "AKIATEST", "secret_key": "not-a-secret"}
LICENSE = "eyJhbGciOiJSUzI1NiJ9.licenseköntent.c2ln\n"
PASSWORD = "p4ssw0rd-of-neo4j"
LICENSE_SOURCE = {"type": "aws_secretsmanager", "name": "credex/production/neo4j/license/gds"}
PASSWORD_SOURCE = {"type": "aws_secretsmanager", "name": "credex/production/neo4j/password", "key": "password"}


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        manager = boto3.client("secretsmanager", region_name="af-south-1")
        manager.create_secret(Name=LICENSE_SOURCE["name"], SecretString=LICENSE)
        manager.create_secret(
            Name=PASSWORD_SOURCE["name"], SecretString=json.dumps({"username": "neo4j", "password": PASSWORD})
        )
        yield manager


@pytest.fixture
def ssm(aws):
    client = boto3.client("ssm", region_name="af-south-1")
    for value in ("old", "new"):
        client.put_parameter(Name="/credex/token", Value=value, Type="SecureString", Overwrite=value == "new")
    return client


@pytest.fixture
def read(capsys):
    def run(*sources, **more):
        with patch_module_args({"sources": list(sources), **AWS, **more}), pytest.raises(SystemExit):
            ops_secret_info.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_a_secret_with_its_version(read, aws):
    result = read(LICENSE_SOURCE)
    [secret] = result["secrets"]
    assert secret["value"] == LICENSE and secret["bytes"] == len(LICENSE.encode()) and not result["changed"]
    assert secret["version"] == aws.describe_secret(SecretId=LICENSE_SOURCE["name"])["VersionIdsToStages"].popitem()[0]
    assert len(secret["fingerprint"]) == 16 and int(secret["fingerprint"], 16) >= 0
    assert secret["source"] == "aws_secretsmanager credex/production/neo4j/license/gds"


def test_each_source_in_its_order(read, aws, ssm, tmp_path, monkeypatch):
    (tmp_path / "license").write_text(LICENSE)
    monkeypatch.setenv("NEO4J_SECRET_OF_TEST", "from-env")
    result = read(
        {"type": "env", "variable": "NEO4J_SECRET_OF_TEST"},
        {"type": "file", "path": str(tmp_path / "license")},
        {"type": "aws_ssm", "name": "/credex/token"},
        {"type": "aws_ssm", "name": "/credex/token", "version": "1"},
        PASSWORD_SOURCE,
    )
    assert [secret["value"] for secret in result["secrets"]] == ["from-env", LICENSE, "new", "old", PASSWORD]
    assert [secret["version"] for secret in result["secrets"][2:4]] == ["2", "1"]
    assert result["secrets"][1]["version"] == result["secrets"][1]["fingerprint"]


def test_files_and_variables_need_no_aws(read, tmp_path, monkeypatch):
    monkeypatch.setattr(ops_secret_info, "HAS_BOTO3", False)
    (tmp_path / "license").write_text(LICENSE)
    assert read({"type": "file", "path": str(tmp_path / "license")})["secrets"][0]["value"] == LICENSE
    assert "boto3" in read(LICENSE_SOURCE)["msg"]


def test_versions_and_stages(read, aws):
    first = read(LICENSE_SOURCE)["secrets"][0]["version"]
    aws.put_secret_value(SecretId=LICENSE_SOURCE["name"], SecretString="next", VersionStages=["AWSPENDING"])
    assert read(LICENSE_SOURCE)["secrets"][0]["value"] == LICENSE
    assert read({**LICENSE_SOURCE, "version": "AWSPENDING"})["secrets"][0]["value"] == "next"
    assert read({**LICENSE_SOURCE, "version": first})["secrets"][0]["value"] == LICENSE


def test_the_keys_of_one_secret_are_of_one_version(monkeypatch):
    class Rotating:
        calls = 0

        def get_secret_value(self, **_source):
            self.calls += 1
            value = json.dumps({"username": f"user-{self.calls}", "password": f"password-{self.calls}"})
            return {"SecretString": value, "VersionId": str(self.calls)}

    reader = secrets.Reader(lambda service: Rotating())
    both = [reader.read(secrets.Source("aws_secretsmanager", "x", key=key)).value for key in ("username", "password")]
    assert both == ["user-1", "password-1"]


def test_binary_content_is_text_or_an_error(read, aws):
    aws.create_secret(Name="binary", SecretBinary=io.BytesIO(b"text").getvalue())
    aws.create_secret(Name="blob", SecretBinary=b"\xff\xfe\x00")
    assert read({"type": "aws_secretsmanager", "name": "binary"})["secrets"][0]["value"] == "text"
    assert "not UTF-8 text" in read({"type": "aws_secretsmanager", "name": "blob"})["msg"]


class TestErrors:
    def test_name_the_source_and_the_next_step(self, read, aws, ssm, tmp_path, monkeypatch):
        monkeypatch.delenv("NEO4J_SECRET_OF_TEST", raising=False)
        aws.create_secret(Name="gone", SecretString=PASSWORD)
        aws.delete_secret(SecretId="gone", RecoveryWindowInDays=7)
        aws.create_secret(Name="empty", SecretString=" \n")
        aws.create_secret(Name="list", SecretString="[1]")
        (tmp_path / "empty").write_text("")
        (tmp_path / "large").write_bytes(b"x" * 1_048_577)
        expected = [
            ({"type": "aws_secretsmanager", "name": "none"}, "does not exist in this account and region"),
            ({"type": "aws_secretsmanager", "name": "gone"}, "is scheduled for deletion: restore it"),
            ({"type": "aws_secretsmanager", "name": "empty"}, "is empty"),
            ({"type": "aws_secretsmanager", "name": "list", "key": "x"}, "is no JSON object"),
            ({**LICENSE_SOURCE, "key": "x"}, "is no JSON object"),
            ({**PASSWORD_SOURCE, "key": "pass"}, "has no key pass; it has password, username"),
            ({**LICENSE_SOURCE, "version": "0" * 32}, f"version {'0' * 32} does not exist"),
            ({"type": "aws_ssm", "name": "/none"}, "does not exist"),
            ({"type": "aws_ssm", "name": "/credex/token", "version": "9"}, "does not exist"),
            ({"type": "env", "variable": "NEO4J_SECRET_OF_TEST"}, "is not set: export the variable"),
            ({"type": "file", "path": str(tmp_path / "none")}, "No such file or directory"),
            ({"type": "file", "path": str(tmp_path)}, "Is a directory"),
            ({"type": "file", "path": str(tmp_path / "empty")}, "is empty"),
            ({"type": "file", "path": str(tmp_path / "large")}, "has more than 1048576 bytes"),
        ]
        result = read(*[source for source, _words in expected], fail_on_error=False)
        assert result["secrets"] == [None] * len(expected) and "failed" not in result
        for (source, words), error in zip(expected, result["errors"], strict=True):
            place = source.get("name") or source.get("variable") or source["path"]
            assert words in error and place in error
        assert PASSWORD not in json.dumps(result) and LICENSE.strip() not in json.dumps(result)

    def test_fail_the_task_unless_told_otherwise(self, read, aws):
        result = read(LICENSE_SOURCE, {"type": "aws_secretsmanager", "name": "none"})
        assert result["failed"] and result["errors"] == [result["msg"]] and "secrets" not in result

    @pytest.mark.parametrize(
        ("code", "kind", "words"),
        [
            ("AccessDeniedException", "aws_secretsmanager", "allow secretsmanager:GetSecretValue, and kms:Decrypt"),
            ("AccessDeniedException", "aws_ssm", "allow ssm:GetParameter, and kms:Decrypt"),
            ("DecryptionFailure", "aws_secretsmanager", "allow kms:Decrypt on its key"),
            ("ThrottlingException", "aws_ssm", "ThrottlingException slow down"),
        ],
    )
    def test_what_aws_refuses(self, code, kind, words):
        class Refusing:
            def _refuse(self, **arguments):
                raise ClientError({"Error": {"Code": code, "Message": "slow down"}}, "Get")

            get_secret_value = get_parameter = _refuse

        with pytest.raises(secrets.SecretError, match=words):
            secrets.Reader(lambda service: Refusing()).read(secrets.Source(kind, "x"))

    def test_a_source_without_its_place_is_refused(self, read):
        assert "path" in read({"type": "file", "name": "x"})["msg"]

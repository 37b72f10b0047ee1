# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets from where they are kept, each source read once. No error ever holds a value."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any, Callable

with contextlib.suppress(ImportError):  # the module has said so before a source in AWS is read
    from botocore.exceptions import BotoCoreError, ClientError

# Stages of a Secrets Manager secret; any other version is a version id
STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")


# No password or license is as large; Secrets Manager and Parameter Store hold less
MAX_BYTES = 1024 * 1024


class SecretError(Exception):
    """A secret could not be read; the text names the source and the next step, and never the value."""


@dataclass(frozen=True)
class Source:
    """One source: type file, env, aws_secretsmanager or aws_ssm; where; and, for a JSON object, which of its keys."""

    type: str
    name: str
    version: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.type} {self.name}" + (f", version {self.version}" if self.version else "")


@dataclass(frozen=True)
class Secret:
    value: str
    version: str

    def fingerprint(self) -> str:
        return hashlib.sha256(self.value.encode("utf-8")).hexdigest()[:16]

    def size(self) -> int:
        return len(self.value.encode("utf-8"))


class Reader:
    """Reads sources; the same secret in the same version is asked for once, so that its keys belong together."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._read: dict[Source, Secret] = {}

    def read(self, source: Source) -> Secret:
        """The secret. Raises SecretError when it is missing, empty, out of reach, or not what was expected."""
        whole = Source(source.type, source.name, source.version)
        if whole not in self._read:
            self._read[whole] = self._fetch(whole)
        secret = _pick(source, self._read[whole])
        if not secret.value.strip():
            raise SecretError(f"{source} is empty: put the value there and run again.")
        return secret

    def _fetch(self, source: Source) -> Secret:
        if source.type == "file":
            return read_file(source)
        if source.type == "env":
            return read_variable(source)
        service, read = {
            "aws_secretsmanager": ("secretsmanager", read_secretsmanager),
            "aws_ssm": ("ssm", read_parameter),
        }[source.type]
        try:
            return read(source, self._client(service))
        except ClientError as error:
            raise SecretError(explain(source, error.response["Error"])) from error
        except BotoCoreError as error:
            raise SecretError(
                f"{source} cannot be read: {error}. Check the region, the endpoint and the credentials."
            ) from error


def read_file(source: Source) -> Secret:
    path = os.path.expanduser(source.name)
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SecretError(
            f"{source} cannot be read: {error.strerror}. It is a path of the controller; let this user read it."
        ) from error
    if len(content) > MAX_BYTES:
        raise SecretError(
            f"{source} has more than {MAX_BYTES} bytes, and no secret or license has: is it the right file?"
        )
    return _text(source, content)


def read_variable(source: Source) -> Secret:
    if source.name not in os.environ:
        raise SecretError(f"{source} is not set: export the variable {source.name} for the user who runs the playbook.")
    return _text(source, os.fsencode(os.environ[source.name]))


def read_secretsmanager(source: Source, client: Any) -> Secret:
    arguments = {"SecretId": source.name}
    if source.version:
        arguments["VersionStage" if source.version in STAGES else "VersionId"] = source.version
    answer = client.get_secret_value(**arguments)
    content = answer["SecretString"].encode("utf-8") if "SecretString" in answer else answer["SecretBinary"]
    return _text(source, content, answer["VersionId"])


def read_parameter(source: Source, client: Any) -> Secret:
    selector = f":{source.version}" if source.version else ""
    parameter = client.get_parameter(Name=source.name + selector, WithDecryption=True)["Parameter"]
    return _text(source, parameter["Value"].encode("utf-8"), str(parameter["Version"]))


def explain(source: Source, error: dict[str, str]) -> str:
    """The error of AWS in words, with what to do. AWS's own message is repeated only where it cannot hold a value."""
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in ("ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound"):
        return f"{source} does not exist in this account and region: create it, or correct its name or version."
    if code == "InvalidRequestException" and "delet" in message.lower():
        return (
            f"{source} is scheduled for deletion: restore it (aws secretsmanager restore-secret), or name another one."
        )
    if code in ("AccessDeniedException", "AccessDenied", "UnrecognizedClientException"):
        action = "secretsmanager:GetSecretValue" if source.type == "aws_secretsmanager" else "ssm:GetParameter"
        return f"{source} may not be read: allow {action}, and kms:Decrypt on its key, for the credentials of this run."
    if code in ("DecryptionFailure", "DecryptionFailureException", "InvalidKeyId"):
        return f"{source} cannot be decrypted: allow kms:Decrypt on its key, and see that the key is enabled."
    return f"{source} cannot be read: {code} {message}".rstrip(". ") + "."


def _text(source: Source, content: bytes, version: str = "") -> Secret:
    """As text; a file or variable has no version but its own fingerprint."""
    try:
        value = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SecretError(f"{source} is not UTF-8 text, and nothing here can use binary content.") from error
    return Secret(value, version or Secret(value, "").fingerprint())


def _pick(source: Source, secret: Secret) -> Secret:
    if not source.key:
        return secret
    try:
        content = json.loads(secret.value)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SecretError(f"{source} is no JSON object, but its key {source.key} was asked for.") from None
    if source.key not in content:
        raise SecretError(f"{source} has no key {source.key}; it has {', '.join(sorted(content)) or 'none'}.")
    picked = content[source.key]
    return Secret(picked if isinstance(picked, str) else json.dumps(picked), secret.version)

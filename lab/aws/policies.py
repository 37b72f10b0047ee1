# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM policies, where moto holds requests against them otherwise than AWS; its /moto-api/reset-auth switches that on.

moto knows the resources of S3 alone, and gives `*` for those of other services, which no ARN in a policy matches. Here
are those of the services that operations call, as AWS's service authorization reference lists them. Conditions and
policy variables (`${aws:userid}`) it does not know, and neither does this.
"""

from __future__ import annotations

import re
import weakref
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.iam.access_control import IAMPolicyStatement, IAMRequestBase
from moto.s3.responses import ACTION_MAP
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.ssm.responses import SimpleSystemManagerResponse

DEFAULT_DOCUMENT = "SSM-SessionManagerRunShell"
# Between several resources of one request; an ARN has no blank
AND = " "


def add() -> None:
    for responses, resource in (
        (DynamoHandler, _table),
        (SecretsManagerResponse, _secret),
        (SimpleSystemManagerResponse, _session),
    ):
        setattr(responses, "_determine_resource", resource)  # noqa: B010 they have none yet
    # HeadBucket is no action of IAM
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
    IAMPolicyStatement._match = staticmethod(_match)  # type: ignore[method-assign,assignment]
    _ask_for_each_resource()
    _take_presigned_urls()


def _arn(responses: BaseResponse, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{responses.region}:{responses.current_account}:{resource}"


def _table(self: DynamoHandler) -> str:
    return _arn(self, "dynamodb", f"table/{self._get_param('TableName')}")


def _secret(self: SecretsManagerResponse) -> str:
    """Its name alone where there is no such secret; some requests are about none."""
    name = self._get_param("SecretId") or self._get_param("Name")
    if not name:
        return "*"
    try:
        return str(self.backend.describe_secret(name).arn)
    except SecretNotFoundException:
        return _arn(self, "secretsmanager", f"secret:{name}")


def _session(self: SimpleSystemManagerResponse) -> str:
    """A session is opened on an instance, with a document; of other requests no resource is known."""
    target, session = self._get_param("Target"), self._get_param("SessionId")
    if target:
        document = self._get_param("DocumentName") or DEFAULT_DOCUMENT
        return AND.join((_arn(self, "ec2", f"instance/{target}"), _arn(self, "ssm", f"document/{document}")))
    return _arn(self, "ssm", f"session/{session}") if session else "*"


def _match(pattern: str, text: str) -> re.Match[str] | None:
    """`*` is anything, `?` one character, and nothing else has a meaning."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text)


def _ask_for_each_resource() -> None:
    known = IAMRequestBase.check_action_permitted

    def of_all(self: IAMRequestBase, resource: str) -> None:
        for each in resource.split(AND):
            known(self, each)

    IAMRequestBase.check_action_permitted = of_all  # type: ignore[method-assign]


def _take_presigned_urls() -> None:
    """Their query names who signed them, which moto looks for in a header. The signature itself is not checked."""
    begin, check_signature = IAMRequestBase.__init__, IAMRequestBase.check_signature
    presigned = weakref.WeakSet[IAMRequestBase]()

    def with_signer(self: IAMRequestBase, **request: Any) -> None:
        signer = parse_qs(urlsplit(request["path"]).query).get("X-Amz-Credential")
        if signer:
            presigned.add(self)
            request["headers"] = {**request["headers"], "Authorization": f"Credential={signer[0]}, "}
        begin(self, **request)

    def unless_presigned(self: IAMRequestBase) -> None:
        if self not in presigned:
            check_signature(self)

    IAMRequestBase.__init__ = with_signer  # type: ignore[method-assign,assignment]
    IAMRequestBase.check_signature = unless_presigned  # type: ignore[method-assign]

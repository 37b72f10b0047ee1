# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock's record in a DynamoDB table: conditional writes only, so that of two takers one is refused."""

from __future__ import annotations

import contextlib
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._aws.lock import Record

with contextlib.suppress(ImportError):  # AnsibleAWSModule has said so before anything here is called
    from botocore.exceptions import BotoCoreError, ClientError

CREATE_TABLE = (
    "aws dynamodb create-table --table-name {table} --attribute-definitions AttributeName=LockID,AttributeType=S "
    "--key-schema AttributeName=LockID,KeyType=HASH --billing-mode PAY_PER_REQUEST"
)


class LockTableError(Exception):
    """The table did not answer as it should; the text says which table, what was tried, and what to do."""


class LockTable:
    """One lock in one table. The writes return False when somebody else was quicker or the lock is not as given."""

    def __init__(self, client: Any, table: str, name: str) -> None:
        self._client = client
        self._table = table
        self._key = {"LockID": {"S": name}}

    def read(self) -> Record | None:
        """The record, read consistently."""
        answer = self._call("read", "get_item", Key=self._key, ConsistentRead=True)
        return _record(answer["Item"]) if answer.get("Item") else None

    def create(self, record: Record) -> bool:
        return self._write("take", "put_item", "attribute_not_exists(LockID)", {}, Item=self._item(record))

    def replace(self, old: Record, record: Record) -> bool:
        """Put the record where exactly *old* lies, unchanged since it was read."""
        values = {":run": {"S": old.run_id}, ":renewals": {"N": str(old.renewals)}}
        condition = "RunId = :run AND Renewals = :renewals"
        return self._write("take over", "put_item", condition, values, Item=self._item(record))

    def delete(self, run_id: str) -> bool:
        return self._write("release", "delete_item", "RunId = :run", {":run": {"S": run_id}}, Key=self._key)

    def _item(self, record: Record) -> dict[str, Any]:
        return {
            **self._key,
            "RunId": {"S": record.run_id},
            "Operation": {"S": record.operation},
            "Holder": {"S": record.holder},
            "Since": {"S": record.since},
            "Renewed": {"S": record.renewed},
            "Lease": {"N": str(record.lease)},
            "Renewals": {"N": str(record.renewals)},
        }

    def _write(self, verb: str, method: str, condition: str, values: dict[str, Any], **arguments: Any) -> bool:
        if values:
            arguments["ExpressionAttributeValues"] = values
        return self._call(verb, method, ConditionExpression=condition, **arguments) is not None

    def _call(self, verb: str, method: str, **arguments: Any) -> Any:
        """The answer; None when the condition did not hold. Raises LockTableError."""
        try:
            return getattr(self._client, method)(TableName=self._table, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise LockTableError(self._explain(verb, error)) from error
        except BotoCoreError as error:
            raise LockTableError(
                f"{self._tried(verb)}: {error}. Check the region, the endpoint and the network."
            ) from error

    def _tried(self, verb: str) -> str:
        return f"Cannot {verb} the lock {self._key['LockID']['S']} in DynamoDB table {self._table}"

    def _explain(self, verb: str, error: Any) -> str:
        code = error.response["Error"]["Code"]
        create = CREATE_TABLE.format(table=self._table)
        advice = {
            "ResourceNotFoundException": f"there is no such table in this account and region. Create it once: {create}",
            "ValidationException": f"{error}. The table needs the string hash key LockID and no range key: {create}",
            "AccessDeniedException": (
                f"{error}. Allow dynamodb:GetItem, dynamodb:PutItem and dynamodb:DeleteItem on the table "
                "for the credentials of this run."
            ),
        }
        return f"{self._tried(verb)}: {advice.get(code, str(error))}"


def _record(item: dict[str, Any]) -> Record:
    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", "unknown"))

    def number(name: str) -> int:
        return int(item.get(name, {}).get("N", 0))

    return Record(
        run_id=text("RunId"),
        operation=text("Operation"),
        holder=text("Holder"),
        since=text("Since"),
        renewed=text("Renewed"),
        lease=number("Lease"),
        renewals=number("Renewals"),
    )

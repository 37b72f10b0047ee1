# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where moto answers otherwise than AWS in what the operations need: methods of its own classes, put right.

Each entry says what AWS does. It works for a server and, under `mock_aws`, inside a test.
"""

from __future__ import annotations

import functools
import re
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from lab.aws import policies, sessions

# Credential=<key>/<date>/<region>/<service>/aws4_request
_SIGNED_FOR = re.compile(r"Credential=[^/,]+/\d+/([\w-]+)/")


def apply(own_account: str = DEFAULT_ACCOUNT_ID, faults: Path | None = None) -> None:
    _give_tables_an_id()
    _make_conditional_writes_atomic()
    _belong_to(own_account)
    sessions.add()
    policies.add()
    if faults is not None:
        _lose_regions(faults)


def _lose_regions(faults: Path) -> None:
    """Requests signed for a region with the fault region-lost get no service; moto has all regions on one address."""
    known = DomainDispatcherApplication.__call__

    def unless_lost(self: DomainDispatcherApplication, environ: dict[str, Any], start_response: Any) -> Any:
        region = _SIGNED_FOR.search(environ.get("HTTP_AUTHORIZATION", ""))
        if region and (faults / region[1] / "region-lost.json").exists():
            # Without a body botocore takes it for what a load balancer says, whatever the service's protocol
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return known(self, environ, start_response)

    DomainDispatcherApplication.__call__ = unless_lost  # type: ignore[method-assign]


def _belong_to(own_account: str) -> None:
    """Keys that the endpoint never gave out are of this account; with MOTO_ACCOUNT_ID all keys would be."""
    known = BaseResponse.get_current_account

    def of_the_key(self: BaseResponse) -> str:
        account = known(self)
        return own_account if account == DEFAULT_ACCOUNT_ID else account

    BaseResponse.get_current_account = of_the_key  # type: ignore[method-assign]


def _make_conditional_writes_atomic() -> None:
    """A condition and the write that it guards are one step; moto's two threads can both see it hold."""
    one_at_a_time = threading.RLock()
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoDBBackend, name, _guarded(getattr(DynamoDBBackend, name), one_at_a_time))


def _guarded(write: Callable[..., Any], lock: threading.RLock) -> Callable[..., Any]:
    @functools.wraps(write)
    def guarded(*arguments: Any, **named: Any) -> Any:
        with lock:
            return write(*arguments, **named)

    return guarded


def _give_tables_an_id() -> None:
    """DescribeTable names a TableId; community.aws.dynamodb_table fails without one."""
    describe = Table.describe

    def with_id(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        answer = describe(self, base_key)
        answer[base_key].setdefault("TableId", str(uuid.uuid5(uuid.NAMESPACE_URL, self.table_arn)))
        return answer

    Table.describe = with_id  # type: ignore[method-assign]

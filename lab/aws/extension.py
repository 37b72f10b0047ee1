# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where moto answers otherwise than AWS in what the operations need: methods of its own classes, put right.

Each entry says what AWS does. It works for a server and, under `mock_aws`, inside a test.
"""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table


def apply() -> None:
    _give_tables_an_id()
    _make_conditional_writes_atomic()


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

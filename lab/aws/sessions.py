# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session Manager's calls, which moto does not know: StartSession, TerminateSession, DescribeSessions.

Only the record of sessions is kept here. What flows through one is the business of session_manager_plugin.py.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse as Responses


def add() -> None:
    for name, answer in (("start", _start), ("terminate", _terminate), ("describe", _describe)):
        setattr(Responses, f"{name}_session{'s' if name == 'describe' else ''}", answer)


def _start(self: Responses) -> ActionResult:
    """An instance that does not run, or is unknown, is refused, as one whose agent is not connected."""
    target = self._get_param("Target")
    running = ec2_backends[self.current_account][self.region].all_running_instances()
    if target not in [instance.id for instance in running]:
        raise SSMException("TargetNotConnected", f"{target} is not connected.")
    name = f"lab-{secrets.token_hex(9)[:17]}"
    _sessions(self)[name] = {"SessionId": name, "Target": target, "Status": "Connected", "StartDate": datetime.now(UTC)}
    stream = f"wss://ssmmessages.{self.region}.amazonaws.com/v1/data-channel/{name}?role=publish_subscribe"
    return ActionResult({"SessionId": name, "TokenValue": secrets.token_urlsafe(32), "StreamUrl": stream})


def _terminate(self: Responses) -> ActionResult:
    name = self._get_param("SessionId")
    if name not in _sessions(self):
        raise SSMException("DoesNotExistException", f"Session {name} does not exist.")
    _sessions(self)[name] |= {"Status": "Terminated", "EndDate": datetime.now(UTC)}
    return ActionResult({"SessionId": name})


def _describe(self: Responses) -> ActionResult:
    """Those that are open (Active), or those that have ended (History), the newest first."""
    is_active = self._get_param("State") == "Active"
    found = [session for session in _sessions(self).values() if (session["Status"] == "Connected") == is_active]
    return ActionResult({"Sessions": found[::-1]})


def _sessions(responses: Responses) -> dict[str, dict[str, Any]]:
    """Of one account and region; as a part of moto's own state, a reset forgets them."""
    return vars(responses.ssm_backend).setdefault("lab_sessions", {})

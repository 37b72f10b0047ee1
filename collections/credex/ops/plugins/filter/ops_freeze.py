# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ops_freeze
short_description: May a step begin now, or is a freeze window in its way
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Answers V(null) when a step may begin, and otherwise which freeze window is in its way and when it ends.
  - A window that begins while the step might still run is in its way too.
  - Windows that touch or overlap count as one, so that the end is the moment when work may go on.
options:
  _input:
    description:
      - The windows. Each has C(from) and C(to) (quoted times of day such as C("23:45"), since YAML reads them as
        numbers otherwise), C(tz) (a name of the IANA database), C(reason), and perhaps C(days), a list of C(mon) to
        C(sun) on which it begins. A window may go over midnight. Local time is that of C(tz), changes of summer time
        included.
      - A window that is not written so is an error, never no window.
    type: list
    elements: dict
    required: true
  now:
    description: The moment asked about, a date with time, or ISO 8601 text (UTC where it names no zone).
    type: raw
    required: true
  step_max:
    description: Seconds that the step may take at most.
    type: float
    default: 0
"""

EXAMPLES = r"""
- name: May the next server be taken down
  ansible.builtin.assert:
    that: frozen is none
    fail_msg: "{{ frozen.message }}"
  vars:
    frozen: "{{ ops_freeze_windows | credex.ops.ops_freeze(now(utc=true), 900) }}"
"""

RETURN = r"""
_value:
  description:
    - V(null) when a step may begin.
    - Otherwise C(message) (a sentence), C(reason), C(active) (whether the window has begun), C(begins) and C(ends)
      (ISO 8601, UTC).
  type: dict
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._guard import freeze
from ansible_collections.credex.ops.plugins.module_utils._report import times


def ops_freeze(windows: list[t.Any], now: datetime | str, step_max: float = 0) -> dict[str, t.Any] | None:
    try:
        return freeze.freeze(list(windows), _moment(now), float(step_max))
    except ValueError as error:
        raise AnsibleFilterError(f"ops_freeze: {error}") from error


def _moment(now: datetime | str) -> datetime:
    """The now() of a playbook is UTC without saying so."""
    if isinstance(now, datetime):
        return now if now.tzinfo else now.replace(tzinfo=timezone.utc)
    return times.from_text(str(now))


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"ops_freeze": ops_freeze}
